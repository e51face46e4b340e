"""What somebody asked for in words, as fields: the door between text and the models."""

from msgspec import Struct


class AskedFor(Struct, frozen=True, kw_only=True):
    """A request understood; every field may be empty. Names are folded.

    Attributes:
        text: The request as given, blanks trimmed: what is embedded as a vector.
        words: Free words to look for, without those of the fields below but for genres.
        moods: Names of :data:`segue.data.affect.MOODS` asked for.
        without_moods: Those asked to be left out ("not sad").
        valence, arousal: Where the mood words lie, -1..1; None when there is none.
        genres: Genres named.
        related_genres: Genres near those, with a nearness within 0..1.
        without_genres, without_words: To be left out, always.
        year_from, year_to: Years, both included; None is open.
        is_year_strict: True when the years were said as a condition ("from 1994", "only 80s").
        tempo_from_bpm, tempo_to_bpm: Beats a minute; None is open.
        instrumental: True asks for music without a voice, False for one with it.
    """

    text: str = ""
    words: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    without_moods: tuple[str, ...] = ()
    valence: float | None = None
    arousal: float | None = None
    genres: tuple[str, ...] = ()
    related_genres: tuple[tuple[str, float], ...] = ()
    without_genres: tuple[str, ...] = ()
    without_words: tuple[str, ...] = ()
    year_from: int | None = None
    year_to: int | None = None
    is_year_strict: bool = False
    tempo_from_bpm: float | None = None
    tempo_to_bpm: float | None = None
    instrumental: bool | None = None
