"""The picture language of each style: gradients, waves, rings, grids, shards, drawn from a palette.

Every motif takes the side in pixels, five colours (dark ground, light ground, three accents) and a
generator, and gives an RGB picture.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from segue.synthetic.drawing import (
    Colour,
    blend,
    disc,
    fill_below,
    glow,
    gradient,
    multiply,
    ridge,
)

Palette: TypeAlias = tuple[Colour, ...]
Motif: TypeAlias = Callable[[int, Palette, np.random.Generator], Image.Image]


def hills(side: int, palette: Palette, rng: np.random.Generator) -> Image.Image:
    """Folk: a low sun over hills that fade into haze, with a row of trees."""
    dark, light, warm, cool, accent = palette
    picture = gradient(side, [(0.0, blend(light, cool, 0.45)), (0.55, light), (1.0, warm)])
    x, y = float(rng.uniform(0.25, 0.75)) * side, float(rng.uniform(0.26, 0.42)) * side
    picture = glow(picture, x, y, side * 0.32, light, 0.7)
    draw = ImageDraw.Draw(picture)
    disc(draw, x, y, side * float(rng.uniform(0.09, 0.15)), blend(accent, warm, 0.4))
    n_layers = 6
    for layer in range(n_layers):
        near = layer / (n_layers - 1)
        line = ridge(side, 0.46 + 0.1 * layer, 0.05, rng)
        colour = blend(blend(light, cool, 0.55), blend(dark, cool, 0.12), near**0.8)
        if layer >= 3:
            for _ in range(int(rng.integers(4, 14))):
                i = int(rng.integers(0, len(line)))
                tx, ty = (float(v) for v in line[i])
                h = side * float(rng.uniform(0.03, 0.05)) * (0.6 + near)
                draw.polygon(
                    [(tx - h * 0.28, ty + 8), (tx, ty - h), (tx + h * 0.28, ty + 8)], colour
                )
        fill_below(draw, line, side, colour)
    return picture


def blue_blocks(side: int, palette: Palette, rng: np.random.Generator) -> Image.Image:
    """Jazz: tilted bars and discs printed over each other, as on sleeves of the fifties."""
    dark, light, *accents = palette
    picture = Image.new("RGB", (side, side), light)
    n_bars = int(rng.integers(5, 9))
    edges = np.linspace(-0.1, 1.1, n_bars + 1) * side
    lean = float(rng.uniform(-0.25, 0.25)) * side
    for i in range(n_bars):
        top = float(rng.uniform(0.0, 0.5)) * side
        bottom = top + float(rng.uniform(0.3, 0.75)) * side
        a, b = float(edges[i]), float(edges[i + 1]) - side * 0.018
        layer = Image.new("RGB", (side, side), (255, 255, 255))
        colour = dark if rng.random() < 0.3 else accents[int(rng.integers(3))]
        shift = lean * 0.5
        ImageDraw.Draw(layer).polygon(
            [(a + shift, top), (b + shift, top), (b - shift, bottom), (a - shift, bottom)], colour
        )
        picture = multiply(picture, layer)
    for _ in range(int(rng.integers(2, 5))):
        layer = Image.new("RGB", (side, side), (255, 255, 255))
        x, y = (float(v) * side for v in rng.uniform(0.15, 0.85, 2))
        radius = float(rng.uniform(0.07, 0.24)) * side
        disc(ImageDraw.Draw(layer), x, y, radius, accents[int(rng.integers(3))])
        picture = multiply(picture, layer)
    return picture


def promenade(side: int, palette: Palette, rng: np.random.Generator) -> Image.Image:
    """Bossa nova: a sun behind the waves of a mosaic pavement."""
    dark, light, *accents = palette
    picture = gradient(side, [(0.0, light), (0.6, blend(light, accents[0], 0.55))])
    draw = ImageDraw.Draw(picture)
    x = float(rng.uniform(0.3, 0.7)) * side
    y = side * float(rng.uniform(0.34, 0.42))
    radius = side * float(rng.uniform(0.2, 0.27))
    for ring, colour in enumerate((blend(light, accents[1], 0.5), accents[1])):
        disc(draw, x, y, radius * (1.22 - 0.22 * ring), colour)
    t = np.linspace(0.0, 1.0, side // 4)
    cycles, phase = float(rng.uniform(1.6, 3.2)), float(rng.uniform(0, 6.28))
    lean = float(rng.uniform(-0.5, 0.5))
    n_waves = int(rng.integers(7, 11))
    for wave in range(n_waves):
        base = 0.48 + 0.55 * (wave / n_waves) ** 1.25
        swing = 0.022 + 0.03 * wave / n_waves
        height = base + swing * np.sin(2 * np.pi * cycles * t + phase + lean * wave)
        colour = (dark, light, accents[2])[(0, 1, 2, 1)[wave % 4] if wave % 4 else 0]
        fill_below(draw, np.stack([t * side, height * side], axis=1), side, colour)
    return picture


def shards(side: int, palette: Palette, rng: np.random.Generator) -> Image.Image:
    """Rock: rays and torn paper out of one point, high contrast."""
    dark, light, *accents = palette
    picture = Image.new("RGB", (side, side), light)
    draw = ImageDraw.Draw(picture)
    x, y = (float(v) * side for v in rng.uniform(0.3, 0.7, 2))
    n_rays = int(rng.integers(4, 8)) * 4
    turns = (rng.uniform(-0.35, 0.35, n_rays) + np.arange(n_rays)) * 2 * np.pi / n_rays
    for i in range(n_rays):
        a, b = float(turns[i]), float(turns[(i + 1) % n_rays])
        colour = (dark, light, accents[0], blend(light, accents[1], 0.8))[i % 4]
        reach = 2.0 * side
        corners = [(x + reach * np.cos(v), y + reach * np.sin(v)) for v in (a, b)]
        draw.polygon([(x, y), *corners], fill=colour)
    for ring, colour in enumerate((dark, accents[2], dark)):
        n = 24
        spikes = np.where(np.arange(n) % 2 == 0, 1.0, 0.5)
        radii = (0.36, 0.29, 0.11)[ring] * side * rng.uniform(0.75, 1.1, n) * spikes
        angles = np.arange(n) * 2 * np.pi / n
        points = [
            (x + r * np.cos(v), y + r * np.sin(v)) for r, v in zip(radii, angles, strict=True)
        ]
        draw.polygon([(float(px), float(py)) for px, py in points], fill=colour)
    return picture


def crags(side: int, palette: Palette, rng: np.random.Generator) -> Image.Image:
    """Metal: black crags before a burning sky, an eclipse, sparks."""
    dark, light, *accents = palette
    red = max(accents, key=lambda c: c[0] - c[1])
    picture = gradient(side, [(0.0, dark), (0.62, blend(dark, red, 0.75)), (1.0, red)])
    x, y = side * float(rng.uniform(0.35, 0.65)), side * float(rng.uniform(0.3, 0.42))
    radius = side * float(rng.uniform(0.14, 0.2))
    picture = glow(picture, x, y, radius * 1.9, blend(red, light, 0.5), 0.9)
    draw = ImageDraw.Draw(picture)
    disc(draw, x, y, radius, dark)
    for layer in range(4):
        base = 0.6 + 0.11 * layer
        n = int(rng.integers(14, 26))
        xs = np.linspace(-0.02, 1.02, 2 * n + 1)
        heights = base - np.where(
            np.arange(2 * n + 1) % 2 == 1, rng.uniform(0.03, 0.24, 2 * n + 1), 0
        )
        line = np.stack([xs * side, heights * side], axis=1)
        fill_below(draw, line, side, blend(blend(red, dark, 0.45), dark, layer / 3))
    for _ in range(160):
        px, py = (float(v) * side for v in rng.uniform(0, 1, 2))
        disc(draw, px, py, float(rng.exponential(1.6)) + 0.6, blend(red, light, 0.6))
    return picture


def strings(side: int, palette: Palette, rng: np.random.Generator) -> Image.Image:
    """Classical piano: a fan of fine curves, like strings under a lid, on a deep ground."""
    dark, light, *accents = palette
    picture = gradient(side, [(0.0, blend(dark, accents[0], 0.25)), (1.0, dark)], 0.7)
    draw = ImageDraw.Draw(picture)
    t = np.linspace(0.0, 1.0, 160)
    a, b, c, d = (float(v) for v in rng.uniform(0.5, 2.2, 4))
    phase = float(rng.uniform(0, 6.28))
    n_curves = 88
    for i in range(n_curves):
        s = i / (n_curves - 1)
        x = 0.5 + 0.42 * np.sin(a * np.pi * t + phase + 1.7 * s) * (0.55 + 0.45 * s)
        y = 0.08 + 0.84 * t + 0.17 * np.sin(b * np.pi * t + c * s * 2.4) * (1 - 0.4 * s * d / 2)
        colour = blend(accents[1], light, abs(2 * s - 1)) if i % 11 else accents[2]
        points = [(float(px) * side, float(py) * side) for px, py in zip(x, y, strict=True)]
        draw.line(points, fill=blend(dark, colour, 0.35 + 0.6 * s), width=3 if i % 11 else 7)
    return picture


def horizon(side: int, palette: Palette, rng: np.random.Generator) -> Image.Image:
    """Ambient: lights that dissolve above a sea with their reflection."""
    dark, light, *accents = palette
    level = int(side * float(rng.uniform(0.56, 0.68)))
    picture = gradient(
        side,
        [(0.0, dark), (0.32, blend(dark, accents[0], 0.7)), (level / side, light), (1.0, light)],
    )
    for _ in range(int(rng.integers(3, 6))):
        x, y = float(rng.uniform(0.1, 0.9)) * side, float(rng.uniform(0.1, 0.5)) * side
        radius = side * float(rng.uniform(0.1, 0.3))
        picture = glow(picture, x, y, radius, accents[int(rng.integers(3))], 0.65)
    x, radius = side * float(rng.uniform(0.3, 0.7)), side * float(rng.uniform(0.07, 0.14))
    draw = ImageDraw.Draw(picture)
    disc(
        draw,
        x,
        level - radius * float(rng.uniform(0.2, 1.9)),
        radius,
        blend(light, accents[1], 0.2),
    )
    sky = picture.crop((0, 2 * level - side, side, level))
    sea = np.asarray(sky.transpose(Image.Transpose.FLIP_TOP_BOTTOM))
    rows = np.arange(len(sea))
    ripple = np.sin(rows**0.62 * 1.4 + rng.uniform(0, 6)) * (3.0 + rows * 0.05)
    columns = (np.arange(side)[None, :] + ripple[:, None].astype(int)) % side
    mirrored = Image.fromarray(sea[rows[:, None], columns])
    night = Image.new("RGB", mirrored.size, dark)
    picture.paste(Image.blend(mirrored, night, 0.28), (0, level))
    return picture.filter(ImageFilter.BoxBlur(side / 500))


def quarters(side: int, palette: Palette, rng: np.random.Generator) -> Image.Image:
    """House: a grid of quarter circles and rings after the Bauhaus."""
    dark, light, *accents = palette
    colours = [dark, light, *accents]
    picture = Image.new("RGB", (side, side), dark)
    draw = ImageDraw.Draw(picture)
    n = int(rng.integers(3, 6))
    cell = side / n
    for row in range(n):
        for column in range(n):
            ground, front, inner = (colours[int(i)] for i in rng.choice(5, 3, replace=False))
            x, y = column * cell, row * cell
            tile = Image.new("RGB", (int(cell) + 1, int(cell) + 1), ground)
            pen = ImageDraw.Draw(tile)
            cx, cy = (float(v) * cell for v in rng.integers(0, 2, 2))
            if rng.random() < 0.22:
                cx = cy = cell / 2
            reach = cell if cx != cell / 2 else cell / 2
            disc(pen, cx, cy, reach, front)
            disc(pen, cx, cy, reach * float(rng.choice((0.5, 0.62, 0.3))), inner)
            picture.paste(tile, (int(x), int(y)))
    del draw
    return picture


def interference(side: int, palette: Palette, rng: np.random.Generator) -> Image.Image:
    """Techno: two families of lines that beat against each other, one accent."""
    dark, light, *accents = palette
    x = np.linspace(-1.0, 1.0, side, dtype=np.float32)[None, :]
    y = x.T
    x0, y0, x1, y1 = (np.float32(v) for v in rng.uniform(-0.7, 0.7, 4))
    lines = np.float32(2 * np.pi * rng.uniform(16, 30))
    first = np.sqrt((x - x0) ** 2 + (y - y0) ** 2)
    second = np.sqrt((x - x1) ** 2 + (y - y1) ** 2)
    if rng.random() >= 0.6:
        second = x * np.float32(0.8) + y * y * y0
    warp = np.float32(0.04) * np.sin(5 * y + 3 * x0)
    moire = np.sin(lines * (first + warp)) * np.sin(lines * second)
    ink = Image.fromarray((np.clip(moire * 6 + 0.5, 0, 1) * 255).astype(np.uint8))
    vivid = max(accents, key=lambda c: max(c) - min(c))
    front = Image.new("RGB", (side, side), light)
    half = side / 2
    spot = float(rng.uniform(0.28, 0.5)) * half
    disc(ImageDraw.Draw(front), (float(x1) + 1) * half, (float(y1) + 1) * half, spot, vivid)
    return Image.composite(front, Image.new("RGB", (side, side), dark), ink)


def neon_sun(side: int, palette: Palette, rng: np.random.Generator) -> Image.Image:
    """Synthwave: a striped sun over mountains and a grid that runs to the horizon."""
    dark, light, *accents = palette
    level = int(side * 0.62)
    picture = gradient(
        side, [(0.0, dark), (0.4, blend(dark, accents[2], 0.6)), (0.62, accents[0]), (1.0, dark)]
    )
    x, radius = side * float(rng.uniform(0.38, 0.62)), side * float(rng.uniform(0.2, 0.27))
    y = level - radius * float(rng.uniform(0.55, 0.9))
    picture = glow(picture, x, y, radius * 1.5, accents[0], 0.7)
    sun = gradient(side, [((y - radius) / side, light), ((y + radius) / side, accents[0])])
    mask = Image.new("L", (side, side), 0)
    pen = ImageDraw.Draw(mask)
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    for stripe in range(7):
        top = y + radius * (-0.05 + 0.16 * stripe)
        pen.rectangle((0, top, side, top + radius * (0.025 + 0.014 * stripe)), fill=0)
    picture.paste(sun, (0, 0), mask)
    draw = ImageDraw.Draw(picture)
    peaks = rng.uniform(0.02, 0.15, 15) * np.where(np.arange(15) % 2, 1.0, 0.3)
    line = np.stack([np.linspace(0, side, 15), level - peaks * side], axis=1)
    fill_below(draw, line, side, blend(dark, accents[2], 0.18))
    draw.line([(float(a), float(b)) for a, b in line], fill=accents[1], width=5)
    draw.rectangle((0, level, side, side), fill=blend(dark, (0, 0, 0), 0.3))
    for i in range(-26, 27):
        draw.line(
            [(side / 2 + i * side * 0.028, level), (side / 2 + i * side * 0.3, side)],
            fill=blend(dark, accents[1], 0.75), width=4,
        )  # fmt: skip
    for i in range(13):
        row = level + (side - level) * (i / 12) ** 2.2
        draw.line([(0, row), (side, row)], fill=blend(dark, accents[1], 0.4 + 0.05 * i), width=4)
    return glow(picture, side / 2, level, side * 0.25, accents[1], 0.25)


def halftone(side: int, palette: Palette, rng: np.random.Generator) -> Image.Image:
    """Trip hop: a figure of light in coarse printed dots, two inks out of register."""
    dark, light, *accents = palette
    pitch = side / 46
    picture = Image.new("RGB", (side, side), blend(light, accents[1], 0.12))
    centres = rng.uniform(0.2, 0.8, (3, 2))
    for ink, (colour, turn) in enumerate(((accents[0], 0.26), (accents[1], 1.0), (dark, 0.7))):
        layer = Image.new("RGB", (side, side), (255, 255, 255))
        pen = ImageDraw.Draw(layer)
        x0, y0 = (float(v) for v in centres[ink])
        c, s = np.cos(turn), np.sin(turn)
        for i in range(-44, 45):
            for j in range(-44, 45):
                u = side / 2 + (i * c - j * s) * pitch
                v = side / 2 + (i * s + j * c) * pitch
                if -pitch < u < side + pitch and -pitch < v < side + pitch:
                    distance = float(np.hypot(u / side - x0, v / side - y0))
                    wave = 0.5 + 0.5 * np.sin(distance * (9 + 5 * ink) + ink)
                    radius = pitch * 0.66 * float(wave * np.clip(1.25 - distance, 0.1, 1.0))
                    disc(pen, u, v, radius, colour)
        picture = multiply(picture, layer)
    return picture


def speed_bands(side: int, palette: Palette, rng: np.random.Generator) -> Image.Image:
    """Drum and bass: slanted bands cut into blocks that rush past, with light."""
    dark, light, *accents = palette
    slant = float(rng.choice((-1, 1))) * float(rng.uniform(0.3, 0.7))
    picture = gradient(side, [(0.0, dark), (1.0, blend(dark, accents[1], 0.45))], slant)
    draw = ImageDraw.Draw(picture)
    n_bands = int(rng.integers(16, 26))
    height = 1.5 * side / n_bands
    for band in range(n_bands):
        y = -0.25 * side + band * height
        x = float(rng.uniform(-0.6, 0.2)) * side
        while x < 1.2 * side:
            length = float(rng.exponential(0.22)) * side + 0.03 * side
            colour = [blend(dark, light, 0.08), *accents, light][
                int(rng.choice(5, p=[0.4, 0.22, 0.18, 0.14, 0.06]))
            ]
            a, b = y + slant * (x - side / 2), y + slant * (x + length - side / 2)
            gap = height * 0.8
            draw.polygon([(x, a), (x + length, b), (x + length, b + gap), (x, a + gap)], colour)
            x += length + float(rng.uniform(0.02, 0.22)) * side
    x, y = (float(v) * side for v in rng.uniform(0.25, 0.75, 2))
    return glow(picture, x, y, side * 0.4, accents[0], 0.35)


def echoes(side: int, palette: Palette, rng: np.random.Generator) -> Image.Image:
    """Dub: rings that repeat and fade like a tape delay, cut by three bands."""
    dark, light, *accents = palette
    picture = Image.new("RGB", (side, side), light)
    draw = ImageDraw.Draw(picture)
    x, y = (float(v) * side for v in rng.uniform(0.3, 0.7, 2))
    n_rings = int(rng.integers(11, 17))
    for ring in range(n_rings):
        share = ring / (n_rings - 1)
        radius = side * 1.05 * (1 - share) ** 1.15 + side * 0.03
        colour = (dark, accents[0], accents[1], accents[2])[ring % 4]
        disc(draw, x, y, radius, blend(light, colour, 0.35 + 0.65 * share))
        disc(draw, x, y, radius * (0.955 - 0.05 * share), blend(light, colour, 0.12 * (1 - share)))
    disc(draw, x, y, side * 0.045, dark)
    angle = float(rng.uniform(-0.6, 0.6))
    for band, colour in enumerate(accents):
        offset = (band - 1) * side * 0.05 + (y - side / 2) + side * 0.22
        middle = side / 2 + offset
        rise = np.tan(angle) * side / 2
        half = side * 0.018
        draw.polygon(
            [(0, middle - rise - half), (side, middle + rise - half),
             (side, middle + rise + half), (0, middle - rise + half)], colour,
        )  # fmt: skip
    return picture


MOTIFS: dict[str, Motif] = {
    "folk": hills,
    "jazz": blue_blocks,
    "bossa nova": promenade,
    "rock": shards,
    "metal": crags,
    "classical piano": strings,
    "ambient": horizon,
    "house": quarters,
    "techno": interference,
    "synthwave": neon_sun,
    "trip hop": halftone,
    "drum and bass": speed_bands,
    "dub": echoes,
}
