"""test_report.py POLYAK : pages of `polyak report` are what they say they are.

Trains for a moment, and holds the page against metrics.csv: tags that close, nothing fetched from elsewhere,
the points of every agent's curve. The same with searches that are made up: the dots of every option's chart and the
lines of the parallel coordinates are those of rungs.csv and trials.csv. Where there is a Chromium, opens the pages in
light and dark, narrow and wide, without a message on its console, and presses pause.
"""

import csv
import math
import re
import shutil
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

import search_directory

EMPTY = {"meta", "input"}  # the elements of HTML that have no end here
TRAIN = ["--agents=3", "--discount=0.9,0.98,0.9", "--environments=2", "--total-steps=3000", "--device=cpu", "--quiet"]
PRESS_PAUSE = """<script>
const button = document.querySelector("figure.motion button");
button.click();
const states = document.getAnimations().map((animation) => animation.playState);
const slider = document.querySelector("figure.motion input");
slider.value = slider.max / 2;
slider.dispatchEvent(new Event("input"));
const times = document.querySelector("figure.motion").getAnimations({ subtree: true }).map((a) => a.currentTime);
console.log("PRESSED", button.textContent, states.includes("paused"), new Set(times).size, times[0] == slider.value);
</script></body>"""


class Page(HTMLParser):
    """Elements that close in order, and the charts' lines by their headings."""

    def __init__(self, text):
        super().__init__()
        self.open, self.lines, self.chart, self.heading, self.outside = [], {}, {}, "", []
        self.dots, self.paths, self.axes, self.title = {}, [], {}, ""
        self.feed(text)
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        if tag not in EMPTY:
            self.open.append(tag)
        self.look_at(tag, dict(attrs))

    def handle_startendtag(self, tag, attrs):
        self.look_at(tag, dict(attrs))

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-1:]}, at {self.getpos()}"
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] == "h2":
            self.heading = data
        if self.open[-2:] == ["svg", "title"]:
            self.title = data

    def look_at(self, tag, attributes):
        self.outside += [name for name in attributes if name in ("src", "href")]
        if tag == "svg":
            self.chart = attributes
        if attributes.get("data-dots"):
            self.dots[self.title, attributes["data-dots"]] = self.dots_of(attributes["d"])
        if "data-level" in attributes or (tag == "path" and attributes.get("data-line")):
            self.paths += attributes["d"].split("M")[1:]
        elif "data-axis" in attributes:
            self.axes[attributes["data-axis"]] = attributes
        elif attributes.get("data-line"):
            self.lines[self.heading, attributes["data-line"]] = self.points_of(attributes["points"])

    def points_of(self, text):
        """Pixels as the axes' values, and how much a pixel is."""
        edges = [float(self.chart[f"data-{name}"]) for name in ("left", "right", "bottom", "top")]
        left, right, top, bottom = map(float, self.chart["data-plot"].split())
        scales = (edges[1] - edges[0]) / (right - left), (edges[3] - edges[2]) / (bottom - top)
        pairs = [map(float, pair.split(",")) for pair in text.split()]
        return scales, [(edges[0] + (x - left) * scales[0], edges[2] + (bottom - y) * scales[1]) for x, y in pairs]

    def dots_of(self, path):
        """Dots as the axes' values, and how much a tenth of a pixel is."""
        low, high, bottom, top = (float(self.chart[f"data-{name}"]) for name in ("left", "right", "bottom", "top"))
        left, right, upper, lower = map(float, self.chart["data-plot"].split())
        is_logarithmic = self.chart["data-x-scale"] == "logarithmic"
        if is_logarithmic:
            low, high = math.log(low), math.log(high)
        points = []
        for pair in re.findall(r"M(\S+) (\S+)h0", path):
            x = low + (float(pair[0]) - left) / (right - left) * (high - low)
            y = bottom + (lower - float(pair[1])) / (lower - upper) * (top - bottom)
            points.append((math.exp(x) if is_logarithmic else x, y))
        return points, ((high - low) / (right - left) / 10, (top - bottom) / (lower - upper) / 10)


