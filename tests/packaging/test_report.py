"""test_report.py POLYAK : pages of `polyak report` are what they say they are.

Trains for a moment, and holds the page against metrics.csv: tags that close, nothing fetched from elsewhere,
the points of every agent's curve. Where there is a Chromium, opens it in light and dark, narrow and wide, without a
message on its console, and presses pause.
"""

import csv
import re
import shutil
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

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

    def look_at(self, tag, attributes):
        self.outside += [name for name in attributes if name in ("src", "href")]
        if tag == "svg":
            self.chart = attributes
        if attributes.get("data-line"):
            self.lines[self.heading, attributes["data-line"]] = self.points_of(attributes["points"])

    def points_of(self, text):
        """Pixels as the axes' values, and how much a pixel is."""
        edges = [float(self.chart[f"data-{name}"]) for name in ("left", "right", "bottom", "top")]
        left, right, top, bottom = map(float, self.chart["data-plot"].split())
        scales = (edges[1] - edges[0]) / (right - left), (edges[3] - edges[2]) / (bottom - top)
        pairs = [map(float, pair.split(",")) for pair in text.split()]
        return scales, [(edges[0] + (x - left) * scales[0], edges[2] + (bottom - y) * scales[1]) for x, y in pairs]


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
        if browser is None:
            print("no Chromium here: the page was not opened")
            return
        pressed = run / "pressed.html"
        pressed.write_text(text.replace("</body>", PRESS_PAUSE))
        for options in (["--window-size=1200,900"], ["--window-size=360,640", "--blink-settings=preferredColorScheme=0"]):
            said = open_in(browser, run / "report.html", *options)
            assert not said, said
        said = open_in(browser, pressed)
        assert len(said) == 1 and '"PRESSED Play true 1 true"' in said[0], said
        print(f"{browser} opens it without a message; pause and slider work")


main()
