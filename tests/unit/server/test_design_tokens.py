"""The tokens of the design system: contrast as WCAG 2.2 computes it, and nothing named outside."""

import re
from itertools import product

import pytest

from segue.server.web.design import COLOURS, icon_names
from segue.server.web.rendering import STATIC_DIR, WEB_DIR, stylesheets

TOKENS = (STATIC_DIR / "css" / "tokens.css").read_text(encoding="utf-8")
PAIRS = re.findall(r"--([\w-]+): light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\)", TOKENS)
SCHEMES = {
    "light": {name: light for name, light, _ in PAIRS},
    "dark": {name: dark for name, _, dark in PAIRS},
}
PAPERS = ("paper", "paper-lit", "paper-raised", "paper-sunk")
TEXT = [*product(("ink", "ink-quiet"), PAPERS), ("on-accent", "accent"),
        ("on-accent", "accent-strong"), ("ink", "accent-soft"), ("accent", "accent-soft"),
        *product(("accent",), PAPERS)]  # fmt: skip
CONTROLS = [("edge", "paper"), ("edge", "paper-raised"), ("accent", "paper-raised")]


def luminance(colour: str) -> float:
    """Relative luminance of sRGB (WCAG 2.2, definition of relative luminance)."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_formula_gives_the_known_ends_of_the_scale() -> None:
    assert contrast("000000", "ffffff") == pytest.approx(21.0)
    assert contrast("777777", "ffffff") == pytest.approx(4.48, abs=0.005)  # just not enough
    assert contrast("a3203f", "a3203f") == 1.0


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_stands_out_enough_by_day_and_by_night(scheme: str, text: str, ground: str) -> None:
    colours = SCHEMES[scheme]
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("edge", "ground"), CONTROLS)
def test_edges_of_controls_can_be_seen(scheme: str, edge: str, ground: str) -> None:
    colours = SCHEMES[scheme]
    assert contrast(colours[edge], colours[ground]) >= 3.0


def test_the_page_of_the_design_system_shows_every_colour() -> None:
    assert {name for name, _ in COLOURS} == set(SCHEMES["light"])


def test_every_token_that_a_style_sheet_asks_for_exists() -> None:
    scripts = "".join(
        path.read_text(encoding="utf-8") for path in (STATIC_DIR / "js").rglob("*.js")
    )
    known = set(re.findall(r"(--[\w-]+):", TOKENS)) | set(re.findall(r"\"(--[\w-]+)\"", scripts))
    for sheet in stylesheets():
        text = (STATIC_DIR / "css" / f"{sheet}.css").read_text(encoding="utf-8")
        asked = set(re.findall(r"var\((--[\w-]+)", text))
        own = set(re.findall(r"(--[\w-]+):", text))
        assert asked <= known | own, f"{sheet}.css asks for {sorted(asked - known - own)}"


def test_every_icon_that_a_template_asks_for_is_vendored() -> None:
    asked: set[str] = set()
    for template in (WEB_DIR / "templates").rglob("*.html"):
        asked |= set(re.findall(r"icon\('([\w-]+)'\)", template.read_text(encoding="utf-8")))
    assert asked
    assert asked <= set(icon_names())


def test_common_style_sheets_come_before_those_of_single_pages() -> None:
    order = stylesheets()
    assert order[:3] == ("tokens", "base", "components")
    assert order.index("player") < order.index("design")


def test_a_class_has_its_look_from_one_stylesheet() -> None:
    """All stylesheets meet on every page: two parts of one name would spoil each other."""
    looks: dict[str, set[str]] = {}
    for path in (STATIC_DIR / "css").glob("*.css"):
        text = re.sub(
            r"/\*.*?\*/|\([^()]*\)", "", path.read_text(encoding="utf-8"), flags=re.DOTALL
        )
        text = re.sub(r"@media print \{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", text)
        for selectors in re.findall(r"([^{}]+)\{", text):
            for selector in selectors.split(","):
                if re.fullmatch(r"\.[\w-]+", selector.strip()):
                    looks.setdefault(selector.strip(), set()).add(path.name)
    assert len(looks) > 100
    assert {name: files for name, files in looks.items() if len(files) > 1} == {}
