"""The list of the station "path": two ends, the tracks between them, and how far along each is."""

from collections.abc import Sequence

import numpy as np

from segue.data.dataset import TrackTable
from segue.data.items import RankedTrack, Reason, ReasonKind, StageReport
from segue.data.query import Query
from segue.errors import InvalidInputError
from segue.pipeline.candidates import Source, Timer
from segue.pipeline.controls import Heard, clean, not_blocked, not_disliked, playable
from segue.pipeline.path import find_path
from segue.pipeline.rules import SHUFFLED
from segue.pipeline.spaces import Space, angles, space_of
from segue.pipeline.words import joined, quoted, term_words
from segue.types import BoolVector, FloatVector

SLOW_BPM, FAST_BPM = 95.0, 130.0
# up to which share of the way the words hold
_SHARES = ((0.2, ""), (0.29, "a quarter"), (0.42, "a third"), (0.58, "half"),
           (0.71, "two thirds"), (0.8, "three quarters"))  # fmt: skip
_NAMED_KINDS = ("genre", "tag", "decade")


def ends_of(query: Query) -> tuple[int, int]:
    """First and last row of a path.

    Raises:
        InvalidInputError: Not two seeds, or a list of one.
    """
    rows = list(query.seeds)
    if len(rows) != 2 or min(query.seeds.values()) <= 0:
        raise InvalidInputError(
            f"station 'path' needs two different tracks as seeds, the first and the last; got "
            f"{len(rows)}"
        )
    if query.n < 2:
        raise InvalidInputError(f"a path has at least two tracks, got n={query.n}")
    return rows[0], rows[1]


def path_tracks(
    query: Query, tracks: TrackTable, sources: Sequence[Source], allowed: BoolVector, timer: Timer
) -> tuple[tuple[RankedTrack, ...], StageReport, str | None]:
    """The tracks of a path, what the search did, and the fallback when there is no space.

    An end is in the list unless the listener may not or would not hear it: never-play, disliked, no
    file, explicit. Where no space knows both ends, what is between them is drawn.
    """
    begun = timer()
    ends = ends_of(query)
    space = space_of(sources, ends)
    n_inner = query.n - 2
    if space is None:
        inner = _drawn(query, tracks, allowed, n_inner)
    else:
        inner = find_path(space, tracks, ends, n_inner, allowed)
    heard = [row for row in ends if _may_be_heard(query, tracks)[row]]
    rows = [*heard[: ends[0] in heard], *inner, *heard[ends[0] in heard :]]
    ranked = _ranked(rows, ends, tracks, space)
    report = StageReport(
        stage=f"path:{'shuffled' if space is None else space.name}",
        n_in=int(allowed.sum()), n_out=len(rows), duration_ms=1e3 * (timer() - begun),
    )  # fmt: skip
    return ranked, report, "shuffled" if space is None and inner else None


def _may_be_heard(query: Query, tracks: TrackTable) -> BoolVector:
    keep = np.ones(len(tracks), bool)
    for rule in (not_blocked, not_disliked, playable, clean):
        kept = rule(query, tracks, Heard.ANY)
        keep &= True if kept is None else kept
    return keep


def _drawn(query: Query, tracks: TrackTable, allowed: BoolVector, n: int) -> list[int]:
    scores = np.where(allowed, SHUFFLED.score(query, tracks), -np.inf)
    order = np.lexsort((np.arange(len(tracks)), -scores))
    order = order[scores[order] > -np.inf]
    _, first = np.unique(tracks.recording_idx[order], return_index=True)
    return order[np.sort(first)][:n].tolist()


def _ranked(
    rows: Sequence[int], ends: tuple[int, int], tracks: TrackTable, space: Space | None
) -> tuple[RankedTrack, ...]:
    if space is None:
        return tuple(_place(tracks, row, 1.0, (_from_library(row, ends),), "shuffled")
                     for row in rows)  # fmt: skip
    writer = PathWords(tracks, ends, space)
    shares = shares_of_way(space, ends, rows)
    vectors = space.rows(rows) if rows else np.empty((0, 1))
    ranked: list[RankedTrack] = []
    for at, row in enumerate(rows):
        close = float(vectors[at] @ vectors[at - 1]) if at else 1.0
        reasons = writer.reasons(row, float(shares[at]), rows[at - 1] if at else None)
        ranked.append(_place(tracks, row, max(close, 0.0), reasons, space.name))
    return tuple(ranked)


