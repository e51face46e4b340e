"""Lyrics of tracks in the form of :mod:`segue.data.lyrics`; a track without any has no row."""

from collections.abc import Iterable, Mapping

from sqlalchemy import delete, func, insert, select
from sqlalchemy.engine import Connection

from segue.data.lyrics import MAX_LYRICS_CHARS, words_of
from segue.store.batches import chunks
from segue.store.engine import Database
from segue.store.folding import clean
from segue.store.training_table import streamed
from segue.store.word_tables import lyrics

STAMPS = 3  # how many times longer than its words the text of timed lines may be


class Lyrics:
    """The lyrics of one database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def of(self, track_ids: Iterable[str]) -> dict[str, str]:
        """Lyrics by track, with times where they have any; tracks without are left out."""
        found: dict[str, str] = {}
        with self._db.read() as connection:
            for part in chunks(list(track_ids)):
                statement = select(lyrics.c.track_id, lyrics.c.text)
                rows = connection.execute(statement.where(lyrics.c.track_id.in_(part)))
                found.update((row.track_id, row.text) for row in rows)
        return found

    def openings(self, n_chars: int) -> dict[str, str]:
        """The first ``n_chars`` characters of the words of all lyrics, by track, for training."""
        statement = select(lyrics.c.track_id, func.substr(lyrics.c.text, 1, STAMPS * n_chars))
        with self._db.read() as connection:
            return {
                track_id: words_of(text)[:n_chars]
                for track_id, text in streamed(connection, statement)
            }


def write_lyrics(connection: Connection, texts: Mapping[str, str]) -> None:
    """Replace the lyrics of these tracks; "" means that there are none any more."""
    for part in chunks(list(texts)):
        connection.execute(delete(lyrics).where(lyrics.c.track_id.in_(part)))
    rows = [
        {"track_id": id_, "text": clean(text, MAX_LYRICS_CHARS)}
        for id_, text in texts.items() if text
    ]  # fmt: skip
    if rows:
        connection.execute(insert(lyrics), rows)
