"""A whole Segue with three accounts and a small library, and a browser that signs in to it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from segue.bootstrap import App, build_app
from segue.data.records import EventKind, FileStat, ScannedFile, TrackTags
from segue.rng import derived_rng
from segue.server.app import create_app
from segue.server.auth import SessionCache
from segue.services.history import NewEvent
from segue.services.library import entry_of
from segue.settings import Settings
from segue.store.accounts import NewAccount
from segue.store.catalog_records import ScanBatch, TrackEntry
from support.audio_files import flac, id3, sound, text_frame

NOW = 1_790_000_000.0
PASSWORD = "violet harbour lantern"
SITE = "http://127.0.0.1"
N_BANDS, N_SONGS = 8, 6
GENRES = ("Ambient", "Baroque", "Calypso", "Dub")
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00"
    b"\x90wS\xde\x00\x00\x00\x0cIDATx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef"
    b"\x00\x00\x00\x00IEND\xaeB`\x82"
)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Watched:
    """A progress that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[int, int | None, str]] = []

    def report(
        self, done: int, total: int | None = None, *, unit: str = "", message: str = ""
    ) -> None:
        self.told.append((done, total, message))

    def should_stop(self) -> bool:
        return False


@dataclass(frozen=True)
class House:
    """One application in a folder of its own, with the clock that it reads."""

    app: App
    clock: Clock
    music: Path

    def id_of(self, name: str) -> str:
        return self.app.accounts.by_name(name).id

    def track(self, title: str) -> str:
        """Id of the track with exactly this title."""
        return next(t.id for t in every_track(self.app) if t.title == title)

    def tell(self, name: str, kind: str, title: str, **more: Any) -> None:
        """Record one event of a listener."""
        at = more.pop("at", self.clock.now)
        event = NewEvent(track_id=self.track(title), kind=EventKind(kind), listened_at=at,
                         idempotency_key=f"{kind}-{title}-{at}-{len(more)}", **more)  # fmt: skip
        recorded = self.app.history.record(self.id_of(name), [event])
        assert not recorded.refused, recorded


def every_track(app: App) -> list[Any]:
    return list(app.catalog.tracks_page(limit=200).items)


def settings_for(folder: Path, **values: Any) -> Settings:
    given = {"data_dir": folder / "data", "scan_workers": 1} | values
    return Settings.model_validate(given)


def make_template(folder: Path) -> None:
    """A folder with data/ and music/: accounts, 48 tracks of tags, 4 real files, 1 known by name.

    The 48 are eight bands of six songs, two bands a genre; their files were scanned and are gone
    from the disk since, which no list needs to know.
    """
    clock = Clock()
    app = build_app(settings_for(folder), clock, purpose="test")
    app.accounts.create("admin", PASSWORD, "admin")
    app.accounts.create("ada", PASSWORD)
    app.accounts.create("bob", PASSWORD)
    app.catalog.apply_scan(ScanBatch(read=[entry_of(file) for file in _tagged()]), NOW - 9e6)
    wish = TrackTags(title="Wish", artists=("Nobody",), genres=("Ambient",), duration_s=200.0)
    app.catalog.add_tracks([TrackEntry(tags=wish)], NOW - 9e6)
    write_real_files(folder / "music")
    app.library.scan(folder / "music", Watched())
    app.close()


def write_real_files(music: Path) -> None:
    """Four files that play: FLAC with a picture inside, MP3 and WAV beside a cover, Ogg bare."""
    (music / "Piper").mkdir(parents=True)
    (music / "Bare").mkdir()
    pairs = (("TITLE", "Real Flac"), ("ARTIST", "Piper"), ("ALBUM", "Inside"))
    (music / "real.flac").write_bytes(flac(*pairs, picture=PNG, duration_s=2.0))
    tags = id3(text_frame("TIT2", "Real Mp3"), text_frame("TPE1", "Piper"),
               text_frame("TALB", "Outside"))  # fmt: skip
    (music / "Piper" / "real.mp3").write_bytes(tags + sound("mp3", 2.0))
    (music / "Piper" / "cover.png").write_bytes(PNG)
    (music / "Bare" / "Real Wav.wav").write_bytes(sound("wav", 2.0))
    (music / "Bare" / "Real Ogg.ogg").write_bytes(sound("ogg", 2.0))


def _tagged() -> Iterator[ScannedFile]:
    for band in range(N_BANDS):
        for song in range(N_SONGS):
            path = f"/gone/band {band}/song {song}.flac"
            tags = TrackTags(
                title=f"Song {band}-{song}",
                artists=(f"Band {band}",),
                album=f"Album {band}",
                genres=(GENRES[band // 2],),
                year=1990 + band,
                track_number=song + 1,
                duration_s=180.0 + song,
            )
            yield ScannedFile(stat=FileStat(path, 1_000, 7), tags=tags, fingerprint=path)


def open_house(template: Path, folder: Path, **settings: Any) -> House:
    """A copy of the template, opened. Close ``house.app`` afterwards."""
    shutil.copytree(template / "data", folder / "data")
    clock = Clock()
    app = build_app(settings_for(folder, **settings), clock, purpose="test")
    return House(app, clock, template / "music")


def add_listeners_with_taste(house: House, n: int = 24, days: int = 40) -> None:
    """Listeners of two camps: even ones play bands 0..3, odd ones 4..7, over the last weeks."""
    accounts = house.app.accounts._store
    for number in range(n):
        new = NewAccount(name=f"listener {number}", password_hash=None)
        listener = accounts.create(new, NOW - 8e6).id
        house.app.history.record(listener, list(_plays(house, number, days)))


def _plays(house: House, number: int, days: int) -> Iterator[NewEvent]:
    """Twenty tracks of the camp again and again, and four new ones in the last four days."""
    titles = {t.title: t.id for t in every_track(house.app)}
    camp = [
        f"Song {band}-{song}"
        for band in range((number % 2) * 4, (number % 2) * 4 + 4)
        for song in range(N_SONGS)
    ]
    derived_rng(7, number).shuffle(camp)
    for day in range(days):
        place = day % 20 if day < days - 4 else 20 + days - 1 - day
        yield NewEvent(track_id=titles[camp[place]], kind=EventKind.PLAY, played_s=180.0,
                       listened_at=NOW - (days - day) * 86_400.0 + number,
                       idempotency_key=f"{number}-{day}")  # fmt: skip


_MADE: list[Litestar] = []


@contextmanager
def browser(
    house: House, name: str | None = None, *, own: bool = False
) -> Iterator[TestClient[Litestar]]:
    """A client of the whole web application, signed in under a name by its session token.

    Making the routes takes longer than most tests, so they are made once and given each house in
    turn; ``own`` makes them for this client, which then may live beside others of other houses.
    """
    if own or not _MADE:
        litestar = create_app(house.app)
        if not own:
            _MADE.append(litestar)
    else:
        litestar = _MADE[0]
    litestar.state.segue = house.app
    litestar.state.sessions = SessionCache(house.app.accounts, timer=house.clock)
    with TestClient(litestar, base_url=SITE, raise_server_exceptions=False) as client:
        if name is not None:
            client.headers["authorization"] = f"Bearer {token_of(house, name)}"
        yield client


def token_of(house: House, name: str) -> str:
    """A fresh session of an account, without the cost of a password."""
    return house.app.accounts.open_session(house.app.accounts.by_name(name))


def signed(house: House, name: str) -> dict[str, str]:
    """Headers that carry a session of an account."""
    return {"authorization": f"Bearer {token_of(house, name)}"}
