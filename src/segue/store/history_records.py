"""What the history gives: the answer to an append, statements that hold, counts of plays."""

from typing import NamedTuple

from msgspec import Struct

from segue.data.feedback import EventColumns


class Appended(Struct, frozen=True, kw_only=True):
    """The answer for one event: stored now, stored before (``is_new`` False), or refused."""

    id: int | None
    is_new: bool
    problem: str | None = None


class ImportCounts(Struct, frozen=True, kw_only=True):
    """What became of many events; ``problems`` are the first few reasons in words."""

    n_new: int = 0
    n_known: int = 0
    n_refused: int = 0
    problems: tuple[str, ...] = ()


class FeedbackState(Struct, frozen=True, kw_only=True):
    """The statements of one listener about one track that hold now."""

    loved: bool = False
    disliked: bool = False
    rating: float | None = None
    updated_at: float = 0.0


class Played(Struct, frozen=True):
    """A track, how often it was played, and when last (Unix s)."""

    track_id: str
    n_plays: int
    last_listened_at: float


class HistoryMark(Struct, frozen=True):
    """Changes whenever a listener's history does: compare to know whether a profile is old."""

    newest_event_id: int
    n_retracted: int


class NeverPlayed(Struct, frozen=True, kw_only=True):
    """A rule that holds; ``until`` None means for good."""

    scope: str
    target_id: str
    until: float | None
    created_at: float


class ListenerColumns(NamedTuple):
    """Events of a listener as columns, how many are of unknown tracks, and the newest id read."""

    events: EventColumns
    n_unknown: int
    newest_id: int
