#!/usr/bin/python3
"""Trains the network of `gradpath dump` files a second time in PyTorch, ten steps from the same weights and batches.

usage: check_torch.py GRADPATH

Compared at every step: loss, pre-activations, gradients and weights, batch normalisation's gamma, beta and running
statistics. An error is measured against the largest entry that the array has had. PyTorch goes its own way from step 0 on, so errors add up.

Where the two differ by definition: clip_grad_norm_ divides by norm + 1e-6 and gradpath by the norm, which is 1e-6/norm of an
update (allowed for). Adam, AdamW (decay times the whole rate), Nesterov momentum at a constant rate and batch
normalisation (biased variance, unbiased in the running one) are the same.
"""

import pathlib
import subprocess
import sys
import tempfile

SKIPPED = 77
try:
    import h5py
    import numpy as np
    import torch
except ImportError as error:
    print(f"check_torch: skipped, {error.name} is not installed (Debian: python3-{error.name})")
    sys.exit(SKIPPED)

STEPS = 10
TOLERANCE = {"float64": 1e-13, "float32": 2e-5}
CONFIG = """
study: torch
data: {name: blobs, samples: 64, test: 0, classes: 3, features: 4, noise: 0.6}
model: {depth: 3, width: 9, activation: tanh}
train: {loss: cross_entropy, optimizer: sgd, learning_rate: 0.05, batch: 16, steps: 11}
seed: 5
"""
ADAM = {"lr": 0.01, "betas": (0.9, 0.999), "eps": 1e-8}
# overrides; the optimiser in PyTorch; clipping (name, limit)
CASES = [
    ("", lambda p: torch.optim.SGD(p, lr=0.05), None),
    ("optimizer=nesterov optimizer.momentum=0.9", lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True), None),
    ("optimizer=heavy_ball optimizer.momentum=0.9", lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9), None),
    ("optimizer=adam learning_rate=0.01", lambda p: torch.optim.Adam(p, **ADAM), None),
    ("optimizer=adamw learning_rate=0.01 weight_decay=0.1 decay_bias=true",
     lambda p: torch.optim.AdamW(p, weight_decay=0.1, **ADAM), None),
    ("optimizer=adam learning_rate=0.01 weight_decay=0.1 decay_bias=true",
     lambda p: torch.optim.Adam(p, weight_decay=0.1, **ADAM), None),
    ("clip=norm clip.max=0.05", lambda p: torch.optim.SGD(p, lr=0.05), ("norm", 0.05)),
    ("clip=value clip.max=0.01", lambda p: torch.optim.SGD(p, lr=0.05), ("value", 0.01)),
    # No bias in front of a normalisation: it has no effect, its gradient is rounding, which Adam would make steps of.
    ("norm=batch bias=false", lambda p: torch.optim.SGD(p, lr=0.05), None),
    ("norm=batch norm.place=after activation=relu", lambda p: torch.optim.SGD(p, lr=0.05), None),
    ("norm=batch bias=false optimizer=adam learning_rate=0.01", lambda p: torch.optim.Adam(p, **ADAM), None),
    ("norm=batch bias=false optimizer=nesterov optimizer.momentum=0.9 clip=norm clip.max=0.1",
     lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True), ("norm", 0.1)),
]


class Net(torch.nn.Module):
    """The dumped network at step 0."""

    def __init__(self, groups, words, dtype):
        super().__init__()
        self.after = "place=after" in words
        self.phi = torch.relu if "activation=relu" in words else torch.tanh
        self.linear, self.norm = torch.nn.ModuleList(), torch.nn.ModuleList()
        for number, group in enumerate(groups):
            out, inputs = group["weight"].shape
            layer = torch.nn.Linear(inputs, out, bias="bias" in group, dtype=dtype)
            with torch.no_grad():
                for name in ("weight", "bias"):
                    if name in group:
                        getattr(layer, name).copy_(torch.from_numpy(group[name][()]))
            self.linear.append(layer)
            normed = "norm=batch" in words and number < len(groups) - 1
            self.norm.append(torch.nn.BatchNorm1d(out, dtype=dtype) if normed else torch.nn.Identity())

    def forward(self, x):
        self.z = []
        for number, (linear, norm) in enumerate(zip(self.linear, self.norm)):
            z = linear(x)
            self.z.append(z)
            if number == len(self.linear) - 1:
                return z
            x = norm(self.phi(z)) if self.after else self.phi(norm(z))


