"""What is written about each track: one document, and its vector, embedded once a document."""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from segue.data.dataset import TrackTable
from segue.log import get_logger
from segue.store.analyses import Analyses, Analysis
from segue.store.lyrics import Lyrics
from segue.text.documents import TrackWords, document
from segue.text.embed import TextEmbedder, word_embedder
from segue.types import FloatMatrix

VERSION = 1  # of how documents are made into vectors; the embedder's name is in the kind
LYRICS_CHARS = 1_500  # a document takes 120 words of them
SAVED_AT_ONCE = 500  # vectors; others write between

Report = Callable[[int, int], None]

_log = get_logger("words")


class WordService:
    """Documents and vectors of a catalogue.

    Args:
        lyrics: Lyrics of tracks.
        analyses: Where vectors are kept, each beside the hash of its document.
        embedder: Makes the embedder when there is something to embed.
        clock: Unix time (s).
    """

    def __init__(
        self,
        lyrics: Lyrics,
        analyses: Analyses,
        embedder: Callable[[], TextEmbedder] = word_embedder,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._lyrics = lyrics
        self._analyses = analyses
        self._embedder = embedder
        self._clock = clock

    def lyrics(self, tracks: TrackTable) -> list[str]:
        """The beginning of each track's lyrics, "" without any."""
        known = self._lyrics.openings(LYRICS_CHARS)
        return [known.get(id_, "") for id_ in tracks.ids]

    def vectors(
        self,
        tracks: TrackTable,
        documents: Sequence[str],
        report: Report = lambda _done, _total: None,
    ) -> FloatMatrix:
        """One unit row a document, float32 (n_tracks, d), NaN for an empty one.

        Only documents that are new or changed are embedded; what was made stays when the work is
        stopped halfway.
        """
        embedder = self._embedder()
        kind = f"text:{embedder.name}"
        hashes = [_hash(text) for text in documents]
        known = self._analyses.heard(kind, VERSION)
        changed = [row for row, id_ in enumerate(tracks.ids) if known.get(id_) != hashes[row]]
        for start in range(0, len(changed), SAVED_AT_ONCE):
            report(start, len(changed))
            rows = changed[start : start + SAVED_AT_ONCE]
            made = embedder.embed([documents[row] for row in rows])
            self._analyses.save(kind, VERSION, [
                Analysis(track_id=tracks.ids[row], heard=hashes[row], analysed_at=self._clock(),
                         vector=vector.astype("<f4").tobytes())
                for row, vector in zip(rows, made, strict=True)
            ])  # fmt: skip
        if changed:
            _log.info("texts embedded", n=len(changed), of=len(documents))
        found = self._analyses.vectors(kind, tracks.ids)
        nothing = np.full((len(tracks), embedder.dim), np.nan, np.float32)
        return nothing if found is None else found[0]


def documents_of(tracks: TrackTable, lyrics: Sequence[str]) -> list[str]:
    """One text a track from its names, genres, tags, year and lyrics."""
    by_kind = {kind: _terms_of(tracks, kind) for kind in ("album", "genre", "tag", "mood")}
    return [
        document(
            TrackWords(
                title=tracks.titles[row],
                artists=(tracks.artists[row],),
                album=next(iter(by_kind["album"].get(row, ())), ""),
                genres=tuple(by_kind["genre"].get(row, ())),
                tags=tuple(by_kind["tag"].get(row, ())),
                moods=tuple(by_kind["mood"].get(row, ())),
                year=int(tracks.year[row]),
                lyrics=lyrics[row],
            )
        )
        for row in range(len(tracks))
    ]


def _terms_of(tracks: TrackTable, kind: str) -> Mapping[int, list[str]]:
    is_kind = np.array([name == kind for name in tracks.term_kinds], bool)
    entries = np.flatnonzero(is_kind[tracks.terms.indices]) if len(is_kind) else []
    rows = np.searchsorted(tracks.terms.indptr, entries, side="right") - 1
    names, found = list(tracks.term_names), dict[int, list[str]]()
    for row, column in zip(rows.tolist(), tracks.terms.indices[entries].tolist(), strict=True):
        found.setdefault(row, []).append(str(names[column]))
    return found


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()
