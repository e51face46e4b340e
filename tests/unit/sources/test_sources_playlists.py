"""Playlists written and read back, and the odd ones that are met."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from segue.data.imported import NamedTrack, PlaylistEntry
from segue.errors import InvalidInputError
from segue.sources.addresses import address_of_path, path_of_address
from segue.sources.jspf import JSPF, write_jspf
from segue.sources.m3u import M3U, write_m3u
from segue.sources.members import open_export
from segue.sources.pls import PLS, write_pls
from segue.sources.xspf import XSPF, write_xspf
from support.source_samples import MBID, SPOTIFY

shown = st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"))
words = st.text(shown, max_size=30).map(lambda text: " ".join(text.split()))
paths = (
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1,
            max_size=40)
    .filter(lambda path: "://" not in path[:16] and not path.startswith(("./#", "./ ")))
)  # fmt: skip
titles = words.filter(lambda title: title and " - " not in title)
tracks = st.builds(
    NamedTrack,
    title=titles,
    artists=st.tuples(titles),
    album=words,
    duration_s=st.none() | st.integers(1, 5_000).map(float),
    path=paths.map(lambda path: f"/{path}"),
)


def read(folder, source, text: str, name: str = "list"):
    path = folder / name
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return list(source.read(open_export(path).members[0]))


def tracks_of(rows) -> list[NamedTrack]:
    assert all(isinstance(row, PlaylistEntry) for row in rows), rows
    return [row.track for row in rows]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("lists")


@settings(deadline=None, max_examples=50)
@given(paths)
@example("a%20b#c?d.mp3")
@example("C:\\Musik\\ä.mp3")
@example("/m/\udcff.mp3")
def test_an_address_stands_for_the_path_it_was_made_of(path):
    assert path_of_address(address_of_path(path)) == path or path != path.strip()
    if path.startswith("/"):
        assert path_of_address(address_of_path(path)) == path


@settings(deadline=None, max_examples=50)
@given(st.lists(tracks, max_size=6), words.filter(bool))
@example([NamedTrack(title="A", artists=("B",), path="/#1\n.mp3")], "x")
@example([NamedTrack(title="A", artists=("B",), path="# 1.mp3")], "x")
def test_m3u_reads_back_what_it_wrote(folder, wanted, name):
    text = "".join(write_m3u(name, wanted))
    rows = read(folder, M3U, text)
    assert tracks_of(rows) == wanted
    assert all(row.playlist == name[:200] for row in rows)


@settings(deadline=None, max_examples=50)
@given(st.lists(tracks, max_size=6))
def test_pls_reads_back_what_it_wrote(folder, wanted):
    got = tracks_of(read(folder, PLS, "".join(write_pls(wanted))))
    assert [(t.title, t.artists, t.duration_s, t.path) for t in got] == [
        (t.title, t.artists, t.duration_s, t.path) for t in wanted
    ]


full = st.builds(
    lambda track, mbid, spotify, own: NamedTrack(
        **{**{f: getattr(track, f) for f in NamedTrack.__struct_fields__}, "track_id": own,
           "recording_mbid": mbid, "spotify_id": spotify}
    ),
    tracks,
    st.sampled_from(["", MBID]),
    st.sampled_from(["", SPOTIFY]),
    st.sampled_from(["", "01HF/ä x"]),
)  # fmt: skip


@settings(deadline=None, max_examples=50)
@given(st.lists(full, min_size=1, max_size=6), words.filter(bool))
def test_xspf_reads_back_what_it_wrote(folder, wanted, name):
    rows = read(folder, XSPF, "".join(write_xspf(name, wanted)))
    assert tracks_of(rows) == wanted
    assert rows[0].playlist == name[:200]


@settings(deadline=None, max_examples=50)
@given(st.lists(full, max_size=6), words.filter(bool))
def test_jspf_reads_back_what_it_wrote(folder, wanted, name):
    text = "".join(write_jspf(name, wanted))
    assert len(json.loads(text)["playlist"]["track"]) == len(wanted)
    rows = read(folder, JSPF, text)
    assert tracks_of(rows) == wanted
    assert all(row.playlist == name[:200] for row in rows)


def test_jspf_keeps_artists_apart_and_isrcs(folder):
    track = NamedTrack(title="A", artists=("B, C", "D & E"), isrc="DEABC2300001")
    assert tracks_of(read(folder, JSPF, "".join(write_jspf("x", [track])))) == [track]


def test_xspf_leaves_out_characters_that_xml_cannot_hold(folder):
    track = NamedTrack(title="a\x01b\ufffe<&>]]>", artists=("x",), path="/a")
    assert tracks_of(read(folder, XSPF, "".join(write_xspf("x", [track]))))[0].title == "ab<&>]]>"


def test_a_path_that_no_line_can_hold_is_refused_with_what_to_do():
    for path in ("a\nb.mp3", " a.mp3", ""):
        with pytest.raises(InvalidInputError, match="JSPF or XSPF"):
            list(write_m3u("x", [NamedTrack(title="A", path=path)]))
        with pytest.raises(InvalidInputError, match="fits a line"):
            list(write_pls([NamedTrack(title="A", path=path)]))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_plain_list_of_paths_is_read_in_every_encoding(tmp_path, encoding, end):
    lines = ["Musik/Ä b.mp3", "", "..\\Überfahrt.FLAC", "/x/ç#1.opus"]
    path = tmp_path / "Am Meer.m3u"
    path.write_bytes(end.join(lines).encode(encoding))
    member = open_export(path).members[0]
    assert M3U.recognises(member)
    rows = list(M3U.read(member))
    assert [row.track.path for row in rows] == [line for line in lines if line]
    assert {row.playlist for row in rows} == {"Am Meer"}


def test_entries_of_pls_may_stand_in_any_order(folder):
    text = "[Playlist]\nTitle2=B - y\nFile10=/c\nFile2=/b\nFile1=/a\nnonsense\n"
    rows = read(folder, PLS, text)
    assert [row.track.path for row in rows[:3]] == ["/a", "/b", "/c"]
    assert rows[1].track.artists == ("B",)
    assert "nonsense" in rows[3].reason


def test_listenbrainz_lists_with_one_identifier_or_named_tracks_are_read(folder):
    one = {"title": "A", "identifier": f"https://musicbrainz.org/recording/{MBID}"}
    rows = read(folder, JSPF, json.dumps({"playlist": {"tracks": [one], "title": "late"}}))
    assert rows[0].playlist == "late"
    assert rows[0].track.recording_mbid == MBID
