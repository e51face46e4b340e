"""Plain words for facts: counts, stars, spans of time, titles. Nothing is rounded up."""

from datetime import UTC, datetime

from segue.data.dataset import TrackTable
from segue.data.feedback import SECONDS_PER_DAY, Preferences
from segue.data.items import ReasonKind

_NUMBERS = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
)  # fmt: skip
_SPANS = ((365.25, "year"), (30.4375, "month"), (7.0, "week"), (1.0, "day"))
_YEAR_TOLD_DAYS = 300.0  # of a month so long ago, or the same month of this year might be meant
_ADDED = ((1.0, "the last 24 hours"), (7.0, "the last seven days"), (31.0, "the last month"))


def number_words(n: int) -> str:
    """Words up to twelve, then digits.

    >>> number_words(3), number_words(40)
    ('three', '40')
    """
    return _NUMBERS[n] if 0 <= n < len(_NUMBERS) else str(n)


def times_words(n: int) -> str:
    """How often, with a leading space; nothing for once.

    >>> times_words(1), times_words(2), times_words(3)
    ('', ' twice', ' three times')
    """
    if n <= 1:
        return ""
    return " twice" if n == 2 else f" {number_words(n)} times"


def away_words(seconds: float) -> str:
    """A span in its largest whole unit, rounded down, so that "for two months" is never more.

    >>> away_words(70 * 86400), away_words(400 * 86400)
    ('two months', 'a year')
    """
    days = seconds / SECONDS_PER_DAY
    for length, unit in _SPANS:
        if days >= length:
            n = int(days // length)
            return f"a {unit}" if n == 1 else f"{number_words(n)} {unit}s"
    return "less than a day"


def month_words(at: float, now: float) -> str:
    """The month (UTC) of a time that is past, with its year when that is long ago.

    >>> month_words(1.79e9, 1.791e9), month_words(1.70e9, 1.79e9)
    ('September', 'November 2023')
    """
    then = datetime.fromtimestamp(at, UTC)
    far = now - at > _YEAR_TOLD_DAYS * SECONDS_PER_DAY
    return f"{then:%B} {then.year}" if far else f"{then:%B}"


def added_words(age_s: float) -> str | None:
    """When a track came, or None when that is too long ago to call it new.

    >>> added_words(2 * 86400)
    'New in your library: added in the last seven days'
    """
    for days, span in _ADDED:
        if age_s <= days * SECONDS_PER_DAY:
            return f"New in your library: added in {span}"
    return None


def quoted(tracks: TrackTable, track_idx: int) -> str:
    """Title and artist in typographic quotes, as plain text; pages escape it."""
    title, artist = tracks.titles[track_idx], tracks.artists[track_idx]
    return f"“{title}” by {artist}" if artist else f"“{title}”"


def fact_words(known: Preferences, place: int, what: str) -> tuple[ReasonKind, str] | None:
    """The strongest good fact of row ``place``, after "you": "loved it", "finished it twice".

    None when the row holds none (only skips, a dislike, or a low rating).
    """
    rating, finished = float(known.rating[place]), int(known.n_finished[place])
    if known.disliked[place] or rating <= 2:
        return None
    whose = "its artist" if what == "it" else f"the artist of {what}"
    facts = (
        (known.loved[place], ReasonKind.LOVED, f"loved {what}"),
        (rating >= 4, ReasonKind.RATED, f"rated {what} {_stars_words(rating)}"),
        (finished, ReasonKind.LISTENED, f"finished {what}{times_words(finished)}"),
        (known.n_plays[place], ReasonKind.LISTENED, f"played {what}"),
        (known.picked[place], ReasonKind.TASTE, f"picked {whose}"),
    )
    return next(((kind, text) for holds, kind, text in facts if holds), None)


def _stars_words(rating: float) -> str:
    return "" if rating != rating else f"{number_words(round(rating))} stars"  # noqa: PLR0124  NaN


def place_of(known: Preferences, track_idx: int) -> int | None:
    """Position of a track in a listener's rows, or None when there is no event of it."""
    # of the same type, or NumPy converts the whole column first
    place = int(known.track_idx.searchsorted(known.track_idx.dtype.type(track_idx)))
    found = place < len(known) and int(known.track_idx[place]) == track_idx
    return place if found else None


def term_words(name: str, kind: str) -> str:
    """A term inside a sentence.

    >>> term_words("1970s", "decade"), term_words("trip hop", "genre")
    ('the 1970s', 'trip hop')
    """
    return f"the {name}" if kind == "decade" else name


def joined(parts: list[str]) -> str:
    """Commas and a last "and".

    >>> joined(["ambient", "drone", "the 1970s"])
    'ambient, drone and the 1970s'
    """
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
