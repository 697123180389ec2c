#!/usr/bin/python3
"""What `gradpath report` says, computed a second time from the file with h5py and numpy; its page as XML; its LaTeX compiled where
pdflatex is installed. Usage: check_report.py --program PATH"""

import argparse
import math
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

import h5py
import numpy as np

CONFIG = """
study: report-check
question: What does the <report> say of 100 % & more?
data: {name: spirals, samples: 128, test: 32}
model: {activation: [tanh, sigmoid, relu], depth: [2, 6, 14], width: 16}
train: {learning_rate: [0.01, 0.3, 30], batch: 32, steps: 300}
seed: 0..2
record: {checkpoints: {log: 10}}
"""
SHOWN = {"tanh": "tanh", "sigmoid": "sigmoid", "relu": "ReLU"}


class Results:
    """The columns of a result file."""

    def __init__(self, path):
        with h5py.File(path) as file:
            self.runs = file["run"].size
            self.activation = ["".join(c.decode() for c in row).strip("\0 ") for row in file["activation"][()]]
            for name in ("depth", "learning_rate", "seed", "gradient_span", "gradient_factor", "final_loss",
                         "predicted_gradient_span_typical", "predicted_gradient_factor_typical", "predicted_gradient_factor_sd"):
                setattr(self, name, file[name][()])
            words = file["verdict"].attrs["flag_meanings"]
            self.words = (words.decode() if isinstance(words, bytes) else str(words)).split()
            self.verdict = np.array([self.words[v] for v in file["verdict"][()]])
        self.healthy = self.verdict == "healthy"

    def of(self, **settings):
        """The runs with these settings, as a mask."""
        mask = np.ones(self.runs, bool)
        for name, value in settings.items():
            mask &= np.array([v == value for v in getattr(self, name)])
        return mask


def number(value):
    """A level as the report spells it, good for the numbers of CONFIG."""
    return f"{value:g}"


def findings(r):
    """The sentences, in order."""
    others = [f"{np.sum(r.verdict == w)} {w}" for w in r.words if w != "healthy" and np.any(r.verdict == w)]
    yield f"{r.healthy.sum()} of {r.runs} runs trained; the others: {', '.join(others)}."
    activations, depths = list(dict.fromkeys(r.activation)), sorted(set(r.depth))
    for a in activations:
        mask = r.of(activation=a, depth=depths[-1])
        span, predicted = np.nanmedian(r.gradient_span[mask]), np.nanmedian(r.predicted_gradient_span_typical[mask])
        yield (f"{SHOWN[a]}, depth {depths[-1]}: the gradient at layer 1 is {10 ** span:.2g} of layer {depths[-1]}'s; "
               f"theory {10 ** predicted:.2g}; {r.healthy[mask].sum()} of {mask.sum()} runs trained.")
    for a in activations:
        mask = r.of(activation=a)
        trained = [d for d in depths if r.healthy[r.of(activation=a, depth=d)].any()]
        if not trained:
            yield f"{SHOWN[a]}: none of {mask.sum()} runs trained at any depth."
        elif trained[-1] == depths[-1]:
            yield f"{SHOWN[a]}: at the largest depth, {depths[-1]}, some runs still trained."
        else:
            deeper = [d for d in depths if d > trained[-1]]
            yield (f"{SHOWN[a]}: depth {trained[-1]} is the largest at which a run trained; of the "
                   f"{(mask & (r.depth > trained[-1])).sum()} runs at depth {deeper[0]} and more none did.")
    rates = sorted(set(r.learning_rate))
    counts = [int(r.healthy[r.of(learning_rate=x)].sum()) for x in rates]
    each = r.of(learning_rate=rates[0]).sum()
    best, worst = int(np.argmax(counts)), int(np.argmin(counts))
    yield (f"Learning rate: most runs trained at {number(rates[best])} ({counts[best]} of {each}), fewest at "
           f"{number(rates[worst])} ({counts[worst]} of {each}).")
    settings = [r.healthy[r.of(activation=a, depth=d, learning_rate=x)] for a in activations for d in depths for x in rates]
    yield (f"In {sum(0 < s.sum() < s.size for s in settings)} of {len(settings)} settings the seed alone decided whether a run "
           "trained.")
    low = int(np.nanargmin(r.final_loss))
    yield (f"The lowest final loss, {r.final_loss[low]:.3g}, is that of run {low}: {SHOWN[r.activation[low]]}, depth "
           f"{r.depth[low]}, learning rate {number(r.learning_rate[low])}, seed {r.seed[low]}.")
    residuals = [abs(t[3]) for t in theory(r) if t[3] is not None]
    yield ("Theory: the factor by which the gradient changes per layer lies within three standard errors of the prediction for "
           f"{sum(x <= 3 for x in residuals)} of {len(residuals)} networks; the largest residual is {max(residuals):.2f}.")


