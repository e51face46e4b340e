"""What holds on every page: nobody is shut out, nothing on the console, nothing in a tag executes.

See support/axe.py for what is asked.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from browser.conftest import serving_demo
from segue.data.records import TrackTags
from segue.store.catalog_records import TrackEntry
from support.axe import violations
from support.journey import elapsed_s, play_radio, sign_up, wait_until_sounding

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

PAGES = (
    "/", "/search", "/search?q=a", "/discover", "/moods/calm", "/library/albums",
    "/library/artists", "/library/tracks", "/library/genres", "/library/years", "/playlists",
    "/lists/for_you", "/quiz", "/you", "/start", "/design", "/nothing-here",
)  # fmt: skip
CORPUS = (
    "<script>window.hacked = 1</script>",
    "<img src=x onerror=window.hacked=2>",
    '"><svg onload=window.hacked=3>',
    "'-window.hacked=4-'",
    "{{constructor.constructor('window.hacked=5')()}}",
    "javascript:window.hacked=6",
    "</script><script>window.hacked=7</script>",
    "<a href=x hx-get=/library/albums hx-trigger=load>x</a>",
)


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_no_page_shuts_anybody_out(server: Any, new_page: Any, width: int, scheme: str) -> None:
    page = new_page(viewport={"width": width, "height": 844}, color_scheme=scheme,
                    reduced_motion="reduce")  # fmt: skip
    sign_up(page, server)
    found = {}
    for path in PAGES:
        page.goto(server.url + path)
        page.wait_for_selector("#page h1", state="attached")
        page.wait_for_timeout(100)
        if troubles := violations(page):
            found[path] = troubles
    assert not found


def test_panels_and_sheets_shut_nobody_out(server: Any, new_page: Any) -> None:
    page = new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    sign_up(page, server)
    play_radio(page)
    found = {}
    for name in ("queue", "sound", "keys"):
        page.evaluate("name => document.querySelector(`[data-act=${name}]`)?.click()", name)
        if name == "keys":
            page.keyboard.press("?")
        page.wait_for_timeout(100)
        found[name] = violations(page)
        page.keyboard.press("Escape")
    page.locator("#for-you .track-title").first.click()
    page.wait_for_selector("#panel .facts")
    found["why"] = violations(page)
    page.keyboard.press("Escape")
    page.locator(".player-cover").click()
    page.wait_for_timeout(100)
    found["player"] = violations(page)
    troubled = {name: troubles for name, troubles in found.items() if troubles}
    assert not troubled, troubled


def test_the_doors_shut_nobody_out(server: Any, new_page: Any) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    for path in ("/sign-in", "/sign-up"):
        page.goto(server.url + path)
        assert violations(page) == []


def test_the_sound_does_not_break_across_fifty_navigations(server: Any, new_page: Any) -> None:
    page = new_page(viewport={"width": 1440, "height": 900})
    page.add_init_script("window.pauses = 0; const R = window.Audio; window.Audio = function () {"
                         "const a = new R(); a.addEventListener('pause', () => { if (!a.ended)"
                         "window.pauses += 1; }); return a; };")  # fmt: skip
    sign_up(page, server)
    play_radio(page)
    page.evaluate("window.sameDocument = true")
    places = page.locator(".rail a.place")
    n = places.count()
    for number in range(50):
        with page.expect_response(lambda r: r.request.headers.get("hx-boosted") == "true"):
            places.nth(number % n).click()
        page.wait_for_selector("#page")
    assert page.evaluate("window.sameDocument")
    assert page.evaluate("window.pauses") == 0
    at = elapsed_s(page)
    wait_until_sounding(page, at + 1 if at < 25 else 1)
    assert page.locator("#page").count() == 1
    assert page.locator(".player").count() == 1


@pytest.fixture
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server of its own: other tests count the tracks of theirs."""
    with serving_demo(tmp_path_factory) as running:
        yield running


def test_nothing_in_a_tag_ever_executes(spoilt: Any, new_page: Any) -> None:
    entries = [
        TrackEntry(
            tags=TrackTags(
                title=text, artists=(text,), album=text, album_artists=(text,), genres=(text[:90],),
                tags=(text,), year=1999, track_number=1, duration_s=60.0, comment=text,
            )
        )
        for text in CORPUS
    ]  # fmt: skip
    spoilt.app.catalog.add_tracks(entries, 1_790_000_000.0)
    page = new_page(viewport={"width": 1440, "height": 900})
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    sign_up(page, spoilt)
    found = spoilt.app.catalog.tracks_page(limit=200, year=1999).items
    ours = [track for track in found if track.title in CORPUS]
    assert len(ours) == len(CORPUS)
    paths = ["/", "/library/tracks?year=1999", "/library/albums?year=1999", "/library/artists",
             "/library/genres", "/discover", "/search?q=window.hacked"]  # fmt: skip
    for track in ours:
        paths += [f"/tracks/{track.id}", f"/albums/{track.album_id}",
                  f"/artists/{track.artists[0].id}", f"/lyrics/{track.id}",
                  f"/why/{track.id}?station=for_you"]  # fmt: skip
    for path in paths:
        page.goto(spoilt.url + path)
        assert page.evaluate("window.hacked") is None, path
    page.goto(f"{spoilt.url}/library/tracks?year=1999")
    for title in page.locator("#page .track-title").all()[: len(CORPUS)]:
        title.click()
        page.wait_for_selector("#panel .facts")
        assert page.evaluate("window.hacked") is None
        page.keyboard.press("Escape")
    assert not dialogs