def check_points(page, rows, heading, column):
    """The curves of a column are the CSV's, to a hundredth of a pixel."""
    for agent in sorted({row["agent"] for row in rows}):
        wanted = [
            (float(row["environment_steps"]), float(row[column]))
            for row in rows
            if row["agent"] == agent and row[column]
        ]
        (x_scale, y_scale), points = page.lines[heading, f"run 0 agent {agent}"]
        assert len(points) == len(wanted) > 1, f"{heading}: {len(points)} points of {len(wanted)} rows"
        for (x, y), (steps, value) in zip(points, wanted, strict=True):
            assert abs(x - steps) < 0.01 * x_scale and abs(y - value) < 0.01 * y_scale, (heading, agent, steps)


def check_search(page, folder):
    """Every dot of a logarithmic option is a row of rungs.csv, every line has its score of trials.csv."""
    with (folder / "trials.csv").open() as file:
        trials = {row["trial"]: row for row in csv.DictReader(file)}
    with (folder / "rungs.csv").open() as file:
        rungs = [row for row in csv.DictReader(file) if row["score"]]
    for rung in sorted({row["rung"] for row in rungs}):
        points, (x_unit, y_unit) = page.dots["Score against learning-rate-critic", f"rung {rung}"]
        wanted = [
            (float(trials[row["trial"]]["learning_rate_critic"]), float(row["score"]))
            for row in rungs
            if row["rung"] == rung
        ]
        assert len(points) == len(wanted) > 5, f"{len(points)} dots of {len(wanted)} trials at rung {rung}"
        for (x, y), (setting, score) in zip(points, wanted, strict=True):
            assert abs(math.log(x / setting)) < x_unit and abs(y - score) < y_unit, (rung, setting, score)
    axis = page.axes["score"]
    _, top, bottom, missing = map(float, axis["data-plot"].split())
    low, high = float(axis["data-bottom"]), float(axis["data-top"])
    drawn = sorted(float(path.split()[-1]) for path in page.paths)
    places = [
        bottom - (float(row["score"]) - low) / (high - low) * (bottom - top) if row["score"] else missing
        for row in trials.values()
    ]
    assert len(drawn) == len(places), f"{len(drawn)} lines of {len(places)} trials"
    assert all(abs(a - b) < 0.1 for a, b in zip(drawn, sorted(places), strict=True)), "scores of the lines"


def report_searches(polyak, folder):
    """Pages of a large search and of a population's."""
    pages = []
    for name, count, scheduler in (("search", 2000, "asha"), ("population", 24, "pbt")):
        run = folder / name
        search_directory.make(run, count, scheduler)
        subprocess.run([polyak, "report", str(run)], check=True, capture_output=True)
        text = (run / "report.html").read_text()
        page = Page(text)
        assert not page.outside, f"not in one file: {page.outside}"
        assert len(text) < 2_000_000, f"{len(text)} bytes of {count} trials"
        if scheduler == "asha":
            check_search(page, run)
        else:
            assert "ancestors" in {line for _, line in page.lines}, "no lineage"
        pages.append(run / "report.html")
    print("dots and lines of searches are those of their tables")
    return pages


def open_in(browser, page, *options):
    """What the page says on the browser's console."""
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", *options]
    result = subprocess.run(
        [*command, "--virtual-time-budget=1000", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    assert "</html>" in result.stdout
    return re.findall(r"CONSOLE.*", result.stderr)


def main():
    polyak = sys.argv[1]
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        subprocess.run([polyak, "train", *TRAIN, f"--output={run}"], check=True, capture_output=True)
        subprocess.run([polyak, "report", str(run)], check=True, capture_output=True)
        text = (run / "report.html").read_text()
        page = Page(text)
        assert not page.outside, f"not in one file: {page.outside}"
        with (run / "metrics.csv").open() as file:
            rows = list(csv.DictReader(file))
        check_points(page, rows, "Return while training", "mean_return")
        check_points(page, rows, "Critic loss", "critic_loss")
        print(f"{len(page.lines)} curves are those of metrics.csv")
        pages = [run / "report.html", *report_searches(polyak, Path(folder))]
        if browser is None:
            print("no Chromium here: the pages were not opened")
            return
        pressed = run / "pressed.html"
        pressed.write_text(text.replace("</body>", PRESS_PAUSE))
        for options in (["--window-size=1200,900"], ["--window-size=360,640", "--blink-settings=preferredColorScheme=0"]):
            for page in pages:
                said = open_in(browser, page, *options)
                assert not said, said
        said = open_in(browser, pressed)
        assert len(said) == 1 and '"PRESSED Play true 1 true"' in said[0], said
        print(f"{browser} opens them without a message; pause and slider work")


main()
