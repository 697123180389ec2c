#!/usr/bin/python3
"""Recomputes training steps in double from `gradpath dump` files, without our code.

usage: check_dump.py FILE.h5 ...          check dump files
       check_dump.py --program GRADPATH   dump a table of configurations in a scratch folder, and check each

From the dumped weights and batch of each step this computes, with the formulas of the textbooks, every pre-activation,
activation, delta, gradient and update, and compares with the dumped arrays. An error is measured against the array's
largest entry; at most 1e-5 may be off in float32 and 1e-12 in float64. delta is per example, without the 1/B of a mean over
the batch (delta_l = B dC/dz_l for a mean, dC/dz_l for a sum).
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import h5py
import numpy as np

TOLERANCE = {"float32": 1e-5, "float64": 1e-12}

# name: (phi, phi'). relu' and sign' at the kink are 0, as in every framework.
ACTIVATIONS = {
    "linear": (lambda z: z, np.ones_like),
    "sign": (np.sign, np.zeros_like),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: 1 / (2 + np.exp(z) + np.exp(-z))),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
    "square": (lambda z: z * z, lambda z: 2 * z),
}

CONFIG = """
study: oracle
data: {name: blobs, samples: 48, test: 0, classes: 3, noise: 0.6}
model: {depth: 3, width: 7, activation: tanh}
train: {loss: cross_entropy, optimizer: sgd, learning_rate: 0.1, batch: 16, steps: 4}
seed: 3
"""
CASES = [  # overrides, each dumped in both precisions
    *[f"activation={name}" for name in ACTIVATIONS if name != "square"],
    "activation=square learning_rate=0.001 depth=2",  # z^8 grows fast
    *[f"activation=relu depth={depth}" for depth in (0, 1, 20)],
    "activation=sigmoid depth=12",
    *[f"parametrization={name} activation={act}" for name in ("ntk", "mean_field") for act in ("relu", "tanh")],
    *[f"loss={loss} data=circles" for loss in ("mse", "cross_entropy", "binary_cross_entropy")],
    "loss=mse half=true", "loss=mse outputs=mean", "loss=mse reduction=sum learning_rate=0.01", "loss=mse train.loss.labels=plus_minus",
    "loss=cross_entropy reduction=sum learning_rate=0.01", "loss=binary_cross_entropy outputs=mean",
    "loss=mse output=sigmoid", "loss=mse output=tanh", "loss=mse data=gaussian data.samples=40 features=5 targets=4",
    "momentum=0.9", "momentum=0.9 nesterov=true", "weight_decay=0.1", "weight_decay=0.1 decoupled=true",
    "weight_decay=0.1 decay_bias=true momentum=0.5", "weight_decay=0.1 decoupled=true momentum=0.5 nesterov=true",
    "bias=false activation=relu", "batch=full", "layer_rates=1-0.5-0.25-2", "learning_rate_first=0.5 learning_rate_last=0.02",
    "shape=9-4-6",
]


class Mismatch(Exception):
    """A dumped file that does not say what it should."""


class Worst:
    """The largest error of each kind of array, as a share of the array's largest entry."""

    def __init__(self, tolerance):
        self.tolerance, self.errors, self.failures = tolerance, {}, []

    def compare(self, where, kind, dumped, wanted):
        dumped, wanted = np.asarray(dumped, float), np.asarray(wanted, float)
        if dumped.shape != wanted.shape:
            raise Mismatch(f"{where}{kind} has shape {dumped.shape}, not {wanted.shape}")
        scale = np.max(np.abs(wanted), initial=0)
        error = np.max(np.abs(dumped - wanted), initial=0)
        error = error / scale if scale > 0 else error
        self.errors[kind] = max(self.errors.get(kind, 0), error)
        if not error <= self.tolerance:
            self.failures.append(f"{where}{kind}: off by {error:.2e} of its largest entry")


def attributes(file):
    """The canonical config as {path: text}: lines `path: value` or `path = value` of the attribute `config`."""
    text = file.attrs["config"]
    text = text.decode() if isinstance(text, bytes) else str(text)
    return dict(re.findall(r"^\s*([\w.]+)\s*[:=]\s*(.*?)\s*$", text, re.M))


