import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image
from tinytag import TinyTag

from segue.errors import ConflictError, InvalidInputError, JobCancelledError
from segue.synthetic.catalogue import VARIOUS_ARTISTS, compose_library, file_name
from segue.synthetic.covers import album_cover
from segue.synthetic.music import truth_entry, write_library
from segue.synthetic.styles import STYLES

N_WRITTEN = 3


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    progress: list[tuple[int, int]] = []
    plans = write_library(
        folder, 5, N_WRITTEN, 1, lambda done, total: progress.append((done, total)), None
    )
    return folder, plans, progress


def test_the_library_is_as_large_and_varied_as_promised():
    plans = compose_library(3)
    assert len(plans) == 128
    assert len({plan.style for plan in plans}) >= 10
    assert len({artist for plan in plans for artist in plan.artists}) >= 24
    assert len({(plan.album_artist, plan.album) for plan in plans}) >= 30
    years = [plan.year for plan in plans if plan.year is not None]
    assert min(years) < 1975
    assert max(years) > 2015
    assert all(1962 <= year <= 2025 for year in years)
    assert all(1 <= len(plan.genres) <= 2 for plan in plans)
    assert all(0 <= plan.valence <= 1 and 0 <= plan.arousal <= 1 for plan in plans)


@pytest.mark.parametrize("n_tracks", [1, 2, 39, 40, 128, 300])
def test_any_size_can_be_asked_for_and_paths_never_clash(n_tracks: int):
    plans = compose_library(9, n_tracks)
    assert len(plans) == n_tracks
    assert len({plan.path for plan in plans}) == n_tracks
    assert all(len(part.encode()) < 200 for plan in plans for part in plan.path.split("/"))


def test_equal_seeds_give_equal_plans_and_other_seeds_others():
    assert compose_library(4, 30) == compose_library(4, 30)
    assert compose_library(4, 30) != compose_library(5, 30)


@pytest.mark.parametrize("seed", [0, 7, 42])
def test_the_odd_things_of_real_libraries_are_there(seed: int):
    plans = compose_library(seed)
    assert any(
        plan.artist_credit == " feat. ".join(plan.artists[:2])
        for plan in plans
        if len(plan.artists) > 1
    )
    assert {"live", "acoustic"} <= {plan.version for plan in plans}
    assert sum(plan.year is None for plan in plans) == 1
    assert max(len(plan.title) for plan in plans) == 200
    assert any("\u3040" <= c <= "\u9fff" for plan in plans for c in plan.title)
    assert any("\u0600" <= c <= "\u06ff" for plan in plans for c in plan.title)
    assert any("\u0590" <= c <= "\u05ff" for plan in plans for c in plan.title)
    assert len({p.album for p in plans if not p.has_cover}) == 1


def test_a_compilation_repeats_recordings_of_several_artists():
    plans = compose_library(7)
    copies = [plan for plan in plans if plan.album_artist == VARIOUS_ARTISTS]
    assert copies
    for copy in copies:
        original = next(p for p in plans if p.recording == copy.recording)
        assert original is not copy
        assert original.album_artist == copy.artists[0]
        assert (original.title, original.duration_s) == (copy.title, copy.duration_s)
        assert (original.sound, original.form) == (copy.sound, copy.form)
    assert len({plan.artists[0] for plan in copies}) >= 5


def test_an_artist_keeps_a_tempo_and_timbre_of_their_own():
    plans = [p for p in compose_library(7) if p.version == "studio"]
    for artist in {plan.artists[0] for plan in plans}:
        own = [plan for plan in plans if plan.artists[0] == artist]
        tempos = [plan.tempo_bpm for plan in own]
        assert max(tempos) / min(tempos) < 1.1
        assert len({plan.sound.timbre for plan in own}) == 1
        assert len({plan.style for plan in own}) == 1


def test_file_names_hold_no_separator_and_are_cut_between_letters():
    assert file_name("a/b\\c:d") == "a_b_c_d"
    assert file_name("...") == "_"
    long = file_name("ж" * 200)
    assert long == "ж" * 60


