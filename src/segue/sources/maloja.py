"""Maloja's export: ``{"maloja": {...}, "scrobbles": [...]}``; times are starts, in UTC seconds."""

from collections.abc import Mapping
from typing import Any

from segue.data.imported import ImportedListen, ImportedRow, NamedTrack
from segue.sources.base import Format, Member
from segue.sources.decoded import head_text
from segue.sources.moments import moment_s
from segue.sources.rows import of_array
from segue.sources.values import MAX_PLAYED_S, clean, duration_s, inner, number, text


def _is_maloja(member: Member) -> bool:
    head = head_text(member)
    return head.lstrip().startswith("{") and '"maloja"' in head and '"scrobbles"' in head


def _scrobble(row: int, value: Mapping[str, Any]) -> ImportedRow:
    track = inner(value, "track")
    title = text(track, "title")
    if not title:
        raise ValueError("the row names no track")
    artists = track.get("artists")
    if not isinstance(artists, list):
        raise ValueError("artists must be a list of names")
    names: list[object] = artists
    return ImportedListen(
        row=row,
        track=NamedTrack(
            title=title,
            artists=tuple(clean(name, "artists") for name in names if isinstance(name, str)),
            album=text(inner(track, "album"), "albumtitle"),
            duration_s=duration_s(track.get("length")),
        ),
        listened_at=moment_s(value.get("time", ""), "time"),
        # Maloja keeps here how long was listened, null when the player did not say
        played_s=number(value.get("duration"), "duration", 0, MAX_PLAYED_S),
    )


MALOJA = Format(
    name="maloja",
    title="Maloja, export",
    recognises=_is_maloja,
    rows=of_array(_scrobble, "scrobbles"),
)
