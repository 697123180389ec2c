"""Checks what people see: the program under a pseudo-terminal of 80 and of 200 columns, resized, without colour, on a dumb
terminal and into a pipe. The terminal is pyte's, an emulator that knows nothing of gradpath.

usage: check_terminal.py GRADPATH; exit 77 where pyte is not installed.
"""
import fcntl
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

try:
    import pyte
except ImportError:
    print("skipped: python3-pyte is not installed")
    sys.exit(77)

PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())
QUICK = """study: quick
question: Does the terminal stay clean?
data: {name: spirals, samples: 64, test: 16}
model: {depth: [1, 3], width: 8, activation: [sigmoid, tanh, relu]}
train: {loss: cross_entropy, learning_rate: [0.01, 0.1, 1], batch: 16, steps: 300}
seed: 0..4
"""
SLOW = QUICK.replace("quick", "slow").replace("steps: 300", "steps: 20000").replace("[1, 3]", "[2, 4, 8]").replace("0..4", "0..399")
WIDTHS = (80, 200)
SGR = re.compile(rb"\x1b\[[0-9;]*m")
ALTERNATE_ON, ALTERNATE_OFF, CURSOR_ON = b"\x1b[?1049h", b"\x1b[?1049l", b"\x1b[?25h"


def fail(what, *details):
    print("FAILED:", what)
    for detail in details:
        print(detail)
    sys.exit(1)


def check(holds, what, *details):
    if not holds:
        fail(what, *details)


