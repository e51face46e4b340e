"""Whoever looks after a server does it by its pages: by mouse, by keyboard, on a phone."""

import itertools
from typing import Any

import pytest

from segue.data.records import EventKind, FileStat, ScannedFile
from segue.services.history import NewEvent
from segue.services.library import entry_of
from segue.store.catalog_records import ScanBatch
from support.axe import violations
from support.journey import PASSWORD, play_radio
from support.pictures import assert_journey_looks_as_kept

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

PAGES = (
    "/admin", "/admin/library/refused", "/admin/library/cover", "/admin/library/copies",
    "/admin/jobs", "/admin/listeners", "/admin/models", "/admin/measures", "/admin/settings",
    "/admin/storage",
)  # fmt: skip
_numbers = itertools.count(1)


@pytest.fixture
def admin(server: Any) -> str:
    """An administrator, and something on every page."""
    app, name = server.app, f"keeper {next(_numbers)}"
    account = app.accounts.create(name, PASSWORD, "admin")
    bad = ScannedFile(stat=FileStat("/music/a long folder/" + "x" * 180 + ".mp3", 0, 7),
                      problem="the file is empty")  # fmt: skip
    app.catalog.apply_scan(ScanBatch(read=[entry_of(bad)]), 1.0)
    now = app.own.statistics.now()
    tracks = app.catalog.tracks_page(limit=20).items
    listens = [
        NewEvent(
            track_id=track.id,
            kind=EventKind.PLAY if n % 4 else EventKind.SKIP,
            played_s=9.0 + 200.0 * (n % 4),
            listened_at=now - 4_000.0 * n,
            idempotency_key=f"{name} {n}",
            source="for_you",
        )
        for n, track in enumerate(tracks)
    ]
    app.history.record(account.id, listens)
    app.admin.invitations.invite(account.id, note="Cleo")
    return name


def sign_in(page: Any, server: Any, name: str) -> None:
    page.goto(f"{server.url}/sign-in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("body[data-ready]")


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark"), (320, "light")])
def test_no_admin_page_shuts_anybody_out_or_is_too_wide(
    server: Any, new_page: Any, admin: str, width: int, scheme: str
) -> None:
    page = new_page(viewport={"width": width, "height": 844}, color_scheme=scheme,
                    reduced_motion="reduce")  # fmt: skip
    sign_in(page, server, admin)
    found = {}
    for path in PAGES:
        page.goto(server.url + path)
        page.wait_for_selector("#page h1", state="attached")
        if path == "/admin/storage":
            page.wait_for_selector("#admin-storage .line")
        page.wait_for_timeout(100)
        page.screenshot(path=server.shots / f"{path[1:].replace('/', '-')}-{width}.png")
        if troubles := violations(page):
            found[path] = troubles
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.setdefault(path, []).append("the page scrolls sideways")
    assert not found


def test_somebody_is_asked_in_by_keyboard_and_goes_in_once(
    server: Any, new_page: Any, admin: str
) -> None:
    page = new_page(viewport={"width": 1440, "height": 900})
    sign_in(page, server, admin)
    page.locator(".rail a[href='/admin']").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin")
    page.get_by_role("link", name="Listeners", exact=True).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/listeners")
    page.get_by_label("Who is it for?").focus()
    page.keyboard.type("Dee")
    page.keyboard.press("Enter")
    link = page.locator(".new-secret code").inner_text()
    assert link.startswith(f"{server.url}/join?token=")
    guest = new_page(viewport={"width": 390, "height": 844})
    guest.goto(link)
    assert violations(guest) == []
    guest.screenshot(path=server.shots / "join-phone.png")
    assert_journey_looks_as_kept(guest, "invited", server.shots)
    guest.get_by_label("Name").fill(f"dee {admin}")
    guest.get_by_label("Password").fill(PASSWORD)
    guest.keyboard.press("Enter")
    guest.wait_for_selector("body[data-ready]")
    play_radio(guest)
    guest.screenshot(path=server.shots / "guest-plays-phone.png")
    late = new_page(viewport={"width": 390, "height": 844})
    late.goto(link)
    assert "used already" in late.inner_text(".door-card")
    assert violations(late) == []


def test_a_job_is_followed_as_it_goes_on_and_stopped(
    server: Any, new_page: Any, admin: str
) -> None:
    page = new_page(viewport={"width": 1440, "height": 900})
    sign_in(page, server, admin)
    page.goto(f"{server.url}/admin/jobs")
    page.get_by_role("button", name="Measure the lists").click()
    line = page.locator("#admin-jobs [data-state='queued']", has_text="Measuring the lists")
    line.wait_for()
    job_id = line.get_attribute("data-job")
    table = server.app.jobs._table
    assert table.claim(job_id, "a test", server.app.own.statistics.now(), 600.0)
    page.locator(f"[data-job='{job_id}'][data-state='running']").wait_for()
    table.progress(job_id, 3, 12, "models", "", server.app.own.statistics.now(), "a test")
    page.locator(f"[data-job='{job_id}'] progress[value='3'][max='12']").wait_for()
    page.locator(f"#stop-{job_id}").click()
    page.get_by_text("It stops at its next step.").wait_for()
    table.finish(job_id, server.app.own.statistics.now(), worker="a test", is_cancelled=True)
    page.locator("#admin-jobs .tag", has_text="stopped").first.wait_for()
    assert page.locator(f"[data-job='{job_id}']").count() == 0


def test_a_listener_finds_no_way_there(server: Any, new_page: Any, admin: str) -> None:
    server.app.accounts.create(f"only {admin}", PASSWORD)
    page = new_page(viewport={"width": 1440, "height": 900})
    sign_in(page, server, f"only {admin}")
    assert page.locator("a[href^='/admin']").count() == 0
    page.goto(f"{server.url}/admin/settings")
    assert "not yours to open" in page.inner_text("h1")
