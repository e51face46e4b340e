"""Blends: who makes a list together. Nobody's taste is in it before they accept."""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from segue.errors import ConflictError, InvalidInputError, NotFoundError
from segue.store.engine import Database
from segue.store.folding import clean
from segue.store.ids import IdFactory, new_id
from segue.store.list_tables import blend_members, blends
from segue.store.tables import accounts

MAX_MEMBERS = 12
MAX_NAME_LENGTH = 100
MAX_BLENDS = 50  # that one listener may have made


class BlendMember(Struct, frozen=True, kw_only=True):
    """One who was asked; their taste counts once they accepted."""

    listener_id: str
    name: str
    has_accepted: bool


class Blend(Struct, frozen=True, kw_only=True):
    """A blend with its members, the one who made it first."""

    id: str
    name: str
    owner_id: str
    created_at: float
    members: tuple[BlendMember, ...]


class Blends:
    """Blends of one database; whoever is not asked to one does not see that it exists."""

    def __init__(self, db: Database, ids: IdFactory = new_id) -> None:
        self._db = db
        self._ids = ids

    def create(self, owner_id: str, name: str, invited: Sequence[str], now: float) -> Blend:
        """Make a blend; the owner has accepted, the others are asked.

        Raises:
            InvalidInputError: No or too many others, or a name of wrong length.
            NotFoundError: An account is not there.
            ConflictError: The owner has too many blends.
        """
        others = [id_ for id_ in dict.fromkeys(invited) if id_ != owner_id]
        name = clean(name)
        if not 1 <= len(others) < MAX_MEMBERS:
            raise InvalidInputError(
                f"a blend needs 1 to {MAX_MEMBERS - 1} other listeners, got {len(others)}"
            )
        if not 1 <= len(name) <= MAX_NAME_LENGTH:
            raise InvalidInputError(f"a name has 1..{MAX_NAME_LENGTH} letters, got {len(name)}")
        id_ = self._ids()
        rows = [{"blend_id": id_, "listener_id": one, "accepted_at": now if one == owner_id
                 else None} for one in (owner_id, *others)]  # fmt: skip

        def run(connection: Connection) -> Blend:
            mine = select(blends.c.id).where(blends.c.owner_id == owner_id)
            if len(connection.execute(mine).all()) >= MAX_BLENDS:
                raise ConflictError(f"you have {MAX_BLENDS} blends already; delete one first")
            there = select(accounts.c.id).where(accounts.c.id.in_([owner_id, *others]))
            missing = {owner_id, *others} - set(connection.execute(there).scalars())
            if missing:
                raise NotFoundError(f"there is no account {min(missing)!r}")
            row = {"id": id_, "owner_id": owner_id, "name": name, "created_at": now}
            connection.execute(insert(blends), [row])
            connection.execute(insert(blend_members), rows)
            return _one(connection, id_)

        return self._db.write(run)

    def get(self, listener_id: str, blend_id: str) -> Blend:
        """A blend to which the listener belongs or is asked.

        Raises:
            NotFoundError: No such blend, or none of theirs.
        """
        with self._db.read() as connection:
            return _theirs(connection, listener_id, blend_id)

    def list_for(self, listener_id: str) -> list[Blend]:
        """The blends to which a listener belongs or is asked, the newest first."""
        statement = (
            select(blends.c.id)
            .join(blend_members, blend_members.c.blend_id == blends.c.id)
            .where(blend_members.c.listener_id == listener_id)
            .order_by(blends.c.created_at.desc(), blends.c.id)
        )
        with self._db.read() as connection:
            return [_one(connection, id_) for id_ in connection.execute(statement).scalars().all()]

    def accept(self, listener_id: str, blend_id: str, now: float) -> Blend:
        """Join a blend that one was asked to; twice is the same as once.

        Raises:
            NotFoundError: No such blend, or not asked.
        """

        def run(connection: Connection) -> Blend:
            _theirs(connection, listener_id, blend_id)
            connection.execute(
                update(blend_members)
                .where(
                    blend_members.c.blend_id == blend_id,
                    blend_members.c.listener_id == listener_id,
                    blend_members.c.accepted_at.is_(None),
                )
                .values(accepted_at=now)
            )
            return _one(connection, blend_id)

        return self._db.write(run)

    def leave(self, listener_id: str, blend_id: str) -> None:
        """Decline or leave; the blend ends when the one who made it leaves.

        Raises:
            NotFoundError: No such blend, or none of theirs.
        """

        def run(connection: Connection) -> None:
            blend = _theirs(connection, listener_id, blend_id)
            if blend.owner_id == listener_id:
                connection.execute(delete(blends).where(blends.c.id == blend_id))
                return
            connection.execute(
                delete(blend_members).where(
                    blend_members.c.blend_id == blend_id,
                    blend_members.c.listener_id == listener_id,
                )
            )

        self._db.write(run)


def _theirs(connection: Connection, listener_id: str, blend_id: str) -> Blend:
    blend = _one(connection, blend_id)
    if listener_id not in {member.listener_id for member in blend.members}:
        raise NotFoundError(f"no blend {blend_id!r}")
    return blend


def _one(connection: Connection, blend_id: str) -> Blend:
    row = connection.execute(select(blends).where(blends.c.id == blend_id)).first()
    if row is None:
        raise NotFoundError(f"no blend {blend_id!r}")
    statement = (
        select(accounts.c.id, accounts.c.name, blend_members.c.accepted_at)
        .join(blend_members, blend_members.c.listener_id == accounts.c.id)
        .where(blend_members.c.blend_id == blend_id)
        .order_by(accounts.c.id != row.owner_id, accounts.c.name_key)
    )
    members = tuple(
        BlendMember(listener_id=id_, name=name, has_accepted=at is not None)
        for id_, name, at in connection.execute(statement)
    )
    return Blend(id=row.id, name=row.name, owner_id=row.owner_id, created_at=row.created_at,
                 members=members)  # fmt: skip
