"""The model set in service, in memory, and each listener's taste folded into it.

A published set is noticed by one stat, read in a background thread, and swapped in whole, so no
request waits for it. Until the first set is published a bare one (catalogue, no model) serves.
Afterwards its files are read once more at leisure: a set that is damaged is taken back.
"""

import dataclasses
import gc
import sys
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from segue.data.affect import MOODS
from segue.data.dataset import TrackTable
from segue.data.query import Profile, Query
from segue.data.sparse_sums import warm
from segue.errors import ArtifactError, SegueError
from segue.log import get_logger
from segue.models.ask import AskIndex
from segue.models.music_map import MusicMap
from segue.pipeline.build import build_list
from segue.pipeline.candidates import Source
from segue.pipeline.learned import LearnedRanker
from segue.pipeline.rank import warm_ties
from segue.pipeline.stations import standard_sources, station
from segue.services.in_words import Embed, request_of
from segue.services.memory import give_back_memory
from segue.services.model_check import ModelCheck
from segue.services.nearness import Nearness
from segue.store.catalog import Catalog
from segue.text.embed import WORD_DIM, word_embedder
from segue.training import artifacts
from segue.types import BoolVector, FloatMatrix

WATCH_EVERY_S = 0.25
BARE_EVERY_S = 2.0
HIDDEN_EVERY_S = 5.0
SWITCH_S = 0.0002  # of the interpreter, while a set is read
WARM_TRACKS = 30  # of the made-up taste
MAX_CACHED_LISTENERS = 2_000
CHECK_AGAIN_S = 5.0  # a never-play rule may end by itself, with nothing written
PROFILE_LIFE_S = 3_600.0  # preferences fade by days, so an hour-old sum is exact enough

_log = get_logger("serving")


@dataclass(frozen=True, slots=True)
class Serving:
    """One model set ready to answer."""

    version: str | None
    tracks: TrackTable
    sources: Sequence[Source]
    ranker: LearnedRanker | None = None
    embed: Embed | None = None  # texts to vectors, where the set has vectors of texts
    music_map: MusicMap | None = None


class ModelServer:
    """Holds the model set in service and replaces it when another is published.

    Args:
        models_dir: Folder of published versions.
        catalog: For the bare set, before anything is published.
        timer: Monotonic seconds.
        nearness: Gives sources their indexes; None where every track is compared.

    Attributes:
        take_back: Puts the set before the one in service back, for a set that proves damaged.
    """

    take_back: Callable[[], object] | None = None

    def __init__(
        self,
        models_dir: Path,
        catalog: Catalog,
        timer: Callable[[], float] = time.monotonic,
        nearness: Nearness | None = None,
    ) -> None:
        self._nearness = nearness
        self._models_dir = models_dir
        self._catalog = catalog
        self._timer = timer
        self._lock = threading.Lock()
        self._serving: Serving | None = None
        self._stamp: object = None
        self._read_at = float("-inf")
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None
        self._check = ModelCheck(models_dir, self._withdraw)
        self._checked: str | None = None  # the version that was last read in full, or is being read
        self._unfinished: Serving | None = None
        self._preparations: list[Callable[[Serving], object]] = []
        self._hidden: BoolVector | None = None
        self._hidden_checked_at = float("-inf")
        self._hidden_version: object = None
        self._hidden_of: Serving | None = None

    def prepare_with(self, prepare: Callable[[Serving], object]) -> None:
        """Call this with every published set before it is in service, while the other one serves.

        For what is slow to make from a set and would make the first who asks for it wait. At the
        start of a process no other one serves: there it comes just after.
        """
        self._preparations.append(prepare)

    def current(self) -> Serving:
        """The set in service; reads nothing once there is one that holds a track."""
        serving = self.at_hand()
        return self.refresh() if serving is None else serving

    def at_hand(self) -> Serving | None:
        """The set in service where nothing has to be read for it."""
        serving = self._serving
        return serving if serving is not None and len(serving.tracks) else None

    def start_watching(self) -> None:
        """Look for another published set four times a second, in a thread of its own."""
        self._watcher = threading.Thread(target=self._watch, name="model-watcher", daemon=True)
        self._watcher.start()

    def stop_watching(self) -> None:
        """End the threads of :meth:`start_watching`."""
        self._stopping.set()
        if self._watcher is not None:
            self._watcher.join()
        self._check.stop()

    def refresh(self) -> Serving:
        """Read the published set now, unless it is the one in memory already."""
        with self._lock:
            stamp = self._stamp_now()
            if self._serving is None or stamp != self._stamp:
                with yielding_often():
                    self._serving = self._read(self._serving)
                self._stamp = stamp
                self._read_at = self._timer()
            return self._serving

    def finish(self) -> None:
        """Make ready what the first set of this process was put in service without."""
        unfinished, self._unfinished = self._unfinished, None
        if unfinished is not None:
            self._make_ready(unfinished)

    def _make_ready(self, serving: Serving) -> None:
        warm_requests(serving)
        for prepare in self._preparations:
            prepare(serving)
        give_back_memory()

    def _watch(self) -> None:
        self.finish()
        self._check_what_serves()
        while not self._stopping.wait(WATCH_EVERY_S):
            bare = self._serving is not None and self._serving.version is None
            published = artifacts.pointer_stamp(self._models_dir) != (0, 0)
            # a scan changes the catalogue many times a second: the bare set follows at its ease
            if not bare or published or self._timer() - self._read_at >= BARE_EVERY_S:
                try:
                    self.refresh()
                    self._check_what_serves()
                except SegueError as error:
                    _log.error("models cannot be refreshed", reason=str(error))

    def _check_what_serves(self) -> None:
        """Read the files of the set in service in full, in a thread of its own, once a set."""
        version = None if self._serving is None else self._serving.version
        if version is not None and version != self._checked:
            self._checked = version
            self._check.begin(version)

    def _withdraw(self, version: str) -> None:
        """Serve the set before a damaged one, or the bare catalogue where there is none."""
        try:
            if self.take_back is not None:
                self.take_back()
        except SegueError as error:
            _log.error("no earlier model set can serve; train again", reason=str(error))
        with self._lock:
            if self._serving is not None and self._serving.version == version:
                self._stamp = self._stamp_now()
                self._serving = self._read(None)
        self.finish()

    def hidden(self, serving: Serving) -> BoolVector | None:
        """Mask of the set's tracks that lost their file since it was trained, or None.

        Read again at most every few seconds, and only when the catalogue changed.
        """
        now = self._timer()
        if now - self._hidden_checked_at >= HIDDEN_EVERY_S or self._hidden_of is not serving:
            self._hidden_checked_at = now
            version = self._catalog.version()
            if version != self._hidden_version or self._hidden_of is not serving:
                self._hidden = self._read_hidden(serving.tracks)
                self._hidden_version, self._hidden_of = version, serving
        return self._hidden

    def _read_hidden(self, tracks: TrackTable) -> BoolVector | None:
        rows = tracks.ids.rows(self._catalog.hidden_track_ids())
        rows = rows[rows >= 0]
        if not len(rows):
            return None
        mask = np.zeros(len(tracks), bool)
        mask[rows] = True
        return mask

    def _stamp_now(self) -> object:
        pointer = artifacts.pointer_stamp(self._models_dir)
        # without a published set the catalogue itself is served, so its changes count
        return pointer if pointer != (0, 0) else ("bare", self._catalog.version())

    def _read(self, before: Serving | None) -> Serving:
        try:
            version = artifacts.current_version(self._models_dir)
            if version is not None:
                models = artifacts.read_version(self._models_dir, version)
                _log.info("models in service", version=version)
                tracks = with_tempo(models.tracks, models.music_map)
                sources = standard_sources(models.models, tracks, models.ask)
                if self._nearness is not None:
                    content_of = models.manifest.content_of
                    sources = self._nearness.given(sources, tracks, content_of)
                embed = embedder_of(models.ask)
                read = Serving(version, tracks, sources, models.ranker, embed, models.music_map)
                warmed(read)
                if before is None:  # nothing serves meanwhile: the rest comes after the first lists
                    self._unfinished = read
                else:
                    self._make_ready(read)
                return read
        except ArtifactError as error:
            _log.error("published models cannot be read", reason=str(error))
            if before is not None:
                return before
        tracks = self._catalog.track_table()
        return Serving(None, tracks, standard_sources({}, tracks))


