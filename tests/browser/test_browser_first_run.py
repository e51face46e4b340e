"""The first hour of a server: its first administrator, music, a past, a taste, and it plays."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from browser.conftest import PASSWORD, serving
from browser.test_browser_import import spotify_export
from support.axe import violations
from support.journey import sign_up, wait_until_ready, wait_until_sounding
from support.pictures import assert_journey_looks_as_kept

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def bare(server: Any, tmp_path: Path) -> Iterator[Any]:
    """A server that nobody has opened yet, and a folder with the demo's music beside it."""
    from segue.bootstrap import build_app
    from segue.settings import Settings

    shutil.copytree(server.app.settings.data_dir.parent / "music", tmp_path / "music")
    app = build_app(Settings(data_dir=tmp_path / "data", scan_workers=1, analyse_after_scan=False))
    with serving(app, server.shots) as running:
        yield running


def run_jobs(app: Any) -> list[str]:
    """Do what waits, and what that leads to, as the worker beside the server would."""
    done: list[str] = []
    while waiting := [job for job in app.jobs.list() if job.state == "queued"]:
        for job in waiting:
            app.queue.run(job.id)
            done.append(job.kind)
    return done


def become_admin(page: Any, server: Any) -> None:
    """By the one-time token that the server printed."""
    token = server.app.accounts.make_setup_token()
    page.goto(server.url)
    page.get_by_label("Setup token").fill(token)
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/start")


