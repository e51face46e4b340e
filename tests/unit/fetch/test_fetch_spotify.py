"""Crawling playlists of Spotify against a server on this machine."""

import json

import pytest

from segue.errors import ConfigurationError, FetchError, InvalidInputError, JobCancelledError
from segue.fetch.spotify import playlist_id_of
from segue.services.fetching import FetchService
from support.app import Watched
from support.web_services import ID, SECRET, FakeSpotify, running, spotify_track

A, B = "a" * 22, "b" * 22
N = 130


@pytest.fixture
def spotify():
    entries = [{"added_at": "2020-01-01T00:00:00Z", "is_local": False, "track": spotify_track(n)}
               for n in range(N)]  # fmt: skip
    entries[3] = {"is_local": False, "track": None}  # gone
    entries[4] = {"is_local": True, "track": {"id": None, "name": "Mine", "type": "track"}}
    entries[5] = {"is_local": False, "track": spotify_track(5, type="episode")}
    entries[6] = entries[7]
    service = FakeSpotify(playlists={A: entries, B: entries[120:125]})
    with running(service):
        yield service


@pytest.fixture
def slept():
    return []


@pytest.fixture
def fetch(make_house, spotify, slept):
    def make(**more):
        given = {
            "allow_outbound": True, "spotify_client_id": ID, "spotify_client_secret": SECRET,
            "spotify_url": f"{spotify.url}/v1", "spotify_token_url": f"{spotify.url}/api", **more,
        }  # fmt: skip
        house = make_house(**given)
        times = iter(range(10**6))
        service = FetchService(house.app.settings, house.app.catalogues, slept.append,
                               lambda: float(next(times)), house.clock)  # fmt: skip
        return house, service

    return make


def paths(spotify):
    return [path.partition("?")[0] for path in spotify.seen]


def test_a_playlist_comes_with_genres_and_features_and_lands_in_the_catalogue(fetch, spotify):
    house, service = fetch()
    fetched = service.spotify([f"https://open.spotify.com/playlist/{A}?si=x"], Watched())
    (one,) = fetched.playlists
    assert (one.name, one.entries, one.tracks, one.repeated, one.left) == ("List a", N, 126, 1, 3)
    assert (one.notes, one.problem) == ((), "")
    report = fetched.catalogue
    assert (report.rows, report.added, report.refused, report.playlists) == (126, 126, 0, 1)
    track = house.app.catalog.track(house.track("Title 8"))
    assert (set(track.genres), track.year, track.artists[0].name) == (
        {"genre 2", "pop"}, 2019, "Artist 2",
    )  # fmt: skip
    described = {t.title: t for t in house.app.features.tracks()}
    assert described["Title 8"].described["energy"] == pytest.approx(0.8)
    assert described["Title 13"].described == {"popularity": 0.5}  # Spotify has not analysed it
    assert described["Title 8"].ids["isrc"] == ("DEABC2300008",)


def test_raw_answers_are_kept_as_they_came(fetch, spotify):
    house, service = fetch()
    service.spotify([A], Watched())
    (folder,) = (house.app.settings.fetched_dir / "spotify" / A).iterdir()
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "playlist.json", "tracks-000000.json", "tracks-000100.json", "artists-00000.json",
        "audio-features-00000.json", "audio-features-00001.json", "tracks.jsonl",
    }  # fmt: skip
    raw = json.loads((folder / "tracks-000100.json").read_bytes())
    assert raw["items"] == spotify.playlists[A][100:]


def test_a_second_crawl_of_the_same_state_asks_for_the_playlist_alone(fetch, spotify):
    _, service = fetch()
    service.spotify([A], Watched())
    spotify.seen.clear()
    assert service.spotify([A], Watched()).catalogue.known == 126
    assert paths(spotify) == ["/api/token", f"/v1/playlists/{A}"]
    spotify.seen.clear()
    spotify.snapshot = "two"  # the playlist has changed
    spotify.playlists[A] = spotify.playlists[A][:50]
    assert service.spotify([A], Watched()).playlists[0].entries == 50
    assert f"/v1/playlists/{A}/tracks" in paths(spotify)


@pytest.mark.parametrize("stop_at", range(1, 7))
def test_an_ended_crawl_goes_on_without_asking_twice(fetch, spotify, stop_at):
    class Ends(Watched):
        def report(self, done, total=None, *, unit="", message=""):
            super().report(done, total, unit=unit, message=message)
            if len(self.told) == stop_at:
                raise JobCancelledError("killed")

    house, service = fetch()
    with pytest.raises(JobCancelledError):
        service.spotify([A], Ends())
    fetched = service.spotify([A], Watched())
    assert fetched.playlists[0].tracks == 126
    pages = [path for path in spotify.seen if "ids=" in path or "offset=" in path]
    assert len(pages) == len(set(pages)) == 5
    assert house.app.catalog.counts().n_tracks == 53 + 126


