import pytest

from segue.errors import InvalidInputError
from segue.store.analyses import Analyses, Analysis
from segue.store.library_health import MISSING, LibraryHealth

WHOLE = {"year": 1994, "genres": ("Rock",), "cover_path": "/m/cover.jpg"}


@pytest.fixture
def health(db):
    return LibraryHealth(db)


def titles(page):
    return [item.title for item in page.items]


def test_each_kind_of_missing_word_is_counted_and_listed_by_title(scan, entry, health):
    scan(
        entry("/m/whole", "Whole", **WHOLE),
        entry("/m/b", "Nobody", **WHOLE | {"artists": ()}),
        entry("/m/c", "Timeless", **WHOLE | {"year": None}),
        entry("/m/d", "Anything", **WHOLE | {"genres": ()}),
        entry("/m/e", "Bare", **WHOLE | {"cover_path": None}),
        entry("/m/f", "Also bare", **WHOLE | {"cover_path": None}),
    )
    counts = health.counts("sound", 1)
    assert counts.n_playable == 6
    assert counts.missing == {"artist": 1, "year": 1, "genre": 1, "cover": 2}
    assert {what: titles(health.lacking(what)) for what in MISSING} == {
        "artist": ["Nobody"],
        "year": ["Timeless"],
        "genre": ["Anything"],
        "cover": ["Also bare", "Bare"],
    }
    assert health.lacking("year").items[0].path == "/m/c"
    with pytest.raises(InvalidInputError, match="artist, year, genre, cover"):
        health.lacking("beauty")


def test_tracks_without_a_file_and_hidden_ones_lack_nothing(scan, entry, health, song_ids):
    scan(entry("/m/a", "Gone soon"))
    scan(gone=["/m/a"])
    assert song_ids
    counts = health.counts("sound", 1)
    assert (counts.n_playable, sum(counts.missing.values()), counts.n_gone) == (0, 0, 1)
    (gone,) = health.gone().items
    assert (gone.path, gone.title, gone.problem) == ("/m/a", "Gone soon", "")


def test_refused_files_come_with_their_reason_page_by_page_and_once(scan, entry, health):
    scan(*(entry(f"/m/{n}", problem=f"bad {n}") for n in range(7)))
    seen, cursor = [], None
    while True:
        page = health.refused(cursor, 3)
        seen += [(item.path, item.problem) for item in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == [(f"/m/{n}", f"bad {n}") for n in range(7)]
    scan(gone=["/m/0"])
    assert health.counts("sound", 1).n_refused == 6
    assert health.counts("sound", 1).n_gone == 0  # nothing was lost with it


@pytest.mark.parametrize("what", ["year", "copies"])
def test_pages_meet_without_a_gap_or_a_repeat(scan, entry, health, what):
    scan(*(entry(f"/m/{n}", f"Song {n // 2:02}", fingerprint=str(n)) for n in range(20)))
    one = health.copies if what == "copies" else lambda c, n: health.lacking("year", c, n)
    seen, cursor = [], None
    while True:
        page = one(cursor, 3)
        seen += [track.path for item in page.items
                 for track in (item if what == "copies" else (item,))]  # fmt: skip
        if (cursor := page.next_cursor) is None:
            break
    assert len(seen) == len(set(seen)) == 20


def copies_by_hand(files):
    """The twin: every pair, in Python."""
    return {
        path
        for path, title, length in files
        if any(
            other != path and theirs == title and abs(length - it) <= 2.0
            for other, theirs, it in files
        )
    }


def test_copies_share_title_artist_and_length(scan, entry, health):
    files = [("/m/a", "Roads", 300.0), ("/m/b", "Roads", 301.5), ("/m/live", "Roads", 340.0),
             ("/m/c", "Roads", 303.4), ("/m/other", "Numb", 300.0), ("/m/d", "Sour", 200.0),
             ("/m/e", "Sour", 202.1)]  # fmt: skip
    read = []
    for path, title, length in files:
        made = entry(path, title, duration_s=length, fingerprint=path)
        read.append(type(made)(file=made.file, recording_key=f"{title}|portishead"))
    scan(*read)
    (group,) = health.copies().items
    assert [copy.path for copy in group] == ["/m/a", "/m/b", "/m/c"]
    assert {copy.path for copy in group} == copies_by_hand(files)
    assert health.counts("sound", 1).n_copies == 3
    assert not any(copy.is_same_file for copy in group)


def test_a_file_that_is_there_twice_is_marked(scan, entry, health):
    same = [entry(f"/m/{n}", fingerprint="one") for n in range(2)]
    other = entry("/m/2", fingerprint="two")
    scan(*same, other)
    (group,) = health.copies().items
    assert {copy.path: copy.is_same_file for copy in group} == {
        "/m/0": True, "/m/1": True, "/m/2": False,
    }  # fmt: skip


@pytest.mark.parametrize("key", ["", "untitled|", "|portishead"])
def test_a_key_that_names_half_of_a_recording_makes_no_copies(scan, entry, health, key):
    read = [entry(f"/m/{n}") for n in range(3)]
    scan(*(type(one)(file=one.file, recording_key=key) for one in read))
    assert health.copies().items == ()


def test_what_could_not_be_heard_is_listed_for_its_version_only(scan, entry, health, db):
    ids = scan(*(entry(f"/m/{n}", f"Song {n}") for n in range(4))).added_track_ids
    found = [Analysis(track_id=id_, heard="x", analysed_at=1.0, problem="cannot decode 'x'")
             for id_ in ids[:3]]  # fmt: skip
    Analyses(db).save("sound", 2, found)
    Analyses(db).save("peaks", 2, found[:1])
    assert health.counts("sound", 2).n_unheard == 3
    assert health.counts("sound", 1).n_unheard == 0
    first = health.unheard("sound", 2, None, 2)
    rest = health.unheard("sound", 2, first.next_cursor, 2)
    assert {item.track.id for item in (*first.items, *rest.items)} == set(ids[:3])
    assert rest.next_cursor is None