def _place(
    tracks: TrackTable, row: int, score: float, reasons: tuple[Reason, ...], source: str
) -> RankedTrack:
    """``score`` is the cosine with the track before, 1 for the first."""
    return RankedTrack(
        track_id=tracks.ids[row], score=score, reasons=reasons, source_scores={source: 1.0}
    )


def _from_library(row: int, ends: tuple[int, int]) -> Reason:
    kind = ReasonKind.SIMILAR if row in ends else ReasonKind.LIBRARY
    text = _end_words(row, ends) or "From your library"
    return Reason(kind=kind, text=text, weight=1.0, source="shuffled")


def _end_words(row: int, ends: tuple[int, int]) -> str:
    if row == ends[0]:
        return "Where you set out"
    return "Where you wanted to arrive" if row == ends[1] else ""


def shares_of_way(space: Space, ends: tuple[int, int], rows: Sequence[int]) -> FloatVector:
    """How far along each track is: its angle from the start over the sum of both angles, 0..1."""
    if not rows:
        return np.empty(0)
    from_start, to_end = angles(space.rows(ends) @ space.rows(rows).T)
    whole = from_start + to_end
    return np.divide(from_start, whole, out=np.full(len(rows), 0.5), where=whole > 0)


class PathWords:
    """Sentences of one path: each says how far along its track is, and what links it."""

    def __init__(self, tracks: TrackTable, ends: tuple[int, int], space: Space) -> None:
        self._tracks = tracks
        self._ends = ends
        self._source = f"{space.name}/seeds"
        self._from, self._to = self._names_of_ends()

    def reasons(self, row: int, share: float, before: int | None) -> tuple[Reason, ...]:
        """Where on the way the track is, and the terms it has in common with the one before."""
        words = _end_words(row, self._ends) or self.way_words(share)
        found = [self._reason(words, tuple(self._tracks.ids[end] for end in self._ends), 1.0)]
        shared = [] if before is None else self._shared(row, before)
        if shared and before is not None:
            text = f"Shares {joined(shared)} with {quoted(self._tracks, before)} before it"
            found.append(self._reason(text, (self._tracks.ids[before],), 0.5, tuple(shared)))
        return tuple(found)

    def way_words(self, share: float) -> str:
        """A share 0..1 of the way in words."""
        if share < _SHARES[0][0]:
            return f"Still close to {self._from}, on the way to {self._to}"
        for most, words in _SHARES[1:]:
            if share < most:
                if words == "half":
                    return f"Halfway between {self._from} and {self._to}"
                return f"About {words} of the way from {self._from} to {self._to}"
        return f"Almost at {self._to}"

    def _reason(
        self, text: str, ids: tuple[str, ...], weight: float, terms: tuple[str, ...] = ()
    ) -> Reason:
        return Reason(kind=ReasonKind.SIMILAR, text=text, weight=weight, source=self._source,
                      evidence_track_ids=ids, terms=terms)  # fmt: skip

    def _names_of_ends(self) -> tuple[str, str]:
        """What both ends are like where that tells them apart, else their titles."""
        a, b = (self.style_of(row) for row in self._ends)
        if a and b and a != b:
            return a, b
        return quoted(self._tracks, self._ends[0]), quoted(self._tracks, self._ends[1])

    def style_of(self, row: int) -> str:
        """Tempo and genre, "slow folk"; nothing without a genre."""
        names, kinds = self._tracks.term_names, self._tracks.term_kinds
        genres = [names[c] for c in self._terms(row) if kinds[c] == "genre"]
        if not genres:
            return ""
        tempo = self._tempo(row)
        pace = "slow " if tempo < SLOW_BPM else "fast " if tempo > FAST_BPM else ""
        return f"{pace}{genres[0] if genres[0].isupper() else genres[0].lower()}"

    def _tempo(self, row: int) -> float:
        """Beats a minute, NaN where not heard; every comparison with it is false."""
        tempo = self._tracks.vectors.get("tempo_bpm")
        return float("nan") if tempo is None else float(tempo[row, 0])

    def _shared(self, a: int, b: int) -> list[str]:
        names, kinds = self._tracks.term_names, self._tracks.term_kinds
        both = [c for c in self._terms(a) if c in set(self._terms(b)) and kinds[c] in _NAMED_KINDS]
        both.sort(key=lambda c: (_NAMED_KINDS.index(kinds[c]), c))
        return [term_words(names[c], kinds[c]) for c in both[:3]]

    def _terms(self, row: int) -> list[int]:
        matrix = self._tracks.terms
        return sorted(matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]].tolist())
