"""The generic table: guessed and given columns, dialects, encodings, Parquet."""

import builtins
from datetime import UTC, datetime

import polars as pl
import pytest

from segue.data.imported import NamedTrack, PlaylistEntry, RowProblem
from segue.errors import InvalidInputError, MissingExtraError
from segue.sources.grids import header_of
from segue.sources.members import open_export
from segue.sources.registry import recognised
from segue.sources.table import TABLE, guess_columns, mapped
from support.source_samples import MBID, T1, T2, listen


def member_of(folder, data: bytes | str):
    path = folder / "plays"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return open_export(path).members[0]


def rows_of(folder, data: bytes | str, source=TABLE) -> list:
    return list(source.read(member_of(folder, data)))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1"])
def test_every_dialect_and_encoding_gives_the_same_rows(tmp_path, delimiter, encoding):
    lines = [["title", "artist", "listened_at"], ["Überfahrt", '"Vogel, Nädja|;"', str(T1)]]
    text = "\r\n".join(delimiter.join(line) for line in lines)
    assert rows_of(tmp_path, text.encode(encoding)) == [
        listen(1, "Überfahrt", T1, artists=("Vogel, Nädja|;",))
    ]


def test_columns_are_guessed_by_name_and_shown():
    header = ["Song Title", "Artists", "msPlayed", "endTime", "Comment"]
    assert guess_columns(header) == {
        "title": "Song Title", "artists": "Artists", "listened_at": "endTime",
        "played_ms": "msPlayed",
    }  # fmt: skip


def test_a_given_mapping_overrides_the_guess(tmp_path):
    text = f"title,singer,when,what\nAlbum,Nadja Vogel,{T1},Anker\n"
    columns = {"title": "what", "album": "title", "artist": "singer", "listened_at": "when"}
    assert rows_of(tmp_path, text, mapped(columns)) == [listen(1, "Anker", T1, album="Album")]


def test_a_table_without_a_header_is_mapped_by_numbers(tmp_path):
    """The shape of Universal Scrobbler."""
    text = f'"Nadja Vogel","Anker","Fähren","{T1}","Nadja Vogel","180"\n'
    columns = {"artist": "1", "title": "2", "album": "3", "listened_at": "4", "duration_s": "6"}
    assert rows_of(tmp_path, text, mapped(columns, has_header=False)) == [
        listen(1, "Anker", T1, album="Fähren", duration_s=180.0)
    ]


@pytest.mark.parametrize(
    ("columns", "words"),
    [({"titel": "a"}, "no field 'titel'"), ({"title": "x"}, "no column 'x'"),
     ({"artist": "a", "listened_at": "b"}, "must name the track"),
     ({"title": "a"}, "what was done with the track")],
)  # fmt: skip
def test_a_mapping_that_cannot_be_is_refused_with_what_is_allowed(tmp_path, columns, words):
    with pytest.raises(InvalidInputError, match=words):
        rows_of(tmp_path, "a,b\n1,2\n", mapped(columns))


def test_counts_marks_and_playlists_need_no_time(tmp_path):
    text = (
        "title,artist,playlist,plays,skips,rating,loved\n"
        "A,B,,7,2,,\nA,B,Am Meer,,,,\nA,B,,,,4.5,\nA,B,,,,0,yes\nA,B,,,,6,\nA,B,,x,,,\n"
    )
    rows = rows_of(tmp_path, text)
    assert rows[:4] == [
        listen(1, "A", None, artists=("B",), n_plays=7, n_skips=2),
        PlaylistEntry(row=2, playlist="Am Meer", track=NamedTrack(title="A", artists=("B",))),
        listen(3, "A", None, artists=("B",), n_plays=0, rating=4.5),
        listen(4, "A", None, artists=("B",), n_plays=0, loved=True),
    ]
    assert [row.reason for row in rows[4:]] == [
        "rating must lie in 0..5, got '6'",
        "plays must be a number, got 'x'".replace("plays", "n_plays"),
    ]


