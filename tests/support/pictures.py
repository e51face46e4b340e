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
MOST_MEAN, MOST_CHANGED = 0.012, 0.025  # of full brightness, on average; of the picture, clearly
TRIES, TRY_AGAIN_MS = 10, 400
CLEARLY = 0.15
PAINT = "#7f7f7f"
# Paints over where things stand, so that what lies above them shows; and takes it back.
PAINT_OVER = """([selectors, colour]) => {
  window.painted = [];
  const paint = (element, style) => {
    window.painted.push([element, element.style.cssText]);
    for (const one in style) element.style.setProperty(one, style[one], "important");
  };
  for (const element of document.querySelectorAll(selectors)) {
    const style = { background: colour, color: "transparent", animation: "none", opacity: "1" };
    if (element.matches("img")) style["object-position"] = "-9999px";
    paint(element, style);
    for (const child of element.children) paint(child, { visibility: "hidden" });
  }
}"""
PAINT_OFF = """() => {
  for (const [element, style] of window.painted.reverse()) element.style.cssText = style;
}"""

# What is another one each time: drawn sleeves, names, reasons, numbers, times.
CHANGING = (".cover", ".sleeve .label", ".track-words", ".numbers", ".hero-words", ".quilt")
SOUNDING = (".player-cover", ".player-words", ".player-seek")
# Whose length would move what stands below.
SETTLE = """() => {
  for (const one of document.querySelectorAll(".hero h1")) one.className = "";
  const names = "#page h1 em, .quiz-cover .name, .quiz-cover .by";
  for (const one of document.querySelectorAll(names)) one.textContent = "A song";
  for (const one of document.querySelectorAll(".hero-why")) one.textContent = "You love it.";
  document.getElementById("toasts")?.replaceChildren();
  document.activeElement?.blur();
}"""


def assert_journey_looks_as_kept(
    page: Any, name: str, shots: Path, *also: str, part: str | None = None
) -> None:
    """Compare where a journey of a listener ends with the picture ``journey-NAME``.

    What other tests did on the same server before must not show there: a journey goes to what has
    a name, not to what happens to be first.

    Args:
        page: Where it ended.
        name: Of the journey, and the size where there are two.
        shots: Where the screenshot stays.
        also: Selectors of what changes there besides what changes everywhere.
        part: Selector of the panel, dialog or section that counts; None: all that shows.
    """
    page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-settling')")
    page.evaluate(SETTLE)
    page.evaluate("document.fonts.ready")
    whole = page if part is None else page.locator(part).first
    page.evaluate(PAINT_OVER, [", ".join((*CHANGING, *SOUNDING, *also)), PAINT])
    assert_looks_as_kept(whole, f"journey-{name}", shots, ())
    page.evaluate(PAINT_OFF)


def assert_looks_as_kept(page: Any, name: str, shots: Path, painted_over: tuple[str, ...]) -> None:
    """Compare what shows with the picture of that name; SEGUE_KEEP_PICTURES=yes makes it anew.

    What is still on its way (a scroll, an icon that waits for the sound) has a few seconds to
    arrive. The screenshot, of a page or of an element, stays in ``shots``, and beside it one of the
    differences where it fails.
    """
    path = shots / f"{name}.png"
    kept = KEPT / f"{name}.png"
    for again in reversed(range(TRIES)):
        page.screenshot(path=path, mask=[page.locator(one) for one in painted_over],
                        mask_color=PAINT, animations="disabled", caret="hide")  # fmt: skip
        found = _shrunk(Image.open(path))
        if os.environ.get("SEGUE_KEEP_PICTURES") == "yes":
            kept.parent.mkdir(exist_ok=True)
            found.quantize(256).save(kept, optimize=True)
        wanted = Image.open(kept).convert("RGB")
        assert found.size == wanted.size, f"{name}: {found.size} now, {wanted.size} kept"
        mean, changed = difference(found, wanted)
        if (mean <= MOST_MEAN and changed <= MOST_CHANGED) or not again:
            break
        getattr(page, "page", page).wait_for_timeout(TRY_AGAIN_MS)
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
