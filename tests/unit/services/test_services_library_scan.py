import os
import shutil
from pathlib import Path

import pytest

from segue.errors import InvalidInputError, JobCancelledError, NotFoundError
from segue.scanner import reader
from segue.store.lyrics import Lyrics
from support.app import Watched, every_track
from support.audio_files import damaged_files, flac, sound, write_files


@pytest.fixture
def music(tmp_path):
    folder = tmp_path / "collection"
    (folder / "whole").mkdir(parents=True)
    (folder / "damaged").mkdir()
    for number in range(20):
        pairs = (("TITLE", f"Tune {number}"), ("ARTIST", "Fiddler"), ("ALBUM", "Reels"))
        content = flac(*pairs, duration_s=0.2 + number / 100)
        (folder / "whole" / f"{number:02}.flac").write_bytes(content)
    return folder


@pytest.fixture
def scan(house, music):
    return lambda: house.app.library.scan(music, Watched())


@pytest.fixture
def read_paths(monkeypatch):
    """Paths of all files that are opened for their tags."""
    seen = []
    original = reader.read_file

    def read_file(stat, *given, **named):
        seen.append(stat.path)
        return original(stat, *given, **named)

    monkeypatch.setattr(reader, "read_file", read_file)
    return seen


def tunes(house):
    return {t.title: t for t in every_track(house.app) if t.title.startswith("Tune")}


def counts(report):
    return (report.added, report.changed, report.moved, report.gone, report.unchanged,
            report.problems)  # fmt: skip


def test_twenty_whole_and_twenty_damaged_files_are_twenty_tracks_and_twenty_reasons(
    house, music, scan
):
    write_files(music / "damaged", damaged_files())
    report = scan()
    assert counts(report) == (20, 0, 0, 0, 0, 20)
    assert set(tunes(house)) == {f"Tune {n}" for n in range(20)}
    problems = house.app.catalog.problems(limit=200)
    assert {Path(p.path).name for p in problems} == set(damaged_files())
    assert all(len(p.problem) > 10 for p in problems)
    assert house.app.catalog.counts().n_problems == 20


def test_a_second_scan_reads_no_file(music, scan, read_paths):
    write_files(music / "damaged", damaged_files())
    scan()
    assert len(read_paths) == 40 or not read_paths  # worker processes read what is many
    read_paths.clear()
    assert counts(scan()) == (0, 0, 0, 0, 40, 0)
    assert read_paths == []


def test_a_moved_file_keeps_its_track_and_what_was_heard_of_it(house, music, scan):
    scan()
    before = tunes(house)["Tune 3"].id
    house.tell("ada", "love", "Tune 3")
    (music / "elsewhere").mkdir()
    (music / "whole" / "03.flac").rename(music / "elsewhere" / "three.flac")
    assert counts(scan()) == (0, 0, 1, 0, 19, 0)
    assert tunes(house)["Tune 3"].id == before
    assert house.app.library.file_of(before).path == str(music / "elsewhere" / "three.flac")
    assert house.app.recommend.track_view(house.id_of("ada"), before).loved
    assert counts(scan()) == (0, 0, 0, 0, 20, 0)


def test_files_that_swap_their_names_keep_their_tracks(house, music, scan):
    scan()
    before = {title: tunes(house)[title].id for title in ("Tune 1", "Tune 2")}
    house.tell("ada", "love", "Tune 1")
    one, two, aside = (music / "whole" / name for name in ("01.flac", "02.flac", "aside"))
    one.rename(aside)
    two.rename(one)
    aside.rename(two)
    assert counts(scan()) == (0, 0, 2, 0, 18, 0)
    assert {title: tunes(house)[title].id for title in before} == before
    assert house.app.library.file_of(before["Tune 1"]).path == str(two)
    assert counts(scan()) == (0, 0, 0, 0, 20, 0)


def test_files_that_move_up_by_one_name_keep_their_tracks(house, music, scan):
    scan()
    before = {title: tunes(house)[title].id for title in ("Tune 17", "Tune 18", "Tune 19")}
    for number in (19, 18, 17):
        (music / "whole" / f"{number:02}.flac").rename(music / "whole" / f"{number + 1:02}.flac")
    assert counts(scan()) == (0, 0, 3, 0, 17, 0)
    assert {title: tunes(house)[title].id for title in before} == before
    assert house.app.library.file_of(before["Tune 19"]).path == str(music / "whole" / "20.flac")


