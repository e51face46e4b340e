"""The demo library: plans it, renders it in processes, writes tagged Ogg Vorbis files and covers.

Public: :func:`compose_library`, :func:`render_track`, :func:`write_library`. The truth (tempo, key,
mood, style of every file) is written beside the music as ``truth.json``.
"""

import multiprocessing
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from functools import lru_cache
from pathlib import Path

import msgspec
import soundfile

from segue.errors import ConflictError, InvalidInputError, JobCancelledError
from segue.synthetic.catalogue import VARIOUS_ARTISTS, compose_library
from segue.synthetic.covers import album_cover
from segue.synthetic.plan import RENDER_VERSION, TrackPlan
from segue.synthetic.rendering import render_track
from segue.synthetic.styles import STYLES
from segue.synthetic.theory import KEY_NAMES
from segue.synthetic.waveforms import SAMPLE_RATE_HZ
from segue.types import FloatMatrix

__all__ = ["TrackPlan", "compose_library", "render_track", "truth_entry", "write_library"]

TRUTH_FILE = "truth.json"
COVER_FILE = "cover.jpg"
_VORBIS_COMPRESSION = 0.6  # about 115 kbit/s; the encoder's time hardly depends on it
_FRAMES_PER_WRITE = 65_536  # libsndfile's Vorbis encoder overflows its stack on very long writes


def truth_entry(plan: TrackPlan) -> dict[str, object]:
    """What is known for certain of one file, as ``truth.json`` holds it."""
    return {
        "title": plan.title,
        "artists": list(plan.artists),
        "artist_credit": plan.artist_credit,
        "album": plan.album,
        "album_artist": plan.album_artist,
        "year": plan.year,
        "genres": list(plan.genres),
        "moods": list(plan.moods),
        "style": plan.style,
        "version": plan.version,
        "recording": plan.recording,
        "composition": plan.composition,
        "seed": plan.seed,
        "render_version": RENDER_VERSION,
        "tempo_bpm": plan.tempo_bpm,
        "key": KEY_NAMES[plan.tonic],
        "mode": plan.mode,
        "time_signature": plan.time_signature,
        "valence": plan.valence,
        "arousal": plan.arousal,
        "duration_s": plan.duration_s,
    }


def write_track(folder: Path, plan: TrackPlan, audio: FloatMatrix) -> None:
    """Writes a plan's tagged file, sound (n_samples, 2); its name appears when it is complete."""
    path = folder / plan.path
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    with soundfile.SoundFile(
        partial,
        "w",
        SAMPLE_RATE_HZ,
        2,
        "VORBIS",
        format="OGG",
        compression_level=_VORBIS_COMPRESSION,
    ) as file:
        file.title = plan.title
        file.artist = plan.artist_credit
        file.album = plan.album
        file.genre = "; ".join(plan.genres)
        file.tracknumber = str(plan.track_number)
        file.comment = "; ".join(plan.moods)
        if plan.year is not None:
            file.date = str(plan.year)
        for first in range(0, len(audio), _FRAMES_PER_WRITE):
            file.write(audio[first : first + _FRAMES_PER_WRITE])
    partial.replace(path)


def write_cover(folder: Path, album: list[TrackPlan]) -> None:
    """Draws the cover of an album into its folder, unless one is there or it is to have none."""
    path = (folder / album[0].path).parent / COVER_FILE
    if path.exists() or not album[0].has_cover:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    valence = sum(plan.valence for plan in album) / len(album)
    arousal = sum(plan.arousal for plan in album) / len(album)
    style = album[0].style
    if album[0].album_artist == VARIOUS_ARTISTS:  # a sampler has no style: any picture language
        style = list(STYLES)[(album[0].seed + album[0].album_year) % len(STYLES)]
    key = f"{album[0].album_artist}/{album[0].album}"
    picture = album_cover(style, valence, arousal, album[0].seed, key)
    partial = path.with_suffix(".part")
    picture.save(partial, "JPEG", quality=90)
    partial.replace(path)


def _written(folder: Path, plans: list[TrackPlan]) -> Iterable[TrackPlan]:
    """Renders one recording, writes all files that hold it and names each when it is complete."""
    audio = render_track(plans[0])
    for plan in plans:
        write_track(folder, plan, audio)
        yield plan


def _grouped(numbers: Iterable[int], keys: list[str]) -> list[list[int]]:
    """Numbers of tracks that have the same key, in order of the first of each."""
    groups: dict[str, list[int]] = {}
    for number in numbers:
        groups.setdefault(keys[number], []).append(number)
    return list(groups.values())


