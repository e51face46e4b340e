"""Which track a row from elsewhere means."""

import msgspec
import pytest

from segue.data.imported import KnownTrack, NamedTrack
from segue.text.match_weights import FEATURES, WEIGHTS, compared, confidence_of, features_of
from segue.text.matching import MatchIndex
from segue.text.named import spelled

LIBRARY = (
    KnownTrack(id="blue", title="Blue Lines", artists=("Massive Attack",), album="Blue Lines",
               duration_s=261.0, ids=(("mbid", "m-blue"), ("isrc", "GBAAA9100001"))),
    KnownTrack(id="joga", title="Jóga", artists=("Björk",), album="Homogenic", duration_s=305.0),
    KnownTrack(id="umbrella", title="Umbrella", artists=("Rihanna", "JAY-Z"), duration_s=275.0),
    KnownTrack(id="hurt-nin", title="Hurt", artists=("Nine Inch Nails",), duration_s=376.0),
    KnownTrack(id="hurt-cash", title="Hurt", artists=("Johnny Cash",), duration_s=218.0),
    KnownTrack(id="heroes", title="Heroes", artists=("David Bowie",), album="Heroes"),
    KnownTrack(id="heroes-best", title="Heroes - 2017 Remaster", artists=("David Bowie",),
               album="Best of Bowie"),
    KnownTrack(id="here", title="Here Comes the Sun", artists=("The Beatles",), duration_s=185.0),
    KnownTrack(id="pieces", title="Another Brick in the Wall, Pt. 2", artists=("Pink Floyd",)),
)  # fmt: skip


@pytest.fixture(scope="module")
def index() -> MatchIndex:
    return MatchIndex(LIBRARY)


@pytest.mark.parametrize(
    ("title", "artist", "expected"),
    [
        ("Blue Lines", "Massive Attack", "blue"),
        ("BLUE LINES", "massive attack", "blue"),
        ("Joga", "Bjork", "joga"),
        ("Umbrella (feat. JAY-Z)", "Rihanna", "umbrella"),
        ("Umbrella", "Rihanna feat. JAY-Z", "umbrella"),
        ("Umbrella", "Rihanna & Jay-Z", "umbrella"),
        ("Hurt", "Johnny Cash", "hurt-cash"),
        ("Hurt", "Nine Inch Nails", "hurt-nin"),
        ("Here Comes the Sun - Remastered 2009", "Beatles, The", "here"),
        ("07 - Here Comes the Sun", "The Beatles", "here"),
        ("The Beatles - Here Comes the Sun (Official Video)", "TheBeatlesVEVO", "here"),
        ("Here Comes the Sun", "The Beatles - Topic", "here"),
        ("Here Coems the Sun", "The Beatles", "here"),
        ("Here Comes the Sun", "The Beetles", "here"),
    ],
)
def test_a_track_is_found_however_it_is_spelled(
    index: MatchIndex, title: str, artist: str, expected: str
) -> None:
    match = index.find(NamedTrack(title=title, artists=(artist,)))
    assert (match.track_id, match.band) == (expected, "matched"), match


@pytest.mark.parametrize(
    ("title", "artist"),
    [
        ("Teardrop", "Massive Attack"),
        ("Blue Lines", "Somebody Else Entirely"),
        ("Another Brick in the Wall, Pt. 1", "Pink Floyd"),
        ("Jóga (Alec Empire Digital Hardcore Remix)", "Björk"),
        ("Heroes - Live at Earls Court", "David Bowie"),
        ("", "David Bowie"),
        ("東京", ""),
    ],
)
def test_another_track_version_or_artist_is_never_taken(
    index: MatchIndex, title: str, artist: str
) -> None:
    assert index.find(NamedTrack(title=title, artists=(artist,))).band != "matched"


def test_a_title_alone_that_two_artists_have_is_not_sure(index: MatchIndex) -> None:
    assert index.find(NamedTrack(title="Hurt")).band != "matched"


