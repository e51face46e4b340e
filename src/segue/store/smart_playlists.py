"""Playlists by rules: what belongs to one is asked of the database each time it is opened.

A rule is a row of a form, "genre is", "not played for"; all of them must hold. What concerns plays
and marks is read of the listener who made it.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal

import msgspec
from msgspec import Struct
from sqlalchemy import and_, delete, exists, func, insert, or_, select
from sqlalchemy.engine import Connection

from segue.data.records import EventKind
from segue.errors import InvalidInputError, NotFoundError
from segue.store.account_tables import playlist_rules
from segue.store.engine import Database
from segue.store.folding import fold
from segue.store.tables import (
    artists,
    events,
    feedback_state,
    genres,
    playlists,
    retractions,
    track_artists,
    track_genres,
    tracks,
)

What = Literal["genre", "not_genre", "artist", "years", "loved", "stars", "played_within",
               "not_played_for", "never_played", "plays", "added_within", "shorter",
               "longer"]  # fmt: skip
Sort = Literal["shuffled", "title", "newest", "oldest", "most_played", "least_played",
               "longest_ago", "year"]  # fmt: skip
MAX_RULES = 10
MAX_TRACKS = 500
MAX_VALUE_LENGTH = 100
DAY_S = 86_400.0
_NUMBERS = {"stars": (1, 5), "played_within": (1, 36_500), "not_played_for": (1, 36_500),
            "plays": (1, 100_000), "added_within": (1, 36_500), "shorter": (1, 1_440),
            "longer": (1, 1_440)}  # fmt: skip
_ALONE = frozenset({"loved", "never_played"})


class Rule(Struct, frozen=True, kw_only=True):
    """One row of the form.

    ``value`` is a name, a number (stars, days, plays, minutes) or a year; ``until`` is the last
    year of "years". "loved" and "never_played" need neither.
    """

    what: What
    value: str = ""
    until: str = ""


class Rules(Struct, frozen=True, kw_only=True):
    """Rules that must all hold, the order, and how many tracks at most."""

    rules: tuple[Rule, ...] = ()
    sort: Sort = "title"
    limit: int = 100


class SmartPlaylists:
    """The rules of playlists of one database, and what they choose."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def rules_of(self, playlist_id: str) -> Rules | None:
        """The rules of a playlist, None when its tracks were put there by hand."""
        with self._db.read() as connection:
            return _rules(connection, playlist_id)

    def among(self, playlist_ids: list[str]) -> set[str]:
        """Those of the playlists that have rules."""
        statement = select(playlist_rules.c.playlist_id).where(
            playlist_rules.c.playlist_id.in_(playlist_ids)
        )
        with self._db.read() as connection:
            return set(connection.execute(statement).scalars())

    def keep(self, account_id: str, playlist_id: str, rules: Rules, now: float) -> None:
        """Give an account's own playlist rules, or other ones.

        Raises:
            NotFoundError: No such playlist, or not this account's.
            InvalidInputError: A rule cannot be read.
        """
        row = {"playlist_id": playlist_id, "rules": msgspec.json.encode(checked(rules)).decode()}

        def run(connection: Connection) -> None:
            mine = and_(playlists.c.id == playlist_id, playlists.c.account_id == account_id)
            if connection.execute(select(playlists.c.id).where(mine)).first() is None:
                raise NotFoundError(f"there is no playlist {playlist_id!r}")
            of = playlist_rules.c.playlist_id == playlist_id
            connection.execute(delete(playlist_rules).where(of))
            connection.execute(insert(playlist_rules), [row])
            connection.execute(playlists.update().where(mine).values(updated_at=now))

        self._db.write(run)

    def track_ids(self, listener_id: str, rules: Rules, now: float) -> list[str]:
        """Playable tracks for which all rules hold, in order; "shuffled" ones all, by their ids.

        Args:
            listener_id: Whose plays and marks.
            rules: Checked here.
            now: Unix time (s), from which days are counted back.
        """
        statement = _chosen(listener_id, checked(rules), now)
        with self._db.read() as connection:
            return list(connection.execute(statement).scalars())


def checked(rules: Rules) -> Rules:
    """The rules, when every one can be read.

    Raises:
        InvalidInputError: Too many, or a value that is missing or out of range.
    """
    if not 1 <= len(rules.rules) <= MAX_RULES:
        raise InvalidInputError(f"a playlist has 1 to {MAX_RULES} rules, got {len(rules.rules)}")
    if not 1 <= rules.limit <= MAX_TRACKS:
        raise InvalidInputError(f"limit must lie in 1..{MAX_TRACKS}, got {rules.limit}")
    for rule in rules.rules:
        if max(len(rule.value), len(rule.until)) > MAX_VALUE_LENGTH:
            raise InvalidInputError(f"a value has at most {MAX_VALUE_LENGTH} letters")
        if rule.what == "years":
            first, last = _years(rule)
            if first > last:
                raise InvalidInputError(f"years go from the first to the last, got {first}, {last}")
        elif rule.what in _NUMBERS:
            _number(rule.what, rule.value, *_NUMBERS[rule.what])
        elif rule.what not in _ALONE and not fold(rule.value):
            raise InvalidInputError(f"the rule {rule.what!r} needs a name")
    return rules


