"""Folders that an administrator chooses on a page."""

import os
from pathlib import Path

import pytest

from segue.errors import InvalidInputError
from segue.services.folders import MOST, MusicFolders


@pytest.fixture
def place(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "music").mkdir()
    return tmp_path


def folders(place, *configured):
    return MusicFolders(place / "data", configured)


def test_a_chosen_folder_is_known_at_the_next_start_behind_the_configured(place):
    given = folders(place, Path("/from/settings"))
    assert given.add(f"  {place / 'music'} ") == place / "music"
    assert folders(place, Path("/from/settings")).all() == [
        Path("/from/settings"),
        place / "music",
    ]


def test_the_same_folder_is_kept_once(place):
    given = folders(place, place / "music")
    given.add(str(place / "music"))
    given.add(str(place / "data" / ".." / "music"))
    assert given.all() == [place / "music"]


@pytest.mark.parametrize("wanted", ["", "music", "relative/music", "/no/such/folder", "/a\0b"])
def test_what_is_no_folder_is_refused_in_words(place, wanted):
    with pytest.raises(InvalidInputError):
        folders(place).add(wanted)
    assert folders(place).all() == []


def test_a_file_and_our_own_data_are_refused(place):
    (place / "music" / "a.mp3").write_bytes(b"")
    (place / "data" / "covers").mkdir()
    for wanted in (place / "music" / "a.mp3", place / "data", place / "data" / "covers"):
        with pytest.raises(InvalidInputError):
            folders(place).add(str(wanted))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_may_not_be_read_is_refused(place):
    (place / "music").chmod(0)
    try:
        with pytest.raises(InvalidInputError):
            folders(place).add(str(place / "music"))
    finally:
        (place / "music").chmod(0o755)


def test_there_are_at_most_so_many(place):
    given = folders(place)
    for number in range(MOST + 1):
        (place / f"m{number}").mkdir()
    for number in range(MOST):
        given.add(str(place / f"m{number}"))
    with pytest.raises(InvalidInputError, match="at most"):
        given.add(str(place / f"m{MOST}"))
