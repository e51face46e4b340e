"""What listeners say of themselves: one row an account."""

import msgspec
from msgspec import Struct
from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from segue.store.engine import Database
from segue.store.folding import clean
from segue.store.word_tables import own_words


class OwnWords(Struct, frozen=True, kw_only=True):
    """Feelings, tags, free text and age (years, at the Unix time ``said_at``)."""

    emotions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    bio: str = ""
    age: int | None = None
    said_at: float = 0.0


class OwnWordsStore:
    """The own words of one database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, account_id: str) -> OwnWords | None:
        """What an account said; None when it said nothing."""
        with self._db.read() as connection:
            statement = select(own_words).where(own_words.c.account_id == account_id)
            row = connection.execute(statement).mappings().first()
        if row is None:
            return None
        return OwnWords(
            emotions=msgspec.json.decode(row["emotions"], type=tuple[str, ...]),
            tags=msgspec.json.decode(row["tags"], type=tuple[str, ...]),
            bio=row["bio"],
            age=row["age"],
            said_at=row["said_at"],
        )

    def put(self, account_id: str, said: OwnWords) -> None:
        """Replace what an account said; nothing at all deletes the row."""
        row = {
            "account_id": account_id,
            "emotions": _json(said.emotions),
            "tags": _json(said.tags),
            "bio": clean(said.bio),
            "age": said.age,
            "said_at": said.said_at,
        }

        def run(connection: Connection) -> None:
            connection.execute(delete(own_words).where(own_words.c.account_id == account_id))
            if said.emotions or said.tags or said.bio or said.age is not None:
                connection.execute(insert(own_words), row)

        self._db.write(run)


def _json(texts: tuple[str, ...]) -> str:
    return msgspec.json.encode([clean(text) for text in texts]).decode()