def environment(**changes):
    env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS", "LINES")}
    env.update({"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "HOME": str(FOLDER)})
    env.update(changes)
    return env


class Terminal:
    """A program on a terminal of its own, and what its screen shows."""

    def __init__(self, *arguments, columns=80, rows=24, **changes):
        self.raw = b""
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        master, slave = pty.openpty()
        self.master, self.slave = master, slave
        self.size(columns, rows)
        self.before = termios.tcgetattr(slave)
        self.process = subprocess.Popen([PROGRAM, *arguments], stdin=slave, stdout=slave, stderr=slave, cwd=FOLDER,
                                        env=environment(**changes), start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))

    def size(self, columns, rows):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns, rows):
        """The kernel tells the foreground programs; the emulator has to be told by us."""
        self.read(0.2)
        self.screen.resize(rows, columns)
        self.screen.reset()
        self.raw = b""
        self.size(columns, rows)

    def read(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            ready, _, _ = select.select([self.master], [], [], 0.05)
            if ready:
                data = os.read(self.master, 65536)
                self.raw += data
                self.stream.feed(data)
            elif self.process.poll() is not None:
                return

    def wait_for(self, holds, what, seconds=30):
        until = time.monotonic() + seconds
        while not holds(self):
            check(time.monotonic() < until, f"{what} within {seconds} s", self.text())
            check(self.process.poll() is None or holds(self), f"{what}: the program ended", self.text())
            self.read(0.1)

    def type(self, keys):
        os.write(self.master, keys)

    def end(self, seconds=60):
        """Reads to the end; returns the exit code."""
        until = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < until:
            self.read(0.1)
        self.read(0.3)
        check(self.process.poll() is not None, "the program did not end", self.text())
        after = termios.tcgetattr(self.slave)
        check(after == self.before, "the terminal's settings are not what they were")
        os.close(self.master)
        os.close(self.slave)
        return self.process.returncode

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()


def piped(*arguments, code=0, **changes):
    r = subprocess.run([PROGRAM, *arguments], cwd=FOLDER, env=environment(**changes), capture_output=True, timeout=300)
    check(r.returncode == code, f"{arguments}: exit {r.returncode}, not {code}", r.stderr.decode())
    for stream in (r.stdout, r.stderr):
        control = re.findall(rb"[\x00-\x08\x0b-\x1f\x7f]", stream)
        check(not control, f"{arguments}: control codes in a pipe: {control[:5]}", stream.decode())
    return r.stdout.decode()


def widest(text):
    return max((len(line) for line in text.splitlines()), default=0)


# ---- commands that print and end ----

def check_pages():
    """Long lines are cut or broken by the program, not by the terminal; the same text goes into a pipe without codes."""
    commands = re.findall(r"^  ([a-z]+)  ", piped("--help").split("Commands:")[1].split("Every command:")[0], re.M)
    topics = re.findall(r"^  ([a-z-]+)  ", piped("help").split("TOPIC):")[1], re.M)
    check(len(commands) > 15 and len(topics) > 5, "no commands or topics", commands, topics)
    for word in commands:
        check(re.search(r"^Examples?:$", piped(word, "--help"), re.M), f"{word} --help has no example")
    pages = [("help", word) for word in commands + topics]
    pages += [("show", "quick.h5"), ("list",), ("list", "activation"), ("list", "probes"), ("plan", "quick.yaml"), ("--help",),
              ("help",), ("explain", "quick.yaml", "depth=1", "width=2", "learning_rate=1", "seed=0", "activation=tanh", "batch=2")]
    for arguments in pages:
        piped(*arguments)
        for columns in WIDTHS:
            t = Terminal(*arguments, columns=columns, rows=2000)
            check(t.end() == 0, f"{arguments} at {columns}", t.text())
            shown = SGR.sub(b"", t.raw).decode().replace("\r\n", "\n")
            check("\x1b" not in shown, f"{arguments}: codes that are not colours")
            check(widest(shown) <= columns, f"{arguments} at {columns}: {widest(shown)} columns", max(shown.splitlines(), key=len))
            plain = Terminal(*arguments, columns=columns, rows=2000, NO_COLOR="1")
            plain.end()
            check(b"\x1b" not in plain.raw, f"{arguments}: codes under NO_COLOR")


# ---- the bar of a sweep ----

def check_run():
    for columns in WIDTHS:
        t = Terminal("run", "quick.yaml", "-j1", "-o", f"bar{columns}.h5", columns=columns)
        bars = 0
        while t.process.poll() is None:
            t.read(0.05)
            lines = [line for line in t.screen.display if re.match(r"\[[#.]{20}\] \d+/90 runs", line)]
            check(len(lines) <= 1, f"run at {columns}: the bar stands in {len(lines)} lines", t.text())
            bars += len(lines)
        check(t.end() == 0, "run", t.text())
        check(bars > 0, "run drew no bar")
        check("[#" not in t.text() and "90 runs of quick" in t.text(), f"run at {columns}: what is left", t.text())
        check(not re.search(rb"\x1b\[(?!K|[0-9;]*m)", t.raw), "run: other codes than colours and wiping")
    dumb = Terminal("run", "quick.yaml", "-j1", "-o", "dumb.h5", TERM="dumb")
    check(dumb.end() == 0 and b"\x1b" not in dumb.raw and b"\r " not in dumb.raw, "run on a dumb terminal", dumb.raw)
    piped("run", "quick.yaml", "-j1", "-o", "piped.h5")


# ---- watch ----

class Sweep:
    """A sweep in the background, longer than anything here."""

    def __enter__(self):
        for old in FOLDER.glob("slow.h5*"):
            old.unlink()
        self.process = subprocess.Popen([PROGRAM, "run", "slow.yaml", "-j1", "-o", "slow.h5", "--quiet"], cwd=FOLDER,
                                        env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while not self.runs():
            check(time.monotonic() < until and self.process.poll() is None, "the sweep did not begin")
            time.sleep(0.1)
        return self

    def runs(self):
        r = subprocess.run([PROGRAM, "show", "slow.h5", "--csv"], cwd=FOLDER, env=environment(), capture_output=True)
        return r.returncode == 0 and r.stdout.count(b"\n") > 3

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=60)


def shows_sweep(t):
    text = t.text()
    return re.search(r"\d+/10800 runs", text) and "running" in text and "delta_rms" in text


def check_left(t, code, wanted, what):
    check(code == wanted, f"watch, {what}: exit {code}, not {wanted}", t.text())
    check(ALTERNATE_ON in t.raw or t.resized, f"watch, {what}: no alternate screen")
    check(t.raw.rindex(ALTERNATE_OFF) >= 0 and t.raw.rindex(CURSOR_ON) >= 0, f"watch, {what}: the screen was not given back")
    check(b"\x1b[?25l" not in t.raw[t.raw.rindex(CURSOR_ON):], f"watch, {what}: the cursor is hidden")


def start_watch(columns=80, rows=40, **changes):
    t = Terminal("watch", "slow.h5", columns=columns, rows=rows, **changes)
    t.resized = False
    t.wait_for(shows_sweep, "watch shows the sweep")
    return t


def check_fits(t, columns):
    """No line was longer than the terminal: none of what was sent between two wipes goes beyond its width."""
    for line in re.split(rb"\x1b\[K(?:\r\n)?", t.raw):
        shown = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", line).decode(errors="replace")
        check(len(shown) <= columns, f"watch at {columns}: a line of {len(shown)}", shown)


def check_watch_ends(sweep):
    for columns in WIDTHS:
        t = start_watch(columns)
        for word in ("slow", "Does the terminal stay clean?", "delta_rms at the start", "sigmoid", "tanh", "relu", "q quits"):
            check(word in t.text(), f"watch at {columns}: no '{word}'", t.text())
        check(any(block in t.text() for block in "▁▂▃▄▅▆▇█"), "watch: no bars", t.text())
        check(any(block in t.text() for block in "░▒▓█"), "watch: no map", t.text())
        check_fits(t, columns)
        t.type(b"x")
        t.read(0.3)
        check(t.process.poll() is None, "watch: a key that means nothing ended it")
        t.type(b"q")
        check_left(t, t.end(), 0, "q")
        check("running" in t.text(), "watch: the last page stays on the screen", t.text())
    t = start_watch()
    t.type(b"\x03")
    check_left(t, t.end(), 130, "Ctrl-C")
    t = start_watch()
    t.process.send_signal(signal.SIGTERM)
    check_left(t, t.end(), 75, "SIGTERM")
    check(sweep.process.poll() is None, "watching ended the sweep")


def check_watch_resizes():
    t = start_watch(200)
    t.resized = True
    for columns, rows in ((80, 24), (40, 10), (120, 50)):
        t.resize(columns, rows)
        t.wait_for(lambda t: re.search(r"\d+/10800 runs", t.text()) and "q quits" in t.text(), f"watch at {columns} x {rows}", 10)
        check_fits(t, columns)
        check("slow" in t.screen.display[0], f"watch at {columns} x {rows}: the first line has scrolled away", t.text())
    t.type(b"q")
    check_left(t, t.end(), 0, "resized")


def check_watch_stops():
    """Ctrl-Z gives the terminal back, going on takes it again."""
    t = start_watch()
    os.kill(t.process.pid, signal.SIGTSTP)
    until = time.monotonic() + 10
    while pathlib.Path(f"/proc/{t.process.pid}/stat").read_text().split(") ")[1][0] != "T":
        check(time.monotonic() < until, "watch does not stop")
        t.read(0.1)
    t.read(0.2)
    check(t.raw.endswith(ALTERNATE_OFF) and termios.tcgetattr(t.slave) == t.before, "watch stopped with the terminal in its hands")
    os.kill(t.process.pid, signal.SIGCONT)
    mark = len(t.raw)
    t.wait_for(lambda t: ALTERNATE_ON in t.raw[mark:] and b"runs" in t.raw[mark:], "watch goes on")
    t.type(b"q")
    check_left(t, t.end(), 0, "q after a stop")


def check_watch_plain():
    for changes in ({"NO_COLOR": "1"}, {}):
        arguments = [] if changes else ["--color", "never"]
        t = Terminal("watch", "slow.h5", *arguments, rows=40, **changes)
        t.resized = False
        t.wait_for(shows_sweep, "watch without colour")
        t.type(b"q")
        check(t.end() == 0 and not SGR.search(t.raw), "watch without colour: colours")
    t = Terminal("watch", "slow.h5", rows=40, LC_ALL="C")
    t.wait_for(lambda t: "10800 runs" in t.text(), "watch without UTF-8")
    t.type(b"q")
    check(t.end() == 0 and max(t.raw) < 128, "watch without UTF-8: characters beyond ASCII")
    t = Terminal("watch", "slow.h5", "--interval", "1", rows=200, TERM="dumb")
    t.wait_for(lambda t: t.text().count("10800 runs") >= 2, "watch on a dumb terminal: two pages")
    t.process.send_signal(signal.SIGINT)
    check(t.end() == 130 and b"\x1b" not in t.raw, "watch on a dumb terminal", t.raw)
    check("running" in piped("watch", "slow.h5", "--once"), "watch --once")
    process = subprocess.Popen([PROGRAM, "watch", "slow.h5", "--interval", "1"], cwd=FOLDER, env=environment(),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(3.5)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    check(process.returncode == 75 and out.count(b"/10800 runs") >= 2 and b"\x1b" not in out + err, "watch into a pipe", out, err)
    check(widest(out.decode()) <= 80, "watch into a pipe: wide lines")


def check_running_file():
    """What reads a finished file reads a running one."""
    check("depth" in piped("show", "slow.h5"), "show on a running sweep")
    if shutil.which("gnuplot"):
        piped("plot", "slow.h5", "--chart", "gradient-by-layer", "--format", "svg", "-o", "charts")
        check(list(FOLDER.glob("charts/*.svg")), "plot on a running sweep drew nothing")


def check_watch_to_the_end():
    """The sweep ends, and so does watching it: at once, with the last page."""
    sweep = subprocess.Popen([PROGRAM, "run", "slow.yaml", "steps=2000", "seed=0..4", "-j1", "-o", "end.h5", "--quiet"], cwd=FOLDER,
                             env=environment(), stdout=subprocess.DEVNULL)
    while not (FOLDER / "end.h5.journal").exists():
        time.sleep(0.05)
    t = Terminal("watch", "end.h5", rows=40)
    t.resized = False
    code = t.end(240)
    sweep.wait(timeout=60)
    check_left(t, code, 0, "the end of the sweep") if ALTERNATE_ON in t.raw else check(code == 0, "watch of a sweep that ended")
    check("135/135 runs" in t.text() and "finished" in t.text(), "watch: the last page", t.text())
    check("finished" in piped("watch", "end.h5"), "watch of a finished file")
    piped("watch", "nowhere.h5", code=2)


def main():
    (FOLDER / "quick.yaml").write_text(QUICK)
    (FOLDER / "slow.yaml").write_text(SLOW)
    check_run()
    shutil.copy(FOLDER / "piped.h5", FOLDER / "quick.h5")
    check_pages()
    with Sweep() as sweep:
        check_watch_ends(sweep)
        check_watch_resizes()
        check_watch_stops()
        check_watch_plain()
        check_running_file()
    check_watch_to_the_end()
    print("check_terminal: all checks passed")


FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="gradpath-terminal-"))
try:
    main()
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
