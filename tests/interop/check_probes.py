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
record: {checkpoints: [0, 10, 20], probes: "all,histograms"}
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
    for name in ("gradient_histogram", "delta_histogram", "activation_histogram", "preactivation_histogram"):
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
            check_export(program, folder, f)
        check_show(program, folder)


def main():
    program = os.path.abspath(sys.argv[1])
    for seed, (activation, precision) in enumerate((("relu", "float32"), ("tanh", "float64"), ("sigmoid", "float32"))):
        check(program, activation, precision, seed)
    print("wrong" if failures else "all as expected")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
