"""A real server with a small composed library, and a real Chromium, for tests of the web player."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PASSWORD = "correct horse staple"
N_TRACKS = 32
N_LISTENERS = 10


class Quiet:
    """A progress that nobody watches."""

    def report(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing."""

    def should_stop(self) -> bool:
        """Never."""
        return False


@dataclass(frozen=True)
class Running:
    """A server that answers; ``shots`` is where screenshots go."""

    url: str
    app: Any
    shots: Path


def shots_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: kept with the checkout in CI, to be looked at afterwards."""
    if os.environ.get("CI") != "true":
        return tmp_path_factory.mktemp("shots")
    folder = Path(__file__).parents[2] / "artifacts" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def serving(app: Any, shots: Path) -> Iterator[Running]:
    """The application answering on a free port of this machine."""
    import uvicorn

    from segue.server.app import create_app

    config = uvicorn.Config(create_app(app), host="127.0.0.1", port=0, log_config=None, ws="none")
    runner = uvicorn.Server(config)
    thread = threading.Thread(target=runner.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not runner.started:
        assert thread.is_alive(), "the server ended before it answered"
        assert time.monotonic() < deadline, "the server did not start within a minute"
        time.sleep(0.02)
    port = runner.servers[0].sockets[0].getsockname()[1]
    yield Running(f"http://127.0.0.1:{port}", app, shots)
    runner.should_exit = True
    thread.join(timeout=20)


@contextmanager
def serving_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Segue with the demo library, trained, sign-up open."""
    from segue.bootstrap import build_app
    from segue.settings import Settings

    folder = tmp_path_factory.mktemp("segue")
    app = build_app(Settings(data_dir=folder / "data", sign_up="open"))
    app.demo.build(
        folder / "music", Quiet(), n_tracks=N_TRACKS, n_listeners=N_LISTENERS, password=PASSWORD
    )
    app.training.train(Quiet())
    with serving(app, shots_folder(tmp_path_factory)) as running:
        yield running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One for all tests that bear what others leave behind: accounts, jobs, tracks."""
    with serving_demo(tmp_path_factory) as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The system's Chromium; absent it is a skip on a desk and a failure in CI."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        reason = "Chromium is not installed; the web player is not tested"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--autoplay-policy=no-user-gesture-required",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Any) -> Iterator[Any]:
    """Opens pages in contexts of their own; any error on the console fails the test."""
    contexts: list[Any] = []
    troubles: list[str] = []

    def is_trouble(message: Any) -> bool:
        expected = ("status of 4", "net::ERR_FAILED", "net::ERR_INTERNET_DISCONNECTED")  # by a test
        return message.type == "error" and not any(part in message.text for part in expected)

    def make(**options: Any) -> Any:
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda m: troubles.append(m.text) if is_trouble(m) else None)
        return page

    yield make
    for context in contexts:
        context.close()
    assert not troubles
