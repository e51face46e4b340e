"""Nearest vectors in a Qdrant server, for libraries shared by several machines.

Each vector is a point: its id is a UUID made from ours (RFC 9562 version 5, so that adding again
replaces), its payload holds our id, its place in the order of adding, and the facts for ``where``.
The ids are read once when the index is opened; one process at a time may write.
"""

from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any, ClassVar
from uuid import UUID, uuid5

import numpy as np

from segue.errors import FetchError, InvalidInputError, MissingExtraError, SegueError
from segue.index.base import Metric, Neighbors, Payload, VectorIndex, Where, last_of_each
from segue.index.files import StoredRows
from segue.types import BoolVector, FloatMatrix

BATCH = 1_000  # points in one request
NAMESPACE = UUID("b0c9a7a4-6f0e-5b0e-9a55-5e67756500a1")  # of our ids; changing it orphans points


def import_qdrant() -> ModuleType:
    """The client, or how to get it.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        import qdrant_client

        return qdrant_client
    except ImportError as error:
        raise MissingExtraError(
            "the Qdrant client is not installed; pip install 'segue[qdrant]'"
        ) from error


@contextmanager
def _asking(url: str) -> Generator[None]:
    """Whatever the client, its transport or the server raises is one kind of error here."""
    try:
        yield
    except SegueError:
        raise
    except Exception as error:  # of qdrant-client, httpx, httpcore, pydantic: no common base
        raise FetchError(
            f"the Qdrant server at {url} cannot be used: {type(error).__name__}: {error}; "
            "see that it runs and that qdrant_url is right"
        ) from error


class QdrantIndex(VectorIndex):
    """A collection of a Qdrant server; what is in it stays when the process ends.

    Vectors are scaled here and compared by dot product, so that "cosine" means the same as in the
    other indexes. A server answers approximately (HNSW) unless ``exact``. ``allowed`` travels as a
    list of ids: for filters that return, give facts in the payload and use ``where``.

    Args:
        dim: Length of every vector.
        metric: "cosine" or "inner_product".
        url: Of the server, e.g. "http://localhost:6333"; None is a collection in memory, for
            tests. The client's collections in a folder are not offered: it reads them by pickle.
        api_key: What the server asks for.
        collection: Its name; made when it is not there.
        exact: Compare all vectors.
        timeout_s: Seconds for one request, >= 1.

    Raises:
        FetchError: The server does not answer, or refuses; so do all methods that ask it.
        InvalidInputError: The collection has another ``dim`` or distance.
        MissingExtraError: The client is not installed.
    """

    sends_masks: ClassVar[bool] = True

    def __init__(
        self,
        dim: int,
        metric: Metric = "cosine",
        *,
        url: str | None = None,
        api_key: str | None = None,
        collection: str = "segue",
        exact: bool = False,
        timeout_s: int = 30,
    ) -> None:
        super().__init__(dim, metric)
        client = import_qdrant()
        where = {"url": url, "api_key": api_key} if url else {"location": ":memory:"}
        self._models: Any = client.models
        self._collection = collection
        self._exact = exact
        self._url = url or "memory"
        with _asking(self._url):
            # asking for its version would only warn, and be one request more
            self._client: Any = client.QdrantClient(
                **where, timeout=timeout_s, check_compatibility=False
            )
            self._open()
            places = {str(p.payload["id"]): int(p.payload["place"]) for p in self._points()}
        self._places = places
        self._ids = sorted(self._places, key=self._places.__getitem__)

    @property
    def ids(self) -> Sequence[str]:
        """All ids in row order."""
        return self._ids

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    def add(
        self, ids: Sequence[str], vectors: FloatMatrix, payload: Sequence[Payload] | None = None
    ) -> None:
        """See :meth:`VectorIndex.add <segue.index.base.VectorIndex.add>`; waits for the server."""
        names, matrix, facts = last_of_each(ids, self.prepared(vectors), payload)
        following = max(self._places.values(), default=-1) + 1
        places = dict(self._places)
        for id_ in names:
            if id_ not in places:
                places[id_], following = following, following + 1
        for start in range(0, len(names), BATCH):
            part = slice(start, start + BATCH)
            points = [
                self._models.PointStruct(
                    id=str(uuid5(NAMESPACE, id_)),
                    vector=vector.tolist(),
                    payload={"id": id_, "place": places[id_], "facts": fact},
                )
                for id_, vector, fact in zip(names[part], matrix[part], facts[part], strict=True)
            ]
            with _asking(self._url):
                self._client.upsert(self._collection, points, wait=True)
        self._ids.extend(id_ for id_ in names if id_ not in self._places)
        self._places = places

    def remove(self, ids: Collection[str]) -> int:
        """See :meth:`VectorIndex.remove <segue.index.base.VectorIndex.remove>`."""
        gone = sorted(set(ids) & self._places.keys())
        for start in range(0, len(gone), BATCH):
            points = [str(uuid5(NAMESPACE, id_)) for id_ in gone[start : start + BATCH]]
            with _asking(self._url):
                self._client.delete(
                    self._collection, self._models.PointIdsList(points=points), wait=True
                )
        for id_ in gone:
            del self._places[id_]
        self._ids = [id_ for id_ in self._ids if id_ in self._places]
        return len(gone)

    def search_batch(
        self,
        queries: FloatMatrix,
        n: int,
        *,
        allowed: BoolVector | None = None,
        where: Where | None = None,
    ) -> list[Neighbors]:
        """See :meth:`VectorIndex.search_batch <segue.index.base.VectorIndex.search_batch>`."""
        matrix = self.prepared(queries)
        condition = self._condition(self.checked_mask(allowed), where)
        if n <= 0 or not len(self):
            return [Neighbors((), np.empty(0, np.float32))] * len(matrix)
        found: list[Neighbors] = []
        with _asking(self._url):
            for start in range(0, len(matrix), BATCH):
                block = matrix[start : start + BATCH]
                for query, hits in zip(block, self._ask(block, n + 1, condition), strict=True):
                    found.append(self._settled(query, n, condition, hits))
        return found

    def stored(self) -> StoredRows:
        """See :meth:`VectorIndex.stored <segue.index.base.VectorIndex.stored>`."""
        row_of = {id_: row for row, id_ in enumerate(self._ids)}
        vectors = np.empty((len(self), self.dim), np.float32)
        facts: list[dict[str, str | int]] = [{}] * len(self)
        with _asking(self._url):
            for point in self._points(with_vectors=True):
                row = row_of[point.payload["id"]]
                vectors[row], facts[row] = point.vector, point.payload["facts"]
        return StoredRows(self._ids, vectors, facts)

    @staticmethod
    def check(url: str, api_key: str | None = None, timeout_s: int = 30) -> None:
        """See that a server answers.

        Raises:
            FetchError: It does not.
            MissingExtraError: The client is not installed.
        """
        client = import_qdrant()
        with _asking(url):
            client.QdrantClient(
                url=url, api_key=api_key, timeout=timeout_s, check_compatibility=False
            ).get_collections()

    @staticmethod
    def drop(collection: str, url: str, api_key: str | None = None, timeout_s: int = 30) -> None:
        """Delete a collection from a server, if it is there.

        Raises:
            FetchError: The server does not answer, or refuses.
            MissingExtraError: The client is not installed.
        """
        client = import_qdrant()
        with _asking(url):
            client.QdrantClient(
                url=url, api_key=api_key, timeout=timeout_s, check_compatibility=False
            ).delete_collection(collection)

    def _open(self) -> None:
        if not self._client.collection_exists(self._collection):
            vectors = self._models.VectorParams(size=self.dim, distance=self._models.Distance.DOT)
            self._client.create_collection(self._collection, vectors_config=vectors)
            return
        vectors = self._client.get_collection(self._collection).config.params.vectors
        if vectors.size != self.dim or vectors.distance != self._models.Distance.DOT:
            raise InvalidInputError(
                f"collection {self._collection!r} has vectors of {vectors.size} by "
                f"{vectors.distance}, asked for {self.dim} by Dot; use another collection"
            )

    def _points(self, *, with_vectors: bool = False) -> Iterator[Any]:
        offset = None
        while True:
            points, offset = self._client.scroll(
                self._collection, limit=BATCH, offset=offset, with_payload=True,
                with_vectors=with_vectors,
            )  # fmt: skip
            yield from points
            if offset is None:
                return

    def _condition(self, allowed: BoolVector | None, where: Where | None) -> Any:
        """One filter from both; of a mask the shorter list of ids travels."""
        models = self._models
        must = [
            models.FieldCondition(key=f"facts.{field}", match=models.MatchAny(any=list(values)))
            for field, values in (where or {}).items()
        ]
        must_not: list[Any] = []
        if allowed is not None:
            keeps_few = 2 * int(np.count_nonzero(allowed)) <= len(allowed)
            rows = np.flatnonzero(allowed if keeps_few else ~allowed)
            points = [str(uuid5(NAMESPACE, self._ids[row])) for row in rows.tolist()]
            (must if keeps_few else must_not).append(models.HasIdCondition(has_id=points))
        return models.Filter(must=must, must_not=must_not) if must or must_not else None

    def _ask(self, queries: FloatMatrix, n: int, condition: Any) -> list[list[Any]]:
        models = self._models
        requests = [
            models.QueryRequest(
                query=query.tolist(), limit=n, filter=condition, with_payload=["id"],
                params=models.SearchParams(exact=self._exact),
            )
            for query in queries
        ]  # fmt: skip
        return [
            answer.points for answer in self._client.query_batch_points(self._collection, requests)
        ]

    def _settled(self, query: Any, n: int, condition: Any, hits: list[Any]) -> Neighbors:
        """The ``n`` best; asks deeper while a tie goes over the end, since the lower row wins."""
        depth = n + 1
        while len(hits) == depth and hits[n - 1].score == hits[-1].score:
            depth *= 4
            hits = self._ask(query[np.newaxis], depth, condition)[0]
        best = sorted(hits, key=lambda hit: (-hit.score, self._places[hit.payload["id"]]))[:n]
        return Neighbors(
            tuple(str(hit.payload["id"]) for hit in best),
            np.array([hit.score for hit in best], np.float32),
        )