def embedder_of(ask: AskIndex | None) -> Embed | None:
    """What turns a request into a vector of the set; it is read at the first one.

    A set whose vectors have another length was made by another embedder, and does without.
    """
    has_ours = ask is not None and ask.vectors is not None and ask.vectors.shape[1] == WORD_DIM
    return _embed_words if has_ours else None


def _embed_words(texts: Sequence[str]) -> FloatMatrix:
    return word_embedder().embed(texts)


def warmed(serving: Serving) -> None:
    """Make a list of a made-up taste that nobody sees: the first one of a set is the slowest.

    It loads what is compiled and reads the pages of memory-mapped arrays, before a listener waits.
    """
    warm(len(serving.tracks))
    warm_ties(len(serving.tracks))
    n = min(WARM_TRACKS, len(serving.tracks))
    if not n:
        return
    rows = np.linspace(0, len(serving.tracks) - 1, n, dtype=np.int64).tolist()
    weights = dict.fromkeys(rows, 1.0) | {rows[-1]: -1.0}  # what is disliked goes other ways too
    query = Query("for_you", Profile.from_weights(weights), 50)
    build_list(query, serving.tracks, serving.sources, ranker=serving.ranker)


def warm_requests(serving: Serving) -> None:
    """Ask for every mood once: each is weighed over all tracks when first asked for.

    What makes vectors of requests is read by the first one: 100 MB that many never ask for, and the
    vectors of all tracks with it.
    """
    recipe = station("ask")
    if not any(source.name == recipe.only for source in serving.sources):
        return
    for mood in MOODS:
        asked, vector = request_of(f"{mood} pop from the 90s", None)
        query = Query(recipe.name, Profile.empty(), 50, asked=asked, asked_vector=vector)
        build_list(query, serving.tracks, serving.sources, recipe)


@contextmanager
def yielding_often() -> Generator[None]:
    """Have this thread give way to requests after a fifth of a millisecond instead of five.

    A request lets go of the interpreter a few dozen times (each product, each read of the store),
    and each time it would wait for whoever reads a set: 200 ms in one list. Nor is garbage looked
    for meanwhile: a set is millions of objects, and to walk them all holds everybody up.
    """
    before, collects = sys.getswitchinterval(), gc.isenabled()
    sys.setswitchinterval(min(before, SWITCH_S))
    gc.disable()
    try:
        yield
    finally:
        sys.setswitchinterval(before)
        if collects:
            gc.enable()


def with_tempo(tracks: TrackTable, music_map: MusicMap | None) -> TrackTable:
    """The catalogue with the tempo that was heard, for sentences that say "slow" or "fast"."""
    if music_map is None:
        return tracks
    tempo = music_map.tempo_bpm[:, np.newaxis]
    return dataclasses.replace(tracks, vectors={**tracks.vectors, "tempo_bpm": tempo})
