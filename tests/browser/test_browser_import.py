"""A new listener brings an export by the page and sees lists that say why."""

import json
import random
from typing import Any

import pytest

from support.pictures import assert_journey_looks_as_kept

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


def sign_up(page: Any, server: Any, name: str) -> None:
    page.goto(f"{server.url}/sign-up")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill("correct horse staple")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_selector("body[data-ready]")


def spotify_export(app: Any, seed: int) -> str:
    """A year of plays of one genre of the library, and of music that it does not have."""
    rng = random.Random(seed)
    genre = app.catalog.genres()[0].name
    tracks = app.catalog.tracks_page(genre=genre, limit=50).items
    rows = []
    for n in range(200):
        track = rng.choice(tracks)
        title, artist = (
            (track.title, track.artists[0].name) if n % 10 else (f"Far {n}", "Elsewhere")
        )
        rows.append({
            "ts": f"2025-{1 + n % 12:02}-{1 + n % 28:02}T{n % 24:02}:10:00Z", "ms_played": 190_000,
            "master_metadata_track_name": title, "master_metadata_album_artist_name": artist,
            "master_metadata_album_album_name": "", "reason_end": "trackdone", "skipped": False,
            "spotify_track_uri": f"spotify:track:{n:022d}", "incognito_mode": False,
            "episode_name": None, "offline_timestamp": 0,
        })  # fmt: skip
    return json.dumps(rows)


def run_jobs(app: Any) -> None:
    for job in app.jobs.list():
        if job.state == "queued" and job.kind == "import":
            app.queue.run(job.id)


def test_an_export_is_sent_looked_at_and_followed_by_lists(server: Any, new_page: Any) -> None:
    page = new_page(viewport={"width": 1440, "height": 900})
    sign_up(page, server, "otto")
    page.goto(f"{server.url}/import")
    page.wait_for_selector("body[data-ready]")
    content = spotify_export(server.app, 7).encode()
    name = "Streaming_History_Audio_2025.json"
    page.set_input_files(
        "[data-files]", [{"name": name, "mimeType": "application/json", "buffer": content}]
    )
    page.get_by_role("heading", name="This is what you brought").wait_for()
    assert "Spotify, extended streaming history" in page.inner_text("#import-look")
    page.screenshot(path=server.shots / "import-look.png", full_page=True)
    assert_journey_looks_as_kept(page, "import-look", server.shots)
    page.get_by_role("button", name="Bring it in").click()
    page.wait_for_selector(".import-run progress")
    run_jobs(server.app)
    page.get_by_text("of 200 rows are new").wait_for()
    assert page.locator("#import-look").inner_text() == ""
    page.screenshot(path=server.shots / "import-done.png", full_page=True)
    assert_journey_looks_as_kept(page, "import-done", server.shots)
    page.goto(server.url)
    why = page.locator("[data-track] .track-why").first.inner_text()
    assert why.startswith("You ")
    page.screenshot(path=server.shots / "import-home.png")
    assert_journey_looks_as_kept(page, "import-home", server.shots, part="#for-you")


def test_a_file_that_nobody_reads_is_said_so(server: Any, new_page: Any) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    sign_up(page, server, "ida")
    page.goto(f"{server.url}/import")
    page.wait_for_selector("body[data-ready]")
    page.set_input_files(
        "[data-files]", [{"name": "x.png", "mimeType": "image/png", "buffer": b"\x89PNG" * 99}]
    )
    page.get_by_role("heading", name="Nothing here can be read").wait_for()
    assert "Not read" in page.inner_text("#import-look")
    page.screenshot(path=server.shots / "import-phone.png", full_page=True)
    page.get_by_role("button", name="Leave it").click()
    page.wait_for_function("() => !document.querySelector('#import-look').textContent.trim()")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
