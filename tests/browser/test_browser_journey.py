"""What a listener does in the web player, in a real browser against a real server."""

import re
from typing import Any

import pytest

from support.journey import elapsed_s, sign_up, wait_until_ready, wait_until_sounding
from support.pictures import assert_journey_looks_as_kept

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


def for_you(page: Any) -> list[tuple[str, str]]:
    return page.eval_on_selector_all(
        "#for-you .track",
        "rows => rows.map(r => [r.dataset.trackId, r.querySelector('.track-why')?.textContent])",
    )


def love(page: Any, row: Any) -> None:
    row.hover()
    with page.expect_response(re.compile(r"/parts/for-you$")):
        row.locator("[data-act=love]").click()
    page.wait_for_timeout(300)


def test_a_new_listener_plays_loves_and_sees_the_list_change_and_say_why(
    server: Any, new_page: Any
) -> None:
    page = new_page(viewport={"width": 1440, "height": 900})
    sign_up(page, server)
    page.screenshot(path=server.shots / "home-1440-new.png")

    page.get_by_role("button", name="Play your radio").click()
    wait_until_sounding(page)
    playing = page.inner_text("#player-title")
    assert playing

    before = for_you(page)
    row = page.locator("#for-you .track").nth(3)
    loved_id = row.get_attribute("data-track-id")
    title = row.locator(".track-title").inner_text()
    love(page, row)
    after = for_you(page)
    assert after != before
    assert any(title in (why or "") for _, why in after)
    page.screenshot(path=server.shots / "home-1440-loved.png")
    assert_journey_looks_as_kept(page, "loved", server.shots, part="#for-you")

    page.reload()
    wait_until_ready(page)
    assert page.inner_text("#player-title") == playing
    assert elapsed_s(page) >= 1
    page.goto(f"{server.url}/tracks/{loved_id}")
    button = page.locator("#page [data-act=love]").first
    assert button.get_attribute("aria-pressed") == "true"


def test_music_goes_on_while_one_walks_through_the_library(server: Any, new_page: Any) -> None:
    page = new_page(viewport={"width": 1440, "height": 900})
    sign_up(page, server)
    page.get_by_role("button", name="Play your radio").click()
    wait_until_sounding(page, 1)
    page.evaluate("window.sameDocument = true")
    page.locator(".place", has_text="Library").click()
    page.wait_for_selector(".shelf .sleeve")
    page.screenshot(path=server.shots / "albums-1440.png")
    page.locator(".shelf .name", has_text="After the River").click()
    page.wait_for_selector("#album-tracks .track")
    page.screenshot(path=server.shots / "album-1440.png")
    assert_journey_looks_as_kept(page, "album", server.shots, "#page h1", ".kind", ".head p",
                                 ".shelf-section", ".tracks")  # fmt: skip
    before = elapsed_s(page)
    wait_until_sounding(page, before + 1)
    page.go_back()
    page.wait_for_selector(".shelf .sleeve")
    page.go_back()
    page.wait_for_selector("#for-you .track")
    assert page.evaluate("window.sameDocument")
    assert page.locator(".player").count() == 1


def test_each_playing_is_reported_exactly_once(server: Any, new_page: Any) -> None:
    page = new_page()
    sign_up(page, server)
    sent: list[dict[str, Any]] = []
    page.on(
        "request",
        lambda r: sent.extend(r.post_data_json["events"]) if r.url.endswith("/v1/events") else None,
    )
    page.get_by_role("button", name="Play your radio").click()
    wait_until_sounding(page, 2)
    page.reload()  # a reload is no skip
    wait_until_ready(page)
    page.locator(".player [data-act=toggle]").click()
    wait_until_sounding(page, 3)
    with page.expect_response(re.compile(r"/v1/events$")):
        page.locator(".player [data-act=next]").click()
    page.wait_for_timeout(300)
    keys = {event["idempotency_key"] for event in sent}
    assert len(keys) == 1
    assert sent[0]["kind"] == "skip"
    assert 1 <= sent[0]["played_s"] <= 20


def test_a_radio_asks_anew_after_a_skip_and_tells_it_what_happened(
    server: Any, new_page: Any
) -> None:
    page = new_page()
    sign_up(page, server)
    page.locator("#for-you .track-title").first.click()
    with page.expect_response(re.compile(r"/v1/sessions$")):
        page.locator("#panel [data-act=radio]").click()
    wait_until_sounding(page, 1)
    playing = page.locator(".player").inner_text()
    with page.expect_response(re.compile(r"/v1/sessions/\w+/next$")) as answered:
        page.locator(".player [data-act=next]").click()
    told = answered.value.request.post_data_json["happened"]
    assert [one["kind"] for one in told] == ["skip"]
    assert answered.value.status == 200
    given = {seen["track"]["id"] for seen in answered.value.json()["next"]["tracks"]}
    assert told[0]["track_id"] not in given
    wait_until_sounding(page, 1)
    assert page.locator(".player").inner_text() != playing


