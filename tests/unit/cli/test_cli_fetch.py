"""`segue fetch`: off unless allowed, then as its services answer."""

import pytest

from support.app import PASSWORD
from support.web_services import (
    ID,
    SECRET,
    FakeListenBrainz,
    FakeSpotify,
    listen_of,
    running,
    spotify_track,
)

A, B = "a" * 22, "b" * 22


@pytest.fixture
def spotify(segue, monkeypatch):
    entries = [{"track": spotify_track(n)} for n in range(8)]
    service = FakeSpotify(playlists={A: entries})
    with running(service) as url:
        for name, value in (("ALLOW_OUTBOUND", "true"), ("SPOTIFY_CLIENT_ID", ID),
                            ("SPOTIFY_CLIENT_SECRET", SECRET), ("SPOTIFY_URL", f"{url}/v1"),
                            ("SPOTIFY_TOKEN_URL", f"{url}/api")):  # fmt: skip
            monkeypatch.setenv(f"SEGUE_{name}", value)
        yield service


def test_playlists_are_fetched_and_their_tracks_are_there(as_json, segue, spotify):
    fetched = as_json("fetch", "spotify", A)
    assert (fetched["playlists"][0]["tracks"], fetched["catalogue"]["added"]) == (8, 8)
    code, out, _ = segue("fetch", "spotify", A, B)
    assert code == 3  # one of the two is not there
    assert "private, gone" in out
    assert "8 known already" in out


def test_nothing_is_asked_where_it_is_not_allowed(segue, spotify, monkeypatch):
    monkeypatch.delenv("SEGUE_ALLOW_OUTBOUND")
    code, _, err = segue("fetch", "spotify", A)
    assert (code, spotify.seen) == (1, [])
    assert "allow_outbound = true" in err


def test_what_is_no_playlist_is_refused(segue, spotify):
    code, _, err = segue("fetch", "spotify", "https://example.org")
    assert code == 1
    assert "by its address" in err


def test_listens_are_fetched_for_an_account(as_json, segue, monkeypatch):
    as_json("user", "add", "ada", "--admin", "--password-stdin", stdin=PASSWORD + "\n")
    service = FakeListenBrainz(listens=[listen_of(n, 1_700_000_000 + n) for n in range(5)])
    with running(service) as url:
        monkeypatch.setenv("SEGUE_ALLOW_OUTBOUND", "true")
        monkeypatch.setenv("SEGUE_LISTENBRAINZ_URL", url)
        service.marks = [{"recording_mbid": "00000000-0000-4000-8000-000000000001", "score": 1,
                          "created": 1_700_000_000,
                          "track_metadata": {"track_name": "A", "artist_name": "B"}}]  # fmt: skip
        first = as_json("fetch", "listenbrainz", "demo", "--as", "ada")
        assert (first["n_listens"], first["n_marks"], first["report"]["stored"]) == (5, 1, 6)
        again = as_json("fetch", "listenbrainz", "demo", "--as", "ada")
        assert (again["n_listens"], again["report"]["stored"]) == (0, 0)
        assert again["report"]["repeated"] == 6
        another = listen_of(6, 1_700_009_000)
        another["track_metadata"]["track_name"] = "Nothing Like The Others"
        service.listens.append(another)
        code, out, _ = segue("fetch", "listenbrainz", "demo", "--as", "ada")
        assert code == 0
        assert "1 new listens" in out
        code, _, err = segue("fetch", "listenbrainz", "demo", "--as", "nobody")
        assert (code, "nobody" in err) == (1, True)
        code, _, err = segue("fetch", "listenbrainz", "stranger", "--as", "ada")
        assert (code, "knows no user" in err) == (1, True)
