"""Search as one types: word beginnings in any order, without accents, tolerant of spelling.

A word that begins nothing in the catalogue is replaced by known words that share most trigrams
with it (as pg_trgm does) and are close by Damerau-Levenshtein distance, optimal string alignment
form (Damerau 1964, doi:10.1145/363958.363994).
"""

from collections.abc import Sequence

from sqlalchemy.engine import Connection

from segue.store.batches import checked_limit
from segue.store.catalog_read import albums_by_id, all_genres, artists_by_id, tracks_by_id
from segue.store.catalog_records import SearchResult
from segue.store.folding import words_of
from segue.store.fulltext import all_of, has_word, matching, words_sharing_trigrams

MAX_QUERY_LENGTH = 200
MAX_QUERY_WORDS = 8
N_CORRECTIONS = 4  # known words tried for one that is unknown
_N_CANDIDATES = 60


def search(connection: Connection, query: str, limit: int = 20) -> SearchResult:
    """Artists, albums, tracks and genres for any text at all, at most ``limit`` of each.

    Args:
        connection: To read from.
        query: What was typed; signs and emoji count as blanks, only the beginning of a very long
            text is looked at.
        limit: 1..200.
    """
    checked_limit(limit)
    words = list(dict.fromkeys(words_of(query[:MAX_QUERY_LENGTH])))[:MAX_QUERY_WORDS]
    if not words:
        return SearchResult()
    found = _find(connection, [[word] for word in words], limit)
    known = all_genres(connection)
    genres = tuple(genre for genre in known if is_like(words, genre.name))[:limit]
    if not (found.artists or found.albums or found.tracks or genres):
        found = _find_corrected(connection, words, limit)
        genres = tuple(one for one in known if is_like(words, one.name, slips=True))[:limit]
    return SearchResult(artists=found.artists, albums=found.albums, tracks=found.tracks,
                        genres=genres, corrected=found.corrected)  # fmt: skip


def is_like(words: Sequence[str], name: str, *, slips: bool = False) -> bool:
    """Whether each word begins one of a name, in any order; with ``slips`` also nearly so.

    >>> is_like(["hop", "tri"], "Trip Hop"), is_like(["amibent"], "Dark Ambient", slips=True)
    (True, True)
    """
    return all(
        any(
            other.startswith(word) or (slips and edit_distance(word, other) <= _n_slips(word))
            for other in words_of(name)
        )
        for word in words
    )


def _find_corrected(connection: Connection, words: list[str], limit: int) -> SearchResult:
    together = "".join(words)
    if len(words) > 1 and has_word(connection, together):  # "radio head"
        places = [[together]]
    else:
        places = [_spellings(connection, word) for word in words]
        if not all(places):
            return SearchResult()
    found = _find(connection, places, limit)
    shown = " ".join(place[0] for place in places)
    return SearchResult(
        artists=found.artists, albums=found.albums, tracks=found.tracks, corrected=shown
    )


def _find(connection: Connection, places: Sequence[Sequence[str]], limit: int) -> SearchResult:
    is_ranked = max(len(word) for place in places for word in place) > 2

    def ids(kind: str) -> list[str]:
        # hidden ones are still in the index, so a few more are asked for
        return matching(connection, all_of(kind, places), 2 * limit + 20, is_ranked=is_ranked)

    artists = [a for a in artists_by_id(connection, ids("artist")) if a.n_tracks]
    return SearchResult(
        artists=tuple(artists[:limit]),
        albums=tuple(albums_by_id(connection, ids("album"))[:limit]),
        tracks=tuple(tracks_by_id(connection, ids("track"))[:limit]),
    )


def _spellings(connection: Connection, word: str) -> list[str]:
    """The word itself when something begins so, else the known words nearest to it."""
    if has_word(connection, word):
        return [word]
    allowed = _n_slips(word)
    near = [
        (distance, candidate)
        for candidate in words_sharing_trigrams(connection, word, _N_CANDIDATES)
        if (distance := edit_distance(word, candidate)) <= allowed
    ]
    return [candidate for _, candidate in sorted(near)[:N_CORRECTIONS]]


def _n_slips(word: str) -> int:
    return 1 if len(word) < 6 else 2 if len(word) < 10 else 3


def edit_distance(a: str, b: str) -> int:
    """Insertions, deletions, replacements and swaps of neighbours between two words.

    >>> edit_distance("bjrok", "bjork"), edit_distance("portished", "portishead")
    (1, 1)
    """
    before: list[int] = []
    above = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        row = [i]
        for j, other in enumerate(b, 1):
            cost = min(above[j] + 1, row[-1] + 1, above[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, above = above, row
    return above[-1]
