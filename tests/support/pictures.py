"""Whether a page looks as it did: a screenshot against a small picture kept with the tests.

Both are shrunk, so that the edges of letters, which differ from one machine to the next, do not
count. What changes by itself (covers, names, figures) is painted over before.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

KEPT = Path(__file__).parents[1] / "browser" / "pictures"
SHRINK = 4
MOST_MEAN, MOST_CHANGED = 0.02, 0.04  # of full brightness, on average; of the picture, clearly
CLEARLY = 0.15
PAINT = "#7f7f7f"


def assert_looks_as_kept(page: Any, name: str, shots: Path, painted_over: tuple[str, ...]) -> None:
    """Compare what shows with the picture of that name; SEGUE_KEEP_PICTURES=yes makes it anew.

    The screenshot stays in ``shots``, and beside it one of the differences where it fails.
    """
    path = shots / f"{name}.png"
    page.screenshot(path=path, mask=[page.locator(one) for one in painted_over], mask_color=PAINT,
                    animations="disabled", caret="hide")  # fmt: skip
    found = _shrunk(Image.open(path))
    kept = KEPT / f"{name}.png"
    if os.environ.get("SEGUE_KEEP_PICTURES") == "yes":
        kept.parent.mkdir(exist_ok=True)
        found.quantize(64).save(kept, optimize=True)
    wanted = Image.open(kept).convert("RGB")
    assert found.size == wanted.size, f"{name}: {found.size} now, {wanted.size} kept"
    mean, changed = difference(found, wanted)
    if mean > MOST_MEAN or changed > MOST_CHANGED:
        Image.fromarray(np.hstack([np.asarray(found), np.asarray(wanted)])).save(
            shots / f"{name}-now-and-kept.png"
        )
    assert mean <= MOST_MEAN, f"{name} differs by {mean:.3f} on average"
    assert changed <= MOST_CHANGED, f"{changed:.1%} of {name} looks otherwise"


def difference(a: Image.Image, b: Image.Image) -> tuple[float, float]:
    """Mean difference of brightness, 0..1, and the share of the picture that differs clearly."""
    apart = np.abs(np.asarray(a, np.float32) - np.asarray(b, np.float32)).max(axis=2) / 255.0
    return float(apart.mean()), float((apart > CLEARLY).mean())


def _shrunk(image: Image.Image) -> Image.Image:
    size = (image.width // SHRINK, image.height // SHRINK)
    return image.convert("RGB").resize(size, Image.Resampling.BOX)
