"""Words that know their times go along with the music."""

from collections.abc import Iterator
from typing import Any

import pytest

from segue.data.lyrics import lyrics_of_text
from segue.store.lyrics import write_lyrics
from support.journey import elapsed_s, play_radio, sign_up
from support.pictures import assert_journey_looks_as_kept

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

NOW = "#beside-lyrics .lyric.is-now"


@pytest.fixture
def page(server: Any, new_page: Any) -> Iterator[Any]:
    """A telephone that plays, with a line of words each second, after a pause of two.

    Afterwards the track has no words again: other tests play it too.
    """
    page = new_page(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    sign_up(page, server)
    play_radio(page)
    page.locator(".player [data-act=toggle]").click()
    track_id = page.evaluate(
        "JSON.parse(localStorage.getItem(`segue.${document.body.dataset.listener}.playing`)).trackId"
    )
    text = lyrics_of_text("\n".join(f"[00:{n:02}.00]Line {n}" for n in range(2, 26)))
    server.app.database.write(lambda connection: write_lyrics(connection, {track_id: text}))
    page.evaluate(GO, 0)
    page.locator(".player-cover").click()
    page.get_by_role("tab", name="Words").click()
    page.wait_for_selector("#beside-lyrics .lyric")
    yield page
    server.app.database.write(lambda connection: write_lyrics(connection, {track_id: ""}))


# To a moment of the track in seconds, as by its bar.
GO = """seconds => {
  const bar = document.getElementById("player-seek");
  const [minutes, rest] = document.getElementById("player-length").textContent.split(":");
  bar.value = (1000 * seconds) / (60 * Number(minutes) + Number(rest));
  for (const name of ["input", "change"]) bar.dispatchEvent(new Event(name, { bubbles: true }));
}"""
# Where the present line stands in the height of all that shows of the words, 0 at their top.
PLACE = """() => {
  const list = document.querySelector("#beside-lyrics .lyrics");
  const line = list.querySelector(".is-now").getBoundingClientRect();
  const frame = list.getBoundingClientRect();
  return (line.top - frame.top) / frame.height;
}"""


def test_the_line_that_is_sung_is_marked_and_in_view(server: Any, page: Any) -> None:
    assert page.locator(NOW).count() == 0
    page.evaluate(GO, 12.3)
    page.wait_for_selector(NOW)
    assert page.locator(NOW).all_inner_texts() == ["Line 12"]
    assert page.locator(NOW).get_attribute("aria-current") == "true"
    assert 0.1 < page.evaluate(PLACE) < 0.5
    assert_journey_looks_as_kept(page, "lyrics-phone", server.shots)
    page.locator(".player [data-act=toggle]").click()
    page.wait_for_function(
        "() => document.querySelector('.lyric.is-now').textContent === 'Line 13'"
    )
    page.screenshot(path=server.shots / "lyrics-390.png")


def test_a_press_on_a_line_goes_there(page: Any) -> None:
    page.get_by_role("button", name="Line 7", exact=True).click()
    assert page.locator(NOW).all_inner_texts() == ["Line 7"]
    assert elapsed_s(page) == 7


def test_keys_walk_from_the_present_line_and_the_words_stay_under_them(page: Any) -> None:
    page.evaluate(GO, 12.3)
    page.wait_for_selector(NOW)
    page.get_by_role("tab", name="Words").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Line 12"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == "Line 14"
    page.keyboard.press("Enter")
    assert page.locator(NOW).all_inner_texts() == ["Line 14"]


def test_whoever_scrolls_by_hand_is_left_alone(page: Any) -> None:
    page.evaluate(GO, 12.3)
    page.wait_for_selector(NOW)
    page.locator("#beside-lyrics .lyrics").hover()
    page.mouse.wheel(0, -2000)
    page.wait_for_function("() => document.querySelector('#beside-lyrics .lyrics').scrollTop === 0")
    page.evaluate(GO, 14.3)
    page.wait_for_function(
        "() => document.querySelector('.lyric.is-now').textContent === 'Line 14'"
    )
    assert page.evaluate("document.querySelector('#beside-lyrics .lyrics').scrollTop") == 0