def test_a_new_server_becomes_somebodys_and_plays_what_they_own_and_love(
    bare: Any, new_page: Any, tmp_path: Path
) -> None:
    page = new_page(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    app, shots = bare.app, bare.shots
    page.goto(bare.url)
    assert violations(page) == []
    assert_journey_looks_as_kept(page, "welcome", shots)
    become_admin(page, bare)
    assert_journey_looks_as_kept(page, "first-steps", shots, ".start-music .chips")

    page.get_by_label("Folder").fill(str(tmp_path / "music"))
    page.get_by_role("button", name="Look through it").click()
    page.wait_for_selector("[data-live-jobs] progress")  # what goes on is said at once
    page.get_by_label("Folder").evaluate("box => box.blur()")
    assert run_jobs(app) == ["scan", "train"]
    page.get_by_role("link", name="Go and play").wait_for()  # came by itself
    assert violations(page) == []

    page.get_by_role("link", name="Bring it").click()
    page.wait_for_selector("[data-module=import]")
    page.wait_for_function("() => document.querySelector('[data-files]')")
    page.set_input_files("[data-files]", [{
        "name": "Streaming_History_Audio_2025.json", "mimeType": "application/json",
        "buffer": spotify_export(app, 3).encode(),
    }])  # fmt: skip
    page.get_by_role("button", name="Bring it in").click()
    page.wait_for_selector(".import-run progress")
    run_jobs(app)
    page.get_by_text("of 200 rows are new").wait_for()

    page.goto(f"{bare.url}/")
    wait_until_ready(page)
    assert page.locator("#for-you .track-why").first.inner_text().startswith(("You ", "Shares "))
    assert page.locator(".quiz-offer").count() == 0  # enough is known without it
    page.get_by_role("button", name="Play your radio").click()
    wait_until_sounding(page, 1)
    page.locator(".player [data-act=toggle]").click()
    assert_journey_looks_as_kept(page, "first-home", shots)
    page.goto(f"{bare.url}/admin")
    page.wait_for_selector("#page h1")
    assert_journey_looks_as_kept(page, "first-admin", shots)


def test_five_answers_make_a_first_list_that_plays(server: Any, new_page: Any) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    sign_up(page, server)
    page.get_by_role("link", name="Begin").click()
    page.wait_for_selector(".quiz-form")
    assert_journey_looks_as_kept(page, "taste", server.shots, ".quiz h1", ".quiz-cover", ".chips")
    for number, stars in enumerate((5, 4, 1, 2, 5), 1):
        page.get_by_text(f"Question {number} of 5").wait_for()
        page.locator(f".quiz-form button[value='{stars}']").click()
    page.get_by_role("heading", name="Here is a start").wait_for()
    assert violations(page) == []
    assert page.locator("#quiz-tracks .track-why").count() > 0
    page.get_by_role("button", name="Play", exact=True).first.click()
    wait_until_sounding(page, 1)
    page.goto(server.url)
    wait_until_ready(page)
    assert page.locator(".quiz-offer").count() == 0  # it is not asked again


def test_an_app_signs_in_with_a_password_of_its_own_until_it_is_ended(
    server: Any, new_page: Any
) -> None:
    page = new_page(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    sign_up(page, server)
    page.goto(f"{server.url}/you/devices")
    page.get_by_label("What is it for?").fill("Car")
    page.get_by_role("button", name="Make an app password").click()
    secret = page.locator(".new-secret code").inner_text()

    def tells(code: str) -> int:
        answer = httpx.get(f"{server.url}/v1/me", headers={"authorization": f"Bearer {code}"})
        return answer.status_code

    assert (tells(secret), tells("x" + secret)) == (200, 401)
    assert_journey_looks_as_kept(page, "app", server.shots, "code", ".line small", ".line form",
                                 ".line .tag")  # fmt: skip
    page.get_by_role("button", name="End Car").click()
    page.get_by_role("button", name="End Car").wait_for(state="detached")
    for _ in range(30):  # within a second, says the service
        if tells(secret) == 401:
            break
        page.wait_for_timeout(100)
    assert tells(secret) == 401
    assert httpx.get(f"{server.url}/v1/me").status_code == 401


def test_what_was_taken_out_of_the_history_comes_back(server: Any, new_page: Any) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    sign_up(page, server)
    page.get_by_role("button", name="Play your radio").click()
    wait_until_sounding(page, 1)
    title = page.inner_text("#player-title")
    with page.expect_response(lambda r: r.url.endswith("/v1/events")):
        page.locator(".player [data-act=next]").click()
    page.locator(".player [data-act=toggle]").click()
    page.goto(f"{server.url}/you/history")
    page.wait_for_selector("body[data-ready]")
    row = page.locator("#listens .listen").first
    assert row.locator(".track-title").inner_text() == title
    row.get_by_role("button", name=f"Take {title}").click()
    page.wait_for_selector("#listens .is-out")
    assert_journey_looks_as_kept(page, "history", server.shots)
    page.get_by_role("button", name="Undo").click()
    page.wait_for_selector("#listens .listen:not(.is-out) .track-title")
    page.reload()
    assert page.locator("#listens .track-title").first.inner_text() == title


def test_what_was_heard_offline_is_written_once_when_the_server_is_back(
    server: Any, new_page: Any
) -> None:
    page = new_page()
    sign_up(page, server)
    page.get_by_role("button", name="Play your radio").click()
    wait_until_sounding(page, 1)
    first = page.inner_text("#player-title")
    page.context.set_offline(True)
    page.wait_for_selector("#away:not([hidden])")
    page.locator(".player [data-act=love]").click()
    page.locator(".player [data-act=next]").click()
    waiting = "Object.keys(localStorage).filter(k => k.includes('.outbox.')).length"
    assert page.evaluate(waiting) == 2
    page.context.set_offline(False)
    page.wait_for_function(f"() => {waiting} === 0")
    page.goto(f"{server.url}/you/history")
    assert page.locator("#listens .track-title").all_inner_texts() == [first]


def test_the_player_can_be_installed(server: Any, new_page: Any) -> None:
    page = new_page()
    sign_up(page, server)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    session = page.context.new_cdp_session(page)
    hindered = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [one for one in hindered if one["errorId"] != "in-incognito"] == []  # as every test is
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"].startswith(f"{server.url}/manifest/")
