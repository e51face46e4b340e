"""The catalogue of a model set as arrays in a folder: written once, mapped when it is read.

```
tracks/
  artist_idx.npy year.npy ...            one array a column of numbers
  titles.bytes.npy titles.starts.npy     texts: see segue.data.packed_texts
  ids.bytes.npy ... ids.rows.npy         ids with their hash table: segue.data.packed_vocabulary
  terms.data.npy .indices.npy .indptr.npy  CSR (n_tracks, n_terms)
  terms.json                             names and kinds of the terms
```
Sets of earlier releases hold all texts in one ``words.json`` and the terms in ``terms.npz``; they
are read as well, and packed in memory.
"""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from segue.data.dataset import TrackTable
from segue.data.mapped import mapped
from segue.data.packed_texts import PARTS, PackedTexts
from segue.data.packed_vocabulary import VOCABULARY_PARTS, PackedVocabulary
from segue.data.vocabulary import Vocabulary
from segue.errors import ArtifactError, InvalidDataError
from segue.types import CsrMatrix

EARLIER_WORDS_FILE = "words.json"  # of format 1
TERMS_FILE = "terms.json"
_NUMERIC_COLUMNS = ("artist_idx", "album_idx", "recording_idx", "year", "duration_s", "added_at",
                    "owned", "explicit")  # fmt: skip
_TEXTS = ("titles", "artists")
_TERM_TEXTS = ("term_names", "term_kinds")
_VOCABULARIES = ("ids", "artist_ids", "album_ids")
_CSR_PARTS = ("data", "indices", "indptr")
_UNREADABLE = (OSError, EOFError, ValueError, KeyError, TypeError, InvalidDataError)


def write_tracks(folder: Path, tracks: TrackTable) -> None:
    """Write a catalogue into a new folder; vectors of tracks are not part of it."""
    folder.mkdir()
    for name in _NUMERIC_COLUMNS:
        _save(folder / name, getattr(tracks, name))
    for name in _TEXTS:
        for part, array in PackedTexts.of(getattr(tracks, name)).to_arrays().items():
            _save(folder / f"{name}.{part}", array)
    for name in _VOCABULARIES:
        for part, array in PackedVocabulary.of(getattr(tracks, name)).to_arrays().items():
            _save(folder / f"{name}.{part}", array)
    for part in _CSR_PARTS:
        _save(folder / f"terms.{part}", getattr(tracks.terms, part))
    terms = {name: list(getattr(tracks, name)) for name in _TERM_TEXTS}
    (folder / TERMS_FILE).write_bytes(msgspec.json.encode(terms))


def read_tracks(folder: Path) -> TrackTable:
    """What :func:`write_tracks` wrote; arrays and texts are mapped, read-only.

    Raises:
        ArtifactError: A file is missing or damaged.
    """
    try:
        is_earlier = (folder / EARLIER_WORDS_FILE).is_file()
        return _read_earlier(folder) if is_earlier else _read(folder)
    except _UNREADABLE as error:
        raise ArtifactError(f"the track table in {folder} cannot be read: {error}") from error


def read_ids(folder: Path) -> Vocabulary:
    """The ids of the tracks alone.

    Raises:
        ArtifactError: A file is missing or damaged.
    """
    try:
        if (folder / EARLIER_WORDS_FILE).is_file():
            return Vocabulary(_earlier_words(folder)["ids"])
        return _vocabulary(folder, "ids")
    except _UNREADABLE as error:
        raise ArtifactError(f"the track table in {folder} cannot be read: {error}") from error


def _read(folder: Path) -> TrackTable:
    numbers = {name: mapped(folder / f"{name}.npy") for name in _NUMERIC_COLUMNS}
    texts = {name: PackedTexts.of_arrays(_parts(folder, name, PARTS)) for name in _TEXTS}
    vocabularies = {name: _vocabulary(folder, name) for name in _VOCABULARIES}
    terms = msgspec.json.decode((folder / TERMS_FILE).read_bytes(), type=dict[str, list[str]])
    csr = tuple(_parts(folder, "terms", _CSR_PARTS).values())
    shape = (len(vocabularies["ids"]), len(terms["term_names"]))
    matrix: CsrMatrix = sparse.csr_matrix(csr, shape=shape)
    fields: dict[str, Any] = {**numbers, **texts, **vocabularies, **terms}
    return TrackTable(terms=matrix, **fields)


def _read_earlier(folder: Path) -> TrackTable:
    words = _earlier_words(folder)
    numbers = {name: mapped(folder / f"{name}.npy") for name in _NUMERIC_COLUMNS}
    texts = {name: PackedTexts.of(words.pop(name)) for name in _TEXTS}
    vocabularies = {name: PackedVocabulary.of(words.pop(name)) for name in _VOCABULARIES}
    terms = sparse.csr_matrix(sparse.load_npz(folder / "terms.npz"))
    fields: dict[str, Any] = {**words, **numbers, **texts, **vocabularies}
    return TrackTable(terms=terms, **fields)


def _earlier_words(folder: Path) -> dict[str, list[str]]:
    raw = (folder / EARLIER_WORDS_FILE).read_bytes()
    return msgspec.json.decode(raw, type=dict[str, list[str]])


def _vocabulary(folder: Path, name: str) -> PackedVocabulary:
    return PackedVocabulary.of_arrays(_parts(folder, name, VOCABULARY_PARTS))


def _parts(folder: Path, name: str, parts: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    return {part: mapped(folder / f"{name}.{part}.npy") for part in parts}


def _save(path: Path, array: NDArray[Any]) -> None:
    np.save(path.with_name(f"{path.name}.npy"), array, allow_pickle=False)
