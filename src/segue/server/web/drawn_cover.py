"""A quiet drawn sleeve for music without a cover: one picture for ever, from the name alone.

Geometry after printed sleeves of the 1950s and 60s: a paper band at the top, where the page sets
the title, and one figure in two or three inks below. Everything follows from a hash of the key,
so an album looks the same on every page, machine and day.
"""

import hashlib
import math
from collections.abc import Callable, Sequence

BAND_HEIGHT = 30.0  # of 100: the part that stays free for words

# ground, first ink, second ink, paper of the band; all light papers carry ink text (>= 7:1)
PALETTES: tuple[tuple[str, str, str, str], ...] = (
    ("#22304a", "#e0a458", "#c8553d", "#f1e7d3"),
    ("#2f4a3f", "#a8c0a0", "#e9d8a6", "#eef0e2"),
    ("#c9543f", "#f3d7b5", "#2a2d43", "#f6eadb"),
    ("#5b3758", "#e2a3a0", "#f2d492", "#f5e8e6"),
    ("#d9a441", "#7b3f2b", "#f6ead0", "#faf1da"),
    ("#1f5c66", "#9fd0c6", "#f0806a", "#e9f1ec"),
    ("#3d4a6b", "#b9c3e0", "#f1dd8c", "#ebedf5"),
    ("#8c2f39", "#f0b8a8", "#1d2433", "#f7e9e2"),
    ("#6b6b3a", "#d9cf8e", "#23251d", "#f2efd9"),
    ("#e6ddcb", "#1f2d4d", "#cf4a34", "#f6f0e2"),
    ("#2b2b31", "#c7c2b8", "#8a8f99", "#efece5"),
    ("#29524a", "#e9b7b4", "#f4e4c6", "#f4ebe6"),
    ("#b7c7d3", "#27405e", "#e9e2d0", "#eef2f3"),
    ("#7a5c8e", "#d7c6e6", "#f0b56a", "#f1ebf5"),
)

Numbers = Sequence[int]
Palette = tuple[str, str, str, str]


def drawn_cover_svg(key: str) -> str:
    """An SVG picture, 100 by 100 units, without text, script or style.

    Args:
        key: Any text that stays the same for the album or track, usually its identifier.

    >>> drawn_cover_svg("al-1") == drawn_cover_svg("al-1") != drawn_cover_svg("al-2")
    True
    """
    numbers = hashlib.blake2b(key.encode(), digest_size=32).digest()
    palette = PALETTES[numbers[0] % len(PALETTES)]
    figure = FIGURES[numbers[1] % len(FIGURES)]
    ground, _, _, paper = palette
    # the ground begins under the band, or it would shine through the band's soft edges
    top = BAND_HEIGHT - 1
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
        f'<rect y="{top:g}" width="100" height="{100 - top:g}" fill="{ground}"/>'
        f"{figure(numbers[2:], palette)}"
        f'<rect width="100" height="{BAND_HEIGHT:g}" fill="{paper}"/>'
        "</svg>"
    )


def _circle(x: float, y: float, radius: float, fill: str, opacity: float = 1.0) -> str:
    return f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{fill}" opacity="{opacity:g}"/>'


def _rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill}"/>'


def _path(d: str, fill: str, opacity: float = 1.0) -> str:
    return f'<path d="{d}" fill="{fill}" opacity="{opacity:g}"/>'


def _grooves(numbers: Numbers, palette: Palette) -> str:
    x, y = 18 + numbers[0] % 64, 46 + numbers[1] % 44
    rings = range(9)
    drawn = (
        _circle(x, y, 64 - 7 * ring, palette[1 + ring % 2] if ring % 3 else palette[0])
        for ring in rings
    )
    return "".join(drawn)


def _spines(numbers: Numbers, palette: Palette) -> str:
    parts: list[str] = []
    x = 0.0
    for turn in range(24):
        if x >= 100:
            break
        width = 2 + numbers[turn % 28] % 9
        top = BAND_HEIGHT + numbers[(turn * 5 + 3) % 28] % 26
        parts.append(_rect(x, top, width, 100 - top, palette[turn * 2 % 3]))
        x += width
    return "".join(parts)


def _sunrise(numbers: Numbers, palette: Palette) -> str:
    x, radius = 22 + numbers[0] % 56, 17 + numbers[1] % 12
    horizon = 70 + numbers[2] % 12
    sun = _circle(x, horizon - numbers[3] % 12, radius, palette[2])
    bands = "".join(
        _rect(0, horizon + 6 * step, 100, 6.1 if step == 4 else 3.4, palette[1])
        for step in range(5)
    )
    return sun + _rect(0, horizon, 100, 100 - horizon, palette[0]) + bands


