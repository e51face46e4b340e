"""A listener with something of everything, their archive, and another server to bring it to."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from segue.bootstrap import build_app
from segue.data.records import FileStat, NeverPlayScope, ScannedFile, TrackTags
from segue.services.export_words import README
from segue.services.importing.report import ImportReport
from segue.services.importing.request import ImportRequest
from segue.services.library import entry_of
from segue.store.catalog_records import ScanBatch
from segue.store.own_words import OwnWords
from segue.store.playlists import Playlists
from segue.store.smart_playlists import Rule, Rules
from support.app import (
    GENRES,
    N_BANDS,
    N_SONGS,
    NOW,
    PASSWORD,
    Clock,
    House,
    Watched,
    settings_for,
)

DAY = 86_400.0
CALM = Rules(rules=(Rule(what="genre", value="Ambient"), Rule(what="shorter", value="9")),
             sort="title", limit=30)  # fmt: skip


def open_elsewhere(folder: Path) -> House:
    """A server of its own with the same files under other ids: nothing but names leads there."""
    clock = Clock()
    app = build_app(settings_for(folder / "elsewhere"), clock, purpose="test")
    app.accounts.create("admin", PASSWORD, "admin")
    app.accounts.create("eve", PASSWORD)
    app.catalog.apply_scan(ScanBatch(read=[entry_of(file) for file in files()]), NOW - 5e6)
    return House(app, clock, folder)


def files() -> Iterator[ScannedFile]:
    """What the template's house was made of, in another folder."""
    for band in range(N_BANDS):
        for song in range(N_SONGS):
            path = f"/elsewhere/{band}/{song}.flac"
            tags = TrackTags(
                title=f"Song {band}-{song}", artists=(f"Band {band}",), album=f"Album {band}",
                genres=(GENRES[band // 2],), year=1990 + band, track_number=song + 1,
                duration_s=180.0 + song,
            )  # fmt: skip
            yield ScannedFile(stat=FileStat(path, 1_000, 7), tags=tags, fingerprint=path)


def fill(house: House) -> None:
    """Give ada something of everything."""
    ada = house.id_of("ada")
    for n in range(20):
        house.tell("ada", "play", f"Song {n % 3}-{n % 5}", at=NOW - n * 3 * DAY, played_s=170.5)
    house.tell("ada", "skip", "Song 7-1", at=NOW - 50.5, played_s=4.0)
    house.tell("ada", "play", "Wish", at=NOW - 9 * DAY, played_s=200.0)
    house.tell("ada", "love", "Song 0-0", at=NOW - 40)
    house.tell("ada", "dislike", "Song 6-0", at=NOW - 30)
    house.tell("ada", "rate", "Song 1-1", at=NOW - 20, value=4)
    house.tell("ada", "pick", "Song 2-2", at=NOW - 15)
    house.tell("ada", "playlist_add", "Song 2-3", at=NOW - 12)
    never = house.app.history.never_play
    never(ada, NeverPlayScope.TRACK, house.track("Song 5-5"))
    never(ada, NeverPlayScope.TRACK, house.track("Wish"), NOW + 40 * DAY)
    never(ada, NeverPlayScope.ALBUM, album(house, "Song 4-4"), NOW + 90 * DAY)
    never(ada, NeverPlayScope.ARTIST, artist(house, "Song 3-3"))
    store = Playlists(house.app.database)
    rainy = store.create(ada, "Zoë’s rainy / day", NOW)
    store.add(ada, rainy.id, [house.track(f"Song 2-{n}") for n in (3, 1, 3)], NOW)
    house.app.own.smart_playlists.make(ada, "Calm ones", CALM)
    said = OwnWords(bio="mostly quince jelly,\nand dub", tags=("dub",), emotions=("calm",), age=40)
    house.clock.now = NOW - 400 * DAY
    house.app.own_words.say(ada, said)
    house.clock.now = NOW
    house.app.accounts.speak(ada, "de")
    house.app.own.zones.keep(ada, "Asia/Tokyo")
    house.app.like_minded.set(ada, on=True)


def artist(house: House, title: str) -> str:
    return house.app.catalog.track(house.track(title)).artists[0].id


def album(house: House, title: str) -> str:
    return house.app.catalog.track(house.track(title)).album_id


def archive_of(house: House, name: str) -> bytes:
    return b"".join(house.app.own.export.archive(house.id_of(name)))


def bring(house: House, name: str, data: bytes, path: Path) -> ImportReport:
    path.write_bytes(data)
    request = ImportRequest(paths=(str(path),))
    return house.app.imports.run_here(house.id_of(name), request, Watched())


def told(house: House, name: str) -> dict[str, Any]:
    """What an archive says, without ids and the order in which things arrived."""
    with zipfile.ZipFile(io.BytesIO(archive_of(house, name))) as archive:
        read = {n: archive.read(n).decode() for n in archive.namelist()}
    lines = [json.loads(line) for n, text in sorted(read.items()) if n.startswith("listens/")
             for line in text.splitlines()]  # fmt: skip
    for line in (marks := [json.loads(line) for line in read["feedback.jsonl"].splitlines()]):
        line["created"] = int(line["created"])
    rules = json.loads(read["never_play.json"])
    profile = json.loads(read["profile.json"])
    for one in (*lines, *marks):
        more = one["track_metadata"]["additional_info"]
        assert more.pop("segue_track_id")
        more.pop("music_service_name", None)  # it came by the door of imports
    for one in rules:
        assert one.pop("target_id")
    for key in ("id", "name", "created_at"):
        del profile[key]
    lists = {n: json.loads(text) for n, text in read.items() if n.startswith("playlists/")}
    for one in lists.values():
        for track in one["playlist"]["track"]:
            assert "urn:segue:track:" in track.pop("identifier")[-1]
    key = msgspec.json.encode
    return {
        "listens": lines, "marks": sorted(marks, key=key), "rules": sorted(rules, key=key),
        "profile": profile, "lists": lists,
    }  # fmt: skip


def changed(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The archive with some of its files written anew."""
    to = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(to, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return to.getvalue()


def rules_file(*rules: tuple[str, dict[str, Any]]) -> bytes:
    """An archive of ours with nothing but rules in it."""
    head = README.format(name="eve", day="2026-01-01")
    to = io.BytesIO()
    with zipfile.ZipFile(to, "w") as archive:
        archive.writestr("README.txt", head)
        archive.writestr("never_play.json", json.dumps([{"scope": s, "target_id": "gone", "until":
                         None, **more} for s, more in rules]))  # fmt: skip
    return to.getvalue()
