"""The numbers beside the charts, computed again from the result file with h5py and numpy.

    check_charts.py PROGRAM

Runs a small sweep, draws its charts, and compares every block of every .dat with medians and quantiles taken here, by
another way: numpy over the HDF5 file. Also: every picture is there and whole, every caption names the command.
"""

import itertools
import math
import os
import subprocess
import sys
import tempfile

import h5py
import numpy

CONFIG = """
study: charts
question: Are the numbers beside the charts those of the file?
data: {name: spirals, samples: 64, test: 32, noise: 0.1}
model: {depth: [3, 6], width: 8, activation: [sigmoid, tanh, relu]}
train: {learning_rate: [0.01, 0.3, 1e6], batch: 16, steps: 30}
seed: 0..4
record:
  checkpoints: {log: 8}
  probes: [gradients, activations, update_ratio, gradient_noise_scale, sharpness, jacobian_m1, jacobian_m2,
           jacobian_sigma_max]
"""

PHASES = """
study: phases
question: Order or chaos?
data: {name: gaussian, samples: 16, features: 4, targets: 2}
model:
  depth: 6
  width: 8
  activation: [tanh, relu]
  init: {name: mean_field, weight_variance: [0.5, 1, 2, 4], bias_variance: [0, 0.1, 0.3]}
train: {loss: mse, learning_rate: 0.01, batch: 16, steps: 1}
seed: 0..2
record: {checkpoints: [0], probes: [delta_rms]}
"""

CURES = """
study: cures
question: What helps?
data: {name: spirals, samples: 64, test: 0, noise: 0.1}
model: {depth: 5, width: 8, activation: [sigmoid, tanh, relu], norm: [none, batch], residual: [none, identity]}
train: {learning_rate: 0.3, batch: 16, steps: 60}
seed: 0..2
record: {checkpoints: {log: 10}, probes: [delta_rms]}
"""

BINS = """
study: bins
question: Where do activations lie?
data: {name: spirals, samples: 32, test: 0, noise: 0.1}
model: {depth: 3, width: 6, activation: [tanh, relu]}
train: {learning_rate: 0.1, batch: 16, steps: 8}
seed: 0..2
record: {checkpoints: {log: 3}, probes: [activation_histogram, gradient_histogram]}
"""

failures = 0
checks = 0


def check(condition, *words):
    global failures, checks
    checks += 1
    if not condition:
        failures += 1
        print("FAIL", *words)


class File:
    """The runs of a result file by the levels of its axes."""

    def __init__(self, path):
        self.file = h5py.File(path, "r")
        self.count = len(self.file["run"])
        self.cache = {}

    def __getitem__(self, name):
        if name not in self.cache:
            values = self.file[name][:]
            if values.dtype.kind == "S":
                values = numpy.array([b"".join(row).rstrip(b"\0").decode() if values.ndim > 1 else row.decode()
                                      for row in values])
            self.cache[name] = values
        return self.cache[name]

    def words(self, name):
        """States by their words."""
        meanings = self.file[name].attrs["flag_meanings"]
        meanings = (meanings.decode() if isinstance(meanings, bytes) else meanings).split()
        return numpy.array([meanings[list(self.file[name].attrs["flag_values"]).index(v)] for v in self[name]])

    def levels(self, axis):
        """Numbers ascending, words in order of appearance; layers and steps as they are counted."""
        if axis is None:
            return [None]
        if axis in ("layer", "step"):
            return list(self["layer"] if axis == "layer" else self["checkpoint"])
        values = list(dict.fromkeys(self[axis]))
        return values if isinstance(values[0], str) else sorted(values)

    def runs(self, **where):
        keep = numpy.ones(self.count, bool)
        for name, value in where.items():
            keep &= self[name] == value
        return numpy.flatnonzero(keep)


