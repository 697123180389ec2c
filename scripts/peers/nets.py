"""The four nets of the comparison, the same as in tests/bench/bench_steps.c: plain gradient descent on the mean squared
error (1/2 squared error where a library has only that: the same work), biases, random inputs and targets."""
import time

import numpy as np

# widths, batch, activation
NETS = {
    "a": ([2] + [32] * 10 + [1], 64, "sigmoid"),
    "b": ([784] + [256] * 4 + [10], 128, "relu"),
    "c": ([64] + [64] * 50 + [10], 64, "tanh"),
    "d": ([16, 16, 1], 16, "tanh"),
}
RATE = 1e-3
CALL_SECONDS = 0.3


def weights(widths, runs=None, seed=0):
    """[(W (runs, in, out), b (runs, 1, out)), ...], without the leading axis when runs is None."""
    rng = np.random.default_rng(seed)
    lead = () if runs is None else (runs,)
    return [
        (
            rng.standard_normal(lead + (i, o)).astype("f4") / np.float32(i**0.5),
            np.zeros(lead + (1, o), "f4"),
        )
        for i, o in zip(widths, widths[1:])
    ]


def batch(widths, size, runs=None):
    rng = np.random.default_rng(1)
    lead = () if runs is None else (runs,)
    x = rng.standard_normal(lead + (size, widths[0])).astype("f4")
    y = rng.standard_normal(lead + (size, widths[-1])).astype("f4")
    return x, y


def rate(step, networks=1, steps_per_call=1):
    """Net-steps per CPU second of this process: calls `step` for about CALL_SECONDS, after one warm call."""
    step()
    calls, start = 0, time.process_time()
    while time.process_time() - start < CALL_SECONDS:
        step()
        calls += 1
    return calls * networks * steps_per_call / (time.process_time() - start)
