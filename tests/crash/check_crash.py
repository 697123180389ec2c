#!/usr/bin/python3
"""Sweeps that are killed, that crash and that meet errors at every call. Usage:

  check_crash.py GRADPATH SHIM kills  [--count N]     kill -9 at random moments of a sweep
  check_crash.py GRADPATH SHIM crash  [--every K]     a stop at every write, sync, rename ... in turn, whole and torn in half
  check_crash.py GRADPATH SHIM faults [--every K]     every such call and every open fails once, with EIO and with ENOSPC
  check_crash.py GRADPATH SHIM memory [--every K]     every allocation fails once

After each: the .h5 opens in h5dump, no committed run is missing, and the same command again gives the bytes of a sweep
that was left in peace. Errors must be said clearly, with an exit code that a script can rely on. --every K tries one
point in K, at a random offset (--seed); the counts are printed at the end. SHIM is preloaded; "" for a program that the
shim is linked into.
"""

import argparse
import collections
import concurrent.futures
import errno
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time

SMALL = """study: six
data: {name: spirals, samples: 16, test: 8}
model: {depth: [1, 3], width: 4, activation: [tanh, relu, sigmoid]}
train: {learning_rate: 0.1, batch: 8, steps: 4}
seed: 0
record: {checkpoints: {log: 3}}
"""
LONGER = """study: many
data: {name: spirals, samples: 64, test: 16}
model: {depth: [1, 2, 4], width: 8, activation: [tanh, relu]}
train: {learning_rate: [0.01, 0.1], batch: 16, steps: 200}
seed: 0..29
record: {checkpoints: {log: 5}}
"""
MAP = """study: map
data: {name: gaussian, samples: 16, test: 0, features: 4, targets: 1}
model: {depth: 1, width: 4, activation: tanh}
train:
  loss: mse
  learning_rate: {from: 1e-2, to: 1e2, points: 3, scale: log}
  optimizer: {name: sgd, momentum: {from: 0, to: 0.9, points: 3}}
  batch: full
  steps: STEPS
sweep: {refine: {x: learning_rate, y: momentum, until: UNTIL}}
record: {checkpoints: {log: 3}}
"""
SHORT_MAP = MAP.replace("UNTIL", "8").replace("STEPS", "5")
LONGER_MAP = MAP.replace("UNTIL", "256").replace("STEPS", "300")
RUN = "run six.yaml -q -j1 --plan=single --no-provenance -o a.h5"  # one order of calls, always
Outcome = collections.namedtuple("Outcome", "code err")


class Wrong(Exception):
    pass


def call(tools, folder, line, **faults):
    """Runs a command line of the program; faults are settings of the shim. A signal is a negative code."""
    env = dict(os.environ, OMP_NUM_THREADS="1", XDG_CACHE_HOME=str(folder.parent / "cache"))
    if faults:
        if tools.shim:
            env["LD_PRELOAD"] = tools.shim
        env.update({f"FAULT_{key.upper()}": str(value) for key, value in faults.items()})
    done = subprocess.run([tools.gradpath, *line.split()], cwd=folder, env=env, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, errors="replace", timeout=600)
    return Outcome(done.returncode, done.stderr)


def good(tools, folder, line):
    outcome = call(tools, folder, line)
    if outcome.code != 0:
        raise Wrong(f"'{line}' ended with {outcome.code}: {outcome.err}")


def stored(tools, folder):
    """The finished runs of a.h5 and its journal, by identity."""
    shown = subprocess.run([tools.gradpath, "show", "a.h5", "--csv", "--columns", "run_id,status"], cwd=folder,
                           capture_output=True, text=True, timeout=600)
    if shown.returncode == 74 and "no such file, and no journal" in shown.stderr:
        return set()  # a journal that ended before it began
    if shown.returncode != 0:
        raise Wrong(f"show ended with {shown.returncode}: {shown.stderr}")
    rows = [line.split(",") for line in shown.stdout.splitlines()[1:]]
    return {row[-2] for row in rows if row[-1] not in ("pending", "")}


