"""ListenBrainz: its export (JSON Lines, older ones one list) and a page of its API.

``listened_at`` is the start of the play. Marks in ``feedback.jsonl`` name recordings by id only;
those known to ListenBrainz alone (msid) are named by the listens of the same export.

Segue's own export has the same form and says a little more: its ids of tracks, skips and ratings.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from segue.data.imported import ImportedListen, ImportedRow, LeftOut, NamedTrack, RowProblem
from segue.errors import InvalidInputError
from segue.sources.base import Format, Member, Reader
from segue.sources.decoded import head_text, open_text
from segue.sources.json_rows import json_line_rows, json_rows
from segue.sources.moments import moment_s
from segue.sources.rows import each_object, of_lines
from segue.sources.values import (
    MAX_PLAYED_S,
    duration_s,
    inner,
    isrc,
    mbid,
    members,
    number,
    one_artist,
    spotify_id,
    text,
    video_id,
)

# a client that is still in use sends seconds as duration_ms; no track is shorter than this
_SHORTEST_MS = 1_000
_MAX_MARKED = 500_000
_OTHER_MARKS = ("pick", "playlist_add")  # of Segue's own export; for others a mark taken back
_BY_MSID = "this mark names its track by an id that only ListenBrainz knows"


def _is_listens(member: Member) -> bool:
    head = head_text(member)
    start = head.lstrip()[:1]
    return (
        start in ("{", "[")
        and '"track_metadata"' in head
        and '"listened_at"' in head
        and '"pinned_until"' not in head
    )


def _is_feedback(member: Member) -> bool:
    first = head_text(member).lstrip().partition("\n")[0]
    return first[:1] == "{" and '"score"' in first and '"recording_m' in first


def listens_of_page(payload: Mapping[str, Any]) -> list[ImportedRow]:
    """Rows of one answer of ``GET /1/user/NAME/listens``, newest first as it gives them.

    Raises:
        InvalidInputError: It is no such answer.

    Source: ListenBrainz API documentation, "Core", listens.
    """
    try:
        listens = members(inner(payload, "payload"), "listens")
    except ValueError as error:
        raise InvalidInputError(f"this is no page of listens: {error}") from error
    rows: list[ImportedRow] = []
    for row, value in enumerate(listens, 1):
        try:
            rows.append(_listen(row, value))
        except (ValueError, OverflowError) as error:
            rows.append(RowProblem(row, str(error)))
    return rows


def _read(member: Member) -> Iterator[ImportedRow]:
    is_list = head_text(member).lstrip().startswith("[")
    with open_text(member) as file:
        found = json_rows(file) if is_list else json_line_rows(file)
        yield from each_object(found, lambda record: _listen(record.row, record.value))


def _listen(row: int, value: Mapping[str, Any]) -> ImportedRow:
    said = inner(value, "track_metadata")
    more = inner(said, "additional_info")
    mapped = inner(said, "mbid_mapping")
    title = text(said, "track_name")
    if not title:
        raise ValueError("the row names no track")
    address = str(more.get("origin_url") or "")
    return ImportedListen(
        row=row,
        track=NamedTrack(
            title=title,
            artists=_artists(text(said, "artist_name"), more, mapped),
            album=text(said, "release_name"),
            duration_s=_duration_s(more),
            recording_mbid=mbid(more.get("recording_mbid")) or mbid(mapped.get("recording_mbid")),
            isrc=isrc(more.get("isrc")),
            spotify_id=spotify_id(more.get("spotify_id")) or spotify_id(address),
            video_id=video_id(address),
            track_id=_own_id(more),
        ),
        is_skip=True if more.get("segue_kind") == "skip" else None,
        listened_at=moment_s(value.get("listened_at", ""), "listened_at"),
        played_s=number(more.get("duration_played"), "duration_played", 0, MAX_PLAYED_S),
    )


def _artists(credit: str, more: Mapping[str, Any], mapped: Mapping[str, Any]) -> tuple[str, ...]:
    """One by one where the mapping or the player says so, else the credit as it stands."""
    names = [text(artist, "artist_credit_name") for artist in members(mapped, "artists")]
    if not names and isinstance(more.get("artist_names"), list):
        names = [name for name in more["artist_names"] if isinstance(name, str)]
    return tuple(name for name in names if name) or one_artist(credit)


def _duration_s(more: Mapping[str, Any]) -> float | None:
    in_ms = duration_s(more.get("duration_ms"))
    if in_ms:
        return in_ms / 1000 if in_ms >= _SHORTEST_MS else in_ms
    return duration_s(more.get("duration"))


def _feedback(named: Mapping[str, NamedTrack], row: int, value: Mapping[str, Any]) -> ImportedRow:
    score = number(value.get("score"), "score", -1, 1) or 0
    rating = number(value.get("rating"), "rating", 1, 5)
    said = inner(value, "track_metadata")
    more = inner(said, "additional_info")
    kind = more.get("segue_kind")
    if not score and rating is None and kind not in _OTHER_MARKS:
        return LeftOut(row, "empty")  # a mark that was taken back
    recording = mbid(value.get("recording_mbid"))
    if said:
        track = NamedTrack(
            title=text(said, "track_name"),
            artists=_artists(text(said, "artist_name"), more, {}),
            album=text(said, "release_name"),
            duration_s=_duration_s(more),
            recording_mbid=recording,
            isrc=isrc(more.get("isrc")),
            spotify_id=spotify_id(more.get("spotify_id")),
            track_id=_own_id(more),
        )
    elif recording:
        track = NamedTrack(recording_mbid=recording)
    else:
        track = named.get(str(value.get("recording_msid")), NamedTrack())
    if not (track.title or track.recording_mbid or track.track_id):
        return RowProblem(row, _BY_MSID)
    created = value.get("created")
    return ImportedListen(
        row=row,
        track=track,
        listened_at=moment_s(created, "created") if created else None,
        n_plays=0,
        loved=score > 0,
        disliked=score < 0,
        rating=rating,
        picked=kind == "pick",
        listed=kind == "playlist_add",
    )


def _own_id(more: Mapping[str, Any]) -> str:
    return str(more.get("segue_track_id") or "")[:64]


def _join_feedback(export: Sequence[Member]) -> Reader:
    def read(member: Member) -> Iterator[ImportedRow]:
        wanted = set(_msids(member))
        named = dict(_named(export, wanted)) if wanted else {}
        yield from of_lines(partial(_feedback, named))(member)

    return read


def _msids(member: Member) -> Iterator[str]:
    """Ids of ListenBrainz's own that marks without another id use."""
    with open_text(member) as file:
        for found in json_line_rows(file):
            msid = found.value.get("recording_msid")
            if isinstance(msid, str) and not mbid(found.value.get("recording_mbid")):
                yield msid
            if found.row >= _MAX_MARKED:
                return


def _named(export: Iterable[Member], wanted: set[str]) -> Iterator[tuple[str, NamedTrack]]:
    for member in export:
        if not _is_listens(member):
            continue
        with open_text(member) as file:
            for found in json_line_rows(file):
                said = found.value.get("track_metadata")
                msid = found.value.get("recording_msid") or (
                    said.get("recording_msid") if isinstance(said, dict) else None
                )
                if msid in wanted:
                    try:
                        row = _listen(found.row, found.value)
                    except (ValueError, OverflowError):
                        continue
                    if isinstance(row, ImportedListen):
                        yield msid, row.track


LISTENS = Format(
    name="listenbrainz",
    title="ListenBrainz, listens",
    recognises=_is_listens,
    rows=_read,
)
FEEDBACK = Format(
    name="listenbrainz-feedback",
    title="ListenBrainz, loved and hated recordings",
    recognises=_is_feedback,
    rows=of_lines(partial(_feedback, {})),
    join=_join_feedback,
)
