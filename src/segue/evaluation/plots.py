"""Scatter plots and curves as single SVG elements that need nothing else."""

from collections.abc import Mapping, Sequence
from html import escape
from math import log10

WIDTH, HEIGHT, MARGIN = 720, 420, 70
LINE_HEIGHT, LETTER_WIDTH = 13.0, 6.3  # of labels, in units of the drawing, generously
# dark enough on white and light enough on black; shapes of the marks do not depend on colour
COLOURS = ("#0b7a75", "#b5532a", "#6b5bb5", "#8a7a1f", "#2f7fc1", "#a8397b")

Point = tuple[str, float, float]  # label, x, y
Label = tuple[str, float, float, str]  # words, x, y, colour


def scatter(points: Sequence[Point], x_label: str, y_label: str, *, log_x: bool = False) -> str:
    """A scatter plot as one SVG element, axes from the least to the greatest value.

    Args:
        points: Label, x and y of each; x above zero with ``log_x``.
        x_label: Words below.
        y_label: Words above the axis.
        log_x: Spread x by its logarithm.
    """
    xs = [log10(max(x, 1e-9)) if log_x else x for _, x, _ in points]
    ys = [y for _, _, y in points]
    places = [
        (_scale(x, xs, MARGIN, WIDTH - 2 * MARGIN), _scale(y, ys, HEIGHT - MARGIN, MARGIN))
        for x, y in zip(xs, ys, strict=True)
    ]
    labels = [
        (label, x + 8, y, "currentColor")
        for (label, _, _), (x, y) in zip(points, places, strict=True)
    ]
    marks = "".join(
        f'<circle cx="{x}" cy="{y}" r="4" fill="{COLOURS[0]}"/>' for x, y in places
    ) + _labels(labels)
    bounds = (min(x for _, x, _ in points), max(x for _, x, _ in points))
    return _frame(x_label, y_label, bounds, (min(ys), max(ys)), marks)


def curves(series: Mapping[str, Sequence[tuple[float, float]]], x_label: str, y_label: str) -> str:
    """One line a series as one SVG element, x logarithmic, the name at the end of each line.

    Args:
        series: Points (x > 0, y) by name, ascending in x, at least one each.
        x_label: Words below.
        y_label: Words above the axis.
    """
    points = [point for line in series.values() for point in line]
    xs, ys = [log10(x) for x, _ in points], [y for _, y in points]
    drawn: list[str] = []
    ends: list[Label] = []
    for number, (name, line) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        places = [
            (_scale(log10(x), xs, MARGIN, WIDTH - 2 * MARGIN),
             _scale(y, ys, HEIGHT - MARGIN, MARGIN))
            for x, y in line
        ]  # fmt: skip
        path = " ".join(f"{x},{y}" for x, y in places)
        ends.append((name, places[-1][0] + 8, places[-1][1], colour))
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
    x_bounds = (min(x for x, _ in points), max(x for x, _ in points))
    return _frame(x_label, y_label, x_bounds, (min(ys), max(ys)), "".join(drawn) + _labels(ends))


def _frame(
    x_label: str,
    y_label: str,
    x_bounds: tuple[float, float],
    y_bounds: tuple[float, float],
    inside: str,
) -> str:
    base = HEIGHT - MARGIN + 14
    return (
        f'<svg role="img" xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'font-family="sans-serif" font-size="12">'
        f"<title>{escape(y_label)} against {escape(x_label)}</title>"
        f'<path d="M{MARGIN - 10} {MARGIN - 14}V{base}H{WIDTH - 20}" fill="none" stroke="#888"/>'
        f'<text x="{MARGIN - 10}" y="{MARGIN - 24}">{escape(y_label)}</text>'
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 8}" text-anchor="middle">{escape(x_label)}</text>'
        f"{_tick(MARGIN, base + 16, x_bounds[0], 'middle')}"
        f"{_tick(WIDTH - 2 * MARGIN, base + 16, x_bounds[1], 'middle')}"
        f"{_tick(MARGIN - 14, HEIGHT - MARGIN, y_bounds[0], 'end')}"
        f"{_tick(MARGIN - 14, MARGIN, y_bounds[1], 'end')}{inside}</svg>"
    )


def _scale(value: float, among: Sequence[float], start: float, stop: float) -> float:
    low, high = min(among), max(among)
    share = (value - low) / (high - low) if high > low else 0.5
    return round(start + share * (stop - start), 1)


def _labels(wanted: Sequence[Label]) -> str:
    """Words beside marks, each moved down as far as it takes to cover no other."""
    placed: list[tuple[float, float, float]] = []  # left, right, height
    drawn: list[str] = []
    for label, x, y, colour in sorted(wanted, key=lambda one: (one[2], one[1])):
        right, free = x + LETTER_WIDTH * len(label), y
        for left, end, at in sorted(placed, key=lambda one: one[2]):
            if left < right and x < end and abs(free - at) < LINE_HEIGHT:
                free = at + LINE_HEIGHT
        placed.append((x, right, free))
        if free != y:
            drawn.append(f'<path d="M{x - 7} {y}L{x - 1} {round(free, 1)}" stroke="#888"/>')
        drawn.append(f'<text x="{x}" y="{round(free + 4, 1)}" font-size="11" fill="{colour}">'
                     f"{escape(label)}</text>")  # fmt: skip
    return "".join(drawn)


def _tick(x: float, y: float, value: float, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{value:.3g}</text>'
