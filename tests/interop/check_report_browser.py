#!/usr/bin/python3
"""The HTML report in a headless Chromium, at desktop and phone width, light and dark: nothing scrolls the page sideways, every chart
is drawn and inside its frame, the page asks nobody for anything. Skipped (exit 77) where there is no Chromium.
Usage: check_report_browser.py --program PATH [--keep FOLDER]"""

import argparse
import html
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

CONFIG = """
study: page
question: "A_very_long_word_without_any_place_to_break_it_%s and <b>markup</b>"
data: {name: spirals, samples: 64, test: 32}
model: {activation: [tanh, sigmoid, relu], depth: [2, 4, 6], width: 8}
train: {learning_rate: [0.01, 0.3], batch: 32, steps: 60}
seed: 0..1
record: {checkpoints: {log: 6}}
""" % ("x" * 120)
# A browser's window is not as narrow as a phone, a frame is: the page looks at itself and tells the page around it, where what it
# saw becomes an attribute that --dump-dom prints.
FRAME = """<!DOCTYPE html><body><script>
addEventListener("message", (e) => document.body.setAttribute("data-seen", e.data));
</script><iframe src="%s" width="%d" height="900" style="border:0"></iframe></body>"""
PROBE = """<script>
const root = document.documentElement, of = (s) => [...document.querySelectorAll(s)];
const box = (e) => { const b = e.getBoundingClientRect(); return [b.left, b.right, b.width, b.height]; };
parent.postMessage(JSON.stringify({
  inner: innerWidth, scroll: root.scrollWidth, ground: getComputedStyle(document.body).backgroundColor,
  ink: getComputedStyle(document.body).color,
  charts: of("figure svg").map((s) => [...box(s), s.querySelectorAll("path").length]),
  frames: of(".scroll").map(box), figures: of("figure").length,
  texts: of("p, li, h1, h2, figcaption").map(box),
  asked: performance.getEntriesByType("resource").map((r) => r.name)}), "*");
</script>"""
CHROMES = ("chromium", "chromium-browser", "google-chrome")


def browse(chrome, folder, page, width, height, *flags):
    done = subprocess.run([chrome, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                           "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND", "--hide-scrollbars",
                           f"--user-data-dir={folder}/profile", f"--window-size={width},{height}", *flags, f"file://{page}"],
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-1000:]
    return done.stdout


def look(chrome, folder, page, width, *flags):
    """What the probe saw."""
    frame = page.with_name("frame.html")
    frame.write_text(FRAME % (page.name, width))
    dom = browse(chrome, folder, frame, 1400, 1000, "--dump-dom", *flags)
    return json.loads(html.unescape(re.search(r'data-seen="([^"]*)"', dom).group(1)))


def brightness(color):
    return sum(int(c) for c in re.findall(r"\d+", color)[:3]) / 3


def check(seen, width, dark):
    assert seen["inner"] == width, seen["inner"]
    assert seen["scroll"] <= width, f"the page is {seen['scroll']} wide in a window of {width}"
    assert seen["figures"] == len(seen["charts"]) >= 4
    for left, right, wide, high, paths in seen["charts"]:
        assert wide > 300 and high > 150 and paths > 10, (left, right, wide, high, paths)
    for left, right, *_ in seen["frames"] + seen["texts"]:
        assert left >= 0 and right <= width, (left, right)
    assert (brightness(seen["ground"]) < 64) == dark and abs(brightness(seen["ground"]) - brightness(seen["ink"])) > 150
    assert seen["asked"] == [], seen["asked"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--keep", help="leave screenshots here")
    arguments = parser.parse_args()
    chrome = next((c for c in CHROMES if shutil.which(c)), None)
    if chrome is None or not shutil.which("gnuplot"):
        print("chromium or gnuplot is not installed: the page was not looked at in a browser")
        return 77
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        (folder / "page.yaml").write_text(CONFIG)
        for command in (["run", "page.yaml", "--quiet", "-o", "page.h5"], ["report", "page.h5", "--format", "html"]):
            subprocess.run([arguments.program, *command], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        page, probed = folder / "page/report.html", folder / "page/probed.html"
        probed.write_text(page.read_text(encoding="utf-8").replace("</body>", PROBE + "</body>"), encoding="utf-8")
        for width, dark in ((1280, False), (390, False), (1280, True), (390, True)):
            flags = ["--blink-settings=preferredColorScheme=0"] if dark else []
            check(look(chrome, folder, probed, width, *flags), width, dark)
            if arguments.keep:
                browse(chrome, folder, page, width, 4000,
                       f"--screenshot={arguments.keep}/{width}{'-dark' if dark else ''}.png", *flags)
    print("desktop and phone width, light and dark: nothing overflows, every chart is there, nothing was asked for")
    return 0


if __name__ == "__main__":
    sys.exit(main())
