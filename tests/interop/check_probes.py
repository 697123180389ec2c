"""Probes that have a dimension of their own, recomputed with numpy from the arrays that `dump` writes of the same run.
Usage: check_probes.py PROGRAM. Exit 77 where numpy or h5py is absent.
"""

import csv
import os
import subprocess
import sys
import tempfile

try:
    import h5py
    import numpy as np
except ImportError as reason:
    print(f"skipped: {reason}")
    sys.exit(77)

CONFIG = """study: probes
data: {name: blobs, samples: 60, test: 0, classes: 3, features: 5}
model: {depth: 3, width: 12, activation: %s}
train: {steps: 20, batch: 20, learning_rate: 0.3, optimizer: {name: heavy_ball, momentum: 0.9}}
precision: %s
seed: %d
record: {checkpoints: [0, 10, 20], probes: "all,histograms,singular_values,hessian_eigenvalues(count=6;tolerance=1e-10;iterations=400),hessian_error_bound"}
"""
failures = []


def expect(condition, what):
    if not condition:
        failures.append(what)
        print(f"WRONG: {what}")


def counts(values, edges):
    """How many lie in each [lower, upper): searchsorted finds the bin whatever its width."""
    return np.bincount(np.searchsorted(edges, np.ravel(values), side="right") - 1, minlength=64)[:64]


def check_histograms(f, step, row, what):
    value = np.append(f["value_bin_lower"][...], np.inf)
    magnitude = np.append(f["magnitude_bin_lower"][...], np.inf)
    for layer in range(4):
        arrays = step[f"layer_{layer + 1:02d}"]
        for name, array, edges in (("gradient_histogram", np.abs(arrays["weight_gradient"][...]), magnitude),
                                   ("delta_histogram", np.abs(arrays["delta"][...]), magnitude),
                                   ("activation_histogram", arrays["activation"][...], value),
                                   ("preactivation_histogram", arrays["preactivation"][...], value)):
            stored = f[name][0, row, layer]
            expect(stored.sum() == array.size, f"{what}: {name} counts {stored.sum()} of {array.size}")
            expect((stored == counts(array.astype(float), edges)).all(), f"{what}: {name} of layer {layer + 1}")


def check_singular_values(f, step, row, what):
    """LAPACK's values of the weights and of their product."""
    product = np.eye(5)
    for layer in range(4):
        weight = step[f"layer_{layer + 1:02d}"]["weight"][...].astype(float)
        product = weight @ product
        check_falling(f["weight_singular_values"][0, row, layer], np.linalg.svd(weight, compute_uv=False),
                      f"{what}: weight_singular_values of layer {layer + 1}")
    check_falling(f["product_singular_values"][0, row], np.linalg.svd(product, compute_uv=False),
                  f"{what}: product_singular_values")


def check_falling(stored, wanted, what):
    there = ~np.isnan(stored)
    expect(there.sum() == len(wanted) and there[:len(wanted)].all(), f"{what}: {there.sum()} of {len(wanted)}")
    expect(np.abs(stored[:len(wanted)] - wanted).max() <= 1e-12 * wanted[0], f"{what}: {stored} not {wanted}")


