"""Keeps the search index true to the catalogue: what is found under which words."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.engine import Connection

from segue.store.batches import chunks
from segue.store.folding import words_of
from segue.store.fulltext import index_entries, index_words, padded, unindex_entries
from segue.store.tables import search_entries
from segue.store.word_tables import spelling_words

MAX_INDEXED_WORDS = 60
MAX_WORD_LENGTH = 40


class Searchable(NamedTuple):
    """One thing to be found: by its ``name`` above all, and by further ``words``."""

    kind: str
    entity_id: str
    name: str
    words: str = ""


def index(connection: Connection, items: Sequence[Searchable]) -> None:
    """Add or replace entries."""
    wanted = {(item.kind, item.entity_id): _row(item) for item in items}
    old = _entries(connection, wanted)
    changed = {key: row for key, row in wanted.items() if key in old and _differs(old[key], row)}
    unindex_entries(connection, [old[key] for key in changed])
    updates = [{"row_id": old[key]["id"], **row} for key, row in changed.items()]
    if updates:
        statement = update(search_entries).where(search_entries.c.id == bindparam("row_id"))
        connection.execute(statement, updates)
    new = [row for key, row in wanted.items() if key not in old]
    if new:
        connection.execute(insert(search_entries), new)
    fresh = {key: row for key, row in wanted.items() if key not in old or key in changed}
    index_entries(connection, list(_entries(connection, fresh).values()))
    _learn_words(connection, fresh.values())


def _row(item: Searchable) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "entity_id": item.entity_id,
        "name": _joined(item.name),
        "words": _joined(item.words),
    }


def _joined(text: str) -> str:
    words = dict.fromkeys(word[:MAX_WORD_LENGTH] for word in words_of(text))
    return " ".join(list(words)[:MAX_INDEXED_WORDS])


def _differs(old: dict[str, Any], new: dict[str, Any]) -> bool:
    return (old["name"], old["words"]) != (new["name"], new["words"])


def _entries(
    connection: Connection, keys: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], dict[str, Any]]:
    of_kind: dict[str, list[str]] = {}
    for kind, entity_id in keys:
        of_kind.setdefault(kind, []).append(entity_id)
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for kind, entity_ids in of_kind.items():
        for part in chunks(entity_ids):
            statement = select(search_entries).where(
                search_entries.c.kind == kind, search_entries.c.entity_id.in_(part)
            )
            for row in connection.execute(statement).mappings():
                found[kind, row["entity_id"]] = dict(row)
    return found


def _learn_words(connection: Connection, rows: Iterable[dict[str, Any]]) -> None:
    """Remember new words of names, so that misspelled queries can be led to them."""
    seen: dict[str, None] = {}
    for row in rows:
        seen.update(dict.fromkeys(row["name"].split()))
    known: set[str] = set()
    for part in chunks(list(seen)):
        statement = select(spelling_words.c.word).where(spelling_words.c.word.in_(part))
        known.update(connection.execute(statement).scalars())
    new = [word for word in seen if word not in known]
    if new:
        rows_ = [{"word": word, "padded": padded(word)} for word in new]
        connection.execute(insert(spelling_words), rows_)
    for part in chunks(new):
        statement = select(spelling_words.c.id, spelling_words.c.padded)
        found = connection.execute(statement.where(spelling_words.c.word.in_(part))).mappings()
        index_words(connection, [dict(row) for row in found])
