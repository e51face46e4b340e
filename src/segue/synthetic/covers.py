"""Generated album covers: one picture language for each style, palettes that follow the mood.

Everything is drawn at twice the size with Pillow and NumPy and reduced, then given a light grain.
The motifs stand in :mod:`segue.synthetic.cover_motifs`.
"""

import colorsys

import numpy as np
from PIL import Image

from segue.rng import derived_rng
from segue.synthetic.cover_motifs import MOTIFS, Colour

COVER_PX = 640

# five colours each: ground dark, ground light, three accents
PALETTES: dict[str, tuple[tuple[str, ...], ...]] = {
    "folk": (("2f3e34", "f2e3c6", "d9884a", "8fa876", "c75b39"),
             ("3b2f2a", "f6ead2", "e0a24b", "7d8f69", "a44a3f")),
    "jazz": (("12233f", "efe6d2", "e4572e", "2e86ab", "f2b134"),
             ("1d1a2f", "f3e9d8", "d1495b", "00798c", "edae49")),
    "bossa nova": (("17494d", "fbf1da", "f4a259", "5b8e7d", "f25f5c"),
                   ("1f3b5c", "fff3df", "ffb84c", "4fb0ae", "ef6f6c")),
    "rock": (("1a1416", "f1e5d1", "e63b2e", "f2a541", "30638e"),
             ("201a2b", "f5ead7", "f04e23", "ffc15e", "3d7068")),
    "metal": (("0a0a0d", "c9c4bd", "b3121d", "5d6069", "e08e45"),
              ("0b0d10", "d3d8da", "7a1fa2", "47525e", "c8102e")),
    "classical piano": (("14213d", "f4efe6", "c9a66b", "6b7a8f", "a63d40"),
                        ("2b2331", "f7f2ea", "b98b82", "6d6875", "d8b26e")),
    "ambient": (("0e1b3a", "f6d6c9", "7aa7c7", "b89ac8", "f3a683"),
                ("10302f", "e6f2e4", "7fc8a9", "4a7c8c", "f2c6a0")),
    "house": (("2b1a5a", "fff0d9", "ff5d8f", "ffb400", "00b4a0"),
              ("14213d", "fdf0d5", "fb5607", "8338ec", "3a86ff")),
    "techno": (("08090b", "e9ecef", "e6ff2a", "5b6770", "ff3d2e"),
               ("0b0c10", "f1f1f1", "00e5c3", "49545e", "ff2e88")),
    "synthwave": (("150734", "ffd9a0", "ff2e93", "29d3f5", "8c1eff"),
                  ("0d0b33", "ffe29a", "ff5e5b", "3ee8e0", "b026ff")),
    "trip hop": (("1c1b22", "e6d8bd", "b5654a", "5f7367", "d3a24c"),
                 ("191c26", "ded3c4", "8a6f9e", "4f6d7a", "d98c5f")),
    "drum and bass": (("07120f", "e6fbe9", "37f08a", "1c6e7d", "f9f871"),
                      ("0c0a1d", "eef0ff", "5b6cff", "f0386b", "2ee6d6")),
    "dub": (("18261b", "f7e8b5", "e7b10a", "2f8f4e", "d1352b"),
            ("231a12", "f8e6b8", "f0a202", "51824a", "c8352b")),
}  # fmt: skip


def shaded(colour: str, hue_turn: float, saturation: float, value: float) -> Colour:
    """A hex colour with its hue turned and its saturation and value scaled, as 0..255."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255.0 for i in (0, 2, 4))
    h, s, v = colorsys.rgb_to_hsv(red, green, blue)
    rgb = colorsys.hsv_to_rgb((h + hue_turn) % 1.0, min(s * saturation, 1.0), min(v * value, 1.0))
    return tuple(round(255 * c) for c in rgb)  # pyright: ignore[reportReturnType]


def mood_palette(
    style: str, valence: float, arousal: float, rng: np.random.Generator
) -> tuple[Colour, ...]:
    """The style's colours, brighter with valence, more saturated with arousal, turned a little."""
    base = PALETTES[style][int(rng.integers(len(PALETTES[style])))]
    turn = float(rng.uniform(-0.06, 0.06))
    saturation = 1.0 + 0.2 * arousal + float(rng.uniform(-0.05, 0.05))
    value = 0.88 + 0.22 * valence
    accents = list(base[2:])
    rng.shuffle(accents)
    return tuple(shaded(colour, turn, saturation, value) for colour in (*base[:2], *accents))


def album_cover(
    style: str, valence: float, arousal: float, seed: int, album_key: str
) -> Image.Image:
    """The cover of an album, 640 x 640 RGB; equal arguments give an equal picture.

    Args:
        style: A key of :data:`~segue.synthetic.styles.STYLES`.
        valence: 0..1.
        arousal: 0..1.
        seed: Of the library.
        album_key: What tells the album apart within the library, for example its folder.
    """
    rng = derived_rng(seed, "cover", album_key)
    palette = mood_palette(style, valence, arousal, rng)
    large = MOTIFS[style](2 * COVER_PX, palette, rng)
    picture = np.asarray(large.convert("RGB").reduce(2), np.float32)
    grain = rng.standard_normal((COVER_PX, COVER_PX, 1), np.float32) * 3.5
    from_middle = np.linspace(-1.0, 1.0, COVER_PX, dtype=np.float32) ** 2
    distance = from_middle[:, None] + from_middle[None, :]
    picture = picture * (1.0 - np.float32(0.14) * np.maximum(distance - 0.6, 0.0))[:, :, None]
    picture += grain
    return Image.fromarray(np.clip(picture, 0, 255, out=picture).astype(np.uint8))
