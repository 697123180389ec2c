"""Checks completion in real shells: an interactive bash and, where it is there, zsh under a pseudo-terminal, with the script
sourced as the user would and with the file where a package puts it. What is typed ends with Tab; the line that the shell
then shows is compared.

usage: check_completion.py GRADPATH; exit 77 where pyte is not installed.
"""
import fcntl
import os
import pathlib
import pty
import select
import shutil
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

PROGRAM = pathlib.Path(sys.argv[1]).resolve()
PROMPT = "ready>"
# What is typed before Tab, and what must stand in the line afterwards.
CASES = [("gradpath expl", "gradpath explain"),
         ("gradpath wat", "gradpath watch"),
         ("gradpath run smo", "gradpath run smoke"),
         ("gradpath run smoke activation=tanh_o", "gradpath run smoke activation=tanh_output_form"),
         ("gradpath run smoke model.activation=relu,soft", "gradpath run smoke model.activation=relu,soft"),
         ("gradpath run smoke learning_rate_f", "gradpath run smoke learning_rate_first="),
         ("gradpath run smoke --dry", "gradpath run smoke --dry-run"),
         ("gradpath list activ", "gradpath list activations"),
         ("gradpath help verd", "gradpath help verdicts"),
         ("gradpath completion ba", "gradpath completion bash")]


class Shell:
    def __init__(self, command, folder):
        self.count = 0
        self.screen = pyte.Screen(120, 50)
        self.stream = pyte.ByteStream(self.screen)
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 120, 0, 0))
        env = {"PATH": f"{PROGRAM.parent}:{os.environ['PATH']}", "TERM": "xterm", "LC_ALL": "C.UTF-8", "HOME": folder,
               "PS1": PROMPT + " ", "ZDOTDIR": folder}
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=env, cwd=folder,
                                        start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)

    def read(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            ready, _, _ = select.select([self.master], [], [], 0.05)
            if ready:
                self.stream.feed(os.read(self.master, 65536))

    def line(self):
        return self.screen.display[self.screen.cursor.y].rstrip()

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    def run(self, line):
        """A command line, up to the next prompt."""
        self.count += 1
        os.write(self.master, f"{line}; echo after-$(({self.count} + 1000))\n".encode())
        self.wait(lambda: f"after-{self.count + 1000}" in self.text() and self.line() == PROMPT, f"a prompt after '{line}'")

    def wait(self, holds, what, seconds=30):
        until = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > until:
                print(f"FAILED: {what} within {seconds} s\n{self.text()}")
                sys.exit(1)
            self.read(0.1)

    def complete(self, typed, wanted, where):
        os.write(self.master, typed.encode() + b"\t")
        self.wait(lambda: self.line().startswith(f"{PROMPT} {wanted}"), f"{where}: '{typed}<Tab>' gives '{wanted}'", 20)
        os.write(self.master, b"\x15")  # Ctrl-U: the line is empty again
        self.wait(lambda: self.line() == PROMPT, "an empty line")

    def close(self):
        os.close(self.master)
        self.process.kill()
        self.process.wait()


def check(command, prepare, where, cases):
    folder = tempfile.mkdtemp(prefix="gradpath-completion-")
    try:
        shell = Shell(command, folder)
        shell.wait(lambda: shell.line() == PROMPT, f"{where}: a prompt")
        for line in prepare(folder):
            shell.run(line)
        for typed, wanted in cases:
            shell.complete(typed, wanted, where)
        shell.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def in_fpath(folder):
    """As a package installs it: found by zsh when the command is completed for the first time."""
    site = pathlib.Path(folder, "site")
    site.mkdir()
    (site / "_gradpath").write_bytes(subprocess.run([PROGRAM, "completion", "zsh"], capture_output=True, check=True).stdout)
    return [f"fpath=({site} $fpath)", "autoload -U compinit; compinit -u -d dump"]


def main():
    bash = ["bash", "--norc", "--noprofile", "-i"]
    check(bash, lambda folder: ['eval "$(gradpath completion bash)"'], "bash", CASES)
    if shutil.which("zsh"):
        zsh = ["zsh", "-f", "-i"]
        check(zsh, lambda folder: ['eval "$(gradpath completion zsh)"'], "zsh", CASES)
        check(zsh, in_fpath, "zsh, installed", CASES)
    else:
        print("zsh is not installed: not checked")
    print("check_completion: all checks passed")


main()
