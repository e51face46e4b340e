"""A listener's own words: kept as said, and read as what they lean to before they play anything."""

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock
from typing import Literal

from msgspec.structs import replace

from segue.data.leanings import Leanings
from segue.errors import InvalidInputError
from segue.store.own_words import OwnWords, OwnWordsStore
from segue.text.own_words import MAX_AGE, leanings

Field = Literal["emotions", "tags", "bio", "age"]
Filled = Literal["stored", "repeated", "kept"]

MAX_TEXTS = 20  # emotions, and tags
MAX_TEXT_CHARS = 100
MAX_BIO_CHARS = 2_000
MAX_KEPT = 2_000


class OwnWordsService:
    """Own words of accounts.

    Args:
        store: Where they are kept.
        clock: Unix time (s).
    """

    def __init__(self, store: OwnWordsStore, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock
        self._kept: OrderedDict[str, tuple[int, Leanings | None]] = OrderedDict()
        self._lock = Lock()

    def of(self, account_id: str) -> OwnWords:
        """What an account said; empty when it said nothing."""
        return self._store.get(account_id) or OwnWords()

    def say(self, account_id: str, said: OwnWords) -> OwnWords:
        """Replace what an account said of itself.

        Raises:
            InvalidInputError: Too many texts, a text that is too long, or an age out of range.
        """
        kept = replace(_checked(said), said_at=self._clock())
        self._store.put(account_id, kept)
        return kept

    def fill(
        self,
        account_id: str,
        what: Field,
        value: str | int | tuple[str, ...],
        said_at: float | None,
    ) -> Filled:
        """Take in one thing that was said elsewhere, where nothing is said here.

        Args:
            account_id: Whose.
            what: Field of :class:`OwnWords`.
            value: What was said.
            said_at: Unix time (s): an age is that of then, None is now.

        Raises:
            InvalidInputError: As :meth:`say` does.
        """
        have, now = self.of(account_id), self._clock()
        given = getattr(_checked(replace(OwnWords(), **{what: value})), what)
        own = getattr(have, what)
        if own == given:
            return "repeated"
        if own not in ((), "", None):
            return "kept"
        at = have.said_at
        if what == "age" or have == OwnWords():
            at = now if said_at is None else min(said_at, now)
        self._store.put(account_id, replace(have, **{what: given}, said_at=at))
        return "stored"

    def forget(self, account_id: str) -> None:
        """Let go of what is kept in memory of an account."""
        with self._lock:
            self._kept.pop(account_id, None)

    def leanings(self, account_id: str, revision: int) -> Leanings | None:
        """What an account leans to by its own words, None when they say nothing.

        ``revision`` is that of the database: while it stands still nothing is read again.
        """
        with self._lock:
            known = self._kept.get(account_id)
        if known is not None and known[0] == revision:
            return known[1]
        found = _read(self._store.get(account_id))
        if known is not None and known[1] == found:
            found = known[1]  # the same object: lists made from it still hold
        with self._lock:
            self._kept[account_id] = (revision, found)
            self._kept.move_to_end(account_id)
            while len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return found


def _checked(said: OwnWords) -> OwnWords:
    for name in ("emotions", "tags"):
        texts: tuple[str, ...] = getattr(said, name)
        if len(texts) > MAX_TEXTS or any(len(text) > MAX_TEXT_CHARS for text in texts):
            raise InvalidInputError(
                f"{name} are at most {MAX_TEXTS} texts of at most {MAX_TEXT_CHARS} characters"
            )
    if len(said.bio) > MAX_BIO_CHARS:
        raise InvalidInputError(
            f"bio must have at most {MAX_BIO_CHARS} characters, got {len(said.bio)}"
        )
    if said.age is not None and not 0 <= said.age <= MAX_AGE:
        raise InvalidInputError(f"age must lie in 0..{MAX_AGE}, got {said.age}")
    return replace(
        said, emotions=_distinct(said.emotions), tags=_distinct(said.tags), bio=said.bio.strip()
    )


def _read(said: OwnWords | None) -> Leanings | None:
    if said is None:
        return None
    found = leanings(
        emotions=said.emotions,
        tags=said.tags,
        bio=said.bio,
        age=said.age,
        this_year=datetime.fromtimestamp(said.said_at, UTC).year,
    )
    return None if found == Leanings(without_genres=found.without_genres) else found


def _distinct(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(" ".join(text.split()) for text in texts if text.strip()))
