"""Who synthetic listeners are to a server: their names and passwords follow from their numbers.

Number 7 of seed 1 is called ``synth-1-0007`` and signs in with ``synthetic listener 1-0007``. That
is no secret: such accounts belong on servers that hold nothing else.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct, structs

from segue.data.dataset import TrackTable
from segue.data.feedback import SECONDS_PER_DAY
from segue.data.records import Event, EventKind
from segue.errors import InvalidInputError
from segue.synthetic.activity import listen
from segue.synthetic.listener_params import ListenerParams
from segue.synthetic.listener_profiles import ListenerProfile
from segue.synthetic.taste import make_listeners

MAX_PEOPLE = 9_999
RATING_SHARE = 0.6  # of picks, where ratings are what is wanted


class Person(Struct, frozen=True, kw_only=True):
    """One synthetic listener; ``shown_name`` and what follows are what they say of themselves."""

    name: str
    password: str
    shown_name: str
    age: int
    emotions: tuple[str, ...]
    tags: tuple[str, ...]


def account_name(seed: int, number: int) -> str:
    """Name of an account; numbers count from 1.

    >>> account_name(1, 7)
    'synth-1-0007'
    """
    return f"synth-{seed}-{number:04d}"


def password(seed: int, number: int) -> str:
    """Its password.

    >>> password(1, 7)
    'synthetic listener 1-0007'
    """
    return f"synthetic listener {seed}-{number:04d}"


def people(tracks: TrackTable, n: int, seed: int) -> list[Person]:
    """The first ``n`` listeners of a seed, 1..9,999.

    Raises:
        InvalidInputError: ``n`` or ``seed`` is out of range.
        InvalidDataError: There are no tracks.
    """
    _check(n, seed)
    profiles = make_listeners(tracks, n, seed).profiles
    return [_person(profile, seed, number) for number, profile in enumerate(profiles, 1)]


def activity(
    tracks: TrackTable, n: int, seed: int, until: float, days: float
) -> Iterator[tuple[int, list[Event]]]:
    """Number and all events of each listener; the same ones for the same arguments.

    Args:
        tracks: What they choose from.
        n: Listeners, 1..9,999.
        seed: Of taste and of behaviour.
        until: Unix time (s) at which their listening ends.
        days: How long it took, > 0.
    """
    yield from _events(tracks, n, seed, until, days, ListenerParams())


def ratings(
    tracks: TrackTable, n: int, seed: int, until: float, per_listener: int
) -> Iterator[tuple[int, list[Event]]]:
    """Number and at most ``per_listener`` >= 1 ratings of each listener, a track rated once.

    Stars follow the planted taste; they come from as long a time as it takes to give so many.
    """
    if per_listener < 1:
        raise InvalidInputError(f"per_listener must be at least 1, got {per_listener}")
    params = ListenerParams(rating_share=RATING_SHARE, sessions_per_day=2.0)
    days = 30.0 + per_listener
    for number, events in _events(tracks, n, seed, until, days, params):
        rated = [event for event in events if event.kind is EventKind.RATE]
        newest = list({event.track_id: event for event in rated}.values())
        yield number, newest[:per_listener]


def _events(
    tracks: TrackTable, n: int, seed: int, until: float, days: float, params: ListenerParams
) -> Iterator[tuple[int, list[Event]]]:
    _check(n, seed)
    start = until - days * SECONDS_PER_DAY
    listeners = make_listeners(tracks, n, seed, structs.replace(params, origin_s=start))
    for number in range(1, n + 1):
        found = listen(listeners, tracks, start, days, seed, rows=[number - 1])
        yield number, [event for event in found if event.listened_at <= until]


def _person(profile: ListenerProfile, seed: int, number: int) -> Person:
    youngest = profile.age_band.rstrip("+").partition("-")[0]
    return Person(
        name=account_name(seed, number),
        password=password(seed, number),
        shown_name=profile.name,
        age=int(youngest) + number % 7,
        emotions=profile.favourite_moods,
        tags=tuple(profile.favourite_genres),
    )


def _check(n: int, seed: int) -> None:
    if not 1 <= n <= MAX_PEOPLE:
        raise InvalidInputError(f"there may be 1 to {MAX_PEOPLE:,} listeners, got {n:,}")
    if seed < 0:
        raise InvalidInputError(f"seed must be at least 0, got {seed}")


COLUMNS: Sequence[str] = (
    "track_id", "title", "artist", "listened_at", "played_s", "n_plays", "skipped",
    "loved", "disliked", "rating",
)  # fmt: skip


def row_of(event: Event, tracks: TrackTable) -> list[str]:
    """An event as a row of a table that our own import reads, in the order of :data:`COLUMNS`."""
    row = tracks.ids.get(event.track_id)
    assert row is not None
    is_listen = event.kind in (EventKind.PLAY, EventKind.SKIP)
    return [
        event.track_id,
        tracks.titles[row],
        tracks.artists[row],
        f"{event.listened_at:.0f}",
        "" if event.played_s is None or not is_listen else f"{event.played_s:.1f}",
        "1" if is_listen else "0",
        "true" if event.kind is EventKind.SKIP else "",
        "true" if event.kind is EventKind.LOVE else "",
        "true" if event.kind is EventKind.DISLIKE else "",
        "" if event.value is None else f"{event.value:g}",
    ]