def test_the_length_tells_two_recordings_of_one_name_apart() -> None:
    index = MatchIndex(
        KnownTrack(id=f"{length}", title="Hurt", artists=("Cash",), duration_s=float(length))
        for length in (218, 600)
    )
    named = NamedTrack(title="Hurt", artists=("Cash",), duration_s=599.0)
    assert index.find(named).track_id == "600"


def test_versions_of_one_recording_do_not_make_each_other_doubtful(index: MatchIndex) -> None:
    match = index.find(NamedTrack(title="Heroes", artists=("David Bowie",)))
    assert match.band == "matched"
    assert match.track_id in ("heroes", "heroes-best")


def test_an_id_decides_whatever_the_case_and_the_spelling(index: MatchIndex) -> None:
    by_isrc = NamedTrack(title="Blu Lnes", artists=("Massive Atack",), isrc="gbaaa9100001")
    assert index.find(by_isrc).track_id == "blue"
    assert index.find(by_isrc).confidence == 1.0
    assert index.find(NamedTrack(recording_mbid="M-BLUE")).track_id == "blue"
    assert index.find(NamedTrack(track_id="joga", title="whatever")).track_id == "joga"


def test_an_id_that_the_names_contradict_is_asked_about(index: MatchIndex) -> None:
    match = index.find(NamedTrack(title="Wonderwall", artists=("Oasis",), isrc="GBAAA9100001"))
    assert (match.track_id, match.band) == ("blue", "doubtful")
    assert "names differ" in match.reason


def test_an_id_that_nobody_has_leaves_it_to_the_words(index: MatchIndex) -> None:
    named = NamedTrack(title="Jóga", artists=("Björk",), recording_mbid="of another release")
    assert index.find(named).track_id == "joga"


def test_a_track_that_comes_later_is_found_by_the_next_row() -> None:
    index = MatchIndex()
    named = NamedTrack(title="Teardrop", artists=("Massive Attack",))
    assert index.find(named).track_id is None
    index.add(KnownTrack(id="t", title="Teardrop", artists=("Massive Attack",)))
    assert index.find(named).track_id == "t"
    assert len(index) == 1


def test_the_reason_says_what_differs(index: MatchIndex) -> None:
    named = NamedTrack(title="Jogga", artists=("Bjorg",), album="Debut", duration_s=330.0)
    assert index.find(named).reason == (
        "title spelled otherwise, artist spelled otherwise, another album, 25 s longer or shorter"
    )


def test_everything_that_agrees_more_gives_no_less_confidence() -> None:
    mine = spelled("Blue Lines", ["Massive Attack"], "Blue Lines")
    best = compared(mine, mine, 200.0, 200.0)
    for change in (
        {"title": 0.5, "is_contained": False}, {"artist": 0.3}, {"artist": None}, {"album": 0.1},
        {"gap_s": 60.0}, {"is_same_performance": False},
    ):  # fmt: skip
        worse = msgspec.structs.replace(best, **change)
        assert confidence_of(worse) < confidence_of(best)


def test_confidence_is_the_logistic_of_the_weighted_features() -> None:
    import numpy as np
    from scipy.special import expit

    found = compared(spelled("Joga", ["Bjork"]), spelled("Jóga (Remix)", ["Björk", "X"]), 100, 130)
    assert len(WEIGHTS) == len(FEATURES) == len(features_of(found))
    assert confidence_of(found) == pytest.approx(expit(np.dot(WEIGHTS, features_of(found))))


def test_a_title_that_only_one_track_has_is_not_in_doubt_for_titles_nearly_like_it():
    index = MatchIndex(
        KnownTrack(id=f"p{n}", title=f"Shine On, Part {n}", artists=("Pink Floyd",))
        for n in range(1, 6)
    )
    match = index.find(NamedTrack(title="shine on part 3", artists=("Pink Floyd",)))
    assert (match.track_id, match.band) == ("p3", "matched")
    other = index.find(NamedTrack(title="Shine On, Part 9", artists=("Pink Floyd",)))
    assert other.band != "matched"
