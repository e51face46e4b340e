"""``never_play.json`` of our own export: what is never to be played, by ids and by names.

Exports of older versions say ids alone: those hold on the server that wrote them.
"""

import re
from collections.abc import Mapping
from typing import Any

from segue.data.imported import ImportedRow, ImportedRule, NamedTrack
from segue.sources.base import Format, Member
from segue.sources.decoded import head_text
from segue.sources.moments import EARLIEST_S
from segue.sources.rows import of_array
from segue.sources.values import clean, duration_s, isrc, mbid, number, shown, spotify_id, text

MAX_ID_CHARACTERS = 64
MAX_ARTISTS = 100
LATEST_S = 1e11  # what the API takes as an end, far beyond any life
_BEGINS = re.compile(r'\s*\[\s*\{\s*"scope"\s*:')


def _is_rules(member: Member) -> bool:
    head = head_text(member)
    return bool(_BEGINS.match(head)) and '"target_id"' in head


def _rule(row: int, value: Mapping[str, Any]) -> ImportedRow:
    scope = value.get("scope")
    if scope not in ("track", "artist", "album"):
        raise ValueError(f"scope must be track, artist or album, got {shown(scope)}")
    target_id = text(value, "target_id")[:MAX_ID_CHARACTERS]
    title, artists, album = text(value, "title"), _artists(value), text(value, "album")
    if not (target_id or {"track": title, "artist": artists, "album": album}[scope]):
        raise ValueError(f"the rule names no {scope}")
    return ImportedRule(
        row=row,
        scope=scope,
        track=NamedTrack(
            title=title,
            artists=artists,
            album=album,
            duration_s=duration_s(value.get("duration_s")),
            track_id=target_id if scope == "track" else "",
            recording_mbid=mbid(value.get("recording_mbid")),
            isrc=isrc(value.get("isrc")),
            spotify_id=spotify_id(value.get("spotify_id")),
        ),
        target_id=target_id,
        mbid=mbid(value.get("mbid")),
        until=number(value.get("until"), "until", EARLIEST_S, LATEST_S),
        said_at=number(value.get("created_at"), "created_at", EARLIEST_S, LATEST_S),
    )


def _artists(value: Mapping[str, Any]) -> tuple[str, ...]:
    found = value.get("artists")
    if found is None:
        return ()
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):  # pyright: ignore[reportUnknownVariableType]
        raise ValueError(f"artists must be a list of names, got {shown(found)}")  # pyright: ignore[reportUnknownArgumentType]
    names: list[str] = found[:MAX_ARTISTS]
    return tuple(filter(None, (clean(name, "artists") for name in names)))


NEVER_PLAY = Format(
    name="segue-never-play",
    title="Segue, what is never to be played",
    recognises=_is_rules,
    rows=of_array(_rule),
)
