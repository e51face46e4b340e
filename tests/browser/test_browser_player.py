"""The player: what sounds, in which order, how loud, until when, and what is written of it."""

import re
from typing import Any

import pytest

from support.journey import (
    elapsed_s,
    play_radio,
    seek,
    sign_up,
    wait_for_other_track,
    wait_until_ready,
    wait_until_sounding,
)
from support.pictures import assert_journey_looks_as_kept

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

TO_THE_END = """async element => {
  let scroller = element;
  while (scroller.parentElement && scroller.scrollHeight <= scroller.clientHeight + 1)
    scroller = scroller.parentElement;
  for (let n = 0; n < 30; n += 1) {
    scroller.scrollTo({ top: scroller.scrollHeight, behavior: "instant" });
    await new Promise(requestAnimationFrame);
  }
}"""
# Every audio element of a page, and when each of them began to sound, paused or ended.
WATCH_AUDIO = """
window.sounds = []; window.marks = [];
const Real = window.Audio;
window.Audio = function () {
  const audio = new Real();
  window.sounds.push(audio);
  for (const name of ['playing', 'ended']) {
    audio.addEventListener(name, () => {
      window.marks.push([name, window.sounds.indexOf(audio), performance.now() / 1000]);
    });
  }
  return audio;
};
"""


def watched(new_page: Any, server: Any, **options: Any) -> Any:
    page = new_page(**options)
    page.add_init_script(WATCH_AUDIO)
    sign_up(page, server)
    return page


def sent_events(page: Any) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []
    page.on(
        "request",
        lambda r: sent.extend(r.post_data_json["events"]) if r.url.endswith("/v1/events") else None,
    )
    return sent


def upcoming(page: Any) -> list[str]:
    return page.locator("#queue-panel .queue-item:not(.is-past):not(.is-now) b").all_inner_texts()


def open_queue(page: Any) -> None:
    page.locator(".player [data-act=queue]").click()
    page.wait_for_selector("#queue-panel .queue-item")


def in_module(page: Any, name: str, body: str) -> Any:
    """Runs a body with everything that one of our scripts exports, `m`."""
    base = page.locator("script[type=module]").get_attribute("src").rsplit("/", 1)[0]
    return page.evaluate(f"async () => {{ const m = await import('{base}/{name}.js'); {body} }}")


def test_the_next_track_begins_as_the_last_one_ends_and_each_is_written_once(
    server: Any, new_page: Any
) -> None:
    page = watched(new_page, server)
    sent = sent_events(page)
    first = play_radio(page)
    seek(page, 0.85)
    second = wait_for_other_track(page, first)
    page.wait_for_function("() => window.marks.some(([what]) => what === 'ended')")
    marks = page.evaluate("window.marks")
    ended = next(at for what, _, at in marks if what == "ended")
    one = next(which for what, which, _ in marks if what == "ended")
    began = next(at for what, which, at in marks if what == "playing" and which != one)
    assert began - ended < 0.25  # it was ready; without that it would be fetched and decoded first
    wait_until_sounding(page, 1)
    assert page.inner_text("#player-title") == second
    assert page.evaluate("window.sounds.filter(a => !a.paused).length") == 1
    page.wait_for_function("() => !Object.keys(localStorage).some(k => k.includes('outbox.'))")
    assert [event["kind"] for event in sent] == ["play"]
    assert len({event["idempotency_key"] for event in sent}) == 1


def test_a_fade_lets_both_sound_for_a_while_at_constant_power(server: Any, new_page: Any) -> None:
    page = watched(new_page, server)
    page.evaluate("localStorage.setItem(`segue.${document.body.dataset.listener}.fade_s`, '4')")
    page.evaluate(
        "localStorage.setItem(`segue.${document.body.dataset.listener}.loudness`, '\"off\"')"
    )
    page.reload()
    wait_until_ready(page)
    first = play_radio(page)
    seek(page, 0.8)
    wait_for_other_track(page, first)
    both = page.wait_for_function(
        "() => window.sounds.every(a => !a.paused && a.volume > 0.1)"
        " && window.sounds.map(a => a.volume)"
    ).json_value()
    assert sum(volume**2 for volume in both) == pytest.approx(1.0, abs=1e-6)
    page.wait_for_function("() => window.sounds.filter(a => !a.paused).length === 1")
    page.wait_for_function("() => Math.max(...window.sounds.map(a => a.volume)) === 1")


