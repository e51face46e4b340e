"""Which engine looks for nearest tracks: the only place that knows the Qdrant one."""

import json
from functools import partial
from pathlib import Path

from segue.errors import ConfigurationError, SegueError
from segue.index.base import VectorIndex
from segue.index.qdrant import QdrantIndex
from segue.services.nearness import Nearness, Shelf
from segue.settings import Settings

TIMEOUT_S = 5  # of one request: a list waits for it
N_KEPT = 2  # collections of one model: other machines may still be asking the one before


def nearness_of(settings: Settings) -> Nearness:
    """The indexes as the settings say."""
    remote = partial(collection_of, settings) if settings.qdrant_url else None
    return Nearness(
        indexes_dir(settings), settings.neighbor_index, remote, settings.exact_neighbors_up_to
    )


def indexes_dir(settings: Settings) -> Path:
    """Where indexes are kept; a cache."""
    return settings.data_dir / "indexes"


def collection_of(settings: Settings, shelf: Shelf) -> VectorIndex:
    """The collection of the Qdrant server that holds exactly these vectors.

    Its name is that of its content: who first has a content uploads it, other processes and
    machines find it there, and an upload that was cut off goes on. Of those made here the two
    newest stay.

    Raises:
        FetchError: The server does not answer, or refuses.
        MissingExtraError: The client is not installed.
    """
    name = f"segue-{shelf.name}-{shelf.digest}"
    ids, vectors = shelf.ids, shelf.vectors
    index = _opened(settings, name, vectors.shape[1])
    there = set(index.ids)
    missing = [row for row, id_ in enumerate(ids) if id_ not in there]
    if missing:
        index.add([ids[row] for row in missing], vectors[missing])
    _forget_older(settings, shelf, name)
    return index


def neighbor_engine(settings: Settings, n_tracks: int) -> tuple[str, str]:
    """For `segue doctor`: what looks for the nearest of so many tracks, and what is wrong."""
    engine = nearness_of(settings).engine_for(n_tracks)
    if engine == "exact":
        return f"exact: every one of {n_tracks:,} tracks is compared", ""
    if engine == "faiss":
        return f"FAISS: the nearest cells of {n_tracks:,} tracks", ""
    words = f"Qdrant at {settings.qdrant_url or 'no address'}"
    try:
        if not settings.qdrant_url:
            raise ConfigurationError("neighbor_index is qdrant, but qdrant_url is not set")
        QdrantIndex.check(settings.qdrant_url, _key(settings), TIMEOUT_S)
    except SegueError as error:
        return words, f"{error}; until then nearest tracks are looked for here"
    return words, ""


def _opened(settings: Settings, name: str, dim: int) -> QdrantIndex:
    return QdrantIndex(
        dim, "inner_product", url=settings.qdrant_url, api_key=_key(settings), collection=name,
        timeout_s=TIMEOUT_S,
    )  # fmt: skip


def _key(settings: Settings) -> str | None:
    return settings.qdrant_api_key.get_secret_value() or None


def _forget_older(settings: Settings, shelf: Shelf, name: str) -> None:
    """Delete what was made here for the model, but the newest."""
    record = indexes_dir(settings) / f"{shelf.name}.qdrant.json"
    try:
        made: list[str] = json.loads(record.read_text("utf-8"))
    except (OSError, ValueError):
        made = []
    made = [*(one for one in made if one != name), name]
    for old in made[:-N_KEPT]:
        QdrantIndex.drop(old, settings.qdrant_url, _key(settings), TIMEOUT_S)
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps(made[-N_KEPT:]), "utf-8")
