"""Finding music in a real browser: asking, a radio, a path, shelves of likeness, blends."""

import re
from typing import Any

import pytest

from support.listening import sign_up, wait_until_sounding
from support.pictures import assert_journey_looks_as_kept

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

PATHS = (
    "/discover", "/ask", "/ask?words=calm+songs+from+the+90s,+no+metal", "/moods/calm", "/groups",
    "/groups/0", "/map", "/radio", "/path", "/blends", "/like-minded", "/wishes", "/playlists",
)  # fmt: skip


@pytest.fixture
def page(server: Any, new_page: Any) -> Any:
    page = new_page(viewport={"width": 1280, "height": 800})
    sign_up(page, server)
    return page


def choose(page: Any, box: str, words: str) -> str:
    """Type into a box and take the first that is found; its title."""
    page.locator(f"#{box}").press_sequentially(words, delay=20)
    first = page.locator(f"#{box}-found [data-choose]").first
    first.wait_for()
    page.wait_for_timeout(300)  # the last letter is answered too
    title = first.get_attribute("data-title")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    return title


def some_titles(page: Any, n: int) -> list[str]:
    return page.locator("#for-you .track-title").all_inner_texts()[:n]


def test_a_request_is_answered_and_follows_what_is_taken_away(server: Any, page: Any) -> None:
    page.get_by_role("link", name="Discover").first.click()
    page.locator("#ask-words").fill("calm songs, no metal")
    page.keyboard.press("Enter")
    page.wait_for_selector(".said-chip")
    assert page.locator(".said-chip b").all_inner_texts() == ["calm", "metal"]
    page.screenshot(path=server.shots / "ask-1280.png", caret="initial")
    assert_journey_looks_as_kept(page, "ask", server.shots)
    page.get_by_role("link", name="Ask again without “metal”").click()
    page.wait_for_function("() => document.querySelectorAll('.said-chip').length === 1")
    assert page.locator("#ask-words").input_value() == "calm songs"
    page.get_by_role("button", name="Play", exact=True).last.click()
    wait_until_sounding(page)


def test_a_radio_of_several_seeds_goes_on_as_one_session(server: Any, page: Any) -> None:
    words = [title[:6] for title in some_titles(page, 3)]
    page.goto(f"{server.url}/radio")
    titles = [choose(page, "radio-seed", word) for word in words]
    rows = page.locator(".seed")
    shown = page.locator(".seed [data-title]").all_inner_texts()
    assert shown == list(dict.fromkeys(titles))
    rows.nth(1).locator("[data-side=less]").click()
    rows.nth(0).locator('[data-weight="2"]').click()
    page.reload()
    page.wait_for_selector(".seed")
    with page.expect_response(re.compile(r"/v1/sessions$")) as begun:
        page.locator("[data-start]").click()
    sent = begun.value.request.post_data_json
    assert sent["seeds"][0].endswith("*2")
    assert len(sent["minus"]) == 1
    session = begun.value.json()["id"]
    wait_until_sounding(page)
    with page.expect_response(re.compile(r"/v1/sessions/\w+/next$")) as following:
        page.locator(".player [data-act=next]").click()
    assert session in following.value.url
    page.screenshot(path=server.shots / "radio-1280.png")
    assert_journey_looks_as_kept(page, "radio", server.shots, ".seed img", ".seed [data-title]",
                                 ".seed p", ".seed small")  # fmt: skip


def test_a_path_is_chosen_by_typing_played_and_kept(server: Any, page: Any) -> None:
    first, last = some_titles(page, 2)
    page.goto(f"{server.url}/path")
    assert page.locator("[data-find]").is_disabled()
    choose(page, "path-from", first)
    choose(page, "path-to", last)
    page.locator("#path-n").select_option("5")
    page.locator("[data-find]").click()
    page.wait_for_selector(".path-line li")
    assert page.locator(".path-line li").count() == 5
    page.screenshot(path=server.shots / "path-1280.png")
    page.evaluate("document.querySelector('#page h1').textContent = 'From one to another'")
    assert_journey_looks_as_kept(page, "path", server.shots, ".path-line", "#page h1",
                                 ".path-chosen img", ".path-chosen .seed-words")  # fmt: skip
    page.get_by_role("button", name="Play all", exact=True).click()
    wait_until_sounding(page)
    page.get_by_role("button", name="Save as playlist").click()
    with page.expect_response(re.compile(r"/v1/playlists$")) as saved:
        page.locator("#save-playlist").get_by_role("button", name="Save").click()
    assert saved.value.json()["n_tracks"] == 5


def test_shelves_of_likeness_come_when_one_scrolls_to_them(server: Any, page: Any) -> None:
    page.locator("#for-you .track-by a").first.click()
    page.wait_for_selector(".head.person")
    page.locator(".similar-here, .similar").last.scroll_into_view_if_needed()
    page.wait_for_selector(".similar .sleeve")
    assert page.locator(".similar h2").first.inner_text() in (
        "Sounds alike", "Played by the same listeners",
    )  # fmt: skip


def test_two_people_make_a_blend(server: Any, page: Any, new_page: Any) -> None:
    other = new_page()
    name = sign_up(other, server)
    for one in (page, other):
        row = one.locator("#for-you .track").first
        row.hover()
        with one.expect_response(re.compile(r"/v1/events$")):
            row.locator("[data-act=love]").click()
    page.goto(f"{server.url}/blends")
    page.get_by_label("Its name").fill("Kitchen")
    page.get_by_label("Whom to ask").fill(name)
    page.get_by_role("button", name="Ask them").click()
    page.wait_for_selector("text=Nobody else has joined yet")
    other.goto(f"{server.url}/blends")
    other.get_by_role("button", name="Join").click()
    other.wait_for_selector("#blend-tracks .track")
    assert "For" in other.locator("#blend-tracks .track-why").first.inner_text()
    assert_journey_looks_as_kept(other, "blend", server.shots, ".head p", ".list-head p")


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_no_page_for_finding_music_scrolls_sideways(server: Any, page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 812})
    for path in PATHS:
        page.goto(server.url + path)
        page.wait_for_selector("#page")
        page.wait_for_timeout(150)
        name = re.sub(r"\W+", "-", path.strip("/"))[:30]
        page.screenshot(path=server.shots / f"{name}-{width}.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
