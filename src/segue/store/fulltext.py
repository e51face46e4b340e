"""The SQLite-only part: FTS5 tables over ``search_entries`` and ``spelling_words``.

Both are external-content tables (https://sqlite.org/fts5.html#external_content_tables): they hold
the index, our portable tables hold the text, and the index must be told the old text when a row
changes. PostgreSQL will use ``tsvector`` and ``pg_trgm`` here.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

# Words are folded before they are stored, so remove_diacritics only guards against older folding.
FULLTEXT_DDL = (
    "CREATE VIRTUAL TABLE search_fts USING fts5(kind, name, words, content='search_entries', "
    "content_rowid='id', prefix='1 2 3', tokenize=\"unicode61 remove_diacritics 2\")",
    "CREATE VIRTUAL TABLE spelling_fts USING fts5(padded, content='spelling_words', "
    "content_rowid='id', tokenize='trigram')",
)

_INSERT_ENTRY = text(
    "INSERT INTO search_fts (rowid, kind, name, words) VALUES (:id, :kind, :name, :words)"
)
_DELETE_ENTRY = text(
    "INSERT INTO search_fts (search_fts, rowid, kind, name, words) "
    "VALUES ('delete', :id, :kind, :name, :words)"
)
_INSERT_WORD = text("INSERT INTO spelling_fts (rowid, padded) VALUES (:id, :padded)")
_RANKED = text(  # a word in the name weighs ten times one in the credits; kind weighs nothing
    "SELECT e.entity_id FROM search_fts JOIN search_entries AS e ON e.id = search_fts.rowid "
    "WHERE search_fts MATCH :match ORDER BY bm25(search_fts, 0.0, 10.0, 1.0), e.id LIMIT :n"
)
_UNRANKED = text(
    "SELECT e.entity_id FROM search_fts JOIN search_entries AS e ON e.id = search_fts.rowid "
    "WHERE search_fts MATCH :match LIMIT :n"
)
_HAS_WORD = text("SELECT 1 FROM search_fts WHERE search_fts MATCH :match LIMIT 1")
_NEAR_WORDS = text(
    "SELECT w.word FROM spelling_fts JOIN spelling_words AS w ON w.id = spelling_fts.rowid "
    "WHERE spelling_fts MATCH :match ORDER BY rank, w.id LIMIT :n"
)


def index_entries(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Add rows of ``search_entries`` (id, kind, name, words) to the index."""
    if rows:
        connection.execute(_INSERT_ENTRY, list(rows))


def unindex_entries(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Take rows out of the index; they must hold the text that was indexed."""
    if rows:
        connection.execute(_DELETE_ENTRY, list(rows))


def index_words(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Add rows of ``spelling_words`` (id, padded) to the trigram index."""
    if rows:
        connection.execute(_INSERT_WORD, list(rows))


def clear_fulltext(connection: Connection) -> None:
    """Empty both indexes."""
    connection.exec_driver_sql("INSERT INTO search_fts (search_fts) VALUES ('delete-all')")
    connection.exec_driver_sql("INSERT INTO spelling_fts (spelling_fts) VALUES ('delete-all')")


def padded(word: str) -> str:
    """A word with blanks, as in pg_trgm, so that its first letters make trigrams of their own.

    >>> padded("air")
    '  air '
    """
    return f"  {word} "


def all_of(kind: str, alternatives: Iterable[Sequence[str]]) -> str:
    """An FTS5 expression: of the kind, and for each place one of the words as a prefix.

    The words must consist of letters and digits; they are quoted all the same.

    >>> all_of("artist", [["bjork"], ["vesp", "vest"]])
    'kind : "artist" AND {name words} : (("bjork" *) AND ("vesp" * OR "vest" *))'
    """
    places = (" OR ".join(f'"{word}" *' for word in words) for words in alternatives)
    return f'kind : "{kind}" AND {{name words}} : ({" AND ".join(f"({p})" for p in places)})'


def matching(connection: Connection, expression: str, n: int, *, is_ranked: bool) -> list[str]:
    """Entity ids that match, best first; unranked is for one or two letters that match half."""
    statement = _RANKED if is_ranked else _UNRANKED
    return list(connection.execute(statement, {"match": expression, "n": n}).scalars())


def has_word(connection: Connection, word: str) -> bool:
    """Whether any entry has a word that begins so."""
    match = f'{{name words}} : "{word}" *'
    return connection.execute(_HAS_WORD, {"match": match}).first() is not None


def words_sharing_trigrams(connection: Connection, word: str, n: int) -> list[str]:
    """Known words that share most trigrams with this one."""
    text_ = padded(word)
    trigrams = dict.fromkeys(text_[i : i + 3] for i in range(len(text_) - 2))
    match = " OR ".join(f'"{trigram}"' for trigram in trigrams)
    return list(connection.execute(_NEAR_WORDS, {"match": match, "n": n}).scalars())
