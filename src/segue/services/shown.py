"""What was shown lately, kept while it is still true: tracks for pages, lists, and their scores.

Nothing here is guessed: each answer carries what it was made from, and is made anew when that is no
longer the same. One look at the database's revision tells whether anything changed at all.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from segue.data.query import Profile
from segue.data.records import Track
from segue.pipeline.kept import KeptScores
from segue.store.catalog import Catalog
from segue.store.catalog_records import CatalogCounts

MAX_TRACKS = 20_000  # about 1 kB each
MAX_LISTS = 128  # about 80 kB each
MAX_SCORED_LISTENERS = 64  # up to 2 MB each in a library of 100,000 tracks
LIST_LIFE_S = 60.0  # a list's words say how long ago something was, in days

Answer = TypeVar("Answer")


class ShownTracks:
    """Tracks as the catalogue shows them, until the catalogue changes."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._tracks: dict[str, Track] = {}
        self._counts: CatalogCounts | None = None
        self._revision = self._version = -1
        self._lock = threading.Lock()

    def version(self, revision: int) -> int:
        """The version of the catalogue at a revision of the database."""
        if revision != self._revision:
            version = self._catalog.version()
            with self._lock:
                if version != self._version:
                    self._tracks, self._counts, self._version = {}, None, version
                self._revision = revision
        return self._version

    def counts(self, revision: int) -> CatalogCounts:
        """Totals of the catalogue; counting walks whole tables, so once for each version."""
        self.version(revision)
        counts = self._counts
        if counts is None:
            counts = self._counts = self._catalog.counts()
        return counts

    def of(self, track_ids: Sequence[str], revision: int) -> dict[str, Track]:
        """Tracks by id; unknown and hidden ones are left out."""
        self.version(revision)
        tracks = self._tracks  # a change of the catalogue puts another one in its place
        missing = [id_ for id_ in track_ids if id_ not in tracks]
        if missing:
            if len(tracks) + len(missing) > MAX_TRACKS:
                tracks.clear()
                missing = list(track_ids)
            tracks.update((track.id, track) for track in self._catalog.tracks(missing))
        return {id_: track for id_ in track_ids if (track := tracks.get(id_)) is not None}


class Kept(Generic[Answer]):
    """Answers by question, as long as what they were made from is the very same."""

    def __init__(self, size: int = MAX_LISTS, life_s: float = LIST_LIFE_S) -> None:
        self._size = size
        self._life_s = life_s
        self._answers: OrderedDict[Hashable, tuple[tuple[object, ...], float, Answer]]
        self._answers = OrderedDict()
        self._lock = threading.Lock()

    def get(
        self, question: Hashable, made_from: tuple[object, ...], now: float,
        make: Callable[[], Answer],
    ) -> Answer:  # fmt: skip
        """The answer, made only when there is none that was made from the same objects.

        Args:
            question: What is asked.
            made_from: Compared by identity.
            now: Unix time (s).
            make: Makes the answer.
        """
        with self._lock:
            found = self._answers.get(question)
        if found is not None:
            before, made_at, kept = found
            same = all(a is b for a, b in zip(before, made_from, strict=True))
            if same and 0 <= now - made_at < self._life_s:
                return kept
        answer = make()
        with self._lock:
            self._answers[question] = (made_from, now, answer)
            self._answers.move_to_end(question)
            while len(self._answers) > self._size:
                self._answers.popitem(last=False)
        return answer

    def forget(self) -> None:
        """Let go of all answers."""
        with self._lock:
            self._answers.clear()


class ScoresOfListeners:
    """What the models said of each listener, until their profile or the model set is replaced."""

    def __init__(self, size: int = MAX_SCORED_LISTENERS) -> None:
        self._size = size
        self._kept: OrderedDict[str, tuple[object, Profile, KeptScores]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, listener_id: str, model_set: object, profile: Profile) -> KeptScores:
        """The scores kept for a listener; empty ones when there are none of this very profile.

        Args:
            listener_id: Whose.
            model_set: What the sources are; compared by identity, as is ``profile``.
            profile: The taste they were asked about.
        """
        with self._lock:
            found = self._kept.get(listener_id)
            if found is not None and found[0] is model_set and found[1] is profile:
                self._kept.move_to_end(listener_id)
                return found[2]
            kept = KeptScores(profile)
            self._kept[listener_id] = (model_set, profile, kept)
            self._kept.move_to_end(listener_id)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return kept

    def forget(self) -> None:
        """Let go of all of them."""
        with self._lock:
            self._kept.clear()
