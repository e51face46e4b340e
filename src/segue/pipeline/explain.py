"""True reasons: each source is asked for the evidence behind its share, and facts become words.

A sentence states only what stands in the listener's events or in the catalogue. The reason that
carries the largest part of a track's score comes first.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

import numpy as np

from segue.data.dataset import TrackTable
from segue.data.items import Reason, ReasonKind
from segue.data.query import Profile, Query
from segue.models.base import Evidence
from segue.pipeline.candidates import Part
from segue.pipeline.kept import KeptScores
from segue.pipeline.rank import Ranking
from segue.pipeline.rules import Rule, library_reason
from segue.pipeline.words import fact_words, joined, quoted, term_words
from segue.types import BoolMatrix, FloatMatrix, FloatVector, IntVector

MAX_REASONS = 3
N_ASKED = 4  # parts that are asked for each track: one may have nothing that can be put in words
N_EVIDENCE = 3  # pieces asked of each source; the first that can be put in words is taken
POPULAR_RANKS = 100  # beyond, a track has listeners but is not "popular"
A_LOT_TRACKS = 5
A_LOT_SHARE = 0.1  # of the tracks that the listener has played
SOUND = "sound"  # the source whose evidence is what was heard
# whether another part leads, weight and share from the largest, the part's column, and the reason
_Said = tuple[bool, float, float, int, Reason]
_NAMED_KINDS = ("genre", "tag", "decade")


def explain(
    ranking: Ranking,
    parts: Sequence[Part],
    query: Query,
    tracks: TrackTable,
    kept: KeptScores | None = None,
    leads: str = "",
) -> list[tuple[Reason, ...]]:
    """One to three reasons for each track of a ranking, the one that weighs most first.

    Args:
        ranking: The tracks of the list, with shares of each of ``parts``.
        parts: What the sources named; those that know nothing in words are passed over.
        query: The request; facts about the listener come from its profile.
        tracks: Titles, artists and terms.
        kept: Evidence for the same listener from the last list.
        leads: Key of a part whose reason stands first whatever its share, "" for none.
    """
    writer = _Writer(query, tracks, kept or KeptScores(query.profile))
    asked_of = _largest_shares(ranking.shares, N_ASKED)
    found: list[list[_Said]] = [[] for _ in range(len(ranking))]
    for column, part in enumerate(parts):
        does_lead = part.key == leads
        if does_lead:
            asked_of[:, column] = ranking.shares[:, column] > 0
        places = np.flatnonzero(asked_of[:, column])
        shares = ranking.shares[places, column].tolist()
        reasons = writer.of_part(part, ranking.track_idx[places], shares)
        for place, share, reason in zip(places.tolist(), shares, reasons, strict=True):
            if reason is not None:
                found[place].append((not does_lead, -reason.weight, -share, column, reason))
    return [
        _best(said) or (_library(query, tracks, int(ranking.track_idx[place]), parts,
                                 ranking.shares[place]),)
        for place, said in enumerate(found)
    ]  # fmt: skip


def _largest_shares(shares: FloatMatrix, n: int) -> BoolMatrix:
    """Which parts have one of the ``n`` largest shares of each track, and any at all."""
    if shares.shape[1] <= n:
        return shares > 0
    least = np.partition(shares, -n, axis=1)[:, -n]
    return (shares > 0) & (shares >= least[:, np.newaxis])


def _best(said: list[_Said]) -> tuple[Reason, ...]:
    """What weighs most first, each sentence once; a bare "from your library" only when alone.

    Of two that weigh alike the one of the larger source leads; one of the leading part stands
    before all.
    """
    if len(said) > 1:
        said.sort()  # never by the reasons: the columns differ
    ordered = [one[-1] for one in said]
    telling = [reason for reason in ordered if reason.kind is not ReasonKind.LIBRARY]
    by_text: dict[str, Reason] = {}
    for reason in telling or ordered[:1]:
        by_text.setdefault(reason.text, reason)
    return tuple(by_text.values())[:MAX_REASONS]


def _library(
    query: Query, tracks: TrackTable, row: int, parts: Sequence[Part], shares: Iterable[float]
) -> Reason:
    kind, text, _ = library_reason(query, tracks, row)
    share, part = max(zip(shares, parts, strict=True), key=lambda pair: pair[0])
    return Reason(kind=kind, text=text, weight=float(share), source=part.key)


class _Writer:
    """Turns evidence into sentences for one request; a track of evidence is put in words once."""

    def __init__(self, query: Query, tracks: TrackTable, kept: KeptScores) -> None:
        self._query = query
        self._kept = kept
        self._tracks = tracks
        self._facts: dict[int, tuple[ReasonKind, str] | None] = {}
        self._terms: dict[int, set[int]] = {}
        self._rows: dict[int, list[int]] = {}  # of each profile, ascending

    def of_part(self, part: Part, asked: IntVector, shares: Sequence[float]) -> list[Reason | None]:
        model = part.source.model
        rows: list[int] = asked.tolist()
        if isinstance(model, Rule):
            return [self._of_rule(model, part, row, share)
                    for row, share in zip(rows, shares, strict=True)]  # fmt: skip
        if not model.is_personal:
            return [self._of_popularity(part, rank, share)
                    for rank, share in zip(_standing(part, asked)[0].tolist(), shares,
                                           strict=True)]  # fmt: skip
        told = self._kept.told(part.query.profile)
        told = {} if told is None else told
        name = part.source.name
        new = np.array([row for row in rows if (name, row) not in told], np.int32)
        if len(new):
            evidence = self._kept.evidence(name, model, part.query.profile, new, N_EVIDENCE)
            scores = _standing(part, new)[1].tolist()
            for row, pieces, score in zip(new.tolist(), evidence, scores, strict=True):
                told[name, row] = self._of_evidence(part, pieces, row, score)
        return [
            None if (one := told[name, row]) is None else _weighed(one, share)
            for row, share in zip(rows, shares, strict=True)
        ]

    def _of_rule(self, rule: Rule, part: Part, row: int, share: float) -> Reason:
        kind, text, own = rule.reason(self._query, self._tracks, row)
        others = rule.evidence(self._query, row).tolist() if rule.evidence else []
        ids = tuple(self._tracks.ids[other] for other in ([row] if own else others))
        return Reason(kind=kind, text=text, weight=share, source=part.key, evidence_track_ids=ids)

    def _of_popularity(self, part: Part, rank: int, share: float) -> Reason:
        text = "Popular with" if rank < POPULAR_RANKS else "Liked by"
        return Reason(
            kind=ReasonKind.POPULAR, text=f"{text} listeners here", weight=share, source=part.key
        )

    def _of_evidence(
        self, part: Part, pieces: Sequence[Evidence], row: int, score: float
    ) -> Reason | None:
        """What can be said of one source, as if it were all of the track's score."""
        for piece in pieces:
            if piece.contribution <= 0:
                continue
            weight = min(1.0, piece.contribution / score)
            if piece.track_idx is not None:
                reason = self._of_track(part, piece.track_idx, row, weight)
            else:
                reason = self._of_term(part, piece.term or "", row, weight)
            if reason is not None:
                return reason
        return None

    def _of_track(self, part: Part, other: int, row: int, weight: float) -> Reason | None:
        profile = part.query.profile
        place = self._place(profile, other)
        if place is None or profile.preference[place] <= 0:
            return None  # "unlike what you skipped" is true, and nobody wants to read it
        if other == row:
            return self._of_itself(part, place, weight)
        shared = self._shared(other, row) if part.source.shares_terms else []
        if part.source.name == SOUND:
            kind, text = ReasonKind.SIMILAR, f"Sounds like {quoted(self._tracks, other)}"
        else:
            kind, text = self._sentence(other, row, shared, named=part.source.shares_terms)
        return Reason(
            kind=kind,
            text=text,
            weight=weight,
            source=part.key,
            evidence_track_ids=(self._tracks.ids[other],),
            terms=tuple(shared),
        )

    def _of_itself(self, part: Part, place: int, weight: float) -> Reason | None:
        """A track heard before speaks for itself: nothing is "like" it more than it is."""
        known = part.query.profile.known
        fact = fact_words(known, place, "it")
        if fact is None:
            return None
        track_id = self._tracks.ids[int(known.track_idx[place])]
        return Reason(kind=fact[0], text=f"You {fact[1]}", weight=weight, source=part.key,
                      evidence_track_ids=(track_id,))  # fmt: skip

    def _sentence(
        self, other: int, row: int, shared: list[str], *, named: bool
    ) -> tuple[ReasonKind, str]:
        what = quoted(self._tracks, other)
        if shared:
            return ReasonKind.SIMILAR, f"Shares {joined(shared)} with {what}"
        artist = self._tracks.artist_idx
        if named and artist[other] >= 0 and artist[other] == artist[row]:
            return ReasonKind.SIMILAR, f"By the artist of {what}"
        fact = self._fact(other)
        if fact is None:
            return ReasonKind.SIMILAR, f"Goes with {what}"
        return fact[0], f"Because you {fact[1]}"

    def _of_term(self, part: Part, term: str, row: int, weight: float) -> Reason | None:
        names, kinds = self._tracks.term_names, self._tracks.term_kinds
        column = next((c for c in sorted(self._terms_of(row)) if names[c] == term), None)
        if column is None:
            return None
        known = self._query.profile.known
        played = known.track_idx[(known.n_plays > 0) & (known.value > 0)]
        n_with = int(np.count_nonzero(self._tracks.terms[played].indices == column))
        if not n_with:
            return None
        a_lot = n_with >= A_LOT_TRACKS and n_with >= A_LOT_SHARE * len(played)
        text = f"You play {'a lot of ' if a_lot else ''}{term_words(term, kinds[column])}"
        return Reason(kind=ReasonKind.TASTE, text=text, weight=weight, source=part.key,
                      terms=(term,))  # fmt: skip

    def _place(self, profile: Profile, row: int) -> int | None:
        rows = self._rows.get(id(profile))
        if rows is None:
            rows = self._rows[id(profile)] = profile.track_idx.tolist()
        place = bisect_left(rows, row)
        return place if place < len(rows) and rows[place] == row else None

    def _fact(self, row: int) -> tuple[ReasonKind, str] | None:
        if row not in self._facts:
            known = self._query.profile.known
            place = self._place(self._query.profile, row)
            what = quoted(self._tracks, row)
            self._facts[row] = None if place is None else fact_words(known, place, what)
        return self._facts[row]

    def _shared(self, a: int, b: int) -> list[str]:
        """Names of up to three terms that two tracks share: genres, then tags, then decades."""
        names, kinds = self._tracks.term_names, self._tracks.term_kinds
        columns = [c for c in self._terms_of(a) & self._terms_of(b) if kinds[c] in _NAMED_KINDS]
        columns.sort(key=lambda c: (_NAMED_KINDS.index(kinds[c]), c))
        return [term_words(names[c], kinds[c]) for c in columns[:3]]

    def _terms_of(self, row: int) -> set[int]:
        if row not in self._terms:
            matrix = self._tracks.terms
            self._terms[row] = set(
                matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]].tolist()
            )
        return self._terms[row]


def _weighed(reason: Reason, share: float) -> Reason:
    """The reason of a source that has this share of the score."""
    return Reason(
        kind=reason.kind,
        text=reason.text,
        weight=share * reason.weight,
        source=reason.source,
        evidence_track_ids=reason.evidence_track_ids,
        terms=reason.terms,
    )


def _standing(part: Part, asked: IntVector) -> tuple[IntVector, FloatVector]:
    """Rank (from 0) and raw score in a part of rows that it holds."""
    order = np.argsort(part.track_idx)
    ranks = order[np.searchsorted(part.track_idx, asked, sorter=order)]
    return ranks, part.scores[ranks]