class Network:
    """What the canonical config says about the network, its loss and its optimiser."""

    def __init__(self, config):
        self.config = config
        self.activation = ACTIVATIONS[self.word("model.activation")]
        output = self.word("model.output", "auto")
        self.output = ACTIVATIONS["linear" if output == "auto" else output]
        self.loss = self.word("train.loss")
        self.mean = self.word("train.loss.reduction", "mean") == "mean"
        rates = self.word("train.layer_rates", "auto")
        self.rates = None if rates == "auto" else [float(r) for r in rates.split("-")]

    def word(self, path, preset=None):
        value = self.config.get(path, self.config.get(path + ".name", preset))
        if value is None:
            raise Mismatch(f"the config says nothing about {path}")
        return value.strip('"')

    def number(self, path, preset):
        return float(self.config.get(path, preset))

    def flag(self, path):
        return self.config.get(path, "false") == "true"

    def multiplier(self, layer, layers, fan_in):
        kind = self.word("model.parametrization", "standard")
        return {"standard": 1.0, "ntk": fan_in ** -0.5, "mean_field": fan_in ** (-1.0 if layer == layers else -0.5)}[kind]

    def rate(self, layer, layers):
        """Learning rate of layer 1..layers."""
        rate = self.number("train.learning_rate", np.nan)
        if layer == layers:
            rate = self.number("train.learning_rate_last", rate)
        if layer == 1:
            rate = self.number("train.learning_rate_first", rate)
        return rate * (self.rates[layer - 1] if self.rates else 1)

    def example_loss(self, z, y):
        """Loss of each example, its derivative by the output layer's pre-activation z, and the network's prediction."""
        outputs = z.shape[1]
        weight = 1 / outputs if self.word("train.loss.outputs", "sum") == "mean" else 1.0
        if self.loss == "cross_entropy":
            shifted = z - z.max(axis=1, keepdims=True)
            p = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
            return np.log(np.exp(shifted).sum(axis=1)) - (y * shifted).sum(axis=1), p - y, p
        if self.loss == "binary_cross_entropy":
            p = 1 / (1 + np.exp(-z))
            return weight * (np.logaddexp(0, z) - y * z).sum(axis=1), weight * (p - y), p
        weight *= 0.5 if self.flag("train.loss.half") else 1
        phi, slope = self.output
        p = phi(z)
        return weight * ((p - y) ** 2).sum(axis=1), 2 * weight * (p - y) * slope(z), p

    def targets(self, y, outputs):
        """Two classes need one output, except under softmax: the second column of the one-hot targets."""
        if outputs == 1 and y.shape[1] == 2:
            y = y[:, 1:]
        return 2 * y - 1 if self.config.get("train.loss.labels") == "plus_minus" else y


def recompute(net, layers, x, y):
    """Forward and backward pass of one batch, in double. Returns loss, input gradient and one dict per layer."""
    h, arrays, last = x, [], len(layers)
    for number, (weight, bias) in enumerate(layers, 1):
        multiplier = net.multiplier(number, last, weight.shape[1])
        z = multiplier * h @ weight.T + (0 if bias is None else bias)
        phi, slope = net.activation if number < last else net.output
        arrays.append({"below": h, "preactivation": z, "multiplier": multiplier, "slope": slope(z)})
        h = phi(z)
        arrays[-1]["activation"] = h
    losses, delta, arrays[-1]["activation"] = net.example_loss(z, net.targets(y, z.shape[1]))
    factor = 1 / len(x) if net.mean else 1.0
    for at in reversed(range(last)):
        weight, layer = layers[at][0], arrays[at]
        layer["delta"] = delta
        layer["weight_gradient"] = factor * layer["multiplier"] * delta.T @ layer["below"]
        layer["bias_gradient"] = factor * delta.sum(axis=0)
        back = layer["multiplier"] * delta @ weight
        delta = back * arrays[at - 1]["slope"] if at > 0 else back
    return factor * losses.sum(), factor * delta, arrays


def update(net, value, gradient, velocity, rate, decays):
    """The true update of one array and its new velocity (Polyak 1964; Sutskever et al. 2013)."""
    decay = net.number("train.weight_decay", 0) if decays else 0
    decoupled = net.flag("train.decoupled")
    momentum = net.number("train.optimizer.momentum", 0)
    step = -rate * (gradient + (0 if decoupled else decay) * value)
    velocity = momentum * velocity + step
    total = momentum * velocity + step if net.flag("train.optimizer.nesterov") else velocity
    return total - (rate * decay * value if decoupled else 0), velocity