def test_a_file_that_takes_the_place_of_another_keeps_its_track(house, music, scan):
    scan()
    kept, lost = tunes(house)["Tune 4"].id, tunes(house)["Tune 6"].id
    (music / "whole" / "04.flac").rename(music / "whole" / "06.flac")
    scan()
    assert tunes(house)["Tune 4"].id == kept
    assert "Tune 6" not in tunes(house)
    assert house.app.catalog.track(lost) is None


def test_a_vanished_file_hides_its_track_and_keeps_its_listens_until_it_is_back(house, music, scan):
    scan()
    track = tunes(house)["Tune 7"].id
    house.tell("ada", "play", "Tune 7", played_s=10.0)
    content, path = (music / "whole" / "07.flac").read_bytes(), music / "whole" / "07.flac"
    path.unlink()
    assert counts(scan()) == (0, 0, 0, 1, 19, 0)
    assert "Tune 7" not in tunes(house)
    with pytest.raises(NotFoundError):
        house.app.library.file_of(track)
    assert len(house.app.history._history.events_of(house.id_of("ada"))) == 1
    path.write_bytes(content)
    scan()
    assert tunes(house)["Tune 7"].id == track
    recent = house.app.recommend.recently_played(house.id_of("ada"), 5)
    assert [view.track.id for view in recent] == [track]


def test_a_changed_tag_changes_the_track_and_not_its_id(house, music, scan):
    scan()
    before = tunes(house)["Tune 5"].id
    path = music / "whole" / "05.flac"
    path.write_bytes(flac(("TITLE", "Tune five"), ("ARTIST", "Fiddler"), duration_s=0.5))
    os.utime(path, ns=(1, 10**18))
    assert counts(scan()) == (0, 1, 0, 0, 19, 0)
    assert tunes(house)["Tune five"].id == before
    assert "Tune 5" not in tunes(house)


def test_a_file_that_breaks_hides_its_track_and_a_mended_one_shows_it_again(house, music, scan):
    scan()
    before = tunes(house)["Tune 9"].id
    path = music / "whole" / "09.flac"
    whole = path.read_bytes()
    path.write_bytes(whole[:30])
    assert scan().problems == 1
    assert "Tune 9" not in tunes(house)
    path.write_bytes(whole)
    scan()
    assert tunes(house)["Tune 9"].id == before
    assert house.app.catalog.counts().n_problems == 0


class StopsAfter(Watched):
    """Cancels at a report of the second phase, as a listener would."""

    def __init__(self, done, how):
        super().__init__()
        self.limit, self.how = done, how

    def report(self, done, total=None, *, unit="", message=""):
        super().report(done, total, unit=unit, message=message)
        if unit == "files" and done >= self.limit:
            raise self.how


@pytest.mark.parametrize("how", [JobCancelledError("stop"), OSError("disk"), KeyboardInterrupt()])
def test_an_interrupted_scan_goes_on_without_reading_again_what_was_written(
    house, music, scan, read_paths, monkeypatch, how
):
    from segue.services import library

    monkeypatch.setattr(library, "BATCH_FILES", 5)
    with pytest.raises(type(how)):
        house.app.library.scan(music, StopsAfter(10, how))
    written = set(tunes(house))
    assert len(written) == 10
    already = set(read_paths)
    read_paths.clear()
    assert counts(scan()) == (10, 0, 0, 0, 10, 0)
    assert len(tunes(house)) == 20
    done = {house.app.library.file_of(tunes(house)[title].id).path for title in written}
    assert done <= already
    assert not done & set(read_paths)


def test_a_scan_that_is_told_to_stop_reads_no_further(house, music):
    class Stopped(Watched):
        def should_stop(self):
            return True

    report = house.app.library.scan(music, Stopped())
    assert report.added == 0
    assert tunes(house) == {}


def test_an_emptied_folder_marks_nothing_gone(house, music, scan):
    scan()
    shutil.rmtree(music / "whole")
    with pytest.raises(InvalidInputError, match="mounted"):
        scan()
    assert len(tunes(house)) == 20


def test_a_folder_that_is_not_there_is_refused_in_words(house, tmp_path):
    for missing in (tmp_path / "nothing", tmp_path / "house0" / "data" / "segue.db"):
        with pytest.raises(InvalidInputError, match="not a folder"):
            house.app.library.scan(missing, Watched())


def test_the_files_are_only_ever_read(house, music, scan):
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in music.rglob("*") if p.is_file()}
    scan()
    scan()
    after = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in music.rglob("*") if p.is_file()}
    assert after == before


