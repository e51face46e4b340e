"""Lines of the archive of "take your data", in the forms that our own sources read back."""

from typing import Any

import msgspec

from segue.data.imported import KnownTarget, NamedTrack
from segue.store.history_records import FeedbackState, NeverPlayed
from segue.store.own_data import OwnEvent

_PLAYER = {"media_player": "Segue", "submission_client": "Segue"}


def listen_line(event: OwnEvent, track: NamedTrack) -> dict[str, Any]:
    """A play or skip as a line of the ListenBrainz export, which knows whole seconds only."""
    more: dict[str, Any] = {
        **_PLAYER,
        "segue_kind": event.kind,
        "duration_played": event.played_s,
        "recording_mbid": track.recording_mbid,
        "music_service_name": event.source,
    }
    return {"listened_at": int(event.listened_at), "track_metadata": _metadata(track, more)}


def feedback_line(track: NamedTrack, state: FeedbackState) -> dict[str, Any]:
    """What was said about a track as a line of the ListenBrainz export."""
    return {
        "recording_mbid": track.recording_mbid or None,
        "score": int(state.loved) - int(state.disliked),
        "rating": state.rating,
        "created": state.updated_at,
        "track_metadata": _metadata(track, {}),
    }


def other_mark_line(event: OwnEvent, track: NamedTrack) -> dict[str, Any]:
    """A pick, or a track put into a playlist, in the same form: others see no mark in it."""
    return {
        "recording_mbid": track.recording_mbid or None,
        "score": 0,
        "created": event.listened_at,
        "track_metadata": _metadata(track, {"segue_kind": event.kind}),
    }


def rule_of(
    rule: NeverPlayed, track: NamedTrack | None, target: KnownTarget | None
) -> dict[str, Any]:
    """A never-play rule with the names by which another server finds what it is about."""
    said: dict[str, Any] = {}
    if track is not None:
        said = msgspec.structs.asdict(track)
        del said["track_id"]
    elif target is not None and rule.scope == "artist":
        said = {"artists": [target.name], "mbid": target.mbid}
    elif target is not None:
        said = {"album": target.name, "artists": target.artists, "mbid": target.mbid}
    named = {key: value for key, value in said.items() if value not in (None, "", ())}
    return {"scope": rule.scope, "target_id": rule.target_id, "until": rule.until,
            "created_at": rule.created_at, **named}  # fmt: skip


def _metadata(track: NamedTrack, more: dict[str, Any]) -> dict[str, Any]:
    info = more | {
        "segue_track_id": track.track_id,
        "artist_names": list(track.artists),
        "duration_ms": None if track.duration_s is None else round(track.duration_s * 1000),
        "isrc": track.isrc,
        "spotify_id": f"https://open.spotify.com/track/{track.spotify_id}"
        if track.spotify_id else "",
    }  # fmt: skip
    return {
        "artist_name": ", ".join(track.artists),
        "track_name": track.title,
        "release_name": track.album,
        "additional_info": {key: value for key, value in info.items() if value not in (None, "")},
    }
