"""The inverted lists of FAISS in a mapped file: only the cells that are looked into are read.

The layout is that of ``OnDiskInvertedLists`` of FAISS (Douze et al. 2024, arXiv:2401.08281): for
each cell its vectors, float32, then the numbers of their rows, int64. Here it is the content of an
array of bytes, so that a file that was cut is noticed before FAISS looks at it. Each list has room
for an even number of vectors: then all row numbers stand at multiples of 8 bytes.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from segue.errors import ArtifactError
from segue.index.files import META_FILE
from segue.types import FloatMatrix, IntVector

LISTS_FILE = "lists.npy"
_ID_BYTES, _VALUE_BYTES = 8, 4


def write_lists(folder: Path, vectors: FloatMatrix, rows: IntVector, starts: IntVector) -> None:
    """Write ``lists.npy``, and into the manifest beside that it is there.

    Args:
        folder: Of the index; its manifest is there.
        vectors: Float32 (n, d).
        rows: All rows, cell after cell, shape (n,).
        starts: Where each cell begins in ``rows``, then n.
    """
    dim = vectors.shape[1]
    room, begins = _layout(starts, dim)
    out = open_memmap(folder / LISTS_FILE, "w+", np.uint8, (int(begins[-1]),))
    for cell, begin in enumerate(begins[:-1].tolist()):
        own = rows[starts[cell] : starts[cell + 1]]
        codes = np.ascontiguousarray(vectors[own], np.float32).view(np.uint8).ravel()
        out[begin : begin + len(codes)] = codes
        numbers = begin + int(room[cell]) * dim * _VALUE_BYTES
        out[numbers : numbers + len(own) * _ID_BYTES] = own.astype(np.int64).view(np.uint8)
    out.flush()
    meta = json.loads((folder / META_FILE).read_text("utf-8"))
    (folder / META_FILE).write_text(json.dumps(meta | {"lists": True}), "utf-8")


def has_lists(folder: Path) -> bool:
    """Whether :func:`write_lists` wrote any; those of an earlier release have none."""
    return "lists" in json.loads((folder / META_FILE).read_text("utf-8"))


def mapped_lists(faiss: Any, folder: Path, starts: IntVector, dim: int) -> Any:
    """The lists as FAISS reads them; keep what is returned as long as an index uses it.

    Raises:
        ArtifactError: The file is missing, or not of lists of these sizes.
    """
    path = folder / LISTS_FILE
    room, begins = _layout(starts, dim)
    try:
        content = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, EOFError, ValueError) as error:
        raise ArtifactError(f"the lists in {folder} cannot be read: {error}") from error
    if content.shape != (int(begins[-1]),) or content.dtype != np.uint8:
        raise ArtifactError(f"the lists in {folder} are not of {int(starts[-1])} vectors of {dim}")
    lists = faiss.OnDiskInvertedLists()
    lists.nlist, lists.code_size = len(room), dim * _VALUE_BYTES
    lists.read_only, lists.filename = True, str(path)
    lists.totsize = path.stat().st_size
    lists.lists.resize(len(room))
    # one entry a list: how many it holds, for how many there is room, where it begins
    table = np.stack([np.diff(starts), room, begins[:-1] + content.offset], 1).astype(np.uint64)
    faiss.memcpy(lists.lists.data(), faiss.swig_ptr(table), table.nbytes)
    lists.do_mmap()
    return lists


def _layout(starts: IntVector, dim: int) -> tuple[IntVector, NDArray[np.int64]]:
    """Vectors that each list has room for, and the byte at which it begins, then the end."""
    sizes = np.diff(starts)
    room = sizes + sizes % 2
    ends = np.cumsum(room * (dim * _VALUE_BYTES + _ID_BYTES))
    return room, np.concatenate([[0], ends]).astype(np.int64)
