#!/usr/bin/python3
"""The scripts of scripts/slurm under a real Slurm. Usage: check_slurm.py GRADPATH SOURCE

Starts munged, slurmctld and slurmd by hand on the loopback interface, with everything they keep in a scratch folder; runs
an array job and the merge that depends on it, an array that is stopped by Slurm's SIGTERM and submitted again, and the MPI
job; compares every result with one computed without Slurm. Exit status 77, and a line that says why, where Slurm cannot
be started: not root, not installed, daemons that do not come up.
"""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

PROGRAMS = ["munged", "munge", "slurmctld", "slurmd", "sbatch", "sinfo", "scancel", "squeue"]
SWEEP = """study: six
data: {name: spirals, samples: 32, test: 8}
model: {depth: [1, 3], width: 4, activation: [tanh, relu, sigmoid]}
train: {learning_rate: 0.1, batch: 8, steps: 20}
seed: 0..3
record: {checkpoints: {log: 3}}
"""
LONG = SWEEP.replace("six", "long").replace("steps: 20", "steps: 30000")
CONF = """ClusterName=gradpath
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
JobAcctGatherType=jobacct_gather/none
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=1000 State=UNKNOWN
PartitionName=here Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


class Skip(Exception):
    pass


class Wrong(Exception):
    pass


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Cluster:
    """The three daemons, children of this process."""

    def __init__(self, folder):
        self.folder, self.children = folder, []
        self.env = dict(os.environ, SLURM_CONF=str(folder / "slurm.conf"))
        for name in list(self.env):
            if name.startswith("SLURM_") and name != "SLURM_CONF":
                del self.env[name]  # this test may itself run in a job

    def daemon(self, *command):
        log = open(self.folder / f"{command[0]}.log", "wb")
        self.children.append(subprocess.Popen(command, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def last_words(self):
        for name in ("munged", "slurmctld", "slurmd"):
            log = self.folder / f"{name}.log"
            lines = log.read_text(errors="replace").splitlines() if log.exists() else []
            errors = [line for line in lines if "error" in line.lower() or "fatal" in line.lower()]
            if errors:
                return f"{name} says: {errors[-1]}"
        return "no node came up"

    def munged(self):
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        names = [f"--{what}-file={self.folder}/munge.{what}" for what in ("key", "log", "pid", "seed")]
        self.daemon("munged", "--foreground", "--force", f"--socket={self.folder}/munge.socket", *names)
        self.wait(lambda: (self.folder / "munge.socket").exists(), 20)

    def wait(self, true, seconds):
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end or any(child.poll() is not None for child in self.children):
                raise Skip(self.last_words())
            time.sleep(0.2)

    def start(self):
        host = socket.gethostname().split(".")[0]
        (self.folder / "state").mkdir()
        (self.folder / "spool").mkdir()
        (self.folder / "slurm.conf").write_text(CONF.format(host=host, folder=self.folder, ports=free_ports(2)))
        self.munged()
        self.daemon("slurmctld", "-D")
        self.daemon("slurmd", "-D", "-N", host)
        self.wait(lambda: self.call("sinfo", "-h", "-o", "%T").stdout.strip() == "idle", 60)

    def call(self, *command, cwd=None, **env):
        return subprocess.run(command, env=dict(self.env, **env), cwd=cwd, capture_output=True, text=True, timeout=600)

    def stop(self):
        for child in reversed(self.children):
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


class Work:
    """A folder with two sweeps, and jobs submitted from it."""

    def __init__(self, cluster, gradpath, source):
        self.cluster, self.gradpath, self.scripts = cluster, gradpath, pathlib.Path(source, "scripts", "slurm")
        self.folder = cluster.folder / "work"
        self.folder.mkdir()
        (self.folder / "six.yaml").write_text(SWEEP)
        (self.folder / "long.yaml").write_text(LONG)
        self.program("run", "six.yaml", "-q", "-o", "alone.h5")

    def program(self, *arguments, codes=(0,)):
        done = self.cluster.call(self.gradpath, *arguments, cwd=self.folder)
        if done.returncode not in codes:
            raise Wrong(f"gradpath {' '.join(arguments)}: {done.returncode} {done.stderr}")
        return done

    def submit(self, script, *arguments, options=(), wait=True, good=True):
        """The job's number. The node is as small as the machine may be."""
        command = ["sbatch", "--parsable", *(["--wait"] if wait else []), "--mem-per-cpu=50", "--cpus-per-task=1", *options,
                   str(self.scripts / script), *arguments]
        done = self.cluster.call(*command, cwd=self.folder, GRADPATH=self.gradpath, OMPI_ALLOW_RUN_AS_ROOT="1",
                                 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
        if (done.returncode == 0) != good:
            logs = "\n".join(log.read_text(errors="replace") for log in self.folder.glob("gradpath-*.log"))
            raise Wrong(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}{logs}")
        return done.stdout.split(";")[0].strip()

    def done(self, name):
        """How many runs are finished, in the file or its journal."""
        shown = self.program("show", name, "--csv", "--columns", "status", codes=(0, 2, 74))
        return shown.stdout.count("done")

    def same(self, name):
        self.program("diff", name, "alone.h5")


def array_and_merge(work):
    job = work.submit("array.sbatch", "six.yaml", options=["--array=1-3"], wait=False)
    work.submit("merge.sbatch", "results/six.h5", options=[f"--dependency=afterok:{job}"])
    names = sorted(file.name for file in (work.folder / "results").iterdir())
    if names != ["six.1-of-3.h5", "six.2-of-3.h5", "six.3-of-3.h5", "six.h5"]:
        raise Wrong(f"the array left {names}")
    work.same("results/six.h5")
    return "an array of 3 tasks and its merge give the runs of one process"


def stopped_and_continued(work):
    """SIGTERM as --signal sends it before the time is over; then the same command with fewer steps to go."""
    job = work.submit("array.sbatch", "long.yaml", options=["--array=1-1"], wait=False)
    journal = work.folder / "results" / "long.1-of-1.h5.journal"
    end = time.monotonic() + 120
    while work.done("results/long.1-of-1.h5") == 0:
        if time.monotonic() > end:
            raise Wrong("the array did not begin")
        time.sleep(0.2)
    work.cluster.call("scancel", "--batch", "--signal=TERM", job)
    while work.cluster.call("squeue", "-h", "-j", job).stdout.strip():
        if time.monotonic() > end + 120:
            raise Wrong("the array did not end after SIGTERM")
        time.sleep(0.2)
    log = (work.folder / f"gradpath-{job}_1.log").read_text()
    if "continue" not in log:
        raise Wrong(f"the log does not say how to continue: {log}")
    kept = work.done("results/long.1-of-1.h5")
    work.submit("array.sbatch", "long.yaml", "--dry-run", options=["--array=1-1"])
    if kept == 0 or journal.exists():
        raise Wrong(f"{kept} runs kept, journal {'left' if journal.exists() else 'packed'}: {log}")
    return f"SIGTERM packs what is done ({kept} runs) and says how to go on"


def mpi(work):
    if shutil.which("mpirun") is None:
        return "no mpirun here: mpi.sbatch was not tried"
    work.submit("mpi.sbatch", "six.yaml", "-o", "mpi.h5", options=["--ntasks=2"])
    work.same("mpi.h5")
    return "two ranks give the runs of one process"


def main():
    gradpath, source = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gradpath-slurm-"))
    cluster = Cluster(folder)
    try:
        missing = [name for name in PROGRAMS if shutil.which(name) is None]
        if os.geteuid() != 0:
            raise Skip("slurmd must be started by root")
        if missing:
            raise Skip(f"not installed: {' '.join(missing)} (scripts/setup --tests --slurm)")
        cluster.start()
        work = Work(cluster, gradpath, source)
        for part in (array_and_merge, stopped_and_continued, mpi):
            print(f"slurm: {part(work)}", flush=True)
        return 0
    except Skip as why:
        print(f"slurm: SKIPPED, Slurm cannot be started here: {why}")
        return 77
    except Wrong as wrong:
        print(f"WRONG {wrong}")
        return 1
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
