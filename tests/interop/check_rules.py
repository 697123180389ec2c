#!/usr/bin/python3
"""What `gradpath rules` prints, computed a second time from the file with h5py and numpy. Usage: check_rules.py --program PATH"""

import argparse
import csv
import io
import pathlib
import subprocess
import sys
import tempfile

import h5py
import numpy as np

CONFIG = """
study: rules
data: {name: spirals, samples: 128, test: 0}
model: {depth: [2, 8], width: 12, activation: [sigmoid, relu, tanh]}
train: {learning_rate: [0.001, 0.1, 100], batch: 32, steps: 200}
seed: 0..1
record: {checkpoints: {log: 12}, probes: [all, rules]}
"""
INF = float("inf")
# book: variable, lowest, highest, hidden layers only
RULES = [
    ("sagemaker", "gradient_mean_abs", 1e-7, INF, False), ("sagemaker", "gradient_mean_abs", -INF, sys.float_info.max, False),
    ("sagemaker", "inactive_fraction", -INF, 0.5, True), ("sagemaker", "flat_input_fraction", -INF, 0.5, True),
    ("sagemaker", "update_ratio", 1e-8, 10, False), ("deepchecker", "gradient_mean_abs", 1e-6, INF, False),
    ("deepchecker", "gradient_mean_abs", -INF, 1e6, False), ("deepchecker", "quiet_fraction", -INF, 0.5, True),
    ("deepchecker", "update_ratio", 1e-4, 0.1, False), ("autotrainer", "ratio_low", None, None, False),
    ("autotrainer", "ratio_high", None, None, False), ("autotrainer", "gradient_zero_fraction", -INF, 0.7, False),
    ("dlcheck", "weight_gradient_norm", 1e-7, INF, False), ("dlcheck", "weight_gradient_norm", -INF, 1e6, False),
    ("dlcheck", "zero_fraction", -INF, 0.95, True), ("dlcheck", "activation_mean_abs", 0.05, 0.95, True),
    ("deepdiagnosis", "gradient_mean_abs", 1e-7, INF, False), ("deepdiagnosis", "nonpositive_fraction", -INF, 0.7, True),
    ("deepdiagnosis", "beyond_5_fraction", -INF, 0.5, True)]
BOOKS = list(dict.fromkeys(rule[0] for rule in RULES))


def first_breach(file, number, run):
    """The step at which run breaks rule `number` first, or NaN."""
    _, variable, low, high, hidden = RULES[number]
    steps, depth = file["checkpoint"][()], int(file["depth"][run])
    layers = depth if hidden else depth + 1
    if variable.startswith("ratio"):
        norm = file["weight_gradient_norm"][run]
        ratio = norm[:, 0] / norm[:, depth]
        broken = ratio > 70 if variable == "ratio_high" else (ratio < 1e-3) & (norm[:, 0] < 1e-4)
    else:
        values = file[variable][run][:, :layers]
        reached = (values == high) if high == 0.7 else False  # "at least 70 %"
        broken = ((values < low) | (values > high) | reached).any(axis=1)
    if broken.any():
        return float(steps[np.argmax(broken)])
    diverged = int(file["diverged_at"][run])
    return float(diverged) if number == 1 and diverged >= 0 else np.nan


def score(file, numbers):
    trained = (file["conditions"][()].astype(int) & 256) != 0
    with np.errstate(all="ignore"):
        first = np.array([np.fmin.reduce([first_breach(file, n, run) for n in numbers]) for run in range(len(trained))])
    accused = ~np.isnan(first)
    caught = accused & ~trained
    lead = (file["steps_done"][()] - first)[caught]
    return [accused.sum(), caught.sum(), caught.sum() / accused.sum() if accused.any() else np.nan,
            caught.sum() / (~trained).sum(), np.median(lead) if len(lead) else np.nan]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    program = parser.parse_args().program
    with tempfile.TemporaryDirectory() as folder:
        config, output = pathlib.Path(folder, "rules.yaml"), pathlib.Path(folder, "rules.h5")
        config.write_text(CONFIG)
        subprocess.run([program, "run", config, "-q", "-o", output], check=True, capture_output=True)
        text = subprocess.run([program, "rules", output, "--csv"], check=True, capture_output=True, text=True).stdout
        rows = list(csv.DictReader(io.StringIO(text)))
        with h5py.File(output) as file:
            wanted = [score(file, [n for n, rule in enumerate(RULES) if rule[0] == book]) for book in BOOKS]
            wanted += [score(file, [n]) for n in range(len(RULES))]
        # A file is data: what it says of its layers cannot lead behind its arrays.
        for depth in (10 ** 6, -7):
            with h5py.File(output, "r+") as file:
                file["depth"][0] = depth
            subprocess.run([program, "rules", output], check=True, capture_output=True)
    assert [row["book"] for row in rows] == BOOKS + [rule[0] for rule in RULES], [row["book"] for row in rows]
    for row, want in zip(rows, wanted):
        got = [float(row[key]) for key in ("accused", "caught", "precision", "recall", "lead_steps")]
        assert np.allclose(got, want, rtol=1e-12, atol=0, equal_nan=True), (row, want)
    accused = [want[0] for want in wanted]
    assert 0 < min(accused[:5]) and max(accused) > min(accused), "rules that all say the same test nothing"
    print(f"{len(rows)} lines agree; books accuse {accused[:5]} of 36 runs")


main()