def test_the_queue_is_put_in_order_by_keys_and_by_hand(server: Any, new_page: Any) -> None:
    page = watched(new_page, server, viewport={"width": 1440, "height": 900})
    play_radio(page)
    open_queue(page)
    before = upcoming(page)[:4]
    grip = page.locator("#queue-panel .queue-item:not(.is-now) .queue-grip").first
    grip.focus()
    page.keyboard.press("ArrowDown")
    a, b, c, d = before
    assert upcoming(page)[:4] == [b, a, c, d]
    assert page.locator("#queue-says").inner_text().startswith("Now 3 of ")
    page.keyboard.press("ArrowUp")
    assert upcoming(page)[:4] == before

    rows = page.locator("#queue-panel .queue-item:not(.is-now)")
    from_box = rows.nth(0).locator(".queue-grip").bounding_box()
    to_box = rows.nth(2).bounding_box()
    page.mouse.move(from_box["x"] + 8, from_box["y"] + 20)
    page.mouse.down()
    page.mouse.move(from_box["x"] + 8, to_box["y"] + to_box["height"] - 4, steps=8)
    page.mouse.up()
    assert upcoming(page)[:4] == [b, c, a, d]
    page.get_by_role("button", name=f"Take {b} out of the queue").first.click()
    assert upcoming(page)[:3] == [c, a, d]
    assert_journey_looks_as_kept(page, "queue", server.shots, ".queue-pick", part="#queue-panel")


def test_play_next_puts_a_track_right_behind_the_one_that_plays(server: Any, new_page: Any) -> None:
    page = watched(new_page, server, viewport={"width": 1440, "height": 900})
    play_radio(page)
    row = page.locator("#for-you .track").nth(5)
    title = row.locator(".track-title").inner_text()
    row.locator(".track-title").click()
    page.locator("#panel [data-act=play-next]").click()
    open_queue(page)
    assert upcoming(page)[0] == title
    assert upcoming(page).count(title) == 1


def test_the_queue_is_saved_as_a_playlist(server: Any, new_page: Any) -> None:
    page = watched(new_page, server)
    first = play_radio(page)
    open_queue(page)
    page.locator("#queue-panel [data-act=save-queue]").click()
    page.get_by_label("Name").fill("Tonight")
    with page.expect_response(re.compile(r"/v1/playlists$")) as answer:
        page.get_by_role("button", name="Save", exact=True).click()
    assert answer.value.status == 201
    page.goto(f"{server.url}/playlists/{answer.value.json()['id']}")
    assert page.locator("#page .track-title").first.inner_text() == first
    assert_journey_looks_as_kept(page, "saved-queue", server.shots)


def test_an_order_by_lot_keeps_artists_apart_as_long_as_it_can(server: Any, new_page: Any) -> None:
    page = new_page()
    sign_up(page, server)
    worst = in_module(
        page,
        "shuffle",
        """
        let seed = 1;
        const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
        const track = (id, artist) => ({ id, artists: [{ id: artist, name: artist }] });
        const piles = { a: 6, b: 4, c: 2, d: 1 };
        const tracks = Object.entries(piles).flatMap(([artist, n]) =>
          Array.from({ length: n }, (_, i) => track(`${artist}${i}`, artist)));
        const orders = new Set();
        let worst = 0;
        for (let round = 0; round < 300; round += 1) {
          const order = m.spacedShuffle(tracks, track('x', 'b'), random);
          const artists = ['b', ...order.map((t) => t.artists[0].id)];
          const twice = artists.filter((artist, i) => i && artist === artists[i - 1]);
          worst = Math.max(worst, twice.length);
          if (new Set(order).size !== tracks.length) return 'a track was lost';
          orders.add(order.map((t) => t.id).join());
        }
        const alone = m.spacedShuffle([track('1', 'a'), track('2', 'a')], null, random).length;
        return [worst, orders.size > 290, alone];
        """,
    )
    assert worst == [0, True, 2]


def test_shuffle_keeps_what_plays_and_gives_the_old_order_back(server: Any, new_page: Any) -> None:
    page = new_page(viewport={"width": 1440, "height": 900})
    sign_up(page, server)
    page.goto(f"{server.url}/library/tracks")
    page.locator("#page .track-start:not([disabled])").nth(0).click()
    playing = page.inner_text("#player-title")
    open_queue(page)
    before = upcoming(page)
    page.locator("#queue-panel [data-act=shuffle]").click()
    mixed = upcoming(page)
    assert sorted(mixed) == sorted(before)
    assert mixed != before
    assert page.inner_text("#player-title") == playing
    page.locator("#queue-panel [data-act=shuffle]").click()
    assert upcoming(page) == before


def test_tracks_are_made_as_loud_as_each_other_but_never_louder_than_they_are(
    server: Any, new_page: Any
) -> None:
    page = new_page()
    sign_up(page, server)
    gains = in_module(
        page,
        "loudness",
        """
        const track = { gain_db: -6.0206, album_gain_db: -12.0412 };
        return [m.gainOf(track, 'off'), m.gainOf(track, 'track'), m.gainOf(track, 'album'),
                m.gainOf({ gain_db: null, album_gain_db: -6.0206 }, 'track'),
                m.gainOf({ gain_db: 9 }, 'track'), m.gainOf({}, 'album')];
        """,
    )
    assert gains == pytest.approx([1, 0.5, 0.25, 0.5, 1, 1], abs=1e-4)


