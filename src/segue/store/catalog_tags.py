"""What tags become before they are stored: cleaned, bounded, and split into identities.

Tags come from strangers' files; a number that is absurd or a text that no database can hold must
cost that field, never the file and never its neighbours in the batch.
"""

from typing import Any

import msgspec

from segue.data.records import TrackTags
from segue.store.catalog_identity import Wanted
from segue.store.folding import clean, fold, whole_within, within

MAX_NAMES = 32  # artists, genres or tags of one track
MAX_NAME_LENGTH = 300
MAX_ID_LENGTH = 64


def cleaned(tags: TrackTags) -> TrackTags:
    """The tags with every field inside what the tables hold."""
    artists, mbids = _credits(tags)
    return msgspec.structs.replace(
        tags,
        title=clean(tags.title, MAX_NAME_LENGTH) or "Untitled",
        artists=artists,
        artist_mbids=mbids,
        album=clean(tags.album, MAX_NAME_LENGTH),
        album_artists=_names(tags.album_artists),
        genres=_names(tags.genres),
        tags=_names(tags.tags),
        year=whole_within(tags.year, 1, 9999),
        track_number=whole_within(tags.track_number, 0, 99_999),
        disc_number=whole_within(tags.disc_number, 0, 9_999),
        duration_s=within(tags.duration_s, 0.0, 1e7),
        bitrate_kbps=within(tags.bitrate_kbps, 0.0, 1e6),
        sample_rate_hz=whole_within(tags.sample_rate_hz, 1, 10_000_000),
        channels=whole_within(tags.channels, 1, 1_000),
        recording_mbid=_id(tags.recording_mbid),
        release_mbid=_id(tags.release_mbid),
        isrc=_id(tags.isrc),
        track_gain_db=within(tags.track_gain_db, -100.0, 100.0),
        album_gain_db=within(tags.album_gain_db, -100.0, 100.0),
        track_peak=within(tags.track_peak, 0.0, 100.0),
    )


def _names(names: tuple[str, ...]) -> tuple[str, ...]:
    kept = (clean(name, MAX_NAME_LENGTH) for name in names[:MAX_NAMES])
    return tuple(name for name in kept if name)


def _id(value: str | None) -> str | None:
    return clean(value, MAX_ID_LENGTH) or None if value else None


def _credits(tags: TrackTags) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Artists and their ids side by side; ids that do not pair up one to one are not used."""
    paired = len(tags.artist_mbids) == len(tags.artists)
    mbids = tags.artist_mbids if paired else ("",) * len(tags.artists)
    kept = [
        (name, _id(mbid) or "")
        for raw, mbid in list(zip(tags.artists, mbids, strict=True))[:MAX_NAMES]
        if (name := clean(raw, MAX_NAME_LENGTH))
    ]
    return tuple(name for name, _ in kept), tuple(mbid for _, mbid in kept)


def wanted_artist(name: str, mbid: str | None) -> Wanted:
    """The identity of an artist; a name without letters keeps its signs."""
    folded = fold(name) or name
    return Wanted((folded,), mbid or None, {"name": name, "sort_name": folded})


def track_artists_of(tags: TrackTags) -> list[Wanted]:
    """Identities of the track's artists in order of credit (tags must be cleaned)."""
    return [wanted_artist(*pair) for pair in zip(tags.artists, tags.artist_mbids, strict=True)]


def album_artists_of(tags: TrackTags) -> list[Wanted]:
    """Identities of the album's artists; the first artist of the track when not said."""
    if not tags.album_artists:
        return track_artists_of(tags)[:1]
    known = dict(zip(tags.artists, tags.artist_mbids, strict=True))
    return [wanted_artist(name, known.get(name)) for name in tags.album_artists]


def album_of(tags: TrackTags) -> Wanted | None:
    """Identity of the album, None when the tags name none."""
    if not tags.album:
        return None
    title = fold(tags.album) or tags.album
    artists = album_artists_of(tags)
    artist_key = artists[0].key[0] if artists else ""
    row = {"title": tags.album, "sort_title": title, "artist_key": artist_key}
    return Wanted((title, artist_key), tags.release_mbid, row)


def track_row(tags: TrackTags, album_id: str | None, recording_key: str) -> dict[str, Any]:
    """Columns of ``tracks`` that follow from the tags."""
    return {
        "title": tags.title,
        "sort_title": fold(tags.title) or tags.title,
        "album_id": album_id,
        "recording_key": clean(recording_key),
        "year": tags.year,
        "track_number": tags.track_number,
        "disc_number": tags.disc_number,
        "duration_s": tags.duration_s,
        "explicit": tags.explicit,
        "track_gain_db": tags.track_gain_db,
        "album_gain_db": tags.album_gain_db,
        "track_peak": tags.track_peak,
    }


def external_ids_of(tags: TrackTags) -> list[tuple[str, str]]:
    """(scheme, value) of the track that the tags state."""
    pairs = (("mbid", tags.recording_mbid), ("isrc", tags.isrc))
    return [(scheme, value) for scheme, value in pairs if value]
