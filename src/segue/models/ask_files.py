"""What requests in words are answered from, as arrays in a folder: written once, read by map.

Names and years of the tracks are not repeated here: they stand in the catalogue beside it.
"""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import sparse

from segue.data.dataset import TrackTable
from segue.data.mapped import mapped
from segue.errors import ArtifactError
from segue.models.ask import AskIndex
from segue.models.bm25 import BM25
from segue.models.moods import TrackMoods, names_of
from segue.models.wishes import NameIndex

FORMAT_VERSION = 1
META_FILE = "ask.json"
VECTORS_FILE = "vectors.npy"
_WORD_PARTS = ("data", "indices", "indptr")


def save_ask(index: AskIndex, folder: Path) -> None:
    """Write an index into an existing, empty folder."""
    weights = index.words.weights()
    names = sorted(index.moods.facts)
    meta = {
        "format": FORMAT_VERSION,
        "n_tracks": index.words.n_texts,
        "facts": names,
        "words": list(index.words.column_of),
    }
    (folder / META_FILE).write_text(json.dumps(meta, ensure_ascii=False), "utf-8")
    for part in _WORD_PARTS:
        np.save(folder / f"words.{part}.npy", getattr(weights, part), allow_pickle=False)
    facts = [index.moods.facts[name] for name in names]
    np.save(folder / "facts.npy", np.array(facts, np.float32), allow_pickle=False)
    if index.vectors is not None:
        np.save(folder / VECTORS_FILE, index.vectors, allow_pickle=False)


def load_ask(
    folder: Path, tracks: TrackTable, canonical_genre: Callable[[str], str | None] | None = None
) -> AskIndex:
    """Read an index of :func:`save_ask`; word weights, facts and vectors are mapped.

    Args:
        folder: Where it was written.
        tracks: The catalogue that it was made of.
        canonical_genre: As for :meth:`~segue.models.ask.AskIndex.fit`.

    Raises:
        ArtifactError: A file is missing or damaged, or it is of another catalogue or format.
    """
    try:
        meta = json.loads((folder / META_FILE).read_text("utf-8"))
        if meta["format"] != FORMAT_VERSION or meta["n_tracks"] != len(tracks):
            raise ArtifactError(
                f"{folder} has format {meta['format']} and {meta['n_tracks']} tracks, wanted are "
                f"{FORMAT_VERSION} and {len(tracks)}"
            )
        parts = tuple(mapped(folder / f"words.{part}.npy") for part in _WORD_PARTS)
        weights = sparse.csr_matrix(parts, shape=(len(meta["words"]), len(tracks)))
        facts = dict(zip(meta["facts"], mapped(folder / "facts.npy"), strict=True))
        has_vectors = (folder / VECTORS_FILE).is_file()
        vectors = mapped(folder / VECTORS_FILE) if has_vectors else None
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"the index of words in {folder} cannot be read: {error}") from error
    moods = TrackMoods(facts, names_of(tracks))
    return AskIndex(
        BM25.of_weights(meta["words"], weights),
        vectors,
        moods,
        NameIndex.of(moods.names, canonical_genre),
        tracks.year,
    )
