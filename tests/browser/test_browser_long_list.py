"""A library of thousands: only the rows near the window are in the page, and all are reached."""

from collections.abc import Iterator
from typing import Any

import pytest

from browser.conftest import PASSWORD, serving, shots_folder

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
N_TRACKS = 5_000
MOST_ROWS = 400
ROWS = "#page .track[data-track]"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Five thousand tracks by name and number; their files were scanned and are not there."""
    from segue.bootstrap import build_app
    from segue.data.records import FileStat, ScannedFile, TrackTags
    from segue.services.library import entry_of
    from segue.settings import Settings
    from segue.store.catalog_records import ScanBatch

    app = build_app(Settings(data_dir=tmp_path_factory.mktemp("long") / "data", sign_up="open"))
    app.accounts.create("vera", PASSWORD)
    files = (
        ScannedFile(
            stat=FileStat(f"/long/{n}.flac", 1, 1),
            tags=TrackTags(
                title=f"Song {n:04}", artists=(f"Band {n % 50}",), genres=(f"G{n % 2}",),
                duration_s=200.0,
            ),
            fingerprint=str(n),
        )
        for n in range(N_TRACKS)
    )  # fmt: skip
    app.catalog.apply_scan(ScanBatch(read=[entry_of(file) for file in files]), 1.0)
    with serving(app, shots_folder(tmp_path_factory)) as running:
        yield running


@pytest.fixture
def page(library: Any, new_page: Any) -> Any:
    """Signed in, at the tracks."""
    page = new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(10_000)
    page.goto(f"{library.url}/sign-up")
    page.get_by_label("Name").fill(f"vera{len(library.app.accounts.all())}")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Begin").click()
    page.wait_for_selector("body[data-ready]")
    page.goto(f"{library.url}/library/tracks")
    page.wait_for_selector("li.rows-away", state="attached")
    return page


def to(page: Any, share: float) -> None:
    page.evaluate("share => scrollTo(0, share * document.documentElement.scrollHeight)", share)


def titles(page: Any) -> list[str]:
    return page.locator(f"{ROWS} .track-title").all_inner_texts()


def test_the_end_of_thousands_is_one_move_away(page: Any, library: Any) -> None:
    first = page.evaluate("document.documentElement.scrollHeight")
    assert first > N_TRACKS * 56
    to(page, 1.0)
    page.get_by_text("Song 4999", exact=True).wait_for()
    assert page.locator(ROWS).count() <= MOST_ROWS
    shown = titles(page)
    assert shown == sorted(shown)
    last = page.locator(ROWS).last
    assert last.get_attribute("aria-posinset") == last.get_attribute("aria-setsize") == "5000"
    assert page.evaluate("document.documentElement.scrollHeight") == pytest.approx(first, rel=0.01)
    page.screenshot(path=library.shots / "long-list-end.png")


def test_rows_stand_where_their_number_says_wherever_one_stops(page: Any) -> None:
    for share in (0.5, 0.9, 0.2, 0.0):
        to(page, share)
        page.wait_for_function(
            """() => { const row = document.elementFromPoint(600, 300)?.closest("[data-track]");
                       const to_come = "#page .rows-away:nth-child(n+2):not(:last-child)";
                       return row && !document.querySelector(to_come); }"""
        )
        number = page.evaluate(
            """() => { const row = document.elementFromPoint(600, 300).closest("[data-track]");
                       return [Number(row.getAttribute("aria-posinset")),
                               row.querySelector(".track-title").textContent]; }"""
        )
        assert number[1] == f"Song {number[0] - 1:04}"
        assert page.locator(ROWS).count() <= MOST_ROWS


def test_what_was_chosen_stays_chosen_after_a_long_way(page: Any) -> None:
    page.get_by_role("button", name="Select").click()
    page.locator(ROWS).nth(2).click()
    to(page, 0.7)
    page.wait_for_function("() => !document.body.textContent.includes('Song 0002')")
    page.wait_for_selector(ROWS)
    page.locator(ROWS).nth(90).click()
    assert page.inner_text("[data-selection-count]") == "2 tracks"
    to(page, 0.0)
    page.get_by_text("Song 0002", exact=True).wait_for()
    assert page.locator(ROWS).nth(2).evaluate("row => row.classList.contains('is-chosen')")


def test_the_back_button_comes_back_to_the_place(page: Any) -> None:
    to(page, 0.6)
    page.wait_for_function(
        "() => document.querySelectorAll('#page .track[data-track]').length > 100"
    )
    page.wait_for_function("() => document.elementFromPoint(600, 300)?.closest('[data-track]')")
    before = page.evaluate(
        "document.elementFromPoint(600, 300).closest('[data-track]').dataset.trackId"
    )
    page.locator("a[href='/library/genres']").first.evaluate("link => link.click()")
    page.get_by_text("G1", exact=True).wait_for()
    page.go_back()
    page.wait_for_function(
        "id => Boolean(document.querySelector(`[data-track-id='${id}']`))", arg=before
    )
    box = page.locator(f"[data-track-id='{before}']").bounding_box()
    assert box is not None
    assert -400 < box["y"] < 1200


def test_a_filter_makes_the_list_as_long_as_what_fits(page: Any) -> None:
    page.select_option("#filter-genre", "G1")
    page.wait_for_selector("ol[data-total='2500']")
    to(page, 1.0)
    page.get_by_text("Song 4999", exact=True).wait_for()
    assert page.locator(ROWS).last.get_attribute("aria-posinset") == "2500"