def check_file(tools, folder, committed):
    """What is there is whole, and holds what was committed (a set of identities, or a number of runs)."""
    file = folder / "a.h5"
    if file.exists():
        dumped = subprocess.run(["h5dump", "-H", str(file)], capture_output=True, text=True, timeout=600)
        if dumped.returncode != 0:
            raise Wrong(f"h5dump: {dumped.stderr[:300]}")
    if not file.exists() and not (folder / "a.h5.journal").exists():
        there = set()
    else:
        there = stored(tools, folder)
    if isinstance(committed, int):
        if len(there) < committed:
            raise Wrong(f"{len(there)} runs are there, {committed} were committed")
    elif not committed <= there:
        raise Wrong(f"{len(committed - there)} committed runs are missing")


class Scenario:
    """A command that is disturbed, what it starts from, and how it is completed."""

    def __init__(self, name, command, setup=(), complete=None):
        self.name, self.command, self.setup, self.complete = name, command, setup, complete or command

    def prepare(self, tools, folder):
        self.start = folder / f"start-{self.name}"
        self.start.mkdir()
        (self.start / "six.yaml").write_text(SMALL)
        (self.start / "map.yaml").write_text(SHORT_MAP)
        for step in self.setup:
            step(tools, self.start)
        peace = folder / f"peace-{self.name}"
        shutil.copytree(self.start, peace)
        good(tools, peace, self.command)
        if self.complete != self.command:
            good(tools, peace, self.complete)
        self.reference = (peace / "a.h5").read_bytes()
        self.before = len(stored(tools, self.start)) if list(self.start.glob("a.h5*")) else 0

    def log(self, tools, folder, calls):
        """The calls of an undisturbed sweep: (name, path) of each, or their number for allocations."""
        place = folder / f"log-{self.name}-{len(calls)}"
        shutil.copytree(self.start, place)
        good(tools, place, self.command)  # warm: caches of the system must not change the count
        shutil.rmtree(place)
        shutil.copytree(self.start, place)
        outcome = call(tools, place, self.command, calls=calls, log="calls.log", how="crash")
        if outcome.code != 0:
            raise Wrong(f"{self.name} with nothing but counting: {outcome}")
        lines = (place / "calls.log").read_text().splitlines()
        return [line.split(" ", 3) for line in lines[:-1]], int(lines[-1].split()[1])


def kill_in_the_middle(tools, folder):
    """A journal with all runs and no file: what a kill just before packing leaves."""
    code = call(tools, folder, RUN, calls="rename", how="crash", at=rename_of(tools, folder)).code
    if code != -9:
        raise Wrong(f"the sweep should have been killed: {code}")
    (folder / "a.h5.tmp").unlink(missing_ok=True)


def rename_of(tools, folder):
    """The number of the call that gives the packed file its name."""
    place = folder / "counting"
    place.mkdir()
    shutil.copy(folder / "six.yaml", place)
    call(tools, place, RUN, calls="rename", log="calls.log", how="crash")
    lines = [line.split(" ", 3) for line in (place / "calls.log").read_text().splitlines()]
    shutil.rmtree(place)
    return next(int(line[0]) for line in lines if line[1] == "rename")


def runs(line):
    return lambda tools, folder: good(tools, folder, line)


def scenarios():
    return [
        Scenario("write", RUN),
        Scenario("map", RUN.replace("six", "map")),
        Scenario("extend", RUN.replace("-q", "seed=0..1 -q"), [runs(RUN)]),
        Scenario("pack", "pack a.h5 --no-provenance", [kill_in_the_middle]),
        Scenario("merge", "merge a.h5 a.1-of-2.h5 a.2-of-2.h5 --no-provenance",
                 [runs(RUN.replace("a.h5", f"a.{i}-of-2.h5 --shard {i}/2")) for i in (1, 2)]),
    ]