def check_updates(net, group, where, arrays, velocities, worst, number, last):
    """Compares the updates of a layer, and the dumped velocities with what the step before leaves behind."""
    step = int(where[len("step_"):where.index("/")])
    for kind in ("weight", "bias"):
        if kind + "_update" not in group or kind not in group:
            continue
        value = group[kind][()].astype(float)
        velocity = np.zeros_like(value)
        if net.number("train.optimizer.momentum", 0) != 0:
            velocity = group[f"optimizer/{kind}_velocity"][()].astype(float)
            if step == 0 or (step, number, kind) in velocities:
                worst.compare(where, "velocity", velocity, velocities.get((step, number, kind), np.zeros_like(value)))
        decays = kind == "weight" or net.flag("train.decay_bias")
        wanted, velocities[step + 1, number, kind] = update(net, value, arrays[kind + "_gradient"], velocity,
                                                            net.rate(number, last), decays)
        worst.compare(where, kind + "_update", group[kind + "_update"][()], wanted)


def check_step(net, file, name, velocities, worst):
    step = file[name]
    rows = step["batch"][()].astype(int)
    groups = [step[g] for g in sorted(step) if g.startswith("layer_")]
    layers = [(g["weight"][()].astype(float), g["bias"][()].astype(float) if "bias" in g else None) for g in groups]
    loss, input_gradient, arrays = recompute(net, layers, file["data/x"][()][rows], file["data/y"][()][rows])
    worst.compare(name + "/", "loss", step["loss"][()], loss)
    worst.compare(name + "/", "input_gradient", step["input_gradient"][()], input_gradient)
    for number, (group, layer) in enumerate(zip(groups, arrays), 1):
        where = group.name[1:] + "/"
        for kind in ("preactivation", "activation", "delta", "weight_gradient", "bias_gradient"):
            if kind != "bias_gradient" or "bias" in group:
                worst.compare(where, kind, group[kind][()], layer[kind])
        check_updates(net, group, where, layer, velocities, worst, number, len(groups))


def check_file(path):
    """Checks one dump file: its precision, and the worst errors."""
    with h5py.File(path) as file:
        config = attributes(file)
        precision = config.get("precision", "float32")
        net, worst, velocities = Network(config), Worst(TOLERANCE[precision]), {}
        steps = sorted(name for name in file if name.startswith("step_"))
        if not steps:
            raise Mismatch("no step in the file")
        for name in steps:
            check_step(net, file, name, velocities, worst)
    return precision, worst


def dump_cases(program, folder):
    """Dumps every case in both precisions; yields (what, path)."""
    config = pathlib.Path(folder, "oracle.yaml")
    config.write_text(CONFIG)
    for number, case in enumerate(CASES):
        for precision in TOLERANCE:
            path = pathlib.Path(folder, f"{number}-{precision}.h5")
            command = [program, "dump", config, *case.split(), f"precision={precision}", "--steps", "0,1,2,3", "-o", path]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode != 0:
                raise Mismatch(f"{case}: dump failed:\n{done.stderr}")
            yield f"{precision} {case}", path


def blind_spots(path):
    """Spoils each kind of array in turn, by a thousandth of its largest entry: those the check does not notice."""
    spoiled = pathlib.Path(path).with_suffix(".spoiled.h5")
    for kind in ("loss", "input_gradient", *(f"layer_02/{k}" for k in (
            "preactivation", "activation", "delta", "weight_gradient", "bias_gradient", "weight_update", "bias_update",
            "weight", "bias"))):
        shutil.copy(path, spoiled)
        with h5py.File(spoiled, "r+") as file:
            array = file[f"step_000001/{kind}"]
            values = np.atleast_1d(array[()])
            values.flat[np.argmax(np.abs(values))] *= 1.001
            array[...] = values.reshape(array.shape)
        if not check_file(spoiled)[1].failures:
            yield kind


def main():
    bad, overall, count = 0, {}, 0
    with tempfile.TemporaryDirectory() as folder:
        files = dump_cases(sys.argv[2], folder) if sys.argv[1] == "--program" else ((f, f) for f in sys.argv[1:])
        for what, path in files:
            precision, worst = check_file(path)
            if count == 0 and sys.argv[1] == "--program":
                for kind in blind_spots(path):
                    print(f"a spoiled {kind} is not noticed")
                    bad += 1
            count += 1
            bad += bool(worst.failures)
            for line in worst.failures[:6]:
                print(f"{what}: {line}")
            for kind, error in worst.errors.items():
                overall[precision, kind] = max(overall.get((precision, kind), 0), error)
    for (precision, kind), error in sorted(overall.items()):
        print(f"{precision}  {kind:<16} worst {error:.1e} of the largest entry (limit {TOLERANCE[precision]:.0e})")
    print(f"check_dump: {count} dumps, {bad} wrong")
    return 1 if bad or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
