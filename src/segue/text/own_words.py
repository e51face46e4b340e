"""What listeners say of themselves - feelings, tags, a bio, an age - as moods, genres, years."""

from collections.abc import Sequence

from segue.data.asked import AskedFor
from segue.data.leanings import Leanings
from segue.errors import InvalidInputError
from segue.text.query import understand

YOUTH = (10, 25)  # ages whose music stays: see `leanings`
MAX_AGE = 120


def leanings(
    *,
    emotions: Sequence[str] = (),
    tags: Sequence[str] = (),
    bio: str = "",
    age: int | None = None,
    this_year: int | None = None,
) -> Leanings:
    """Leanings from a listener's own words, read as requests are.

    A mood or genre weighs the share of the texts that name it: each emotion, each tag and the bio
    is one text. Years named in a text come first; else an age stands for the years in which they
    were 10 to 25, since music of that time is remembered best (the reminiscence bump; Krumhansl and
    Zupnick 2013, "Cascading reminiscence bumps in popular music", Psychological Science 24).

    Args:
        emotions: How they feel or want to feel.
        tags: Words they chose.
        bio: Free text; its first 500 characters count.
        age: Years, 0..120; under 10 says nothing.
        this_year: The year now; needed with an age.

    Raises:
        InvalidInputError: The age is out of range, or comes without a year.

    >>> found = leanings(emotions=["calm"], tags=["jazz"], age=50, this_year=2026)
    >>> found.moods, found.genres, found.year_from, found.year_to
    ((('calm', 0.5),), (('jazz', 0.5),), 1986, 2001)
    """
    texts = [text for text in (*emotions, *tags, bio) if text.strip()]
    read = [understand(text) for text in texts]
    without = dict.fromkeys(name for asked in read for name in asked.without_genres)
    years = _years_named(read) or _years_of_youth(age, this_year)
    return Leanings(
        moods=_shares([asked.moods for asked in read]),
        genres=tuple(g for g in _shares([asked.genres for asked in read]) if g[0] not in without),
        without_genres=tuple(without),
        year_from=years[0] if years else None,
        year_to=years[1] if years else None,
    )


def _years_named(read: Sequence[AskedFor]) -> tuple[int | None, int | None] | None:
    named = [(a.year_from, a.year_to) for a in read if a.year_from or a.year_to]
    if not named:
        return None
    first, last = [a for a, _ in named], [b for _, b in named]
    return (
        None if None in first else min(year for year in first if year),
        None if None in last else max(year for year in last if year),
    )


def _years_of_youth(age: int | None, this_year: int | None) -> tuple[int, int] | None:
    if age is None:
        return None
    if not 0 <= age <= MAX_AGE or this_year is None:
        raise InvalidInputError(
            f"age must lie in 0..{MAX_AGE} and come with this_year, got {age} and {this_year}"
        )
    if age < YOUTH[0]:
        return None
    born = this_year - age
    return born + YOUTH[0], min(born + YOUTH[1], this_year)


def _shares(named: Sequence[Sequence[str]]) -> tuple[tuple[str, float], ...]:
    counts: dict[str, int] = {}
    for names in named:
        for name in names:
            counts[name] = counts.get(name, 0) + 1
    pairs = [(name, count / len(named)) for name, count in counts.items()]
    return tuple(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))
