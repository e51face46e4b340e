"""What tests in a browser do again and again: make an account, wait for sound."""

import itertools
from typing import Any

PASSWORD = "correct horse staple"
_numbers = itertools.count(1)


def sign_up(page: Any, server: Any) -> str:
    """Make an account and wait for its home page; returns its name."""
    name = f"noor {next(_numbers)}"
    page.goto(f"{server.url}/sign-up")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Begin").click()
    page.wait_for_selector("body[data-ready] #for-you .track")
    return name


def wait_until_sounding(page: Any, seconds: int = 1) -> None:
    """Until so much of a track has been heard."""
    page.wait_for_function(
        "least => { const [m, s] = document.getElementById('player-elapsed').textContent"
        ".split(':').map(Number); return m * 60 + s >= least; }",
        arg=seconds,
        timeout=20_000,
    )
