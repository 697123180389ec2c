#!/usr/bin/python3
"""What README.md shows, done as it is written: its Python, its configurations, its command lines, its error message.
Usage: check_readme.py --program PATH --readme PATH"""

import argparse
import contextlib
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import h5py
import numpy as np


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


def planned_bytes(program, *sweep):
    said = subprocess.run([program, "plan", *sweep], check=True, capture_output=True, text=True).stdout
    value, unit = re.search(r"^file +about ([\d.]+) (\w+)", said, re.M).groups()
    return float(value) * {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}[unit]


def check_python(program, text):
    """The xarray example over a shortened version of its sweep; its numbers by h5py. The file is as large as `plan` says."""
    sweep = ["sigmoid-vs-relu", "depth=1,20", "learning_rate=0.01,0.1", "train.steps=100", "data.samples=64"]
    planned = planned_bytes(program, *sweep)
    subprocess.run([program, "run", *sweep, "--quiet"], check=True, stdout=subprocess.DEVNULL)
    size = pathlib.Path("results/sigmoid-vs-relu.h5").stat().st_size
    assert 0.7 < planned / size < 1.3, (planned, size)
    said = io.StringIO()
    for code in blocks(text, "python"):
        with contextlib.redirect_stdout(said):
            exec(compile(code, "README.md", "exec"), {})  # our own text
    printed = np.array(said.getvalue().replace("[", " ").replace("]", " ").split(), float)
    with h5py.File("results/sigmoid-vs-relu.h5") as file:
        word = np.array(["".join(c.decode() for c in row).strip("\0 ") for row in file["activation"][()]])
        mask = (word == "sigmoid") & (file["depth"][()] == 20) & (file["learning_rate"][()] == file["learning_rate"][()].min())
        expected = np.median(file["weight_gradient_norm"][mask, 0, :], axis=0)
    assert mask.sum() == 5 and printed.shape == expected.shape, (mask.sum(), printed.shape, expected.shape)
    np.testing.assert_allclose(printed, expected, rtol=1e-7)
    return len(printed)


def check_configs(program, text):
    """Each configuration plans; the first also runs, shortened, through the commands below it."""
    whole = [b for b in blocks(text, "yaml") if b.startswith("study:")]
    count = 0
    for config in whole:
        name = re.match(r"study: (\S+)", config).group(1)
        pathlib.Path(f"{name}.yaml").write_text(config)
        if "name: idx" in config:
            continue  # needs a file of the reader's own
        subprocess.run([program, "plan", f"{name}.yaml"], check=True, stdout=subprocess.DEVNULL)
        count += 1
    short = pathlib.Path("how-deep.yaml")
    short.write_text(short.read_text().replace("steps: 1000", "steps: 20").replace("seed: 0..4", "seed: 0..1"))
    subprocess.run([program, "run", "how-deep.yaml", "--quiet"], check=True, stdout=subprocess.DEVNULL)
    pathlib.Path("other.h5").write_bytes(pathlib.Path("results/how-deep.h5").read_bytes())
    for line in re.findall(r"^gradpath ((?:show|verify|diff|plan) .*?)(?:\s{2,}#.*)?$", text, re.M):
        subprocess.run([program, *line.split()], check=True, stdout=subprocess.DEVNULL)
        count += 1
    return count


def check_mistake(program, text):
    """The message is what the program says of the configuration with that mistake in it."""
    shown = next(b for b in blocks(text, "") if "error: unknown" in b).splitlines()
    config = pathlib.Path("how-deep.yaml")
    config.write_text(config.read_text().replace("[tanh, relu]", "[tanhh, relu]"))
    done = subprocess.run([program, "run", "how-deep.yaml"], capture_output=True, text=True, check=False)
    said = done.stderr.splitlines()
    assert done.returncode == 2 and said[:2] == shown[:2], (said, shown)
    assert said[3].startswith(shown[3].split(" ...")[0]), (said, shown)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--readme", required=True)
    arguments = parser.parse_args()
    program, text = os.path.abspath(arguments.program), pathlib.Path(arguments.readme).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        numbers, commands = check_python(program, text), check_configs(program, text)
        check_mistake(program, text)
        os.chdir("/")
    print(f"README: {numbers} numbers by xarray, {commands} commands and the message of a mistake are as written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