def _tiles(numbers: Numbers, palette: Palette) -> str:
    side = 100 / 4
    parts: list[str] = []
    for row in range(3):
        for column in range(4):
            number = numbers[(row * 4 + column) % 28]
            x, y = column * side, BAND_HEIGHT + row * 70 / 3
            height = 70 / 3
            corners = ((x, y), (x + side, y), (x + side, y + height), (x, y + height))
            turn = number % 4
            cx, cy = corners[turn]
            nx, ny = corners[(turn + 1) % 4]
            px, py = corners[(turn + 3) % 4]
            rx, ry = (side, height)
            d = f"M{cx:g} {cy:g}L{nx:g} {ny:g}A{rx:g} {ry:g} 0 0 1 {px:g} {py:g}Z"
            parts.append(_path(d, palette[1 + number // 4 % 2]))
    return "".join(parts)


def _slants(numbers: Numbers, palette: Palette) -> str:
    lean = 30 + numbers[0] % 50
    parts: list[str] = []
    x = -lean
    for turn in range(14):
        width = 5 + numbers[turn + 1] % 15
        d = f"M{x} 100L{x + lean} 30H{x + lean + width}L{x + width} 100Z"
        parts.append(_path(d, palette[turn % 3]))
        x += width
        if x > 100:
            break
    return "".join(parts)


def _dots(numbers: Numbers, palette: Palette) -> str:
    parts: list[str] = []
    wave, phase = 0.5 + numbers[0] % 10 / 7, numbers[1] / 40
    for row in range(6):
        for column in range(8):
            swell = math.sin(column * wave / 2 + row * 0.7 + phase)
            radius = 2.6 + 2.3 * swell
            ink = palette[2] if numbers[2] % 8 == column else palette[1]
            parts.append(_circle(8 + 12 * column, 38 + 11.2 * row, round(radius, 2), ink))
    return "".join(parts)


def _waves(numbers: Numbers, palette: Palette) -> str:
    parts: list[str] = []
    length = 20 + numbers[0] % 30
    for row in range(6):
        top = 44 + 10 * row
        height = 3 + numbers[row + 1] % 6
        shift = -(numbers[row + 8] % length)
        d = f"M{shift} {top}"
        for step in range(12):
            rise = -height if step % 2 else height
            d += f"q{length / 2:g} {2 * rise} {length} 0"
        d += "V110H-60Z"
        parts.append(_path(d, palette[(1, 0, 2)[row % 3]]))
    return "".join(parts)


def _nested(numbers: Numbers, palette: Palette) -> str:
    inks = (palette[1], palette[0], palette[2])
    drop = 2 + numbers[0] % 4
    parts = [
        _rect(12 + 9 * step, 38 + (7 + drop) * step * 0.8, 76 - 18 * step, 54 - 12 * step, ink)
        for step, ink in enumerate(inks)
    ]
    return "".join(parts)


def _peaks(numbers: Numbers, palette: Palette) -> str:
    parts = [_circle(18 + numbers[0] % 64, 46 + numbers[1] % 7, 6 + numbers[2] % 4, palette[2])]
    for turn in range(3):
        middle = (14 + 33 * turn + numbers[turn + 3] % 12 + 8 * (turn % 2)) % 100
        top, half = 50 + 9 * turn + numbers[turn + 9] % 8, 30 + numbers[turn + 15] % 14
        parts.append(_path(f"M{middle - half} 100L{middle} {top}V100Z", palette[1]))
        parts.append(_path(f"M{middle + half} 100L{middle} {top}V100Z", palette[0]))
        parts.append(_path(f"M{middle + half} 100L{middle} {top}V100Z", palette[1], 0.45))
    return "".join(parts)


def _eclipse(numbers: Numbers, palette: Palette) -> str:
    x, y, radius = 50 + numbers[0] % 20 - 10, 66, 25 + numbers[1] % 6
    angle = numbers[2] / 256 * 2 * math.pi
    away = radius * (0.25 + numbers[3] % 40 / 100)
    moon = _circle(
        round(x + away * math.cos(angle), 2),
        round(y + away * math.sin(angle), 2),
        radius * 0.86,
        palette[0],
    )
    return _circle(x, y, radius, palette[1]) + moon + _circle(x, y, radius * 0.2, palette[2])


def _arches(numbers: Numbers, palette: Palette) -> str:
    parts: list[str] = []
    for turn in range(3):
        x = 18 + 32 * turn
        high = 44 + numbers[turn] % 22
        for step, ink in enumerate((palette[1], palette[0], palette[2])):
            half = 14 - 4.4 * step
            parts.append(
                _path(
                    f"M{x - half:g} 100V{high + 14}A{half:g} {half:g} 0 0 1 {x + half:g} "
                    f"{high + 14}V100Z",
                    ink,
                )
            )
    return "".join(parts)


FIGURES: tuple[Callable[[Numbers, Palette], str], ...] = (
    _grooves,
    _spines,
    _sunrise,
    _tiles,
    _slants,
    _dots,
    _waves,
    _nested,
    _peaks,
    _eclipse,
    _arches,
)
