"""What every journey begins with: an account, a page that is ready, music that sounds."""

import itertools
from typing import Any

PASSWORD = "correct horse staple"
_numbers = itertools.count(1)


def sign_up(page: Any, server: Any) -> str:
    """Make an account and wait for its home page; returns the name."""
    name = f"mara {next(_numbers)}"
    page.goto(f"{server.url}/sign-up")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Begin").click()
    wait_until_ready(page)
    return name


def wait_until_ready(page: Any) -> None:
    """Wait until every button of a page with a list works."""
    page.wait_for_selector("body[data-ready] #for-you .track")


def elapsed_s(page: Any) -> int:
    """Whole seconds that the player shows."""
    minutes, seconds = page.inner_text("#player-elapsed").split(":")
    return int(minutes) * 60 + int(seconds)


def wait_until_sounding(page: Any, seconds: int = 2) -> None:
    """Wait until so much of the track has sounded."""
    page.wait_for_function(
        "least => { const [m, s] = document.getElementById('player-elapsed').textContent"
        ".split(':').map(Number); return m * 60 + s >= least; }",
        arg=seconds,
        timeout=20_000,
    )


def play_radio(page: Any, seconds: int = 1) -> str:
    """Press the one large button; returns the title that sounds."""
    page.get_by_role("button", name="Play your radio").click()
    wait_until_sounding(page, seconds)
    return page.inner_text("#player-title")


def wait_for_other_track(page: Any, title: str, timeout_ms: int = 20_000) -> str:
    """Wait until the player shows another title, and return it."""
    page.wait_for_function(
        "old => document.getElementById('player-title').textContent !== old",
        arg=title,
        timeout=timeout_ms,
    )
    return page.inner_text("#player-title")


def seek(page: Any, part: float) -> None:
    """Move the position to a share of the track."""
    page.evaluate(
        "part => { const s = document.getElementById('player-seek');"
        "s.value = part * 1000; s.dispatchEvent(new Event('input', { bubbles: true }));"
        "s.dispatchEvent(new Event('change', { bubbles: true })); }",
        part,
    )