def test_two_folders_do_not_hide_each_others_files(house, music, scan, tmp_path):
    scan()
    other = tmp_path / "collection two"
    other.mkdir()
    (other / "a.wav").write_bytes(sound("wav"))
    house.app.library.scan(other, Watched())
    assert len(tunes(house)) == 20
    assert counts(scan()) == (0, 0, 0, 0, 20, 0)


def test_progress_ends_at_its_total(house, music):
    progress = Watched()
    house.app.library.scan(music, progress)
    done, total, message = progress.told[-1]
    assert (done, total) == (20, 20)
    assert message


def lyrics_of(house, title):
    track = tunes(house)[title]
    return Lyrics(house.app.database).of([track.id]).get(track.id)


def test_lyrics_beside_the_music_are_kept_and_follow_the_file(house, music, scan):
    beside = music / "whole" / "04.lrc"
    beside.write_text("[00:01.00]Over the hill")
    scan()
    assert lyrics_of(house, "Tune 4") == "Over the hill"
    assert lyrics_of(house, "Tune 5") is None
    assert counts(scan()) == (0, 0, 0, 0, 20, 0)
    before = tunes(house)["Tune 4"].id
    beside.write_text("Another song")
    os.utime(beside, ns=(1, 1))
    assert counts(scan()) == (0, 1, 0, 0, 19, 0)
    assert lyrics_of(house, "Tune 4") == "Another song"
    beside.unlink()
    assert counts(scan()) == (0, 1, 0, 0, 19, 0)
    assert lyrics_of(house, "Tune 4") is None
    assert tunes(house)["Tune 4"].id == before


def test_the_openings_of_timed_lyrics_are_words_alone(house, music, scan):
    (music / "whole" / "04.lrc").write_text("[00:01.00]Over the hill\n[00:04.50]and away")
    scan()
    kept = Lyrics(house.app.database)
    track_id = tunes(house)["Tune 4"].id
    assert kept.of([track_id]) == {track_id: "[00:01.000]Over the hill\n[00:04.500]and away"}
    assert kept.openings(17) == {track_id: "Over the hill\nand"}


def test_the_openings_of_all_lyrics_are_cut(house, music, scan):
    (music / "whole" / "04.txt").write_text("Over the hill")
    scan()
    assert Lyrics(house.app.database).openings(4) == {tunes(house)["Tune 4"].id: "Over"}


def as_read_before(house, *paths):
    """Forget the times of lyrics, and that these files were read by a Segue that keeps them."""
    names = tuple(os.fsencode(path) for path in paths)

    def run(connection):
        marks = ", ".join("?" * len(names))
        connection.exec_driver_sql(f"UPDATE files SET reading = 0 WHERE path IN ({marks})", names)
        connection.exec_driver_sql("UPDATE lyrics SET text = 'Rain'")

    house.app.database.write(run)


def test_lyrics_that_were_read_before_times_were_kept_get_their_times(
    house, music, scan, read_paths
):
    path = music / "whole" / "03.flac"
    path.with_suffix(".lrc").write_text("[00:01.50]Rain\n[00:03.00]on me")
    scan()
    track, lyrics = tunes(house)["Tune 3"], Lyrics(house.app.database)
    timed = {track.id: "[00:01.500]Rain\n[00:03.000]on me"}
    assert lyrics.of([track.id]) == timed
    as_read_before(house, path, music / "whole" / "05.flac")
    read_paths.clear()
    report = scan()
    assert lyrics.of([track.id]) == timed
    assert (report.read_again, *counts(report)) == (2, 0, 0, 0, 0, 18, 0)
    assert tunes(house)["Tune 3"].id == track.id
    assert len(read_paths) == 2
    read_paths.clear()
    assert (scan().read_again, read_paths) == (0, [])  # once is enough


def test_a_file_that_no_scan_could_read_is_tried_again_when_scans_know_more(house, music, scan):
    write_files(music / "damaged", damaged_files())
    scan()
    bad = sorted((music / "damaged").iterdir())[0]
    as_read_before(house, bad)
    report = scan()
    assert (report.read_again, *counts(report)) == (1, 0, 0, 0, 0, 39, 1)
    assert scan().read_again == 0


def test_a_file_that_is_read_again_is_not_taken_for_one_that_was_renamed(house, music, scan):
    scan()
    before = {title: track.id for title, track in tunes(house).items()}
    as_read_before(house, *(music / "whole").iterdir())
    (music / "whole" / "03.flac").rename(music / "whole" / "new.flac")
    report = scan()
    assert (report.read_again, report.moved, report.gone) == (19, 1, 0)
    assert {title: track.id for title, track in tunes(house).items()} == before
