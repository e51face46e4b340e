"""beets' and Navidrome's databases: what is read of them, and that they are never touched."""

import hashlib
import sqlite3
from pathlib import Path

import pytest

from segue.data.imported import LeftOut, NamedTrack, PlaylistEntry, RowProblem
from segue.errors import InvalidInputError
from segue.sources import beets, navidrome
from segue.sources.databases import MAX_VALUE_BYTES
from segue.sources.members import open_export
from segue.sources.registry import recognised
from support.source_samples import MBID, T1, T2, listen

SEPARATED = "Nadja Vogel\\␀Lars"


def database(path: Path, script: str, *inserts: tuple[str, list[tuple[object, ...]]]) -> Path:
    connection = sqlite3.connect(path)
    connection.executescript(script)
    for table, rows in inserts:
        marks = ",".join("?" * len(rows[0]))
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    connection.commit()
    connection.close()
    return path


def beets_library(path: Path, items: list[tuple[object, ...]] | None = None) -> Path:
    return database(
        path,
        "CREATE TABLE items (id INTEGER PRIMARY KEY, path BLOB, title TEXT, artist TEXT, artists "
        "TEXT, album TEXT, length REAL, mb_trackid TEXT, isrc TEXT);"
        "CREATE TABLE item_attributes (id INTEGER PRIMARY KEY, entity_id INTEGER, key TEXT, value "
        "TEXT);",
        (
            "items",
            items
            or [
                (1, b"/m/Anker \xff.flac", "Anker", "Nadja Vogel & Lars", SEPARATED, "Fähren",
                 180.5, MBID, "DEABC2300001\\␀DEABC2300002"),
                (2, b"/m/2.flac", "Kai", "Nadja Vogel", "", "", 0, "", None),
                (3, "/m/3.flac", "Steg", "Nadja Vogel", None, "", "long", "x", ""),
            ],
        ),
        (
            "item_attributes",
            [
                (1, 3, "play_count", "7"), (2, 1, "play_count", "4"), (3, 1, "lastfm_play_count",
                 "9"), (4, 1, "last_played", str(T1)), (5, 1, "rating", "0.7"), (6, 3, "rating",
                 "4"), (7, 3, "skip_count", "2"), (8, 2, "data_source", "x"),
            ],
        ),
    )  # fmt: skip


def navidrome_db(path: Path, users: int = 1) -> Path:
    return database(
        path,
        "CREATE TABLE user (id TEXT, user_name TEXT);"
        "CREATE TABLE media_file (id TEXT, path TEXT, title TEXT, album TEXT, artist TEXT, "
        "duration REAL, mbz_recording_id TEXT);"
        "CREATE TABLE annotation (user_id TEXT, item_id TEXT, item_type TEXT, play_count INTEGER, "
        "play_date DATETIME, rating INTEGER, starred BOOL, starred_at DATETIME);"
        "CREATE TABLE scrobbles (id INTEGER PRIMARY KEY, media_file_id TEXT, user_id TEXT, "
        "submission_time INTEGER);"
        "CREATE TABLE playlist (id TEXT, name TEXT, owner_id TEXT);"
        "CREATE TABLE playlist_tracks (id INTEGER, playlist_id TEXT, media_file_id TEXT);",
        ("user", [("u1", "nadja"), ("u2", "lars")]),
        (
            "media_file",
            [(key, f"Musik/{key}.mp3", title, "Fähren", "Nadja Vogel", 180.0, MBID)
             for key, title in (("a", "Anker"), ("b", "Kai"), ("c", "Steg"))],
        ),
        (
            "annotation",
            [
                ("u1", "a", "media_file", 5, "2023-11-14 22:13:20", 4, 1, "2023-11-14 22:13:20"),
                ("u1", "b", "media_file", 1, "2023-11-14 22:18:20", 0, 0, None),
                ("u1", "al", "album", 6, None, 5, 1, None),
                *[("u2", "c", "media_file", 3, None, 0, 0, None)] * (users - 1),
                ("u2", "a", "media_file", 0, None, 0, 0, None),
            ],
        ),
        ("scrobbles", [(1, "b", "u1", T2), (2, "a", "u1", T1), (3, "c", "u2", T1)]),
        ("playlist", [("p", "Am Meer", "u1"), ("q", "Lars' list", "u2")]),
        ("playlist_tracks", [(2, "p", "a"), (1, "p", "c"), (1, "q", "b")]),
    )  # fmt: skip


def member(path: Path):
    return open_export(path).members[0]


def test_beets_counts_ratings_and_several_artists_are_read(tmp_path):
    rows = list(beets.BEETS.read(member(beets_library(tmp_path / "library.db"))))
    assert rows == [
        listen(1, "Anker", T1, artists=("Nadja Vogel", "Lars"), album="Fähren", duration_s=180.5,
               recording_mbid=MBID, isrc="DEABC2300001", path="/m/Anker \udcff.flac", n_plays=9),
        LeftOut(2, "empty"),
        listen(3, "Steg", None, path="/m/3.flac", n_plays=7, n_skips=2, rating=4.0),
    ]  # fmt: skip