class Trials:
    """Tries points on several processors and keeps the counts."""

    def __init__(self, tools, folder, jobs):
        self.tools, self.folder, self.jobs = tools, folder, jobs
        self.wrong, self.counts, self.codes = [], collections.Counter(), collections.Counter()
        self.lock = threading.Lock()

    def one(self, scenario, what, work):
        place = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        shutil.copytree(scenario.start, place, dirs_exist_ok=True)
        try:
            code = work(place)
            with self.lock:
                self.codes[code] += 1
        except (Wrong, subprocess.TimeoutExpired) as error:
            with self.lock:
                self.wrong.append(f"{scenario.name}, {what}: {error}")
                if len(self.wrong) <= 20:
                    print(f"WRONG {self.wrong[-1]}"[:600], flush=True)
        with self.lock:
            self.counts[scenario.name] += 1
        shutil.rmtree(place)

    def all(self, points):
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            for future in [pool.submit(self.one, *point) for point in points]:
                future.result()

    def report(self, what):
        parts = ", ".join(f"{count} in {name}" for name, count in self.counts.items())
        codes = ", ".join(f"{count} x {code}" for code, count in sorted(self.codes.items()))
        print(f"{what}: {sum(self.counts.values())} points ({parts}); exit codes {codes}; {len(self.wrong)} wrong")
        return 1 if self.wrong else 0


def finish(tools, scenario, place, bytes_count=True):
    """The same command again, and nothing is different from a sweep in peace: bytes, or at least values."""
    retry = " --retry failed" if scenario.complete.startswith("run") else ""  # a run may have been out of memory
    good(tools, place, scenario.complete + retry)
    if (place / "a.h5").read_bytes() != scenario.reference:
        if bytes_count:
            raise Wrong("the finished file differs from one made in peace")
        (place / "peace.h5").write_bytes(scenario.reference)
        good(tools, place, "diff a.h5 peace.h5")
    left = [f.name for f in place.iterdir() if ".journal" in f.name]
    if left:
        raise Wrong(f"left behind: {left}")


def committed_before(scenario, place, at):
    """How many runs are committed before call `at`: those there at the start, and a record for every write into the journal
    but the first, which is its beginning. By the disturbed command's own list of calls: a sync that falls due in the
    middle shifts their numbers."""
    log = [line.split(" ", 3) for line in (place / "own.log").read_text().splitlines() if not line.startswith("total")]
    writes = [line for line in log if line[1].startswith(("write", "pwrite")) and line[3].endswith("a.h5.journal")]
    new = sum(int(line[0]) < at for line in writes)
    return scenario.before + max(0, new - 1) if scenario.name in ("write", "map", "extend") else scenario.before


def crash_points(trials, every, chance):
    tools = trials.tools
    for scenario in scenarios():
        scenario.prepare(tools, trials.folder)
        log, total = scenario.log(tools, trials.folder, "write,sync,rename,open")
        for how in ("crash", "torn"):
            for at in range(1 + chance.randrange(every), total + 1, every):
                if how == "torn" and log[at - 1][1] != "write":
                    continue

                def work(place, scenario=scenario, at=at, how=how):
                    outcome = call(tools, place, scenario.command, calls="write,sync,rename,open", at=at, how=how,
                                   log="own.log")
                    if outcome.code != -9:
                        raise Wrong(f"it was not killed: {outcome}")
                    check_file(tools, place, committed_before(scenario, place, at))
                    finish(tools, scenario, place)
                    return outcome.code
                yield scenario, f"{how} at call {at} ({' '.join(log[at - 1][1:])})", work


def check_said(outcome, allowed):
    if outcome.code not in allowed:
        raise Wrong(f"exit code {outcome.code}: {outcome.err[:500]}")
    if "Sanitizer" in outcome.err or "runtime error" in outcome.err:
        raise Wrong(f"a sanitizer speaks: {outcome.err[:1500]}")
    if outcome.code != 0 and "error" not in outcome.err:
        raise Wrong(f"exit code {outcome.code} and no message: {outcome.err[:500]}")


def fault_points(trials, every, chance):
    tools = trials.tools
    for scenario in scenarios():
        scenario.prepare(tools, trials.folder)
        log, total = scenario.log(tools, trials.folder, "write,sync,rename,open,reading")
        for number in (errno.EIO, errno.ENOSPC):
            for at in range(1 + chance.randrange(every), total + 1, every):
                def work(place, scenario=scenario, at=at, number=number):
                    outcome = call(tools, place, scenario.command, calls="write,sync,rename,open,reading", at=at,
                                   how=number, log="own.log")
                    check_said(outcome, (0, 2, 74))
                    check_file(tools, place, committed_before(scenario, place, at))
                    finish(tools, scenario, place)
                    return outcome.code
                yield scenario, f"errno {number} at call {at} ({' '.join(log[at - 1][1:])})", work


