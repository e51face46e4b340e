"""Which rows of which tables belong to one account, found from the foreign keys.

Whoever gives a listener their data, or takes it away, walks this and not a list of its own: a new
table that refers to an account is in both from its first day.
"""

from typing import Any

from sqlalchemy import ColumnElement, Table, or_, select

from segue.store.recording_tables import metadata
from segue.store.tables import accounts


def conditions_of(account_id: str) -> dict[Table, ColumnElement[bool]]:
    """For each table with rows of an account, which ones; parents come before their children.

    >>> names = [table.name for table in conditions_of("a")]
    >>> names[0], "retractions" in names, "tracks" in names
    ('accounts', True, False)
    """
    found: dict[Table, ColumnElement[bool]] = {accounts: accounts.c.id == account_id}
    for table in metadata.sorted_tables:
        ways = [
            _through(key, found[key.column.table], account_id)
            for key in sorted(table.foreign_keys, key=lambda key: key.parent.name)
            if key.column.table in found
        ]
        if ways:
            found[table] = or_(*ways)
    return found


def _through(key: Any, of_parent: ColumnElement[bool], account_id: str) -> ColumnElement[bool]:
    if key.column.table is accounts:
        return key.parent == account_id
    return key.parent.in_(select(key.column).where(of_parent))
