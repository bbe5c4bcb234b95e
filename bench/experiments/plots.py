"""Plots as SVG files, from matplotlib: the same file for the same figures, and small.

Text stays text. Colours are readable on white and on dark pages; the background is transparent.
"""

import pathlib

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402

GREY = "#808890"  # of axes and text
COLOURS = (
    *("#1f83d6", "#e0533d", "#2ca05a", "#e08a1e", "#9467bd"),
    *("#a0705c", "#17a2b8", "#8a8f98", "#d65fb0", "#a8a820"),
)
STYLE = {
    "svg.hashsalt": "polyak",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib; readers fall back on their own
    "font.size": 10,
    "axes.prop_cycle": pyplot.cycler(color=COLOURS),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": GREY,
    "axes.grid": True,
    "grid.color": GREY,
    "grid.alpha": 0.25,
    "grid.linewidth": 0.5,
    "text.color": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "legend.frameon": False,
    "legend.fontsize": 9,
}


def write(figure, path: pathlib.Path) -> None:
    """An SVG file without date, its coordinates to two places."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, transparent=True, bbox_inches="tight", metadata={"Date": None})
    pyplot.close(figure)


def steps_text(value: float, _position=None) -> str:
    """Environment steps, as 20k or 2M."""
    for unit, name in ((1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:g}{name}"
    return f"{value:g}"


def draw_estimate(axes, result: dict, label: str) -> None:
    """A training's interquartile mean over environment steps, with its interval as a band."""
    points = result["curve"]
    steps = [point["environment_steps"] for point in points]
    middle, low, high = zip(*(point["estimate"] for point in points), strict=True)
    (line,) = axes.plot(steps, middle, linewidth=1.6, label=label)
    axes.fill_between(steps, low, high, color=line.get_color(), alpha=0.2, linewidth=0)


def learning_curve(result: dict, path: pathlib.Path) -> None:
    """One training: every seed's own curve behind the interquartile mean, on a logarithmic scale."""
    with matplotlib.rc_context(STYLE):
        figure, axes = pyplot.subplots(figsize=(7.2, 3.8))
        points = result["curve"]
        steps = [point["environment_steps"] for point in points]
        seeds = list(zip(*(point["scores"] for point in points), strict=True))
        for index, scores in enumerate(seeds):
            label = f"each of {len(seeds)} seeds" if index == 0 else None
            axes.plot(steps, scores, color=GREY, linewidth=0.7, alpha=0.55, label=label)
        draw_estimate(axes, result, "interquartile mean, 95% interval")
        threshold = result["thresholds"][-1]
        axes.axhline(
            threshold, color=COLOURS[1], linewidth=1, linestyle="--", label=f"solved: {threshold:g}"
        )
        axes.set(
            xlabel="environment steps per agent",
            ylabel=f"{result['score']} on {result['starts']} start states",
            yscale="log",
            xlim=(0, steps[-1]),
        )
        axes.xaxis.set_major_formatter(steps_text)
        axes.yaxis.set_major_formatter("{x:g}")
        axes.legend()
        write(figure, path)


def curves(results: dict[str, dict], path: pathlib.Path) -> None:
    """The trainings whose score is regret, both axes logarithmic."""
    with matplotlib.rc_context(STYLE):
        figure, axes = pyplot.subplots(figsize=(8.2, 4.4))
        for name, result in results.items():
            if result["score"] == "regret":
                draw_estimate(axes, result, name)
        axes.set(xlabel="environment steps per agent", ylabel="regret (interquartile mean)")
        axes.set(xscale="log", yscale="log")
        axes.xaxis.set_major_formatter(steps_text)
        axes.yaxis.set_major_formatter("{x:g}")
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
        write(figure, path)


def sweeps(rows: list[dict], path: pathlib.Path) -> None:
    """One panel for each sweep: rates, with their range, over the size that varies."""
    names = list(dict.fromkeys(row["sweep"] for row in rows))
    with matplotlib.rc_context(STYLE):
        figure, panels = pyplot.subplots(1, len(names), figsize=(5 * len(names), 4), squeeze=False)
        for axes, name in zip(panels[0], names, strict=True):
            of_sweep = [row for row in rows if row["sweep"] == name]
            for quantity in dict.fromkeys(row["quantity"] for row in of_sweep):
                points = [row for row in of_sweep if row["quantity"] == quantity]
                middle = [point["median"] for point in points]
                below = [point["median"] - point["lowest"] for point in points]
                above = [point["highest"] - point["median"] for point in points]
                values = [point["value"] for point in points]
                axes.errorbar(values, middle, [below, above], marker=".", capsize=2, label=quantity)
            axes.set(xscale="log", yscale="log", xlabel=name, ylabel="per second")
            axes.legend(fontsize=7)
        write(figure, path)
