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

        def plot(out, *arguments):
            command = [program, "plot", "c.h5", *arguments, "-f", "svg", "-o", out]
            done = subprocess.run(command, capture_output=True, text=True)
            check(done.returncode == 0, " ".join(command), done.stderr)
            for name in os.listdir(out):
                if name.endswith(".gp"):
                    picture = os.path.join(out, name[:-3] + ".svg")
                    check(open(picture, encoding="utf-8").read().rstrip().endswith("</svg>"), picture, "is not whole")
                    caption = open(os.path.join(out, name[:-3] + ".txt"), encoding="utf-8").read()
                    check("gradpath plot c.h5" in caption, name, "caption has no command")
            return out

        file = File("c.h5")
        check((file["diverged_at"] >= 0).any(), "no run diverged: the sweep tests too little")
        first = {"depth": 6, "learning_rate": 0.01}
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
                    "depth", {"learning_rate": 0.01})
        check_lines(out, "seed-band", file, ["gradient_span"], "depth", "activation", None, {"learning_rate": 0.01},
                    log=False, theory=lambda f, run: f["predicted_gradient_span_typical"][run])

        check_lines(out, "theory-residual", file, ["delta_rms"], "layer", "activation", "depth",
                    {"learning_rate": 0.01}, fold=residual, log=False, tolerance=1e-9)

        out = plot("b", "gradient-by-layer", "loss-curves", "--x", "depth", "--color", "activation", "--panel",
                   "learning_rate", "--where", "step=0", "--where", "layer=2")
        check_lines(out, "gradient-by-layer", file, ["delta_rms"], "depth", "activation", "learning_rate",
                    {"step": 0, "layer": 2})
        check_lines(out, "loss-curves", file, ["loss"], "depth", "activation", "learning_rate", {"step": 0})
        out = plot("d", "loss-curves", "--color", "seed", "--panel", "depth", "--where", "activation=tanh", "--band",
                   "learning_rate")
    print(checks, "checks,", failures, "failures")
    return failures > 0


sys.exit(main())