def test_limits_are_waited_for_and_a_token_that_ends_is_renewed(fetch, spotify, slept):
    _, service = fetch()
    spotify.before = [
        ("/tracks", (429, {}, {"Retry-After": "11"})),
        ("/artists", (401, {"error": {"status": 401}}, {})),
        ("/audio-features", (502, b"<html>bad gateway</html>", {})),
    ]
    assert service.spotify([A], Watched()).playlists[0].tracks == 126
    assert slept == [11.0, 1.0]
    assert paths(spotify).count("/api/token") == 2


def test_a_token_is_renewed_before_it_ends(make_house, spotify):
    house = make_house(allow_outbound=True, spotify_client_id=ID, spotify_client_secret=SECRET,
                       spotify_url=f"{spotify.url}/v1",
                       spotify_token_url=f"{spotify.url}/api")  # fmt: skip
    times = iter(range(0, 10**9, 3_600))  # an hour passes with every look at the clock
    service = FetchService(house.app.settings, house.app.catalogues, lambda _s: None,
                           lambda: float(next(times)), house.clock)  # fmt: skip
    service.spotify([B], Watched())
    assert paths(spotify).count("/api/token") == len(spotify.seen) / 2


def test_an_application_without_features_still_gets_the_rest(fetch, spotify):
    spotify.gives_features = False
    _, service = fetch()
    fetched = service.spotify([A, B], Watched())
    assert fetched.playlists[0].notes == ("Spotify gives this application no audio-features (403)",)
    assert fetched.playlists[1].notes == ()  # it is asked once
    assert paths(spotify).count("/v1/audio-features") == 1
    assert fetched.catalogue.added == 126


def test_a_playlist_that_is_not_given_does_not_stop_the_others(fetch, spotify):
    _, service = fetch()
    fetched = service.spotify(["c" * 22, B], Watched())
    assert "private, gone" in fetched.playlists[0].problem
    assert (fetched.playlists[1].tracks, fetched.catalogue.added) == (5, 5)
    with pytest.raises(FetchError, match="private, gone"):
        service.spotify(["c" * 22], Watched())


def test_an_empty_playlist_is_nothing_to_take_in(fetch, spotify):
    spotify.playlists[B] = []
    _, service = fetch()
    assert service.spotify([B], Watched()).catalogue is None


def test_playlists_are_kept_for_an_account(fetch):
    house, service = fetch()
    admin = house.id_of("admin")
    report = service.spotify([B], Watched(), keep="keep", account_id=admin).catalogue
    assert (report.playlists, report.placed) == (1, 5)


def test_nothing_is_asked_unless_it_is_allowed_and_credentials_are_set(fetch, spotify):
    for missing in ({"allow_outbound": False}, {"spotify_client_id": ""},
                    {"spotify_client_secret": ""}):  # fmt: skip
        _, service = fetch(**missing)
        with pytest.raises(ConfigurationError, match=r"set (allow_outbound|spotify_client_id)"):
            service.spotify([A], Watched())
    assert spotify.seen == []


def test_wrong_credentials_are_said_and_shown_nowhere(fetch, spotify):
    _, service = fetch(spotify_client_secret="not it")
    with pytest.raises(FetchError, match="does not take the client id and secret") as refusal:
        service.spotify([A], Watched())
    assert "not it" not in str(refusal.value)
    house, _ = fetch(spotify_client_secret="not it")
    assert "not it" not in repr(house.app.settings)


@pytest.mark.parametrize(
    "text",
    [f"spotify:playlist:{A}", A, f"https://open.spotify.com/intl-de/playlist/{A}",
     f"http://open.spotify.com/user/me/playlist/{A}", f" {A} "],
)  # fmt: skip
def test_a_playlist_may_be_given_in_any_of_its_forms(text):
    assert playlist_id_of(text) == A


@pytest.mark.parametrize(
    "text",
    ["", "x", f"https://open.spotify.com/album/{A}", f"https://example.org/playlist/{A}",
     f"{A}/../../me", f"x{A}"],
)  # fmt: skip
def test_what_is_no_playlist_is_refused(text):
    if text.startswith(A):
        assert playlist_id_of(text) == A  # what follows the id is not looked at, and never sent
        return
    with pytest.raises(InvalidInputError, match="by its address"):
        playlist_id_of(text)