@pytest.mark.parametrize(
    "artists",
    ["\"['Nadja Vogel', 'Lars']\"", '"[""Nadja Vogel"", ""Lars""]"', "Nadja Vogel; Lars"],
)
def test_several_artists_in_a_cell_are_kept_apart(tmp_path, artists):
    (row,) = rows_of(tmp_path, f"track,artists,ts\nA,{artists},{T1}\n")
    assert row.track.artists == ("Nadja Vogel", "Lars")


def test_a_short_row_is_a_problem_only_where_it_lacks_something(tmp_path):
    rows = rows_of(tmp_path, f"artist,title,ts,album\nB,A,{T1}\nB,A\nB\n")
    assert rows[0] == listen(1, "A", T1, artists=("B",))
    assert rows[1:] == [
        RowProblem(2, "the row has no time"),
        RowProblem(3, "the row names no track"),
    ]


def test_cells_that_come_again_are_told_apart_by_what_they_are(tmp_path):
    frame = pl.DataFrame({"title": ["1"] * 3, "artists": [["B"]] * 3, "ts": [T1] * 3})
    (one,), _ = recognised(parquet(tmp_path, frame).members)
    lists = list(one.source.read(one.member))
    assert [row.track.artists for row in lists] == [("B",)] * 3
    lines = f"B,A,{T1}\nB,A,{T2}\n{'x' * 9999},A,{T1}\n"
    again = rows_of(tmp_path, "artist,title,ts\n" + 2 * lines)
    assert again[:2] == [listen(n, "A", at, artists=("B",)) for n, at in ((1, T1), (2, T2))]
    assert [type(row) for row in again[2::3]] == [RowProblem, RowProblem]
    assert again[2].reason == again[5].reason


def parquet(folder, frame: pl.DataFrame):
    path = folder / "plays.parquet"
    frame.write_parquet(path)
    return open_export(path)


def test_parquet_gives_the_same_rows_as_csv(tmp_path):
    frame = pl.DataFrame(
        {
            "title": ["Anker", "Kai", None],
            "artists": [["Nadja Vogel"], ["Nadja Vogel", "Lars"], ["x"]],
            "played_at": [datetime.fromtimestamp(at, UTC) for at in (T1, T2, T2)],
            "ms_played": [180_000, None, 1],
            "mbid": [MBID, "", None],
            "loved": [True, False, None],
        }
    )
    (one,), unread = recognised(parquet(tmp_path, frame).members)
    assert unread == []
    rows = list(one.source.read(one.member))
    assert rows[:2] == [
        listen(1, "Anker", T1, played_s=180.0, recording_mbid=MBID, loved=True),
        listen(2, "Kai", T2, artists=("Nadja Vogel", "Lars")),
    ]
    assert rows[2] == RowProblem(3, "the row names no track")


def test_parquet_of_several_batches_keeps_its_row_numbers(tmp_path):
    n = 41_000
    frame = pl.DataFrame({"title": [f"{i}" for i in range(n)], "artist": "B", "ts": T1})
    rows = list(TABLE.read(parquet(tmp_path, frame).members[0]))
    assert [row.row for row in rows] == list(range(1, n + 1))
    assert [row.track.title for row in rows] == [f"{i}" for i in range(n)]


def test_damaged_parquet_is_refused_or_reported(tmp_path):
    export = parquet(tmp_path, pl.DataFrame({"title": ["A"] * 999, "artist": "B", "ts": T1}))
    data = export.members[0].path.read_bytes()
    damaged = [data[: len(data) // 2], data[:4], b"PAR1" + bytes(99) + b"PAR1"]
    damaged += [data[:at] + b"\xff\x00\xfe" + data[at + 3 :] for at in range(4, len(data), 97)]
    for content in damaged:
        try:
            rows = list(TABLE.read(member_of(tmp_path, content)))
        except InvalidInputError as error:
            assert "Parquet" in str(error) or "column" in str(error)  # noqa: PT017 - either is right
        else:
            assert all(row.row == n for n, row in enumerate(rows, 1))


def test_without_polars_parquet_says_how_to_get_it(tmp_path, monkeypatch):
    member = parquet(tmp_path, pl.DataFrame({"title": ["A"]})).members[0]
    plain = builtins.__import__

    def without(name, *more):
        if name == "polars":
            raise ImportError(name)
        return plain(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r"segue\[tables\]"):
        header_of(member)