def theory(r):
    """Per network: networks, factor, prediction, residual, first to last, its prediction; None for what is not defined."""
    first = r.learning_rate == r.learning_rate[0]
    for a in dict.fromkeys(r.activation):
        for d in sorted(set(r.depth)):
            mask = r.of(activation=a, depth=d)
            logs = np.log(r.gradient_factor[mask & first])
            logs = logs[np.isfinite(logs)]
            predicted = r.predicted_gradient_factor_typical[mask][0]
            if not logs.size and math.isnan(predicted):
                continue
            residual = (logs.mean() - math.log(predicted)) / (r.predicted_gradient_factor_sd[mask][0] / math.sqrt(logs.size))
            yield (logs.size, math.exp(logs.mean()), predicted, residual, 10 ** np.nanmedian(r.gradient_span[mask]),
                   10 ** np.nanmedian(r.predicted_gradient_span_typical[mask]), f"{SHOWN[a]}, depth {d}")


def plain(markdown):
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown)


def tables(markdown):
    """The tables of a Markdown text by the first two heads, as lists of rows."""
    found = {}
    for block in re.findall(r"(?:^\|.*\|\n)+", markdown, re.M):
        rows = [[plain(c.strip()) for c in re.split(r"(?<!\\)\|", line.strip("|\n"))] for line in block.splitlines()]
        found[tuple(rows[0][:2])] = [rows[0]] + rows[2:]
    return found


def check_findings(r, markdown):
    said = [plain(line[2:]) for line in markdown.splitlines() if line.startswith("- ")]
    expected = list(findings(r))
    assert said == expected, "\n".join(["findings differ:"] + [f"  said {s}\n  not  {e}" for s, e in zip(said, expected) if s != e])
    return len(said)


def check_verdicts(r, found):
    cells = 0
    heads, *rows = found[("activation", "depth (hidden layers)")]
    keys = [(a, d) for a in dict.fromkeys(r.activation) for d in sorted(set(r.depth))]
    assert [(row[0], row[1]) for row in rows] == [(SHOWN[a], str(d)) for a, d in keys], rows
    groups = [(heads, row, r.of(activation=a, depth=d)) for row, (a, d) in zip(rows, keys)]
    first = next(w for w in r.words if np.any(r.verdict == w))
    heads, *rows = found[("learning rate", first)]
    groups += [(heads, row, r.of(learning_rate=x)) for row, x in zip(rows, sorted(set(r.learning_rate)), strict=True)]
    for heads, row, mask in groups:
        for head, cell in zip(heads, row):
            if head in r.words:
                assert int(cell) == (r.verdict[mask] == head).sum(), (row, head)
                cells += 1
        assert int(row[-1]) == mask.sum()
    assert {h for h in heads if h in r.words} == set(r.verdict)
    return cells


def check_theory(r, found):
    expected = list(theory(r))
    rows = found[("network", "networks")][1:]
    assert len(rows) == len(expected), (rows, expected)
    for row, e in zip(rows, expected):
        assert row[0] == e[6] and int(row[1]) == e[0], (row, e)
        for cell, value, unit in zip(row[2:5], e[1:4], (5e-5, 5e-5, 5e-3)):
            assert abs(float(cell) - value) <= unit * 1.001, (row, e)
        for cell, value in zip(row[5:7], e[4:6]):
            assert cell == f"{value:.2g}", (row, e)
    return len(rows)


def check_setup(r, found, path):
    rows = {row[0]: row for row in found[("setting", "values")][1:]}
    assert rows["learning rate"][1] == ", ".join(number(x) for x in sorted(set(r.learning_rate)))
    assert rows["depth (hidden layers)"][1:] == ["2, 6, 14", "swept"] and rows["seed"][1:] == ["0, 1, 2", "replicates"]
    held = rows["everything else"][1].split("; ")
    assert "width 16" in held and "batch 32" in held and "data spirals" in held, held
    origin = {row[0]: row[1] for row in found[("what", "value")][1:]}
    assert int(origin["size"].split()[0]) == path.stat().st_size
    if shutil.which("xxhsum"):
        said = subprocess.run(["xxhsum", "-H2", str(path)], capture_output=True, text=True, check=True).stdout.split()[0]
        assert origin["XXH3-128 of the file (xxhsum -H2)"] == said


