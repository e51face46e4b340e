"""Walks over real folders, and what changed between two of them."""

import os

import pytest

from segue.data.records import FileStat, ScannedFile, TrackTags
from segue.errors import NotFoundError
from segue.scanner.walk import KnownFile, Move, compare, match_moved, walk


def fill(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def names(root, **kwargs):
    return [os.path.relpath(stat.path, root) for stat in walk(root, **kwargs)]


def known(stats, fingerprint=""):
    return {s.path: KnownFile(s.size_bytes, s.modified_ns, fingerprint) for s in stats}


def test_only_audio_files_are_walked_in_order_of_names(tmp_path):
    fill(tmp_path, "b/2.FLAC", "b/1.mp3", "a/x.ogg", "a/notes.txt", "z.opus", "film.mkv")
    assert names(tmp_path) == ["z.opus", "a/x.ogg", "b/1.mp3", "b/2.FLAC"]


def test_hidden_and_marked_folders_are_skipped(tmp_path):
    fill(tmp_path, ".trash/1.mp3", "@eaDir/1.mp3", "private/.segueignore", "private/deep/1.mp3")
    fill(tmp_path, "._1.mp3", "1.mp3")
    assert names(tmp_path) == ["1.mp3"]


def test_a_loop_of_links_ends_and_each_folder_is_seen_once(tmp_path):
    fill(tmp_path, "a/1.mp3")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "Z").symlink_to(tmp_path / "a")
    assert names(tmp_path) == ["a/1.mp3"]


def test_a_linked_folder_outside_the_root_is_followed(tmp_path):
    fill(tmp_path, "disk/1.mp3", "root/2.mp3")
    (tmp_path / "root" / "more").symlink_to(tmp_path / "disk")
    assert names(tmp_path / "root") == ["2.mp3", "more/1.mp3"]


def test_pipes_dead_links_and_odd_names_are_reported_and_not_raised(tmp_path):
    fill(tmp_path, "1.mp3")
    os.mkfifo(tmp_path / "pipe.mp3")
    (tmp_path / "dead.mp3").symlink_to(tmp_path / "nowhere")
    (tmp_path / os.fsdecode(b"latin\xe9.mp3")).write_bytes(b"x")
    problems = {}
    found = names(tmp_path, on_problem=lambda path, why: problems.update({path: why}))
    assert found == ["1.mp3"]
    reasons = " ".join(problems.values())
    assert len(problems) == 3
    assert "pipe" in reasons
    assert "nowhere" in reasons
    assert "UTF-8" in reasons
    assert all(path.encode() for path in problems)


def test_an_unlistable_folder_is_reported(tmp_path, monkeypatch):
    fill(tmp_path, "a/1.mp3", "b/2.mp3")
    scandir = os.scandir

    def refuse(folder):
        if folder.endswith("/a"):
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    problems = []
    assert names(tmp_path, on_problem=lambda *p: problems.append(p)) == ["b/2.mp3"]
    assert problems == [(str(tmp_path / "a"), "the folder cannot be listed: Permission denied")]


def test_folder_images_are_found_in_the_same_pass(tmp_path):
    fill(tmp_path, "a/1.mp3", "a/Folder.jpg", "a/cover.PNG", "b/2.mp3", "b/scan.jpg")
    covers = {}
    for stat in walk(tmp_path, covers=covers):
        if stat.path.endswith("1.mp3"):
            assert covers  # known before the files of the folder come
    assert covers == {str(tmp_path / "a"): str(tmp_path / "a" / "cover.PNG")}


def test_a_disc_folder_shares_the_image_of_its_album(tmp_path):
    fill(tmp_path, "album/cover.jpg", "album/CD 2/1.mp3", "album/extras/2.mp3")
    covers = {}
    list(walk(tmp_path, covers=covers))
    assert covers[str(tmp_path / "album" / "CD 2")] == str(tmp_path / "album" / "cover.jpg")
    assert str(tmp_path / "album" / "extras") not in covers


def test_a_missing_root_says_that_the_disk_may_not_be_mounted(tmp_path):
    with pytest.raises(NotFoundError, match="mounted"):
        list(walk(tmp_path / "usb"))


def test_new_changed_gone_and_returned_files_are_told_apart(tmp_path):
    fill(tmp_path, "same.mp3", "edited.mp3", "deleted.mp3", "back.mp3")
    before = known(walk(tmp_path))
    back = str(tmp_path / "back.mp3")
    before[back] = KnownFile(1, before[back].modified_ns, is_gone=True)
    (tmp_path / "deleted.mp3").unlink()
    (tmp_path / "edited.mp3").write_bytes(b"longer")
    fill(tmp_path, "new.mp3")
    result = compare(walk(tmp_path), before)
    assert [stat.path for stat in result.added] == [str(tmp_path / "new.mp3")]
    assert [stat.path for stat in result.changed] == [str(tmp_path / "edited.mp3")]
    assert result.gone == (str(tmp_path / "deleted.mp3"),)
    assert (result.returned, result.unchanged, result.problem) == ((back,), 1, None)


def test_a_new_time_alone_makes_a_file_changed():
    result = compare([FileStat("/a", 1, 2)], {"/a": KnownFile(1, 1)})
    assert len(result.changed) == 1


def test_an_empty_root_marks_nothing_as_gone():
    result = compare([], {"/m/a.mp3": KnownFile(1, 1), "/m/b.mp3": KnownFile(1, 1)})
    assert result.gone == ()
    assert "2 files" in result.problem


def test_files_below_a_folder_that_could_not_be_read_are_not_gone():
    before = {path: KnownFile(1, 1) for path in ("/m/a/1.mp3", "/m/b/2.mp3", "/m/ab/3.mp3")}
    result = compare([FileStat("/m/b/2.mp3", 1, 1)], before, unread=["/m/a"])
    assert result.gone == ("/m/ab/3.mp3",)


def scanned(path, fingerprint):
    return ScannedFile(
        stat=FileStat(path, 1, 1), tags=TrackTags(title="t"), fingerprint=fingerprint
    )


def test_a_gone_file_with_the_fingerprint_of_a_new_one_has_moved():
    gone = {"/old/1.mp3": KnownFile(1, 1, "f"), "/old/2.mp3": KnownFile(1, 1, "g")}
    moves = match_moved(gone, [scanned("/new/1.mp3", "f"), scanned("/new/3.mp3", "h")])
    assert moves == (Move("/old/1.mp3", "/new/1.mp3"),)


def test_copies_are_paired_by_file_name_and_each_file_moves_once():
    gone = {"/o/a.mp3": KnownFile(1, 1, "f"), "/o/b.mp3": KnownFile(1, 1, "f")}
    moves = match_moved(
        gone, [scanned("/n/b.mp3", "f"), scanned("/n/c.mp3", "f"), scanned("/n/d.mp3", "f")]
    )
    assert moves == (Move("/o/b.mp3", "/n/b.mp3"), Move("/o/a.mp3", "/n/c.mp3"))


def test_files_without_a_fingerprint_never_match():
    assert match_moved({"/o": KnownFile(1, 1, "")}, [scanned("/n", "")]) == ()