def _number(what: str, text: str, low: int, high: int) -> int:
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit() and low <= int(plain[:9]) <= high):
        raise InvalidInputError(
            f"the rule {what!r} needs a whole number in {low}..{high}, got {text[:20]!r}"
        )
    return int(plain)


def _years(rule: Rule) -> tuple[int, int]:
    return (_number("years", rule.value or "1000", 1000, 2200),
            _number("years", rule.until or "2200", 1000, 2200))  # fmt: skip


def _rules(connection: Connection, playlist_id: str) -> Rules | None:
    statement = select(playlist_rules.c.rules).where(playlist_rules.c.playlist_id == playlist_id)
    found = connection.execute(statement).scalar()
    return None if found is None else msgspec.json.decode(found, type=Rules)


class _Asked(Struct, frozen=True):
    """For whom a rule is read, and when."""

    listener_id: str
    now: float


def _chosen(listener_id: str, rules: Rules, now: float) -> Any:
    asked = _Asked(listener_id, now)
    statement = select(tracks.c.id).where(
        tracks.c.is_visible, tracks.c.has_file, *(_HOLDS[r.what](r, asked) for r in rules.rules)
    )
    if rules.sort in ("most_played", "least_played", "longest_ago"):
        plays = _plays(listener_id).subquery()
        statement = statement.outerjoin(plays, plays.c.track_id == tracks.c.id)
        n_plays, last = func.coalesce(plays.c.n, 0), func.coalesce(plays.c.last, 0.0)
        by = {"most_played": n_plays.desc(), "least_played": n_plays, "longest_ago": last}
        return statement.order_by(by[rules.sort], tracks.c.id).limit(rules.limit)
    if rules.sort == "shuffled":
        return statement.order_by(tracks.c.id)
    by_track = {"title": tracks.c.sort_title, "newest": tracks.c.added_at.desc(),
                "oldest": tracks.c.added_at, "year": tracks.c.year}  # fmt: skip
    return statement.order_by(by_track[rules.sort], tracks.c.id).limit(rules.limit)


def _plays(listener_id: str) -> Any:
    """Plays that hold and the last of them, by track."""
    taken_back = select(retractions.c.event_id).where(retractions.c.listener_id == listener_id)
    return (
        select(
            events.c.track_id, func.count().label("n"), func.max(events.c.listened_at).label("last")
        )
        .where(
            events.c.listener_id == listener_id,
            events.c.kind == EventKind.PLAY.value,
            events.c.id.not_in(taken_back),
        )
        .group_by(events.c.track_id)
    )


def _played(asked: _Asked, since: float | None = None, at_least: int | None = None) -> Any:
    plays = _plays(asked.listener_id)
    if since is not None:
        plays = plays.where(events.c.listened_at >= since)
    if at_least is not None:
        plays = plays.having(func.count() >= at_least)
    return tracks.c.id.in_(select(plays.subquery().c.track_id))


def _said(asked: _Asked, condition: Any) -> Any:
    mine = feedback_state.c.listener_id == asked.listener_id
    return tracks.c.id.in_(select(feedback_state.c.track_id).where(mine, condition))


def _of_genre(name: str) -> Any:
    return exists().where(
        track_genres.c.track_id == tracks.c.id,
        genres.c.id == track_genres.c.genre_id,
        genres.c.sort_name == fold(name),
    )


def _by_artist(name: str) -> Any:
    return exists().where(
        track_artists.c.track_id == tracks.c.id,
        artists.c.id == track_artists.c.artist_id,
        or_(artists.c.sort_name == fold(name), func.lower(artists.c.name) == name.strip().lower()),
    )


def _ago(rule: Rule, asked: _Asked) -> float:
    return asked.now - int(rule.value) * DAY_S


def _within_years(rule: Rule, _asked: _Asked) -> Any:
    return tracks.c.year.between(*_years(rule))


_HOLDS: Mapping[str, Callable[[Rule, _Asked], Any]] = MappingProxyType({
    "genre": lambda rule, _: _of_genre(rule.value),
    "not_genre": lambda rule, _: ~_of_genre(rule.value),
    "artist": lambda rule, _: _by_artist(rule.value),
    "years": _within_years,
    "loved": lambda _, asked: _said(asked, feedback_state.c.loved.is_(True)),
    "stars": lambda rule, asked: _said(asked, feedback_state.c.rating >= int(rule.value)),
    "played_within": lambda rule, asked: _played(asked, since=_ago(rule, asked)),
    "not_played_for": lambda rule, asked: ~_played(asked, since=_ago(rule, asked)),
    "never_played": lambda _, asked: ~_played(asked),
    "plays": lambda rule, asked: _played(asked, at_least=int(rule.value)),
    "added_within": lambda rule, asked: tracks.c.added_at >= _ago(rule, asked),
    "shorter": lambda rule, _: tracks.c.duration_s < 60 * int(rule.value),
    "longer": lambda rule, _: tracks.c.duration_s > 60 * int(rule.value),
})  # fmt: skip