def test_navidromes_log_counts_stars_and_playlists_are_read(tmp_path):
    of_all = {"album": "Fähren", "duration_s": 180.0, "recording_mbid": MBID}
    rows = list(navidrome.NAVIDROME.read(member(navidrome_db(tmp_path / "navidrome.db"))))
    anker = listen(2, "Anker", T1, path="Musik/a.mp3", **of_all)
    assert rows[:4] == [
        listen(1, "Anker", T1, path="Musik/a.mp3", **of_all),
        listen(2, "Kai", T2, path="Musik/b.mp3", **of_all),
        listen(3, "Anker", T1, path="Musik/a.mp3", n_plays=4, rating=4.0, loved=True, **of_all),
        LeftOut(4, "repeated"),
    ]
    steg = NamedTrack(title="Steg", artists=("Nadja Vogel",), path="Musik/c.mp3", **of_all)
    assert rows[4:] == [
        PlaylistEntry(row=5, playlist="Am Meer", track=steg),
        PlaylistEntry(row=6, playlist="Am Meer", track=anker.track),
    ]


def test_of_several_users_one_must_be_named(tmp_path):
    found = member(navidrome_db(tmp_path / "navidrome.db", users=2))
    assert navidrome.listening_users(found) == ("lars", "nadja")
    with pytest.raises(InvalidInputError, match="lars, nadja"):
        list(navidrome.NAVIDROME.read(found))
    rows = list(navidrome.of_user("lars").read(found))
    assert [row.track.title for row in rows if not isinstance(row, LeftOut)] == ["Steg", "Steg",
                                                                                "Kai"]  # fmt: skip
    with pytest.raises(InvalidInputError, match="no user 'nobody'"):
        list(navidrome.of_user("nobody").read(found))


@pytest.mark.parametrize("make", [beets_library, navidrome_db])
def test_a_database_is_recognised_read_and_not_touched(tmp_path, make):
    path = make(tmp_path / "some.db")
    before = hashlib.sha256(path.read_bytes()).digest(), path.stat().st_mtime_ns
    path.chmod(0o444)
    (one,), unread = recognised([member(path)])
    assert unread == []
    assert one.source.name == make.__name__.partition("_")[0]
    rows = list(one.source.read(one.member))
    assert list(one.source.read(one.member)) == rows
    assert (hashlib.sha256(path.read_bytes()).digest(), path.stat().st_mtime_ns) == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["some.db"]


def test_a_database_that_is_being_written_is_refused_with_what_to_do(tmp_path):
    path = beets_library(tmp_path / "library.db")
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("UPDATE items SET title = 'x'")
    writer.commit()
    with pytest.raises(InvalidInputError, match="stop the program"):
        list(beets.BEETS.read(member(path)))
    writer.close()


def test_a_view_in_place_of_a_table_is_not_read(tmp_path):
    path = database(
        tmp_path / "library.db",
        "CREATE VIEW items AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) "
        "SELECT id, '' AS path, 'x' AS title, '' AS mb_trackid FROM n;",
    )
    found, unread = recognised([member(path)])
    assert found == []
    assert "neither of beets nor of Navidrome" in unread[0].reason


@pytest.mark.parametrize("make", [beets_library, navidrome_db])
def test_a_cut_or_damaged_database_is_refused_or_reported(tmp_path, make):
    data = make(tmp_path / "whole.db").read_bytes()
    source = beets.BEETS if make is beets_library else navidrome.NAVIDROME
    damaged = [data[: len(data) * part // 10] for part in range(10)]
    damaged += [data[:at] + b"\xff" * 300 + data[at + 300 :] for at in range(20, len(data), 1_700)]
    for content in damaged:
        path = tmp_path / "x.db"
        path.write_bytes(content)
        try:
            rows = list(source.read(member(path)))
        except InvalidInputError as error:
            assert "x.db" in str(error)  # noqa: PT017 - either is right
        else:
            assert [row.row for row in rows] == list(range(1, len(rows) + 1))


def test_values_of_the_wrong_type_and_giant_ones_cost_their_row_only(tmp_path):
    good = (9, b"/m/9.flac", "Kai", "Nadja Vogel", None, "", 60.0, "", "")
    path = beets_library(
        tmp_path / "library.db",
        [
            (1, b"/m/1", "x" * 5_000, "Nadja Vogel", None, "", 1, "", ""),
            (3, 17, None, None, None, b"album", -1e300, 3, 3),
            good,
        ],
    )
    connection = sqlite3.connect(path)
    rows = [(9, "play_count", "2"), (1, "play_count", "1"), ("x", "play_count", "1")]
    connection.executemany("INSERT INTO item_attributes (entity_id, key, value) VALUES (?,?,?)",
                           rows)  # fmt: skip
    connection.commit()
    connection.close()
    found = list(beets.BEETS.read(member(path)))
    assert isinstance(found[0], RowProblem)
    assert isinstance(found[1], RowProblem)
    assert found[2] == listen(3, "Kai", None, duration_s=60.0, path="/m/9.flac", n_plays=2)
    assert all(key in found[0].reason for key in ("title", "1,000"))


def test_a_value_of_megabytes_is_not_loaded(tmp_path):
    huge = b"x" * (MAX_VALUE_BYTES + 10)
    path = beets_library(
        tmp_path / "library.db", [(1, huge, "Anker", "Nadja", None, "", 1, "", "")]
    )
    with pytest.raises(InvalidInputError, match="damaged database: string or blob too big"):
        list(beets.BEETS.read(member(path)))
