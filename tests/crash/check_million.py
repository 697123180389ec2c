#!/usr/bin/python3
"""One file of a million runs. Usage: check_million.py GRADPATH [RUNS]

Sweeps that many of the smallest networks (final values only) on one machine, packs the file again (a merge of one), shows
and plots it, and prints what each command took. Memory must stay below 1 GiB in each; packing must take at most a minute of processor time, and
what a person waits for at most 15 s of it (a few seconds are usual; the limits are of processor time, so that a busy
machine does not fail the test).
"""

import os
import pathlib
import shutil
import sys
import tempfile
import time

CONFIG = """study: million
data: {{name: xor}}
model: {{depth: 1, width: 2, activation: [tanh, relu]}}
train: {{learning_rate: {{from: 0.001, to: 1, points: {points}, scale: log}}, batch: full, steps: 1}}
seed: 0..999
record: {{checkpoints: [0], probes: []}}
"""
MEMORY = 1 << 30


def measure(folder, gradpath, line):
    """Processor seconds, seconds and bytes of one command."""
    begin = time.monotonic()
    child = os.posix_spawn(gradpath, [gradpath, *line.split()], os.environ, file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, str(folder / "out"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666),
        (os.POSIX_SPAWN_OPEN, 2, str(folder / "err"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)])
    _, state, used = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(state) != 0:
        sys.exit(f"WRONG '{line}' ended with {state}: {(folder / 'err').read_text()}")
    seconds = used.ru_utime + used.ru_stime, time.monotonic() - begin
    print(f"{seconds[0]:7.1f} s processor {seconds[1]:7.1f} s wall {used.ru_maxrss / 1024:7.0f} MiB  {line}", flush=True)
    return seconds[0], used.ru_maxrss * 1024


def main():
    gradpath, runs = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1000000
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gradpath-million-"))
    os.chdir(folder)
    try:
        (folder / "million.yaml").write_text(CONFIG.format(points=runs // 2000))
        wrong = []
        for line, most in [("plan million.yaml", 15), ("run million.yaml -q -o m.h5", 300), ("merge again.h5 m.h5", 60),
                           ("show m.h5", 15), ("show m.h5 --where seed=3 --where activation=relu", 15),
                           ("show m.h5 --run 77", 15), ("plot m.h5 --format svg -o charts", 15)]:
            seconds, memory = measure(folder, gradpath, line)
            if seconds > most:
                wrong.append(f"'{line}' took {seconds:.1f} s of processor time, more than {most}")
            if memory > MEMORY:
                wrong.append(f"'{line}' took {memory >> 20} MiB, more than {MEMORY >> 20}")
        print(f"{runs} runs: {(folder / 'm.h5').stat().st_size / 1e6:.1f} MB")
        print("\n".join(f"WRONG {what}" for what in wrong))
        return 1 if wrong else 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
