"""Lyrics in tags and beside the music."""

import os
import struct

import pytest

from segue.data.records import FileStat
from segue.scanner.sidecars import sidecar_lyrics
from segue.scanner.tags import read_file
from segue.scanner.walk import KnownFile, compare, walk
from support import audio_files as af


def read(path, data=None):
    if data is not None:
        path.write_bytes(data)
    return read_file(next(stat for stat in walk(path.parent) if stat.path == str(path)))


def tagged(text="[00:01.00]Carried inside"):
    return af.flac(("TITLE", "Tone"), ("ARTIST", "Piper"), ("LYRICS", text))


def test_vorbis_comments_carry_lyrics(tmp_path):
    assert read(tmp_path / "a.flac", tagged()).lyrics == "Carried inside"


@pytest.mark.parametrize("version", [3, 4])
def test_id3_carries_unsynchronised_lyrics(tmp_path, version):
    body = b"\x00eng\x00" + b"Rain on me"
    data = af.id3(af.id3_frame("USLT", body, version), version=version) + af.sound("mp3")
    assert read(tmp_path / "a.mp3", data).lyrics == "Rain on me"


def test_id3_carries_synchronised_lyrics_and_their_times_come_before_words_alone(tmp_path):
    def sung(words, at_ms):
        return words.encode() + b"\0" + struct.pack(">I", at_ms)

    body = b"\x03eng\x02\x01" + b"\0" + sung("Rain", 1_250) + sung("on me", 61_500)
    frames = af.id3_frame("USLT", b"\x03eng\x00" + b"Rain on me"), af.id3_frame("SYLT", body)
    assert read(tmp_path / "a.mp3", af.id3(*frames) + af.sound("mp3")).lyrics == (
        "[00:01.250]Rain\n[01:01.500]on me"
    )


def test_mp4_carries_lyrics(tmp_path):
    item = af._item(b"\xa9lyr", 1, b"Sung in an atom")
    assert read(tmp_path / "a.m4a", af.m4a("Tone", "Piper", item)).lyrics == "Sung in an atom"


def test_a_file_beside_the_music_comes_before_the_tag_and_lrc_before_txt(tmp_path):
    path = tmp_path / "Song.flac"
    (tmp_path / "song.TXT").write_text("Plain words")
    assert read(path, tagged()).lyrics == "Plain words"
    (tmp_path / "Song.lrc").write_text("[ar:Piper]\n[00:02.00]With times")
    assert read(path).lyrics == "With times"


def test_an_empty_file_beside_the_music_leaves_the_tag(tmp_path):
    (tmp_path / "a.lrc").write_text("[ar:Nobody]\n")
    assert read(tmp_path / "a.flac", tagged()).lyrics == "Carried inside"


def test_files_of_other_names_and_hidden_ones_are_not_lyrics(tmp_path):
    for name in ("notes.txt", "a.flac.txt", ".a.lrc", "a.md"):
        (tmp_path / name).write_text("Not for singing")
    assert read(tmp_path / "a.flac", af.flac(("TITLE", "Tone"))).lyrics == ""


def test_a_pipe_or_a_dead_link_beside_the_music_is_passed_over(tmp_path):
    os.mkfifo(tmp_path / "a.lrc")
    (tmp_path / "b.lrc").symlink_to(tmp_path / "nowhere")
    for name in ("a.flac", "b.flac"):
        assert read(tmp_path / name, tagged()).lyrics == "Carried inside"


def test_lyrics_that_vanished_between_walk_and_reading_are_none(tmp_path):
    assert sidecar_lyrics(str(tmp_path / "gone.lrc")) == ""
    assert sidecar_lyrics("") == ""


def test_new_changed_and_lost_lyrics_make_a_file_count_as_changed(tmp_path):
    (tmp_path / "a.flac").write_bytes(tagged())
    beside = tmp_path / "a.lrc"

    def changed(known):
        stats = list(walk(tmp_path))
        before = {s.path: KnownFile(s.size_bytes, s.modified_ns, lyrics_ns=known) for s in stats}
        found = compare(stats, before)
        return len(found.changed), found.unchanged, stats[0].lyrics_ns

    assert changed(0) == (0, 1, 0)
    beside.write_text("One")
    os.utime(beside, ns=(5, 5))
    assert changed(0) == (1, 0, 5)
    assert changed(5) == (0, 1, 5)
    os.utime(beside, ns=(9, 9))
    assert changed(5) == (1, 0, 9)
    beside.unlink()
    assert changed(9) == (1, 0, 0)


def test_a_damaged_sidecar_harms_nothing(tmp_path):
    (tmp_path / "a.lrc").write_bytes(bytes(range(256)) * 40)
    scanned = read(tmp_path / "a.flac", tagged())
    assert scanned.problem is None
    assert all(sign.isprintable() or sign == "\n" for sign in scanned.lyrics[:50])


def test_a_file_of_no_walk_has_only_its_tags(tmp_path):
    (tmp_path / "a.lrc").write_text("Beside")
    path = tmp_path / "a.flac"
    path.write_bytes(tagged())
    size = path.stat().st_size
    assert read_file(FileStat(str(path), size, 1)).lyrics == "Carried inside"