def memory_points(trials, every, chance):
    tools = trials.tools
    for scenario in scenarios():
        scenario.prepare(tools, trials.folder)
        _, total = scenario.log(tools, trials.folder, "memory")
        for at in range(1 + chance.randrange(every), total + 1, every):
            def work(place, scenario=scenario, at=at):
                outcome = call(tools, place, scenario.command, calls="memory", at=at, how=errno.ENOMEM)
                check_said(outcome, (0, 2, 74))
                check_file(tools, place, scenario.before)
                # HDF5 places its parts elsewhere in the file when it does not get some memory, and goes on.
                finish(tools, scenario, place, bytes_count=False)
                return outcome.code
            yield scenario, f"allocation {at} of {total}", work


# ---- kill -9 at random moments ----

def journal_runs(path):
    """The identities of the whole records of a journal, read as any program might."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return set()
    found, at = set(), 16
    while at + 12 <= len(data):
        kind, length = data[at:at + 4], struct.unpack_from("<I", data, at + 4)[0]
        if at + 12 + length > len(data):
            break
        if kind == b"GPR1":
            high, low = struct.unpack_from("<QQ", data, at + 8)
            found.add(f"{high:016x}{low:016x}")
        at += 12 + length
    return found


def kills(tools, folder, count, seed, config):
    """One sweep after the other, each killed again and again until it is through. The moments are spread over the time that
    a sweep takes in peace, so that they fall into reading, computing and packing."""
    chance = random.Random(seed)
    place = folder / f"kills-{seed}"
    place.mkdir()
    (place / "many.yaml").write_text(config)
    line = "run many.yaml -q -j2 --no-provenance -o a.h5"
    start = time.monotonic()
    good(tools, place, line)
    whole = time.monotonic() - start
    reference = (place / "a.h5").read_bytes()
    (place / "a.h5").unlink()
    done = sweeps = kept = 0
    while done < count:
        child = subprocess.Popen([tools.gradpath, *line.split()], cwd=place, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0, whole if chance.random() < 0.7 else 0.1 * whole))
        committed = journal_runs(place / "a.h5.journal")
        child.kill()
        killed = child.wait() == -9
        done += killed
        check_file(tools, place, committed)
        kept += len(committed)
        if not killed:
            good(tools, place, line)
            if (place / "a.h5").read_bytes() != reference:
                raise Wrong("the finished file differs from one made in peace")
            sweeps += 1
            (place / "a.h5").unlink()
    good(tools, place, line)
    if (place / "a.h5").read_bytes() != reference:
        raise Wrong("the finished file differs from one made in peace")
    return done, sweeps + 1, kept


def all_kills(tools, folder, count, seed, jobs):
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        share = -(-count // jobs)
        configs = (LONGER, LONGER_MAP)  # a plain sweep, and a map in rounds
        results = list(pool.map(lambda j: kills(tools, folder, share, seed + j, configs[j % 2]), range(jobs)))
    done, sweeps, kept = (sum(r[i] for r in results) for i in range(3))
    print(f"kills: {done} kill -9 in {sweeps} sweeps; {kept} runs seen committed before a kill, 0 lost; "
          "every finished file is the one made in peace")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gradpath")
    parser.add_argument("shim")
    parser.add_argument("what", choices=["kills", "crash", "faults", "memory"])
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    tools = parser.parse_args()
    tools.gradpath, tools.shim = os.path.abspath(tools.gradpath), tools.shim and os.path.abspath(tools.shim)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gradpath-crash-"))
    try:
        if tools.what == "kills":
            return all_kills(tools, folder, tools.count, tools.seed, tools.jobs)
        trials = Trials(tools, folder, tools.jobs)
        points = {"crash": crash_points, "faults": fault_points, "memory": memory_points}[tools.what]
        trials.all(points(trials, tools.every, random.Random(tools.seed)))
        return trials.report({"crash": "a stop at every call", "faults": "an error at every call",
                              "memory": "a failing allocation"}[tools.what])
    except Wrong as wrong:
        print(f"WRONG {wrong}")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
