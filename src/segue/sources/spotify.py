"""Spotify's listening histories: the extended one (all years) and that of the account data.

Both give the time at which a stream *ended*, in UTC; the start is that less the time played. Short
plays are kept with their length, since what was skipped says as much as what was played.
"""

from collections.abc import Mapping

from segue.data.imported import ImportedListen, ImportedRow, Left, LeftOut, NamedTrack
from segue.sources.base import Format, Member
from segue.sources.decoded import head_text
from segue.sources.moments import moment_s
from segue.sources.rows import of_array
from segue.sources.values import MAX_PLAYED_S, flag, number, one_artist, spotify_id, text

_PODCAST = ("episode_name", "episode_show_name", "spotify_episode_uri")
_AUDIOBOOK = ("audiobook_title", "audiobook_uri", "audiobook_chapter_uri", "chapter_title")


def _is_extended(member: Member) -> bool:
    head = head_text(member)
    return (
        head.lstrip().startswith("[")
        and '"ms_played"' in head
        and '"master_metadata_track_name"' in head
    )


def _is_account(member: Member) -> bool:
    head = head_text(member)
    return head.lstrip().startswith("[") and '"endTime"' in head and '"msPlayed"' in head


def _extended(row: int, value: Mapping[str, object]) -> ImportedRow:
    title = text(value, "master_metadata_track_name")
    if not title:
        return LeftOut(row, _what_else(value))
    if value.get("incognito_mode") is True:
        return LeftOut(row, "private")
    played_s = number(value.get("ms_played"), "ms_played", 0, MAX_PLAYED_S * 1000) or 0.0
    played_s /= 1000
    # the time at which the device was offline is given in s, in ms, or as 0 when it was not
    ended_at = moment_s(value.get("ts") or value.get("offline_timestamp") or "", "ts")
    return ImportedListen(
        row=row,
        track=NamedTrack(
            title=title,
            artists=one_artist(text(value, "master_metadata_album_artist_name")),
            album=text(value, "master_metadata_album_album_name"),
            spotify_id=spotify_id(value.get("spotify_track_uri")),
        ),
        listened_at=ended_at - played_s,
        played_s=played_s,
        is_skip=_is_skip(flag(value.get("skipped"), "skipped"), value.get("reason_end")),
    )


def _what_else(value: Mapping[str, object]) -> Left:
    if any(value.get(key) for key in _PODCAST):
        return "podcast"
    return "audiobook" if any(value.get(key) for key in _AUDIOBOOK) else "empty"


def _is_skip(skipped: bool | None, reason_end: object) -> bool | None:
    """Older exports say null or false for every row, so the reason speaks first."""
    if skipped or reason_end == "fwdbtn":
        return True
    return False if reason_end == "trackdone" else skipped


def _account(row: int, value: Mapping[str, object]) -> ImportedRow:
    if "podcastName" in value or "episodeName" in value:
        return LeftOut(row, "podcast")
    title, artist = text(value, "trackName"), text(value, "artistName")
    if not title or title == artist == "Unknown Track":
        return LeftOut(row, "empty")
    played_s = (number(value.get("msPlayed"), "msPlayed", 0, MAX_PLAYED_S * 1000) or 0.0) / 1000
    return ImportedListen(
        row=row,
        track=NamedTrack(title=title, artists=one_artist(artist)),
        listened_at=moment_s(value.get("endTime", ""), "endTime") - played_s,
        is_minute=True,
        played_s=played_s,
    )


EXTENDED = Format(
    name="spotify-extended",
    title="Spotify, extended streaming history",
    recognises=_is_extended,
    rows=of_array(_extended),
)
ACCOUNT = Format(
    name="spotify-account",
    title="Spotify, account data (last year)",
    recognises=_is_account,
    rows=of_array(_account),
)
