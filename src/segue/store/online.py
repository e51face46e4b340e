"""What became of what was played, counted by list and by the model set that served.

A listen is a play or a skip that was not taken back and was not brought from elsewhere. It ended
when at least the share of :data:`~segue.data.feedback.DEFAULT_WEIGHTS` was heard, or its length or
what was heard of it is not known; it was loved when a love of the same track by the same listener
follows within an hour of its beginning.
"""

from collections.abc import Collection
from typing import Any, Literal, TypeAlias

from msgspec import Struct
from sqlalchemy import ColumnElement, Integer, and_, case, cast, func, select

from segue.data.feedback import DEFAULT_WEIGHTS
from segue.data.records import EventKind
from segue.store.admin_tables import model_services
from segue.store.engine import Database
from segue.store.tables import accounts, events, retractions, tracks

LOVED_WITHIN_S = 3_600.0
DAY_S = 86_400
Outcome: TypeAlias = Literal["finished", "skipped", "loved"]

OUTCOMES: tuple[Outcome, ...] = ("finished", "skipped", "loved")


class OutcomeSums(Struct, frozen=True):
    """Listens with an outcome, and sums over days of listeners: of squares, and times listens."""

    hits: int
    sum_ny: float
    sum_yy: float


class Played(Struct, frozen=True, kw_only=True):
    """Listens of one list or one model set; a group is one day of one listener."""

    name: str
    n: int
    n_groups: int
    n_listeners: int
    sum_nn: float
    outcomes: dict[Outcome, OutcomeSums]


class Online:
    """Counts over the events of one database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def by_list(self, since: float, without: Collection[str] = ()) -> list[Played]:
        """Listens since a time (Unix s) by where they were started, most listens first.

        Args:
            since: From when on.
            without: Sources that are left out.
        """
        return self._counted(events.c.source, since, events.c.source.not_in(without))

    def by_version(self, since: float, sources: Collection[str]) -> list[Played]:
        """Listens of some lists by the model set in service when they began, most listens first.

        Listens from before the first note of a set in service are left out.
        """
        served = (
            select(model_services.c.version)
            .where(model_services.c.since <= events.c.listened_at)
            .order_by(model_services.c.since.desc(), model_services.c.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        return self._counted(served, since, events.c.source.in_(sources))

    def _counted(
        self, name: ColumnElement[Any], since: float, wanted: ColumnElement[bool]
    ) -> list[Played]:
        listens = _listens(name, since, wanted)
        groups = (
            select(
                listens.c.name, listens.c.listener_id, func.count().label("n"),
                *(func.sum(listens.c[one]).label(one) for one in OUTCOMES),
            )
            .where(listens.c.name.is_not(None))
            .group_by(listens.c.name, listens.c.listener_id, listens.c.day)
            .subquery()
        )  # fmt: skip
        n = groups.c.n
        sums = [
            total
            for one in OUTCOMES
            for total in (func.sum(groups.c[one]), func.sum(n * groups.c[one]),
                          func.sum(groups.c[one] * groups.c[one]))
        ]  # fmt: skip
        statement = (
            select(groups.c.name, func.sum(n), func.count(),
                   func.count(groups.c.listener_id.distinct()), func.sum(n * n), *sums)
            .group_by(groups.c.name)
            .order_by(func.sum(n).desc(), groups.c.name)
        )  # fmt: skip
        with self._db.read() as connection:
            return [_played(tuple(row)) for row in connection.execute(statement)]


def _listens(name: ColumnElement[Any], since: float, wanted: ColumnElement[bool]) -> Any:
    """One row a listen, with its day (UTC) and 0 or 1 for each outcome."""
    later = events.alias("later")
    love = select(later.c.id).where(
        later.c.listener_id == events.c.listener_id,
        later.c.track_id == events.c.track_id,
        later.c.kind == EventKind.LOVE.value,
        later.c.listened_at.between(
            events.c.listened_at, events.c.listened_at + LOVED_WITHIN_S
        ),
        ~_taken_back(later).exists(),
    )  # fmt: skip
    is_play = events.c.kind == EventKind.PLAY.value
    is_part = events.c.played_s < DEFAULT_WEIGHTS.finished_fraction * tracks.c.duration_s
    finished = and_(is_play, func.coalesce(is_part, False).is_(False))
    return (
        select(
            name.label("name"),
            events.c.listener_id,
            cast(events.c.listened_at / DAY_S, Integer).label("day"),
            case((finished, 1), else_=0).label("finished"),
            case((is_play, 0), else_=1).label("skipped"),
            case((love.exists(), 1), else_=0).label("loved"),
        )
        .join(tracks, tracks.c.id == events.c.track_id)
        .where(
            # each listener's newest by the index, however long the histories are
            events.c.listener_id.in_(select(accounts.c.id)),
            events.c.listened_at >= since,
            events.c.kind.in_((EventKind.PLAY.value, EventKind.SKIP.value)),
            wanted,
            ~_taken_back(events).exists(),
        )
        .subquery()
    )


def _taken_back(of: Any) -> Any:
    return select(retractions.c.event_id).where(retractions.c.event_id == of.c.id)


def _played(row: tuple[Any, ...]) -> Played:
    name, n, n_groups, n_listeners, sum_nn, *sums = row
    outcomes: dict[Outcome, OutcomeSums] = {
        one: OutcomeSums(int(sums[3 * i]), float(sums[3 * i + 1]), float(sums[3 * i + 2]))
        for i, one in enumerate(OUTCOMES)
    }
    return Played(name=name, n=n, n_groups=n_groups, n_listeners=n_listeners,
                  sum_nn=float(sum_nn), outcomes=outcomes)  # fmt: skip
