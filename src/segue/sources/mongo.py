"""MongoDB collections of track documents: read as a catalogue, and features written back.

Extra ``mongo``. Documents are flat, or nested as Spotify's track objects are. What is written goes
under one key of the document, ``segue``, so that nothing of the owner's is overwritten.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from types import ModuleType, TracebackType
from typing import Any

from segue.data.imported import CatalogueRow, RowProblem
from segue.errors import InvalidInputError, MissingExtraError
from segue.sources.catalogue_json import track_row

KEY = "segue"
BATCH = 1_000  # documents in one request
TIMEOUT_MS = 10_000


def import_pymongo() -> ModuleType:
    """The client, or how to get it.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        import pymongo

        return pymongo
    except ImportError as error:
        raise MissingExtraError(
            "the MongoDB client is not installed; pip install 'segue[mongo]'"
        ) from error


class MongoTracks:
    """A collection of track documents. Close it, or use ``with``.

    Args:
        url: Of the server, e.g. "mongodb://localhost:27017".
        database: Its name.
        collection: Its name.

    Raises:
        InvalidInputError: The address is none, or nobody answers there within 10 seconds.
        MissingExtraError: The client is not installed.
    """

    def __init__(self, url: str, database: str, collection: str = "tracks") -> None:
        self._errors: Any = import_pymongo().errors
        client_of: Any = import_pymongo().MongoClient
        self._update_one: Any = import_pymongo().UpdateOne
        try:
            self._client: Any = client_of(
                url, serverSelectionTimeoutMS=TIMEOUT_MS, socketTimeoutMS=60_000
            )
            self._client.admin.command("ping")
            self._tracks: Any = self._client[database][collection]
        except (self._errors.PyMongoError, ValueError, TypeError) as error:
            if hasattr(self, "_client"):
                self._client.close()
            # the address may hold a password, so it is not shown
            raise InvalidInputError(
                f"the MongoDB server cannot be used: {type(error).__name__}; check address, "
                "user, database and collection"
            ) from error

    def __enter__(self) -> "MongoTracks":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    def rows(self) -> Iterator[CatalogueRow | RowProblem]:
        """Every document in the order of ``_id``, some hundred in memory at a time.

        ``external_id`` is the document's ``_id`` as text, which :meth:`write_features` takes.
        """
        try:
            found = self._tracks.find({}, batch_size=BATCH).sort("_id", 1)
            for row, document in enumerate(found, 1):
                yield _row(row, document)
        except self._errors.PyMongoError as error:
            raise InvalidInputError(f"the collection cannot be read: {error}") from error

    def write_features(self, features: Iterable[tuple[str, Mapping[str, float]]]) -> int:
        """Set ``segue.features`` of documents; those that are not there are not made.

        Args:
            features: ``external_id`` of each track and its values by name.

        Returns:
            How many documents were found.
        """
        n_found = 0
        pending = iter(features)
        while batch := list(islice(pending, BATCH)):
            requests = [
                self._update_one(
                    {"_id": _id_of(external_id)},
                    {"$set": {f"{KEY}.features": {name: float(v) for name, v in values.items()}}},
                )
                for external_id, values in batch
            ]
            try:
                n_found += int(self._tracks.bulk_write(requests, ordered=False).matched_count)
            except self._errors.PyMongoError as error:
                raise InvalidInputError(f"the collection cannot be written: {error}") from error
        return n_found


def _row(row: int, document: Mapping[str, Any]) -> CatalogueRow | RowProblem:
    from msgspec.structs import replace

    try:
        made = track_row(row, {key: v for key, v in document.items() if key not in ("_id", KEY)})
        return replace(made, external_id=_text_of(document.get("_id")))
    except (ValueError, OverflowError) as error:
        return RowProblem(row, str(error))


def _text_of(document_id: Any) -> str:
    """Ids of ObjectId's kind and whole numbers are told from texts by a mark before them."""
    if isinstance(document_id, str):
        return document_id
    kind = "int" if isinstance(document_id, int) else "oid"
    return f"{kind}:{document_id}"


def _id_of(external_id: str) -> Any:
    kind, mark, value = external_id.partition(":")
    if mark and kind == "int" and value.lstrip("-").isdecimal():
        return int(value)
    if mark and kind == "oid":
        from bson import ObjectId

        return ObjectId(value) if ObjectId.is_valid(value) else external_id
    return external_id
