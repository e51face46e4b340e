"""How an index lies on disk: three arrays and a manifest, the same for every kind of index."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from segue.errors import ArtifactError
from segue.types import FloatMatrix

FORMAT_VERSION = 1
META_FILE = "index.json"
_UNREADABLE = (OSError, EOFError, ValueError, KeyError, TypeError)


@dataclass(frozen=True, slots=True)
class StoredRows:
    """What an index holds: ``ids``, ``vectors`` (n, dim) float32, and the payload of each."""

    ids: Sequence[str]
    vectors: FloatMatrix
    payload: Sequence[Mapping[str, str | int]]


def write_rows(folder: Path, rows: StoredRows, dim: int, metric: str) -> None:
    """Write ``index.json``, ``ids.npy``, ``vectors.npy`` and ``payload.npy`` (JSON texts)."""
    facts = [json.dumps(fact) if fact else "" for fact in rows.payload]
    np.save(folder / "ids.npy", np.array(list(rows.ids), np.str_), allow_pickle=False)
    np.save(folder / "vectors.npy", np.asarray(rows.vectors, np.float32), allow_pickle=False)
    np.save(folder / "payload.npy", np.array(facts, np.str_), allow_pickle=False)
    meta = {"format": FORMAT_VERSION, "dim": dim, "metric": metric}
    (folder / META_FILE).write_text(json.dumps(meta), "utf-8")


def read_rows(folder: Path) -> tuple[StoredRows, int, Any]:
    """What :func:`write_rows` wrote, the dimension and the metric; vectors are mapped, not read.

    Raises:
        ArtifactError: A file is missing or damaged, or of another format.
    """
    try:
        meta = json.loads((folder / META_FILE).read_text("utf-8"))
        if meta["format"] != FORMAT_VERSION:
            raise ArtifactError(f"{folder} has format {meta['format']}, this is {FORMAT_VERSION}")
        dim, metric = int(meta["dim"]), str(meta["metric"])
        ids: list[str] = np.load(folder / "ids.npy", allow_pickle=False).tolist()
        vectors = np.load(folder / "vectors.npy", mmap_mode="r", allow_pickle=False)
        texts: list[str] = np.load(folder / "payload.npy", allow_pickle=False).tolist()
        if vectors.shape != (len(ids), dim) or len(texts) != len(ids):
            raise ArtifactError(f"{folder} holds {len(ids)} ids, vectors of {vectors.shape}")
        return StoredRows(ids, vectors, [json.loads(text or "{}") for text in texts]), dim, metric
    except _UNREADABLE as error:
        raise ArtifactError(f"the index in {folder} cannot be read: {error}") from error
