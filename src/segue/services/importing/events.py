"""The events that a row of an import stands for; their keys let a second import add nothing."""

import hashlib
from collections.abc import Iterator

from segue.data.imported import ImportedListen, ImportedRule, NamedTrack
from segue.data.records import Event, EventKind
from segue.store.history_records import NeverPlayed
from segue.text.normalise import fold

SOURCE = "import"
DIGEST_LETTERS = 32
SHORT_PLAY_S = 30.0  # a shorter play of an import is a skip, like in the services it comes from
MAX_COUNTED = 100  # plays that a count is taken for; what more would say fades in the logarithm
UNDATED_AGE_S = 180 * 86_400.0  # how long ago a count without any time ends: not news


def words_key(named: NamedTrack) -> str:
    """Equal for rows that name a track in the same words, whatever else they say.

    >>> words_key(NamedTrack(title="Jóga")) == words_key(NamedTrack(title="JOGA", duration_s=9.0))
    True
    """
    parts = (fold(named.title), *map(fold, named.artists), "", fold(named.album))
    return digest("\x1f".join(parts))


def events_of(
    row: ImportedListen, track_id: str, listener_id: str, client: str, now: float
) -> list[Event]:
    """Plays and skips, then what was said about the track.

    A count becomes so many listens (100 at most), spread evenly from when the track was there to
    when it was played last (half a year ago where that is not said): an order is all that can be
    known of them.

    Args:
        row: What was read; its ``listened_at`` is a start.
        track_id: The track it means.
        listener_id: Whose history.
        client: Name of the source.
        now: Unix time (s) of statements without a time.
    """
    moments = _listens(row, now)
    if row.loved or row.disliked or row.picked or row.listed or row.rating is not None:
        moments += _statements(row, now)
    return [
        Event(
            listener_id=listener_id,
            track_id=track_id,
            kind=kind,
            listened_at=at,
            idempotency_key=_key(kind, track_id, first, more),
            played_s=played_s,
            value=value,
            source=SOURCE,
            client=client,
        )
        for kind, at, first, more, played_s, value in moments
    ]


def never_played(rule: ImportedRule, target_id: str, now: float) -> NeverPlayed | None:
    """What a rule keeps from its listener, None when it is over at ``now`` (Unix s)."""
    if rule.until is not None and rule.until <= now:
        return None
    said_at = now if rule.said_at is None else min(rule.said_at, now)
    return NeverPlayed(
        scope=rule.scope, target_id=target_id, until=rule.until, created_at=said_at
    )  # fmt: skip


# kind, time, the first word of what its key is made of and the rest, seconds played, rating
Moment = tuple[EventKind, float, str, str, float | None, float | None]


def _listens(row: ImportedListen, now: float) -> list[Moment]:
    at = row.listened_at
    if at is not None and row.n_plays == 1 and not row.n_skips:
        short = row.played_s is not None and row.played_s < SHORT_PLAY_S
        is_skip = row.is_skip if row.is_skip is not None else short
        kind = EventKind.SKIP if is_skip else EventKind.PLAY
        return [(kind, at, f"{at:.0f}", "", row.played_s, None)]
    first = row.first_at if row.first_at is not None else at
    last = at if at is not None else max(first or 0.0, now - UNDATED_AGE_S)
    found: list[Moment] = []
    for kind, n in ((EventKind.PLAY, row.n_plays), (EventKind.SKIP, row.n_skips)):
        n_counted = min(n, MAX_COUNTED)
        step = (last - min(first if first is not None else last, last)) / max(1, n_counted - 1)
        found += [
            (kind, last - number * step, "count", f" {n_counted - number}", None, None)
            for number in range(n_counted)
        ]
    return found


def _statements(row: ImportedListen, now: float) -> Iterator[Moment]:
    at = row.listened_at if row.listened_at is not None else (row.first_at or now)
    when = "" if row.listened_at is None else f"{row.listened_at:.0f}"
    if row.loved:
        yield EventKind.LOVE, at, when, "", None, None
    if row.disliked:
        yield EventKind.DISLIKE, at, when, "", None, None
    if row.picked:
        yield EventKind.PICK, at, when, "", None, None
    if row.listed:
        yield EventKind.PLAYLIST_ADD, at, when, "", None, None
    if row.rating is not None:
        yield EventKind.RATE, at, when, f" {row.rating:g}", None, row.rating


def _key(kind: EventKind, track_id: str, first: str, more: str) -> str:
    """The same listen of the same track gives the same key, from whichever file it comes.

    Its time comes first: a history in order then writes its keys in order, where keys in no order
    would touch a page of the index each.
    """
    said = f"{kind}\x1f{track_id}\x1f{first}{more}"
    return f"import:{first}:{digest(said)}"


def digest(text: str) -> str:
    """128 bits of a text, in hexadecimal."""
    return hashlib.blake2b(
        text.encode(errors="surrogatepass"), digest_size=DIGEST_LETTERS // 2
    ).hexdigest()
