"""A crawl whose process is killed goes on where it was, without asking twice."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter

import pytest

from support.web_services import ID, SECRET, FakeSpotify, running, spotify_track

PLAYLIST = "a" * 22


class Slow(FakeSpotify):
    """Holds one request back until the client is dead."""

    held_at = ""

    def usual(self, *request):
        answer = super().usual(*request)
        if self.held_at and self.held_at in self.seen[-1]:
            self.held_at = ""
            self.holds.set()
            self.go_on.wait(30)
        return answer


@pytest.mark.slow
def test_a_crawl_that_is_killed_at_any_request_ends_as_one_that_was_not(tmp_path):
    service = Slow(playlists={PLAYLIST: [{"track": spotify_track(n)} for n in range(250)]})
    with running(service) as url:
        environment = os.environ | {
            "SEGUE_DATA_DIR": str(tmp_path / "data"), "SEGUE_ALLOW_OUTBOUND": "true",
            "SEGUE_SPOTIFY_CLIENT_ID": ID, "SEGUE_SPOTIFY_CLIENT_SECRET": SECRET,
            "SEGUE_SPOTIFY_URL": f"{url}/v1", "SEGUE_SPOTIFY_TOKEN_URL": f"{url}/api",
        }  # fmt: skip
        command = [sys.executable, "-m", "segue", "fetch", "spotify", PLAYLIST, "--json"]
        for held_at in ("offset=100", "offset=200", "/audio-features", "/artists"):
            service.holds, service.go_on = threading.Event(), threading.Event()
            service.held_at = held_at
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
            assert service.holds.wait(60)
            process.send_signal(signal.SIGKILL)
            process.wait(10)
            service.go_on.set()
        done = subprocess.run(command, env=environment, capture_output=True, check=True)
    assert b'"added":250' in done.stdout
    asked = Counter(path for path in service.seen if "offset=" in path or "ids=" in path)
    assert len(asked) == 3 + 3 + 1  # pages of tracks, features, artists
    assert sum(asked.values()) == len(asked) + 4  # those whose answer nobody lived to keep