def test_tags_read_back_equal_the_plan(library):
    folder, plans, _ = library
    for plan in plans:
        tags = TinyTag.get(folder / plan.path).as_dict()
        assert tags["title"] == [plan.title]
        assert tags["artist"] == [plan.artist_credit]
        assert tags["album"] == [plan.album]
        assert tags["year"] == [str(plan.year)]
        assert tags["track"] == [str(plan.track_number)]
        assert tags["genre"] == ["; ".join(plan.genres)]
        assert tags["comment"] == ["; ".join(plan.moods)]
        assert tags["duration"] == pytest.approx(plan.duration_s, abs=0.05)
        assert (tags["samplerate"], tags["channels"]) == (32_000, 2)


def test_the_truth_of_every_file_stands_beside_the_music(library):
    folder, plans, _ = library
    truth = json.loads((folder / "truth.json").read_text())
    assert set(truth) == {plan.path for plan in plans}
    for plan in plans:
        assert truth[plan.path] == truth_entry(plan)
        assert truth[plan.path]["tempo_bpm"] == plan.tempo_bpm


def test_progress_counts_every_file_and_no_partial_file_stays(library):
    folder, _, progress = library
    assert progress == [(i + 1, N_WRITTEN) for i in range(N_WRITTEN)]
    assert not list(folder.rglob("*.part"))


def test_a_second_run_keeps_finished_files_and_makes_only_the_missing_one(library):
    folder, plans, _ = library
    lost, kept = folder / plans[1].path, folder / plans[0].path
    lost.unlink()
    before = kept.stat()
    progress: list[tuple[int, int]] = []
    write_library(folder, 5, N_WRITTEN, 1, lambda *done: progress.append(done), None)
    assert lost.exists()
    assert (kept.stat().st_mtime_ns, kept.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert progress == [(N_WRITTEN, N_WRITTEN)]


@pytest.mark.slow
def test_two_processes_write_the_same_samples_as_one(library, tmp_path: Path):
    folder, plans, _ = library
    progress: list[tuple[int, int]] = []
    write_library(tmp_path, 5, N_WRITTEN, 2, lambda *done: progress.append(done), None)
    for plan in plans:  # the files differ by the serial number of the Ogg stream
        one, two = (soundfile.read(place / plan.path)[0] for place in (folder, tmp_path))
        assert np.array_equal(one, two), plan.path
    for name in ("truth.json", f"{plans[0].path.rsplit('/', 1)[0]}/cover.jpg"):
        assert (folder / name).read_bytes() == (tmp_path / name).read_bytes()
    assert progress == [(i + 1, N_WRITTEN) for i in range(N_WRITTEN)]


def test_a_folder_of_another_seed_is_refused_and_left_as_it_is(library):
    folder, plans, _ = library
    with pytest.raises(ConflictError, match="seed"):
        write_library(folder, 6, N_WRITTEN, 1, None, None)
    assert all((folder / plan.path).exists() for plan in plans)


def test_a_stop_leaves_finished_files_and_says_how_far_it_came(tmp_path: Path):
    with pytest.raises(JobCancelledError, match="0 of 2"):
        write_library(tmp_path, 1, 2, 1, None, lambda: True)
    assert not list(tmp_path.rglob("*.ogg"))


def test_sizes_and_workers_out_of_range_are_refused(tmp_path: Path):
    with pytest.raises(InvalidInputError, match="n_tracks=0"):
        compose_library(1, 0)
    with pytest.raises(InvalidInputError, match="workers=0"):
        write_library(tmp_path, 1, 1, 0, None, None)


def test_the_album_has_its_cover(library):
    folder, plans, _ = library
    with Image.open((folder / plans[0].path).parent / "cover.jpg") as cover:
        assert cover.size == (640, 640)
        assert cover.mode == "RGB"


def test_covers_differ_between_styles_and_albums_and_repeat_for_equal_arguments():
    small = {}
    for style in STYLES:
        picture = album_cover(style, 0.5, 0.5, 1, "a")
        assert picture.size == (640, 640)
        small[style] = np.asarray(picture.reduce(20), float)
        assert small[style].std() > 15, f"{style} has no contrast"
    names = list(small)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            assert np.abs(small[one] - small[other]).mean() > 12, (one, other)
    again = np.asarray(album_cover("house", 0.5, 0.5, 1, "a"))
    assert np.array_equal(again, np.asarray(album_cover("house", 0.5, 0.5, 1, "a")))
    assert not np.array_equal(again, np.asarray(album_cover("house", 0.5, 0.5, 1, "b")))
