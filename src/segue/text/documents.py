"""One text a track, to be searched by words and embedded as a vector."""

from collections.abc import Sequence

from msgspec import Struct

MAX_LYRICS_WORDS = 120  # a vector is a mean over words: a whole song would drown title and genre
MAX_FIELD_CHARS = 300


class TrackWords(Struct, frozen=True, kw_only=True):
    """What is known of a track in words; everything may be empty."""

    title: str = ""
    artists: tuple[str, ...] = ()
    album: str = ""
    genres: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    year: int = 0
    lyrics: str = ""


def document(track: TrackWords, *, with_names: bool = True) -> str:
    """What is known of a track as one text; "" when nothing is.

    Each field ends with a full stop. Repeated genres, tags and moods stand once, whatever their
    case. A field is cut at 300 characters, lyrics at 120 words.

    Args:
        track: The fields.
        with_names: Take title, artists and album; without them the text says only how the track
            sounds and what it is about.

    >>> document(TrackWords(title="Roads", artists=("Portishead",), genres=("trip hop",),
    ...                     moods=("sad",), year=1994))
    'Roads. Portishead. trip hop, sad. 1994, 1990s.'
    """
    names = [track.title, ", ".join(track.artists), track.album] if with_names else []
    kinds = ", ".join(_distinct((*track.genres, *track.tags, *track.moods)))
    when = f"{track.year}, {track.year // 10 * 10}s" if track.year > 0 else ""
    lyrics = " ".join(track.lyrics.split()[:MAX_LYRICS_WORDS])
    fields = [*(field[:MAX_FIELD_CHARS] for field in (*names, kinds, when)), lyrics]
    return " ".join(f"{field.strip()}." for field in fields if field.strip())


def _distinct(words: Sequence[str]) -> list[str]:
    first = {word.strip().casefold(): word.strip() for word in reversed(words) if word.strip()}
    return list(reversed(first.values()))
