"""What covers are drawn with: gradients, skylines, discs, light, inks printed over each other."""

from typing import TypeAlias

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from segue.types import FloatMatrix

Colour: TypeAlias = tuple[int, int, int]


def blend(first: Colour, second: Colour, share: float) -> Colour:
    """The colour ``share`` of the way from the first to the second.

    >>> blend((0, 0, 0), (100, 200, 50), 0.5)
    (50, 100, 25)
    """
    a, b, c = (round(x + (y - x) * share) for x, y in zip(first, second, strict=True))
    return a, b, c


def gradient(side: int, stops: list[tuple[float, Colour]], angle: float = 0.0) -> Image.Image:
    """A linear gradient; ``angle`` in radians, 0 runs from top to bottom."""
    small = side // 4  # smooth: enlarged without loss
    y, x = np.mgrid[0 : 1 : small * 1j, 0 : 1 : small * 1j].astype(np.float32)
    along = (x - 0.5) * np.float32(np.sin(angle)) + (y - 0.5) * np.float32(np.cos(angle)) + 0.5
    places = [place for place, _ in stops]
    channels = [np.interp(along, places, [colour[c] for _, colour in stops]) for c in range(3)]
    picture = Image.fromarray(np.stack(channels, axis=2).astype(np.uint8))
    return picture.resize((side, side), Image.Resampling.BICUBIC)


def ridge(side: int, base: float, rough: float, rng: np.random.Generator) -> FloatMatrix:
    """A skyline of hills: (side / 8, 2) points, heights from a few sines with random phases."""
    x = np.linspace(0.0, 1.0, side // 8)
    height = np.zeros_like(x)
    for octave in range(1, 6):
        phase, cycles = rng.uniform(0, 2 * np.pi), octave * rng.uniform(0.7, 1.3)
        height += np.sin(2 * np.pi * cycles * x + phase) / octave**1.2
    return np.stack([x * side, (base + rough * height) * side], axis=1)


def fill_below(draw: ImageDraw.ImageDraw, line: FloatMatrix, side: int, colour: Colour) -> None:
    """Fills everything under a skyline."""
    points = [(float(x), float(y)) for x, y in line]
    draw.polygon([*points, (side, side), (0, side)], fill=colour)


def disc(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, colour: Colour) -> None:
    """A filled circle."""
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def glow(
    picture: Image.Image, x: float, y: float, radius: float, colour: Colour, force: float
) -> Image.Image:
    """The picture with a soft light added at a place (screen blending)."""
    offset = np.arange(picture.width, dtype=np.float32)
    down, across = (np.exp(-((offset - centre) ** 2) / np.float32(radius**2)) for centre in (y, x))
    light = np.float32(255.0 * force) * down[:, None] * across[None, :]
    lit = ImageChops.screen(picture, Image.new("RGB", picture.size, colour))
    return Image.composite(lit, picture, Image.fromarray(light.astype(np.uint8)))


def multiply(below: Image.Image, above: Image.Image) -> Image.Image:
    """Two pictures as inks printed over each other."""
    return ImageChops.multiply(below, above)
