"""An animated SVG of a pendulum that swings up, from the rows that `polyak rollout` writes."""

import math
import pathlib

SECONDS_PER_STEP = 0.05  # of Pendulum-v1
SIZE, CENTRE, LENGTH = 240, 120, 86  # of the picture, in pixels
FRAME = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{size}"
  height="{size}" role="img">
<title>A pendulum swings up under a trained policy</title>
<style>
.pendulum {{ transform-origin: {centre}px {centre}px; animation: swing {duration:g}s linear infinite; }}
.push {{ transform-origin: {centre}px {centre}px; animation: push {duration:g}s linear infinite; }}
@keyframes swing {{
{swing}
}}
@keyframes push {{
{push}
}}
</style>
<circle cx="{centre}" cy="{centre}" r="{length}" fill="none" stroke="#808890"
  stroke-opacity="0.3" stroke-dasharray="2 5"/>
<g class="pendulum">
<line x1="{centre}" y1="{centre}" x2="{centre}" y2="{top}" stroke="#1f83d6"
  stroke-width="14" stroke-linecap="round"/>
<circle cx="{centre}" cy="{top}" r="15" fill="#e0533d"/>
</g>
<rect class="push" x="{centre}" y="{bar}" width="{reach}" height="6" rx="3" fill="#e08a1e"/>
<circle cx="{centre}" cy="{centre}" r="5" fill="#808890"/>
</svg>
"""


def unwrapped(angles: list[float]) -> list[float]:
    """Angles in radians without jumps by whole turns, so that the animation goes the short way."""
    result = angles[:1]
    for angle in angles[1:]:
        turn = math.remainder(angle - result[-1], math.tau)
        result.append(result[-1] + turn)
    return result


def keyframes(values: list[float], form: str) -> str:
    """CSS: `form` of each value at its share of the time."""
    last = len(values) - 1
    return "\n".join(
        f"{100 * index / last:.4g}% {{ transform: {form.format(value)}; }}"
        for index, value in enumerate(values)
    )


def svg(rows: list[dict], steps: int) -> str:
    """The first steps of an episode, over and over.

    `rows` have theta in radians (0: upright, growing counter-clockwise) and the action, a torque of at
    most 2 in size, drawn as a bar below the pivot. Upright is up; SVG turns clockwise.
    """
    shown = rows[:steps]
    degrees = [-math.degrees(angle) for angle in unwrapped([row["theta"] for row in shown])]
    # A torque that turns counter-clockwise pushes to the left.
    pushes = [-row["action"] / 2.0 for row in shown]
    return FRAME.format(
        size=SIZE,
        centre=CENTRE,
        length=LENGTH,
        top=CENTRE - LENGTH,
        bar=CENTRE + LENGTH + 20,
        reach=LENGTH // 2,
        duration=round((len(shown) - 1) * SECONDS_PER_STEP, 3),
        swing=keyframes(degrees, "rotate({:.1f}deg)"),
        push=keyframes(pushes, "scaleX({:.2f})"),
    )


def write(rows: list[dict], steps: int, path: pathlib.Path) -> None:
    """The picture into a file."""
    path.write_text(svg(rows, steps))
