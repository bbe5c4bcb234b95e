"""Curves with bands as an SVG file, both axes logarithmic. Nothing but Python's standard library."""

import math

WIDTH, HEIGHT = 820, 440
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 20, 50
COLOURS = (
    *("#1f77b4", "#d62728", "#2ca02c", "#ff7f0e", "#9467bd"),
    *("#8c564b", "#17becf", "#7f7f7f", "#e377c2", "#bcbd22"),
)


class Chart:
    """Add curves, then ask for the text of the file."""

    def __init__(self, x_label: str, y_label: str):
        self.labels = (x_label, y_label)
        self.curves: list[tuple[str, list[tuple[float, float, float, float]]]] = []

    def add(self, name: str, points: list[tuple[float, float, float, float]]):
        """Points (x, y, low, high); those that a logarithm does not have are left out."""
        self.curves.append((name, [p for p in points if min(p) > 0.0]))

    def svg(self) -> str:
        points = [point for _, curve in self.curves for point in curve]
        if not points:
            return '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>\n'
        x_axis = Axis([p[0] for p in points], LEFT, WIDTH - RIGHT)
        y_axis = Axis([value for p in points for value in p[1:]], HEIGHT - BOTTOM, TOP)
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
            'font-family="sans-serif" font-size="12">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
            *grid(x_axis, y_axis, *self.labels),
        ]
        for index, (name, curve) in enumerate(self.curves):
            colour = COLOURS[index % len(COLOURS)]
            parts += draw_curve(curve, x_axis, y_axis, colour)
            y = TOP + 14 + 18 * index
            parts.append(f'<text x="{WIDTH - RIGHT + 12}" y="{y}" fill="{colour}">{name}</text>')
        return "\n".join([*parts, "</svg>"]) + "\n"


class Axis:
    """From values to pixels, by their logarithms."""

    def __init__(self, values: list[float], first_pixel: float, last_pixel: float):
        self.low, self.high = min(values), max(max(values), min(values) * 1.01)
        self.first, self.last = first_pixel, last_pixel

    def pixel(self, value: float) -> float:
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return round(self.first + share * (self.last - self.first), 1)

    def ticks(self) -> list[float]:
        """1, 2 and 5 times the powers of ten that lie on the axis."""
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        values = [factor * 10.0**power for power in powers for factor in (1.0, 2.0, 5.0)]
        return [value for value in values if self.low <= value <= self.high]


def grid(x_axis: Axis, y_axis: Axis, x_label: str, y_label: str) -> list[str]:
    parts = []
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for value in x_axis.ticks():
        x = x_axis.pixel(value)
        parts.append(f'<line x1="{x}" y1="{TOP}" x2="{x}" y2="{bottom}" stroke="#ddd"/>')
        parts.append(f'<text x="{x}" y="{bottom + 16}" text-anchor="middle">{value:,.0f}</text>')
    for value in y_axis.ticks():
        y = y_axis.pixel(value)
        parts.append(f'<line x1="{LEFT}" y1="{y}" x2="{right}" y2="{y}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{value:g}</text>')
    middle = (LEFT + right) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 10}" text-anchor="middle">{x_label}</text>')
    turned = f'transform="translate(16 {(TOP + bottom) / 2}) rotate(-90)"'
    parts.append(f'<text {turned} text-anchor="middle">{y_label}</text>')
    return parts


def draw_curve(curve, x_axis: Axis, y_axis: Axis, colour: str) -> list[str]:
    line = [f"{x_axis.pixel(x)},{y_axis.pixel(y)}" for x, y, _, _ in curve]
    band = [f"{x_axis.pixel(x)},{y_axis.pixel(high)}" for x, _, _, high in curve]
    band += [f"{x_axis.pixel(x)},{y_axis.pixel(low)}" for x, _, low, _ in reversed(curve)]
    return [
        f'<polygon points="{" ".join(band)}" fill="{colour}" fill-opacity="0.15"/>',
        f'<polyline points="{" ".join(line)}" fill="none" stroke="{colour}" stroke-width="1.5"/>',
    ]