def check_page(path):
    """Well-formed, everything inside, every reference resolved, as many pictures as figures."""
    text = path.read_text(encoding="utf-8")
    root = ElementTree.fromstring(text.replace("<!DOCTYPE html>\n", ""))
    names, references = [], []
    for element in root.iter():
        assert not element.tag.endswith(("script", "link", "iframe", "img", "object", "foreignObject")), element.tag
        for name, value in element.attrib.items():
            assert not name.startswith("on"), (element.tag, name)
            if name == "id":
                names.append(value)
            if name.endswith(("href", "src")):
                assert value.startswith("#"), value
                references.append(value[1:])
            references += re.findall(r"url\(#([^)]*)\)", value)
            assert "url(" not in re.sub(r"url\(#", "", value), value
    style = root.find("head/style").text
    assert "url(" not in style and "@import" not in style
    assert len(set(names)) == len(names), "an identifier is there twice"
    assert set(references) <= set(names), set(references) - set(names)
    figures = root.findall(".//figure")
    pictures = root.findall(".//figure//{http://www.w3.org/2000/svg}svg")
    assert len(figures) == len(pictures) >= 4 and all(p.get("aria-label") for p in pictures)
    assert root.find(".//h1").text == "report-check"
    assert any(p.text == "What does the <report> say of 100 % & more?" for p in root.iter("p"))
    return len(figures)


HOSTILE = {"relu": b"</text><script>", "tanh": b"$x_1^2$ \\end{d}", "sigmoid": b"a'&\"`%#\xff{}"}


def damage(path):
    """The file with words in it that mean something to a format."""
    with h5py.File(path, "r+") as file:
        names = file["activation"]
        words = [HOSTILE[b"".join(row).decode().strip("\0 ")][:names.shape[1]] for row in names[()]]
        cells = np.frombuffer(b"".join(w.ljust(names.shape[1], b"\0") for w in words), "S1").reshape(names.shape)
        names.id.write(h5py.h5s.ALL, h5py.h5s.ALL, cells, names.id.get_type())  # in the file's own kind of string
        for name, text in (("title", "x</title><script>alert(1)</script>\x1b[31m \u202e | `"),
                           ("question", "\\input{/etc/passwd} %\n\n# heading\n```\n<img src=x onerror=alert(1)>")):
            file.attrs[name] = np.bytes_(text.encode())


def check_hostile(program, folder):
    """Nothing of it is taken for markup: the page has no new elements, LaTeX still compiles."""
    shutil.copy(folder / "check.h5", folder / "hostile.h5")
    damage(folder / "hostile.h5")
    subprocess.run([program, "report", "hostile.h5", "-o", "bad"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    page = (folder / "bad/report.html").read_text(encoding="utf-8")
    root = ElementTree.fromstring(page.replace("<!DOCTYPE html>\n", ""))
    assert {e.tag for e in root.iter()} & {"script", "img", "title"} == {"title"}
    assert root.find("head/title").text.startswith("x</title><script>alert(1)</script>")
    assert "&lt;/text" in page  # the word of an activation
    markdown = (folder / "bad/report.md").read_text(encoding="utf-8")
    assert "# heading" not in markdown.splitlines() and "<img" not in re.sub(r"\\<", "", markdown)
    check_latex(folder / "bad")


def check_latex(folder):
    if not shutil.which("pdflatex"):
        return "pdflatex is not installed: LaTeX was not compiled"
    for _ in range(2):
        done = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "report.tex"], cwd=folder,
                              capture_output=True, text=True, errors="replace", check=False)
        assert done.returncode == 0, done.stdout[-2000:]
    wide = [float(points) for points in re.findall(r"Overfull \\hbox \(([\d.]+)pt", done.stdout)]
    assert max(wide, default=0) < 12, f"a line is {max(wide)} pt too wide"
    assert "Missing character" not in done.stdout
    return "LaTeX compiled"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    program = parser.parse_args().program
    if not shutil.which("gnuplot"):
        print("gnuplot is not installed: skipped")
        return 77
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        (folder / "check.yaml").write_text(CONFIG)
        subprocess.run([program, "run", "check.yaml", "--quiet", "-o", "check.h5"], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL)
        subprocess.run([program, "report", "check.h5", "-o", "out"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        results, markdown = Results(folder / "check.h5"), (folder / "out/report.md").read_text(encoding="utf-8")
        found = tables(markdown)
        sentences, cells, networks = (check_findings(results, markdown), check_verdicts(results, found),
                                      check_theory(results, found))
        check_setup(results, found, folder / "check.h5")
        figures = check_page(folder / "out/report.html")
        check_hostile(program, folder)
        print(f"{sentences} findings, {cells} counts, {networks} networks against theory, {figures} figures agree; "
              f"{check_latex(folder / 'out')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