def blocks(path):
    """The blocks of a data file as lists of rows; infinities are written as beyond every axis."""
    found = []
    for block in open(path, encoding="utf-8").read().split("\n\n\n"):
        rows = [[float(word) for word in line.split()] for line in block.splitlines() if line and line[0] != "#"]
        found.append([[math.copysign(math.inf, v) if abs(v) >= 1e308 else v for v in row] for row in rows])
    return found


def same(a, b, tolerance=1e-12):
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return a == b or abs(a - b) <= tolerance * max(abs(a), abs(b))


def shown(value, log):
    return value if math.isfinite(value) and (value > 0 or not log) else math.nan


def quantiles(values):
    """Median, 10 % and 90 % of what is there, linear between order statistics, infinities being values."""
    values = numpy.sort(values[~numpy.isnan(values)])
    found = []
    for q in (0.5, 0.1, 0.9):
        at = q * (len(values) - 1)
        low, high = values[int(math.floor(at))], values[int(math.ceil(at))]
        found.append(float(low if low == high else low + (at - math.floor(at)) * (high - low)))
    return found


def picked(levels, most):
    """At most that many, evenly spread, the last one in."""
    if len(levels) <= most:
        return levels
    return [levels[i * (len(levels) - 1) // (most - 1)] for i in range(most)]


def at(values, file, run, layer, step):
    """A run's value, layers and steps by their number."""
    values = values[run]
    if values.ndim == 2:
        values = values[list(file["checkpoint"]).index(step)]
        return values[int(layer) - 1]
    return values[list(file["checkpoint"]).index(step)] if step is not None else values[int(layer) - 1]


def check_lines(folder, name, file, quantities, x, color, panel, held, fold=None, log=True, theory=None, most=7,
                tolerance=1e-12):
    """A chart of lines: blocks by quantity, panel and colour; rows where the median exists."""
    data = blocks(os.path.join(folder, name + ".dat"))
    colors = file.levels(color)
    if color in ("layer", "step"):
        colors = picked(colors, most)
    expected = list(itertools.product(quantities, file.levels(panel), colors))
    check(len(data) == len(expected), name, "has", len(data), "blocks, not", len(expected))
    drawn = 0
    for rows, (quantity, p, c) in zip(data, expected):
        rows = {row[10]: row for row in rows if not (math.isnan(row[7]) or row[7] == 0)}
        for level in file.levels(x):
            place = dict(held)
            place.update({axis: value for axis, value in ((panel, p), (color, c), (x, level)) if axis is not None})
            layer, step = place.pop("layer", None), place.pop("step", None)
            runs = file.runs(**place)
            if fold is None:
                values = (numpy.array([at(file[quantity], file, run, layer, step) for run in runs])
                          if file[quantity].ndim > 1 else file[quantity][runs])
                band = quantiles(values) if (~numpy.isnan(values)).any() else [math.nan] * 3
            else:
                band = fold(file, runs, layer, step)
            if math.isnan(band[0]):
                check(level not in rows, name, p, c, level, "is drawn and has no value")
                continue
            check(level in rows, name, p, c, level, "is not drawn")
            if level not in rows:
                continue
            drawn += 1
            for column, value in enumerate(band, 1):
                check(same(rows[level][column], shown(value, log), tolerance), name, quantity, p, c, level, "column", column,
                      rows[level][column], value)
            if theory is not None:
                check(same(rows[level][4], theory(file, runs[0])), name, p, c, level, "theory", rows[level][4])
    check(drawn > 5, name, "has only", drawn, "points")


def check_map(folder, name, file, rows, x, y, panel, held, cell):
    """A heat map: blocks by row of panels and panel, all cells of a panel from the bottom, left to right. cell gives the
    value, or a word where there is none; equal words must have equal kinds, and other ones other kinds."""
    data = blocks(os.path.join(folder, name + ".dat"))
    kinds = {}
    for block, (row, p) in zip(data, itertools.product(rows, file.levels(panel))):
        cells = itertools.product(file.levels(y), file.levels(x))
        check(len(block) == len(file.levels(x)) * len(file.levels(y)), name, "has", len(block), "cells")
        for drawn, (b, a) in zip(block, cells):
            place = dict(held)
            place.update({axis: value for axis, value in ((panel, p), (x, a), (y, b)) if axis is not None})
            layer, step = place.pop("layer", None), place.pop("step", None)
            value = cell(file, file.runs(**place), row, layer, step)
            if isinstance(value, str):
                check(math.isnan(drawn[2]) and kinds.setdefault(value, drawn[3]) == drawn[3], name, p, a, b, value, drawn)
            else:
                check(drawn[3] == 0 and abs(drawn[2] - math.log10(value)) < 1e-9, name, p, a, b, value, drawn)
    check(len(set(kinds.values())) == len(kinds), name, "gives several words one kind:", kinds)
    check(len(data) >= len(rows) * len(file.levels(panel)), name, "has", len(data), "blocks")


def median_or_word(values):
    values = values[~numpy.isnan(values)]
    if len(values) == 0:
        return "no value"
    middle = quantiles(values)[0]
    return "infinite" if math.isinf(middle) else "exactly 0" if middle <= 0 else middle


def final_loss(file, runs, _, layer, step):
    lost = numpy.isnan(file["final_loss"][runs]) | (file.words("verdict")[runs] == "diverged")
    return "diverged" if 2 * lost.sum() > len(runs) else median_or_word(numpy.where(lost, math.inf, file["final_loss"][runs]))


def delta(file, runs, _, layer, step):
    values = numpy.array([at(file["delta_rms"], file, run, layer, step) for run in runs])
    first = numpy.array([at(file["delta_rms"], file, run, layer, 0) for run in runs])
    end = file["diverged_at"][runs]
    lost = (numpy.isnan(values) & ~numpy.isnan(first) & (end >= 0) & (end <= step)).sum()
    return "diverged" if lost > (~numpy.isnan(values)).sum() else median_or_word(values)


def chi(file, runs, row, layer, step):
    return median_or_word(file[row][runs] ** (2 if row == "gradient_factor" else 1))


def check_cures(folder, file):
    """Cures in order of appearance from the top; trained, runs, factor and steps of each cell. Costs are of this machine."""
    block = blocks(os.path.join(folder, "cure-matrix.dat"))[0]
    pairs = list(dict.fromkeys(zip(file["norm"], file["residual"])))
    check(len(block) == 3 * len(pairs) == 12, "cure-matrix has", len(block), "cells")
    cells = itertools.product(file.levels("activation"), pairs)
    for drawn, (activation, (norm, residual)) in zip(block, cells):
        runs = file.runs(activation=activation, norm=norm, residual=residual)
        check(drawn[1] == len(pairs) - pairs.index((norm, residual)), "cure-matrix", norm, residual, "row", drawn[1])
        healthy = (file.words("verdict")[runs] == "healthy").sum()
        check(drawn[3] == healthy and drawn[4] == len(runs) == 3, "cure-matrix trained", activation, norm, residual)
        check(same(drawn[5], quantiles(file["gradient_factor"][runs])[0]), "cure-matrix factor", drawn[5])
        steps = []
        for run in runs:
            below = file["loss"][run] < file["baseline_loss"][run] / 2
            steps.append(file["checkpoint"][below.argmax()] if below.any() else math.inf)
        check(same(drawn[6], quantiles(numpy.array(steps, float))[0]), "cure-matrix steps", drawn[6], steps)


def check_histogram(folder, name, file, quantity, edges):
    """Shares of a layer's counts by bin at the last checkpoint: medians over seeds; empty bins have no shade."""
    for block, activation in zip(blocks(os.path.join(folder, name + ".dat")), file.levels("activation")):
        counts = file[quantity][file.runs(activation=activation)]
        counts = numpy.array([run[~numpy.isnan(run[:, 0, 0])][-1] for run in counts])
        seen = 0
        for drawn in block:
            bin_ = int(numpy.searchsorted(edges, drawn[5]))
            layer = int(drawn[4]) - 1
            share = quantiles(counts[:, layer, bin_] / counts[:, layer].sum(axis=1))[0]
            check(math.isnan(drawn[2]) if share == 0 else abs(drawn[2] - math.log10(share)) < 1e-9, name, activation, drawn,
                  share)
            seen += share > 0
        check(seen > 5, name, activation, "has only", seen, "bins with something")


def mean_and_deviation(file, runs, layer, step):
    mean = numpy.array([at(file["activation_mean"], file, run, layer, step) for run in runs])
    rms = numpy.array([at(file["activation_rms"], file, run, layer, step) for run in runs])
    if numpy.isnan(mean).all():
        return [math.nan] * 3
    middle = quantiles(mean)[0]
    deviation = quantiles(numpy.sqrt(numpy.maximum(rms * rms - mean * mean, 0)))[0]
    return [middle, middle - deviation, middle + deviation]


def residual(file, runs, layer, _):
    depth = int(file["depth"][runs[0]])
    if layer >= depth:
        return [math.nan] * 3
    delta = file["delta_rms"][runs, 0]
    logs = numpy.log(delta[:, layer - 1] / delta[:, depth - 1])
    error = file["predicted_delta_rms_sd"][runs[0], layer - 1] / math.sqrt(len(runs))
    off = (logs.mean() - math.log(file["predicted_delta_rms"][runs[0], layer - 1])) / error
    return [off] * 3


def main():
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        open("charts.yaml", "w", encoding="utf-8").write(CONFIG)
        subprocess.run([program, "run", "charts.yaml", "-o", "c.h5", "--quiet"], check=True, stdout=subprocess.DEVNULL)

        def plot(out, *arguments, path="c.h5"):
            command = [program, "plot", path, *arguments, "-f", "svg", "-o", out]
            done = subprocess.run(command, capture_output=True, text=True)
            check(done.returncode == 0, " ".join(command), done.stderr)
            for name in os.listdir(out):
                if name.endswith(".gp"):
                    picture = os.path.join(out, name[:-3] + ".svg")
                    check(open(picture, encoding="utf-8").read().rstrip().endswith("</svg>"), picture, "is not whole")
                    caption = open(os.path.join(out, name[:-3] + ".txt"), encoding="utf-8").read()
                    check(f"gradpath plot {path}" in caption, name, "caption has no command")
            return out

        file = File("c.h5")
        check((file["diverged_at"] >= 0).any(), "no run diverged: the sweep tests too little")
        first = {"depth": 6, "learning_rate": 0.3}  # held: the largest net, the middle rate
        out = plot("a", "gradient-over-time", "update-ratio", "dead-and-saturated", "noise-scale",
                   "activation-distributions", "sharpness", "jacobian", "seed-band", "theory-residual")
        check_lines(out, "gradient-over-time", file, ["delta_rms"], "step", "layer", "activation", first)
        check_lines(out, "update-ratio", file, ["update_ratio"], "step", "layer", "activation", first)
        check_lines(out, "noise-scale", file, ["gradient_noise_scale"], "step", "layer", "activation", first,
                    theory=lambda f, run: float(f["batch"][run]))
        check_lines(out, "dead-and-saturated", file, ["dead_fraction", "saturated_fraction"], "step", "layer",
                    "activation", first, log=False)
        check_lines(out, "activation-distributions", file, ["activation_mean"], "layer", "step", "activation", first,
                    fold=mean_and_deviation, log=False, most=2)
        check_lines(out, "sharpness", file, ["sharpness"], "step", "learning_rate", "activation", {"depth": 6},
                    theory=lambda f, run: 2 / f["learning_rate"][run])
        check_lines(out, "jacobian", file, ["jacobian_m1", "jacobian_m2", "jacobian_sigma_max"], "step", "activation",
                    "depth", {"learning_rate": 0.3})
        check_lines(out, "seed-band", file, ["gradient_span"], "depth", "activation", None, {"learning_rate": 0.3},
                    log=False, theory=lambda f, run: f["predicted_gradient_span_typical"][run])

        check_lines(out, "theory-residual", file, ["delta_rms"], "layer", "activation", "depth",
                    {"learning_rate": 0.3}, fold=residual, log=False, tolerance=1e-9)

        out = plot("b", "gradient-by-layer", "loss-curves", "--x", "depth", "--color", "activation", "--panel",
                   "learning_rate", "--where", "step=0", "--where", "layer=2")
        check_lines(out, "gradient-by-layer", file, ["delta_rms"], "depth", "activation", "learning_rate",
                    {"step": 0, "layer": 2})
        check_lines(out, "loss-curves", file, ["loss"], "depth", "activation", "learning_rate", {"step": 0})
        out = plot("maps", "trainability-map", "gradient-over-time-map")
        check_map(out, "trainability-map", file, ["final_loss"], "depth", "learning_rate", "activation", {}, final_loss)
        check_map(out, "gradient-over-time-map", file, ["delta_rms"], "step", "layer", "activation", first, delta)

        for name, text in (("p", PHASES), ("q", CURES), ("h", BINS)):
            open(name + ".yaml", "w", encoding="utf-8").write(text)
            subprocess.run([program, "run", name + ".yaml", "-o", name + ".h5", "--quiet"], check=True,
                           stdout=subprocess.DEVNULL)
        out = plot("phases", "phase-diagram", path="p.h5")
        check_map(out, "phase-diagram", File("p.h5"), ["predicted_chi_1", "gradient_factor"], "init_weight_variance",
                  "init_bias_variance", "activation", {}, chi)
        check_cures(plot("cures", "cure-matrix", path="q.h5"), File("q.h5"))

        out = plot("bins", "activation-histograms", "gradient-histograms", path="h.h5")
        check_histogram(out, "activation-histograms", File("h.h5"), "activation_histogram",
                        [-math.inf] + [-8 + b / 4 for b in range(1, 64)])
        check_histogram(out, "gradient-histograms", File("h.h5"), "gradient_histogram",
                        [0.0] + [2.0 ** (-112 + 2 * b) for b in range(1, 64)])

        # Two files as one: the second half of the first sweep at another width, other steps, fewer checkpoints.
        subprocess.run([program, "run", "charts.yaml", "width=12", "steps=12", "depth=3", "-o", "w.h5", "--quiet"],
                       check=True, stdout=subprocess.DEVNULL)
        done = subprocess.run([program, "plot", "c.h5", "w.h5", "loss-curves", "gradient-over-time", "--color", "file",
                               "--panel", "activation", "--where", "layer=1", "--where", "depth=3", "-f", "svg", "-o", "two"],
                              capture_output=True, text=True)
        check(done.returncode == 0, done.stderr)
        both = {"c": file, "w": File("w.h5")}
        for name, quantity in (("gradient-over-time", "delta_rms"),):
            lines = blocks(os.path.join("two", name + ".dat"))
            for rows, (activation, which) in zip(lines, itertools.product(file.levels("activation"), both)):
                part = both[which]
                runs = part.runs(activation=activation, depth=3, learning_rate=0.3)
                for row in rows:
                    values = numpy.array([at(part[quantity], part, run, 1, row[10]) for run in runs])
                    check(same(row[1], quantiles(values)[0]), "compared", which, activation, row)
                check(len(rows) == len(part["checkpoint"]), "compared", which, len(rows))

        out = plot("d", "loss-curves", "--color", "seed", "--panel", "depth", "--where", "activation=tanh", "--band",
                   "learning_rate")
    print(checks, "checks,", failures, "failures")
    return failures > 0


sys.exit(main())
