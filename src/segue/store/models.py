"""Versions of trained model sets: which there are, what they scored, which one is in use."""

from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import Struct
from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from segue.errors import ConflictError, InvalidInputError, NotFoundError
from segue.store.admin_tables import model_services
from segue.store.batches import checked_limit
from segue.store.engine import Database
from segue.store.tables import model_versions

ModelState: TypeAlias = Literal["kept", "published", "rolled_back"]

STATES: tuple[ModelState, ...] = ("kept", "published", "rolled_back")


class ModelVersion(Struct, frozen=True, kw_only=True):
    """One model set; the arrays lie in files, here is what they are."""

    version: str
    state: ModelState
    manifest: dict[str, Any]
    scores: dict[str, Any]
    created_at: float


class ModelVersions:
    """The model sets of one database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def register(
        self, version: str, manifest: dict[str, Any], scores: dict[str, Any], created_at: float
    ) -> ModelVersion:
        """Note a finished model set, as kept; publishing is a step of its own.

        Raises:
            ConflictError: The version is known already.
        """
        made = ModelVersion(
            version=version, state="kept", manifest=manifest, scores=scores, created_at=created_at
        )
        row = {
            "version": version,
            "state": made.state,
            "manifest": msgspec.json.encode(manifest).decode(),
            "scores": msgspec.json.encode(scores).decode(),
            "created_at": created_at,
        }

        def run(connection: Connection) -> ModelVersion:
            if _find(connection, version) is not None:
                raise ConflictError(f"model version {version!r} is registered already")
            connection.execute(insert(model_versions), [row])
            return made

        return self._db.write(run)

    def set_state(self, version: str, state: ModelState, now: float | None = None) -> None:
        """Publish a version (the one before becomes kept), keep it, or mark it rolled back.

        Args:
            version: Its name.
            state: The new one.
            now: Unix time (s); from then on lists are this version's, see
                :mod:`segue.store.online`.

        Raises:
            NotFoundError: No such version.
            InvalidInputError: No such state.
        """
        if state not in STATES:
            raise InvalidInputError(f"state must be one of {', '.join(STATES)}, got {state!r}")

        def run(connection: Connection) -> None:
            if _find(connection, version) is None:
                raise NotFoundError(f"there is no model version {version!r}")
            if state == "published":
                others = update(model_versions).where(model_versions.c.state == "published")
                connection.execute(others.values(state="kept"))
                if now is not None:
                    row = {"version": version, "since": now}
                    connection.execute(insert(model_services), [row])
            statement = update(model_versions).where(model_versions.c.version == version)
            connection.execute(statement.values(state=state))

        self._db.write(run)

    def current(self) -> ModelVersion | None:
        """The published version, None when there is none."""
        statement = select(model_versions).where(model_versions.c.state == "published")
        with self._db.read() as connection:
            row = connection.execute(statement).mappings().first()
        return None if row is None else _version(row)

    def list(self, limit: int = 50) -> tuple[ModelVersion, ...]:
        """Versions, the newest first."""
        statement = select(model_versions).order_by(model_versions.c.created_at.desc())
        with self._db.read() as connection:
            rows = connection.execute(statement.limit(checked_limit(limit))).mappings()
            return tuple(_version(row) for row in rows)


def _find(connection: Connection, version: str) -> ModelVersion | None:
    statement = select(model_versions).where(model_versions.c.version == version)
    row = connection.execute(statement).mappings().first()
    return None if row is None else _version(row)


def _version(row: Any) -> ModelVersion:
    return ModelVersion(
        version=row["version"],
        state=row["state"],
        manifest=msgspec.json.decode(row["manifest"]),
        scores=msgspec.json.decode(row["scores"]),
        created_at=row["created_at"],
    )