def arrays(net, number):
    """What PyTorch has of a layer, by the dump's names."""
    linear, norm = net.linear[number], net.norm[number]
    found = {"preactivation": net.z[number], "weight": linear.weight, "weight_gradient": linear.weight.grad}
    if linear.bias is not None:
        found.update(bias=linear.bias, bias_gradient=linear.bias.grad)
    if isinstance(norm, torch.nn.BatchNorm1d):
        found.update(norm_gamma=norm.weight, norm_gamma_gradient=norm.weight.grad,
                     norm_beta=norm.bias, norm_beta_gradient=norm.bias.grad)
    return found


class Check:
    def __init__(self, tolerance):
        self.tolerance, self.worst, self.failures, self.largest = tolerance, 0.0, [], {}

    def compare(self, where, dumped, wanted):
        wanted = wanted.detach().numpy().astype(float)
        array = where.partition("/")[2]
        self.largest[array] = max(self.largest.get(array, 0), np.max(np.abs(wanted)))
        error = np.max(np.abs(dumped.astype(float) - wanted)) / (self.largest[array] or 1)
        self.worst = max(self.worst, error)
        if not error <= self.tolerance:
            self.failures.append(f"{where}: off by {error:.1e}")


def check_step(net, group, name, check, running):
    layers = sorted(g for g in group if g.startswith("layer_"))
    for number, layer in enumerate(layers):
        for kind, wanted in arrays(net, number).items():
            check.compare(f"{name}/{layer}/{kind}", group[layer][kind][()], wanted)
        if number in running:
            for kind, wanted in zip(("norm_running_mean", "norm_running_variance"), running[number]):
                check.compare(f"{name}/{layer}/{kind}", group[layer][kind][()], wanted)


def running_statistics(net):
    """Clones: the dump of a step shows them before the batch of that step has moved them."""
    return {i: (n.running_mean.clone(), n.running_var.clone()) for i, n in enumerate(net.norm)
            if isinstance(n, torch.nn.BatchNorm1d)}


def check_file(path, words, optimiser, clip, precision):
    dtype = getattr(torch, precision)
    allowed = 1e-6 / clip[1] if clip and clip[0] == "norm" else 0
    check = Check(TOLERANCE[precision] + allowed)
    with h5py.File(path) as file:
        steps = sorted(name for name in file if name.startswith("step_"))
        assert len(steps) == STEPS, steps
        first = file[steps[0]]
        net = Net([first[g] for g in sorted(first) if g.startswith("layer_")], words, dtype)
        optimiser = optimiser(net.parameters())
        x, y = torch.from_numpy(file["data/x"][()]).to(dtype), torch.from_numpy(file["data/y"][()])
        for name in steps:
            rows = file[name]["batch"][()].astype(int)
            before = running_statistics(net)
            optimiser.zero_grad()
            loss = torch.nn.functional.cross_entropy(net(x[rows]), y[rows].argmax(1))
            loss.backward()
            check.compare(f"{name}/loss", file[name]["loss"][()], loss)
            check_step(net, file[name], name, check, before)
            if clip and clip[0] == "norm":
                torch.nn.utils.clip_grad_norm_(net.parameters(), clip[1])
            elif clip:
                torch.nn.utils.clip_grad_value_(net.parameters(), clip[1])
            optimiser.step()
    return check


def main():
    program, bad = sys.argv[1], 0
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder, "torch.yaml")
        config.write_text(CONFIG)
        for number, (words, optimiser, clip) in enumerate(CASES):
            for precision in TOLERANCE:
                path = pathlib.Path(folder, f"{number}-{precision}.h5")
                steps = ",".join(map(str, range(STEPS)))
                done = subprocess.run([program, "dump", config, *words.split(), f"precision={precision}", "--steps", steps,
                                       "-o", path], capture_output=True, text=True)
                if done.returncode != 0:
                    sys.exit(f"{words}: dump failed:\n{done.stderr}")
                check = check_file(path, words, optimiser, clip, precision)
                print(f"{precision} {words or 'sgd'}: worst {check.worst:.1e} (limit {check.tolerance:.1e})")
                for line in check.failures[:6]:
                    print("  " + line)
                bad += bool(check.failures)
                if "momentum" in words and not check_file(path, words, CASES[0][1], clip, precision).failures:
                    print("  and the wrong optimiser is not noticed")
                    bad += 1
    print(f"check_torch: PyTorch {torch.__version__}, {len(CASES) * len(TOLERANCE)} dumps, {bad} wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