def test_events_wait_while_the_server_is_away(server: Any, new_page: Any) -> None:
    page = new_page()
    sign_up(page, server)
    row = page.locator("#for-you .track").first
    row.hover()
    page.route("**/v1/events", lambda route: route.abort())
    row.locator("[data-act=love]").click()
    page.wait_for_timeout(200)
    assert row.locator("[data-act=love]").get_attribute("aria-pressed") == "true"
    page.unroute("**/v1/events")
    with page.expect_response(re.compile(r"/v1/events$"), timeout=10_000) as answer:
        page.evaluate("window.dispatchEvent(new Event('online'))")
    assert answer.value.json()["stored"] == 1


def test_the_panel_says_why_and_closes_with_escape(server: Any, new_page: Any) -> None:
    page = new_page(viewport={"width": 1440, "height": 900})
    sign_up(page, server)
    love(page, page.locator("#for-you .track").first)
    page.locator("#for-you .track-why").first.click()
    page.wait_for_selector("#panel .evidence-line")
    page.wait_for_timeout(300)
    page.screenshot(path=server.shots / "why-1440.png")
    assert_journey_looks_as_kept(page, "why", server.shots, part="#panel .panel-acts")
    page.keyboard.press("Escape")
    assert page.locator("#panel").is_hidden()


def test_search_answers_while_one_types(server: Any, new_page: Any) -> None:
    page = new_page(viewport={"width": 375, "height": 812})
    sign_up(page, server)
    title = page.locator("#for-you .track-title").first.inner_text()
    page.keyboard.press("/")
    page.wait_for_selector("#search")
    page.locator("#search").press_sequentially(title[:6], delay=30)
    page.wait_for_selector("#results .track-title")
    assert title in page.locator("#results .track-title").all_inner_texts()
    page.screenshot(path=server.shots / "search-375.png")
    page.wait_for_timeout(300)  # the last letter is answered too
    assert_journey_looks_as_kept(page, "search", server.shots, part="#results .track")


def test_never_play_takes_the_track_out_and_can_be_undone(server: Any, new_page: Any) -> None:
    page = new_page(viewport={"width": 1440, "height": 900})
    sign_up(page, server)
    row = page.locator("#for-you .track").first
    track_id = row.get_attribute("data-track-id")
    row.locator(".track-title").click()
    page.locator("#panel .never-menu summary").click()
    with page.expect_response(re.compile(r"/parts/for-you$")):
        page.locator("#panel [data-act=never-this][data-scope=track]").first.click()
    page.wait_for_timeout(300)
    assert track_id not in [track for track, _ in for_you(page)]
    with page.expect_response(re.compile(r"/parts/for-you$")):
        page.get_by_role("button", name="Undo").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 375, 768, 1440, 2560])
def test_no_page_scrolls_sideways(server: Any, new_page: Any, width: int, scheme: str) -> None:
    page = new_page(viewport={"width": width, "height": 812}, color_scheme=scheme)
    sign_up(page, server)
    for path in ("/", "/library/albums", "/library/artists", "/library/tracks", "/library/genres",
                 "/search", "/you", "/nothing-here"):  # fmt: skip
        page.goto(server.url + path)
        page.wait_for_selector("#page")
        page.wait_for_timeout(150)
        name = path.strip("/").replace("/", "-") or "home"
        page.screenshot(path=server.shots / f"{name}-{width}-{scheme}.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_keys_work_and_a_help_sheet_lists_them(server: Any, new_page: Any) -> None:
    page = new_page(viewport={"width": 1440, "height": 900})
    sign_up(page, server)
    page.keyboard.press("?")
    assert page.get_by_role("heading", name="Keys").is_visible()
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.querySelector('dialog[open]')")
    page.keyboard.press(" ")
    wait_until_sounding(page, 1)
    first = page.inner_text("#player-title")
    page.keyboard.press("n")
    page.wait_for_function(
        "old => document.getElementById('player-title').textContent !== old", arg=first
    )
    page.keyboard.press("l")
    assert page.locator(".player [data-act=love]").get_attribute("aria-pressed") == "true"


def test_a_wrong_password_is_said_in_words(server: Any, new_page: Any) -> None:
    page = new_page()
    name = sign_up(page, server)
    page.goto(f"{server.url}/you")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill("not the right one")
    page.get_by_role("button", name="Sign in").click()
    assert "do not fit" in page.get_by_role("alert").inner_text()
    page.goto(f"{server.url}/library/albums")
    assert page.url.endswith("/sign-in?next=%2Flibrary%2Falbums")
