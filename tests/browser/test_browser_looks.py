"""Pages look as they did when somebody last looked at them; see support/pictures.py.

After a wanted change: SEGUE_KEEP_PICTURES=yes python -m pytest tests/browser/test_browser_looks.py,
then look at what git shows as changed in tests/browser/pictures.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from browser.conftest import serving_demo
from support.journey import sign_up
from support.pictures import CHANGING, SETTLE, assert_looks_as_kept, difference

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

PAGES = {
    "home": "/", "albums": "/library/albums", "tracks": "/library/tracks", "search": "/search",
    "discover": "/discover", "radio": "/radio", "import": "/import", "you": "/you",
    "profile": "/you/profile", "playlists": "/playlists",
}  # fmt: skip


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server of their own: a job or a track of another test would show."""
    with serving_demo(tmp_path_factory) as running:
        yield running


@pytest.mark.parametrize(
    ("size", "width", "height", "scheme"),
    [("wide", 1440, 900, "light"), ("phone", 390, 844, "dark")],
)
def test_pages_look_as_they_did(
    untouched: Any, new_page: Any, size: str, width: int, height: int, scheme: str
) -> None:
    page = new_page(viewport={"width": width, "height": height}, color_scheme=scheme,
                    reduced_motion="reduce")  # fmt: skip
    sign_up(page, untouched)
    wrong = []
    for name, path in PAGES.items():
        page.goto(f"{untouched.url}{path}")
        page.wait_for_selector("body[data-ready]")
        page.wait_for_load_state("networkidle")
        page.evaluate(SETTLE)
        try:
            assert_looks_as_kept(page, f"looks-{name}-{size}", untouched.shots, CHANGING)
        except AssertionError as error:
            wrong.append(str(error).splitlines()[0])
    assert not wrong


def test_what_moved_by_a_row_is_seen() -> None:
    picture = Image.new("RGB", (100, 100), "white")
    picture.paste("black", (0, 20, 100, 30))
    moved = Image.new("RGB", (100, 100), "white")
    moved.paste("black", (0, 30, 100, 40))
    assert difference(picture, picture) == (0.0, 0.0)
    assert difference(picture, moved) == pytest.approx((0.2, 0.2))
