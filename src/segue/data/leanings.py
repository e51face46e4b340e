"""What a listener leans to by their own words: the door between text and the models."""

from msgspec import Struct


class Leanings(Struct, frozen=True, kw_only=True):
    """What a listener leans to before they have played anything; a start, never a filter.

    Attributes:
        moods, genres: Each with a weight within 0..1, the strongest first, then by name.
        without_genres: Genres they say they do not want.
        year_from, year_to: Years that stay with them, both included; None when nothing says so.
    """

    moods: tuple[tuple[str, float], ...] = ()
    genres: tuple[tuple[str, float], ...] = ()
    without_genres: tuple[str, ...] = ()
    year_from: int | None = None
    year_to: int | None = None