def test_the_sleep_timer_stops_with_the_track_and_has_the_next_one_ready(
    server: Any, new_page: Any
) -> None:
    page = watched(new_page, server)
    first = play_radio(page)
    page.locator(".player [data-act=sound]").click()
    page.get_by_role("button", name="After this track").click()
    page.locator("#sound").get_by_role("button", name="Close").click()
    seek(page, 0.93)
    second = wait_for_other_track(page, first)
    page.wait_for_timeout(1500)
    assert page.evaluate("window.sounds.every(a => a.paused)")
    page.locator(".player [data-act=toggle]").click()
    wait_until_sounding(page, 1)
    assert page.inner_text("#player-title") == second
    page.locator(".player [data-act=sound]").click()
    assert page.locator("[data-sleep=off]").get_attribute("aria-pressed") == "true"
    assert_journey_looks_as_kept(page, "sleep", server.shots, part="#sound")


def test_two_windows_do_not_play_at_once(server: Any, new_page: Any) -> None:
    page = watched(new_page, server)
    play_radio(page)
    other = page.context.new_page()
    other.goto(server.url)
    wait_until_ready(other)
    other.locator(".player [data-act=toggle]").click()
    wait_until_sounding(other, 1)
    page.wait_for_function("() => window.sounds.every(a => a.paused)")
    assert page.locator(".player [data-act=toggle]").get_attribute("aria-label") == "Play"


def test_a_reload_brings_back_the_queue_the_track_and_the_place(server: Any, new_page: Any) -> None:
    page = watched(new_page, server)
    title = play_radio(page)
    open_queue(page)
    queue = upcoming(page)
    seek(page, 0.5)
    wait_until_sounding(page, 15)
    at = elapsed_s(page)
    page.reload()
    wait_until_ready(page)
    assert page.inner_text("#player-title") == title
    assert abs(elapsed_s(page) - at) <= 2
    open_queue(page)
    assert upcoming(page)[: len(queue)] == queue
    page.locator(".player [data-act=toggle]").click()
    wait_until_sounding(page, at + 1)


def test_events_of_two_windows_do_not_overwrite_each_other(server: Any, new_page: Any) -> None:
    page = watched(new_page, server)
    other = page.context.new_page()
    other.goto(server.url)
    wait_until_ready(other)
    for one in (page, other):
        one.route("**/v1/events", lambda route: route.abort())
    for number, one in enumerate((page, other)):
        row = one.locator("#for-you .track").nth(number)
        row.hover()
        row.locator("[data-act=love]").click()
    names = page.evaluate("Object.keys(localStorage).filter(k => k.includes('.outbox.'))")
    assert len(names) == 2
    page.unroute("**/v1/events")
    with page.expect_response(re.compile(r"/v1/events$"), timeout=10_000) as answer:
        page.evaluate("window.dispatchEvent(new Event('online'))")
    assert answer.value.json()["stored"] == 2
    assert len(names) == 2
    page.wait_for_function("() => !Object.keys(localStorage).some(k => k.includes('.outbox.'))")


def test_the_seek_bar_takes_the_shape_of_the_track(server: Any, new_page: Any) -> None:
    page = watched(new_page, server, viewport={"width": 1440, "height": 900})
    with page.expect_response(re.compile(r"/peaks$")) as answer:
        play_radio(page)
    peaks = answer.value.json()["peaks"]
    assert len(peaks) == 200
    page.wait_for_selector(".has-wave")
    bars = page.locator("#player-wave .wave-ground").get_attribute("d").count("M")
    width = page.locator("#player-wave").bounding_box()["width"]
    assert 1 < bars <= round(width) / 3
    assert max(peaks) == 255


def test_the_player_as_a_page_says_why_and_closes_with_escape(server: Any, new_page: Any) -> None:
    page = watched(new_page, server, viewport={"width": 390, "height": 844})
    play_radio(page)
    page.locator(".player-cover").click()
    page.get_by_role("tab", name="Why").click()
    page.wait_for_selector("#beside-why .facts")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#beside-lyrics p")
    assert page.get_by_role("tab", name="Words").get_attribute("aria-selected") == "true"
    page.wait_for_timeout(250)
    page.screenshot(path=server.shots / "player-390.png")
    page.locator("#beside-lyrics").evaluate(TO_THE_END)  # where the page itself goes, but slower
    assert_journey_looks_as_kept(page, "player-phone", server.shots)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.keyboard.press("Escape")
    assert page.locator(".player.is-grown").count() == 0


def test_only_a_change_of_track_is_read_out(server: Any, new_page: Any) -> None:
    page = watched(new_page, server)
    first = play_radio(page)
    assert page.inner_text("#player-says").startswith(f"Now playing {first} by ")
    live = page.locator(".player [aria-live]")
    assert live.count() == 1
    page.locator(".player [data-act=next]").click()
    second = wait_for_other_track(page, first)
    assert second in page.inner_text("#player-says")
    title = page.evaluate("navigator.mediaSession.metadata.title")
    assert title == second
