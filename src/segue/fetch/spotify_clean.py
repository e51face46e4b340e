"""Answers of Spotify made into one document a track, as catalogues are read: JSON lines."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from segue.fetch.pages import Pages
from segue.fetch.spotify import track_of

NAME = "tracks.jsonl"
_KEPT = ("id", "name", "duration_ms", "explicit", "popularity", "external_ids", "uri")


class Cleaned(Struct, frozen=True, kw_only=True):
    """What became of the entries: ``entries = tracks + repeated + left``."""

    path: Path
    entries: int
    tracks: int
    repeated: int
    left: int  # gone, episodes, files of the owner's own


def clean_playlist(folder: Path) -> Cleaned:
    """Write the tracks of one crawled playlist beside its answers, each once, in its order.

    Genres are those of the artists, in order of credit; audio features stand inside the track.
    """
    pages = Pages(folder)
    head = pages.read("playlist.json")
    name = str(head.get("name") or "") if isinstance(head, dict) else ""
    features = {str(one["id"]): one for one in _listed(folder, "audio-features", "audio_features")}
    genres = {str(one["id"]): _texts(one.get("genres"))
              for one in _listed(folder, "artists", "artists")}  # fmt: skip
    seen: dict[str, bytes] = {}
    n_entries = n_repeated = 0
    for item in _entries(folder):
        n_entries += 1
        track = track_of(item)
        if track is None:
            continue
        if track["id"] in seen:
            n_repeated += 1
            continue
        document = _document(track, features.get(str(track["id"])), genres, name)
        seen[str(track["id"])] = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
    pages.keep(NAME, b"".join(line + b"\n" for line in seen.values()))
    n_left = n_entries - n_repeated - len(seen)
    return Cleaned(path=pages.path(NAME), entries=n_entries, tracks=len(seen),
                   repeated=n_repeated, left=n_left)  # fmt: skip


def _document(
    track: Mapping[str, Any],
    features: Mapping[str, Any] | None,
    genres: Mapping[str, tuple[str, ...]],
    playlist: str,
) -> dict[str, Any]:
    artists = [one for one in track.get("artists") or () if isinstance(one, dict)]
    album = track.get("album") if isinstance(track.get("album"), dict) else {}
    of_artists = (genre for one in artists for genre in genres.get(str(one.get("id")), ()))
    return {
        **{key: track[key] for key in _KEPT if track.get(key) is not None},
        "artists": [{"name": one.get("name")} for one in artists if one.get("name")],
        "album": {key: album.get(key) for key in ("name", "release_date") if album},
        "genres": list(dict.fromkeys(of_artists)),
        "playlists": [playlist] if playlist else [],
        "audio_features": dict(features or {}),
    }


def _entries(folder: Path) -> Iterator[Mapping[str, Any]]:
    yield from _listed(folder, "tracks", "items", needs_id=False)


def _listed(
    folder: Path, prefix: str, key: str, *, needs_id: bool = True
) -> Iterator[Mapping[str, Any]]:
    """Objects of the lists in all pages of a kind, in order; Spotify writes null for unknown."""
    pages = Pages(folder)
    for path in sorted(folder.glob(f"{prefix}-*.json")):
        page = pages.read(path.name)
        found: Iterable[Any] = page.get(key) or () if isinstance(page, dict) else ()
        for one in found:
            if isinstance(one, dict) and (one.get("id") or not needs_id):
                yield one


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()
