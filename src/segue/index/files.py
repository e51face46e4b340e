"""How an index lies on disk: arrays and a manifest, the same for every kind of index."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from segue.data.mapped import mapped
from segue.data.packed_texts import PARTS, PackedTexts
from segue.errors import ArtifactError, InvalidDataError
from segue.types import FloatMatrix

FORMAT_VERSION = 2
EARLIER_FORMAT = 1  # held ids and payload as arrays of characters
META_FILE = "index.json"
VECTORS_FILE = "vectors.npy"
_UNREADABLE = (OSError, EOFError, ValueError, KeyError, TypeError, InvalidDataError)


@dataclass(frozen=True, slots=True)
class StoredRows:
    """What an index holds: ``ids``, ``vectors`` (n, dim) float32, and the payload of each.

    ``payload`` may be empty where no vector has any.
    """

    ids: Sequence[str]
    vectors: FloatMatrix
    payload: Sequence[Mapping[str, str | int]] = ()


def write_rows(folder: Path, rows: StoredRows, dim: int, metric: str) -> None:
    """Write ``index.json``, ``vectors.npy``, the ids, and the payload (JSON texts) if there is any.

    Texts are packed; see :class:`~segue.data.packed_texts.PackedTexts`.
    """
    np.save(folder / VECTORS_FILE, np.asarray(rows.vectors, np.float32), allow_pickle=False)
    _write_texts(folder, "ids", rows.ids)
    has_payload = any(rows.payload)
    if has_payload:
        _write_texts(folder, "payload", [json.dumps(dict(fact)) for fact in rows.payload])
    meta = {"format": FORMAT_VERSION, "dim": dim, "metric": metric, "payload": has_payload}
    (folder / META_FILE).write_text(json.dumps(meta), "utf-8")


def read_rows(folder: Path) -> tuple[StoredRows, int, Any]:
    """What :func:`write_rows` wrote, the dimension and the metric; ids and vectors are mapped.

    Raises:
        ArtifactError: A file is missing or damaged, or of another format.
    """
    try:
        meta = json.loads((folder / META_FILE).read_text("utf-8"))
        if meta["format"] not in (EARLIER_FORMAT, FORMAT_VERSION):
            raise ArtifactError(f"{folder} has format {meta['format']}, this is {FORMAT_VERSION}")
        dim, metric = int(meta["dim"]), str(meta["metric"])
        vectors = mapped(folder / VECTORS_FILE)
        if meta["format"] == EARLIER_FORMAT:
            ids, texts = _earlier_texts(folder, "ids"), _earlier_texts(folder, "payload")
        else:
            ids = _read_texts(folder, "ids")
            texts = _read_texts(folder, "payload") if meta["payload"] else ()
        if vectors.shape != (len(ids), dim) or vectors.dtype != np.float32:
            raise ArtifactError(f"{folder} holds {len(ids)} ids, vectors of {vectors.shape}")
        if len(texts) not in (0, len(ids)):
            raise ArtifactError(f"{folder} holds {len(ids)} ids, payload of {len(texts)}")
        payload = [json.loads(text or "{}") for text in texts] if any(texts) else []
        return StoredRows(ids, vectors, payload), dim, metric
    except _UNREADABLE as error:
        raise ArtifactError(f"the index in {folder} cannot be read: {error}") from error


def _write_texts(folder: Path, name: str, texts: Sequence[str]) -> None:
    packed = texts if isinstance(texts, PackedTexts) else PackedTexts.of(texts)
    for part, array in packed.to_arrays().items():
        np.save(folder / f"{name}.{part}.npy", array, allow_pickle=False)


def _read_texts(folder: Path, name: str) -> PackedTexts:
    return PackedTexts.of_arrays({
        part: mapped(folder / f"{name}.{part}.npy")
        for part in PARTS
    })  # fmt: skip


def _earlier_texts(folder: Path, name: str) -> PackedTexts:
    return PackedTexts.of(np.load(folder / f"{name}.npy", allow_pickle=False).tolist())