def _unfinished(
    folder: Path, plans: list[TrackPlan], truth: dict[str, dict[str, object]]
) -> list[int]:
    """Numbers of the plans whose file is absent, or was rendered from another plan."""
    truth_path = folder / TRUTH_FILE
    before: dict[str, dict[str, object]] = {}
    if truth_path.exists():
        try:
            before = msgspec.json.decode(truth_path.read_bytes(), type=dict[str, dict[str, object]])
        except msgspec.MsgspecError as error:
            raise ConflictError(
                f"{truth_path} is not a Segue truth file ({error}): choose an empty folder"
            ) from error
        seeds = {entry.get("seed") for entry in before.values()}
        wanted = {plan.seed for plan in plans}
        if seeds and seeds != wanted:
            raise ConflictError(
                f"{folder} holds a demo library of seed {sorted(map(str, seeds))}, asked for "
                f"{sorted(wanted)}: choose an empty folder or that seed"
            )
    return [
        number
        for number, plan in enumerate(plans)
        if not (folder / plan.path).exists() or before.get(plan.path) != truth[plan.path]
    ]


def write_library(
    folder: Path,
    seed: int,
    n_tracks: int = 128,
    workers: int = 1,
    on_progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> list[TrackPlan]:
    """Composes, renders and writes a demo library; run again it makes only what is missing.

    Files: ``Artist/Year - Album/NN Title.ogg``, ``cover.jpg`` in each album's folder and
    ``truth.json``. Sound does not depend on ``workers`` or on the order of rendering.

    Args:
        folder: Made if absent. Files of other names in it are left alone.
        seed: >= 0.
        n_tracks: >= 1, see :func:`~segue.synthetic.catalogue.compose_library`.
        workers: Processes, >= 1; 1 renders in this process.
        on_progress: Called with (files done, files in all), files that were there included.
        should_stop: Asked after every file.

    Returns:
        The plans of all files, those kept included.

    Raises:
        InvalidInputError: ``workers``, ``seed`` or ``n_tracks`` out of range.
        ConflictError: The folder holds a demo library of another seed.
        JobCancelledError: ``should_stop`` said so; finished files stay, a later run goes on.
    """
    if workers < 1:
        raise InvalidInputError(f"workers={workers}: at least one process must work")
    plans = compose_library(seed, n_tracks)
    truth = {plan.path: truth_entry(plan) for plan in plans}
    missing = _unfinished(folder, plans, truth)
    folder.mkdir(parents=True, exist_ok=True)
    for plan in (plans[number] for number in missing):
        (folder / plan.path).unlink(missing_ok=True)  # of another plan: must not pass for this one
    partial = folder / f"{TRUTH_FILE}.part"
    partial.write_bytes(msgspec.json.format(msgspec.json.encode(truth), indent=1))
    partial.replace(folder / TRUTH_FILE)
    report = _Report(len(plans), len(plans) - len(missing), on_progress, should_stop)
    albums = _grouped(range(len(plans)), [plan.path.rsplit("/", 1)[0] for plan in plans])
    recordings = _grouped(missing, [plan.recording for plan in plans])
    if workers > 1:
        _write_in_processes(folder, (seed, n_tracks), albums, recordings, workers, report)
        return plans
    for numbers in albums:
        write_cover(folder, [plans[number] for number in numbers])
        report.check()
    for numbers in recordings:
        for _ in _written(folder, [plans[number] for number in numbers]):
            report.one_done()
    return plans


class _Report:
    """Counts finished files, tells the caller and asks whether to stop."""

    def __init__(
        self,
        n_total: int,
        n_done: int,
        on_progress: Callable[[int, int], None] | None,
        should_stop: Callable[[], bool] | None,
    ) -> None:
        self.n_total, self.n_done = n_total, n_done
        self.on_progress, self.should_stop = on_progress, should_stop

    def check(self) -> None:
        """Raises JobCancelledError when the caller wants to stop."""
        if self.should_stop is not None and self.should_stop():
            raise JobCancelledError(
                f"the demo library was stopped after {self.n_done} of {self.n_total} files"
            )

    def one_done(self) -> None:
        """One more file is complete."""
        self.n_done += 1
        if self.on_progress is not None:
            self.on_progress(self.n_done, self.n_total)
        self.check()


@lru_cache(maxsize=1)
def _library(seed: int, n_tracks: int) -> list[TrackPlan]:
    """The plans, composed once in every process: numbers are all that is sent to it."""
    return compose_library(seed, n_tracks)


def _record(folder: Path, library: tuple[int, int], numbers: list[int]) -> int:
    """In a process: writes the files of one recording and says how many."""
    plans = _library(*library)
    return len(list(_written(folder, [plans[number] for number in numbers])))


def _draw(folder: Path, library: tuple[int, int], numbers: list[int]) -> int:
    """In a process: draws the cover of one album; no music file is complete by that."""
    plans = _library(*library)
    write_cover(folder, [plans[number] for number in numbers])
    return 0


def _write_in_processes(
    folder: Path,
    library: tuple[int, int],
    albums: list[list[int]],
    recordings: list[list[int]],
    workers: int,
    report: _Report,
) -> None:
    """Renders in spawned processes: threads and open connections of this one are not copied."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        pending = {pool.submit(_record, folder, library, numbers) for numbers in recordings}
        pending |= {pool.submit(_draw, folder, library, numbers) for numbers in albums}
        try:
            while pending:
                done, pending = wait(pending, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in done:
                    for _ in range(future.result()):
                        report.one_done()
                report.check()
        finally:
            pool.shutdown(cancel_futures=True)