SLOPES = {"tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
          "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2)}


def gradient(parameters, shapes, x, labels, activation):
    """Of the mean cross-entropy over all rows, by hand."""
    phi, slope = SLOPES[activation]
    weights, biases, at = [], [], 0
    for out, into in shapes:
        weights.append(parameters[at:at + out * into].reshape(out, into))
        biases.append(parameters[at + out * into:at + out * into + out])
        at += out * into + out
    h, z = [x], []
    for layer, (w, b) in enumerate(zip(weights, biases)):
        z.append(h[-1] @ w.T + b)
        h.append(z[-1] if layer + 1 == len(weights) else phi(z[-1]))
    p = np.exp(z[-1] - z[-1].max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    delta, parts = (p - np.eye(p.shape[1])[labels]) / len(x), []
    for layer in reversed(range(len(weights))):
        parts = [delta.T @ h[layer], delta.sum(axis=0)] + parts
        if layer > 0:
            delta = delta @ weights[layer] * slope(z[layer - 1])
    return np.concatenate([np.ravel(part) for part in parts])


def check_eigenvalues(f, arrays, name, row, activation, what):
    """The whole Hessian by central differences of that gradient, and LAPACK's eigenvalues of it."""
    step = arrays[name]
    layers = [step[f"layer_{layer + 1:02d}"] for layer in range(4)]
    shapes = [layer["weight"].shape for layer in layers]
    parameters = np.concatenate([np.ravel(layer[part][...].astype(float)) for layer in layers
                                 for part in ("weight", "bias")])
    x, y = arrays["data/x"][...].astype(float), arrays["data/y"][...]
    labels = y.argmax(axis=1) if y.ndim == 2 and y.shape[1] > 1 else np.ravel(y).astype(int)
    hessian = np.empty((len(parameters), len(parameters)))
    for i in range(len(parameters)):
        up, down = parameters.copy(), parameters.copy()
        up[i] += 1e-5
        down[i] -= 1e-5
        hessian[i] = (gradient(up, shapes, x, labels, activation) - gradient(down, shapes, x, labels, activation)) / 2e-5
    wanted = np.linalg.eigvalsh((hessian + hessian.T) / 2)[::-1][:6]
    stored, bound = f["hessian_eigenvalues"][0, row], f["hessian_error_bound"][0, row]
    # Differences: their own error is 1e-10 of the gradient's third derivatives and 1e-16 / 1e-5 of rounding.
    expect(0 <= bound <= 1e-8 * wanted[0], f"{what}: the bound is {bound}")
    expect(np.abs(stored - wanted).max() <= bound + 1e-7 * wanted[0], f"{what}: eigenvalues {stored}, not {wanted}")


def check_export(program, folder, f):
    """A column per bin, the same numbers."""
    subprocess.run([program, "export", "probes.h5", "--table", "series", "-o", "."], cwd=folder, check=True,
                   capture_output=True)
    with open(os.path.join(folder, "probes-series.csv"), newline="") as lines:
        rows = list(csv.DictReader(lines))
    expect(len(rows) == 12, f"export: {len(rows)} lines")
    for row in rows:
        at = (0, [0, 10, 20].index(int(row["checkpoint"])), int(row["layer"]) - 1)
        stored = f["activation_histogram"][at]
        expect([float(row[f"activation_histogram_{b}"]) for b in range(64)] == list(stored), f"export: {at}")


def check_show(program, folder):
    shown = subprocess.run([program, "show", "probes.h5", "--run", "0"], cwd=folder, check=True, capture_output=True,
                           text=True).stdout
    for name in ("gradient_histogram", "delta_histogram", "activation_histogram", "preactivation_histogram",
                 "weight_singular_values", "product_singular_values", "hessian_eigenvalues"):
        expect(f"\n{name}: " in shown, f"show: no {name}")
    expect("█" in shown and "a factor of 4" in shown and "1/4 wide" in shown, "show: no bars")


def check(program, activation, precision, seed):
    what = f"{activation}, {precision}"
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "probes.yaml"), "w") as config:
            config.write(CONFIG % (activation, precision, seed))
        for command in (["run", "probes.yaml", "-o", "probes.h5", "-j", "1"],
                        ["dump", "probes.yaml", "--steps", "0,10", "-o", "arrays.h5"]):
            subprocess.run([program, *command], cwd=folder, check=True, capture_output=True)
        with h5py.File(os.path.join(folder, "probes.h5")) as f, h5py.File(os.path.join(folder, "arrays.h5")) as arrays:
            for row, name in enumerate(("step_000000", "step_000010")):
                check_histograms(f, arrays[name], row, f"{what}, {name}")
                check_singular_values(f, arrays[name], row, f"{what}, {name}")
                if activation in SLOPES:
                    check_eigenvalues(f, arrays, name, row, activation, f"{what}, {name}")
            check_export(program, folder, f)
        check_show(program, folder)


def check_missing(program):
    """Where examples meet in a batch normalisation, one has no gradient of its own: what is built on it is missing, and the
    attribute says why; deltas are there."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "probes.yaml"), "w") as config:
            config.write(CONFIG % ("tanh", "float32", 0))
        for norm, missing in (("batch", True), ("layer", False)):
            subprocess.run([program, "run", "probes.yaml", f"norm={norm}", "record.probes=panel", "-o", f"{norm}.h5"],
                           cwd=folder, check=True, capture_output=True)
            with h5py.File(os.path.join(folder, f"{norm}.h5")) as f:
                for name in ("gradient_noise_scale", "gradient_signal_to_noise"):
                    reason = f[name].attrs["comment"]
                    reason = reason.decode() if isinstance(reason, bytes) else reason
                    expect(np.isnan(f[name][...]).all() == missing, f"{name} under norm={norm}")
                    expect("batch normalisation" in reason and "no gradient" in reason, f"{name}: '{reason}'")
                for name in ("delta_rms", "delta_mean_norm", "delta_total_norm"):
                    expect(np.isfinite(f[name][...]).all(), f"{name} under norm={norm}")


def main():
    program = os.path.abspath(sys.argv[1])
    check_missing(program)
    for seed, (activation, precision) in enumerate((("relu", "float32"), ("tanh", "float64"), ("sigmoid", "float32"))):
        check(program, activation, precision, seed)
    print("wrong" if failures else "all as expected")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
