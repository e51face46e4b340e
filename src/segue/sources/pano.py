"""Pano Scrobbler's export: JSON Lines with ``timeMs`` and an ``event``."""

from collections.abc import Mapping
from typing import Any

from segue.data.imported import ImportedListen, ImportedRow, LeftOut, NamedTrack
from segue.sources.base import Format, Member
from segue.sources.decoded import head_text
from segue.sources.moments import moment_s
from segue.sources.rows import of_lines
from segue.sources.values import duration_s, one_artist, shown, text

_MARKS = {"love": (True, False), "unlove": (False, False), "ban": (False, True)}


def _is_pano(member: Member) -> bool:
    first = head_text(member).lstrip().partition("\n")[0]
    return first[:1] == "{" and '"timeMs"' in first and '"track"' in first


def _scrobble(row: int, value: Mapping[str, Any]) -> ImportedRow:
    event = text(value, "event") or "scrobble"
    loved, disliked = _MARKS.get(event, (False, False))
    if event not in ("scrobble", "love", "ban"):
        if event in _MARKS:
            return LeftOut(row, "empty")
        raise ValueError(f"event must be scrobble, love or ban, got {shown(event)}")
    title = text(value, "track")
    if not title:
        raise ValueError("the row names no track")
    return ImportedListen(
        row=row,
        track=NamedTrack(
            title=title,
            artists=one_artist(text(value, "artist")),
            album=text(value, "album"),
            duration_s=duration_s(value.get("durationMs"), 1e-3),
        ),
        listened_at=moment_s(value.get("timeMs", ""), "timeMs"),
        n_plays=1 if event == "scrobble" else 0,
        loved=loved,
        disliked=disliked,
    )


PANO = Format(
    name="pano-scrobbler",
    title="Pano Scrobbler, export",
    recognises=_is_pano,
    rows=of_lines(_scrobble),
)
