"""The library as it lies in folders: what one folder holds, found by the order of paths alone.

Paths are compared byte by byte, so that all below a folder stands together in the index: between
the folder with a slash and the folder with the character after the slash. What lies deep in one
subfolder is stepped over at once (a loose index scan), so that a folder of ten large ones costs ten
short looks.
"""

import os.path
from pathlib import Path
from typing import Any

from msgspec import Struct
from sqlalchemy import Select, select
from sqlalchemy.engine import Connection

from segue.store.tables import files, tracks

SLASH, AFTER_SLASH = "/", "0"
LOOK = 100  # paths read at once
MOST_ENTRIES = 2_000


class FolderContent(Struct, frozen=True, kw_only=True):
    """Names of the folders in a folder and ids of the tracks in it, both in the order of paths.

    ``is_all`` is False where there is more than one answer holds.
    """

    folders: tuple[str, ...]
    track_ids: tuple[str, ...]
    is_all: bool


def common_folder(connection: Connection) -> str:
    """The deepest folder that all of the library lies in; empty without any file."""
    ends = [
        connection.execute(_playable().order_by(by).limit(1)).scalar()
        for by in (files.c.path, files.c.path.desc())
    ]
    first, last = ends
    if first is None or last is None:
        return ""
    # all other paths lie between the two and begin like both
    return os.path.commonpath([Path(first).parent, Path(last).parent])


def folder_content(connection: Connection, folder: str) -> FolderContent:
    """What a folder holds itself; nothing where there is no such folder."""
    base = folder.rstrip(SLASH) + SLASH
    place, inside, end = base, "", base[:-1] + AFTER_SLASH
    folders: list[str] = []
    found: list[str] = []
    while len(folders) + len(found) < MOST_ENTRIES:
        rows = connection.execute(_between(place, end).limit(LOOK)).all()
        for path, track_id in rows:
            if inside and path.startswith(inside):
                continue  # more of the folder that was just met
            name, slash, _ = path[len(base) :].partition(SLASH)
            if slash:
                folders.append(name)
                inside = base + name + SLASH
                place = inside[:-1] + AFTER_SLASH
            else:
                found.append(track_id)
                place = path
        if len(rows) < LOOK:
            return FolderContent(folders=tuple(folders), track_ids=tuple(found), is_all=True)
    return FolderContent(folders=tuple(folders), track_ids=tuple(found), is_all=False)


def tracks_below(connection: Connection, folder: str, limit: int) -> list[str]:
    """Ids of tracks in a folder and all folders in it, in the order of paths."""
    base = folder.rstrip(SLASH) + SLASH
    rows = connection.execute(_between(base, base[:-1] + AFTER_SLASH).limit(limit))
    return [row[1] for row in rows]


def _between(place: str, end: str) -> Select[Any, Any]:
    """Paths after one and before another, with their tracks."""
    within = _playable().where(files.c.path > place, files.c.path < end)
    return within.order_by(files.c.path)


def _playable() -> Select[Any, Any]:
    """Of files that are there and became a track that is shown."""
    return (
        select(files.c.path, files.c.track_id)
        .join(tracks, tracks.c.id == files.c.track_id)
        .where(~files.c.is_gone, tracks.c.is_visible)
    )
