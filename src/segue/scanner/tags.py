"""Tags, headers and cover of one audio file; damage of any kind comes back as a problem in words.

Container formats are parsed by tinytag; the names of fields follow the mapping table of
MusicBrainz Picard (picard-docs.musicbrainz.org, appendix "Tag mapping").
"""

# ruff: noqa: PTH118, PTH120, PTH123, PTH208
# Paths stay strings here: a Path for each of a million files would cost more than its stat.

import hashlib
import math
import os
import re
from collections.abc import Mapping
from typing import Any, BinaryIO, cast

from tinytag import ParseError, TinyTag, UnsupportedFormatError

from segue.data.lyrics import is_timed, lyrics_of_text
from segue.data.records import FileStat, ScannedFile, TrackTags
from segue.errors import MediaError
from segue.scanner import fields
from segue.scanner.bounded import BoundedFile
from segue.scanner.credits import PathFacts, credit, path_facts, split_artists
from segue.scanner.formats import after_id3, check_content, pick_folder_image, suffix_of
from segue.scanner.sidecars import sidecar_lyrics
from segue.scanner.streams import (
    StreamFacts,
    adts_facts,
    has_mpeg_frames,
    mp4_bytes_missing,
    ogg_facts,
)

LONGEST_S = 7 * 24 * 3600.0
_MPEG_SEARCH_BYTES = 128 * 1024
_OGG_WALK_BYTES = 256 * 1024  # below this, walking every page costs less than thinking
_WHOLE_FRACTION = 0.9  # a file that lacks more than a tenth of its sound counts as cut off
_COMPILATION_FOLDERS = frozenset({"various artists", "various", "va", "compilations"})

LYRICS_FIELDS = ("lyrics", "unsyncedlyrics", "syncedlyrics", "uslt", "wmlyrics")

Fields = dict[str, list[str]]


def read_file(
    stat: FileStat, *, root: str | None = None, covers: Mapping[str, str] | None = None
) -> ScannedFile:
    """Read one file; never raises.

    Args:
        stat: the file as the walk saw it.
        root: the music folder it lies in; makes the guess from folder names safer.
        covers: folder -> image, as :func:`segue.scanner.walk.walk` fills it; None looks itself.

    Returns:
        Either tags, with a fingerprint that survives a move, or a problem.
    """
    try:
        tag, facts = _parse(stat)
        tags = _track_tags(stat, tag, facts, root)
        return ScannedFile(
            stat=stat,
            tags=tags,
            fingerprint=fingerprint(stat.size_bytes, tags),
            cover_path=_folder_cover(stat.path, covers),
            has_embedded_cover=tag.images.any is not None,
            lyrics=_lyrics(stat, tag),
        )
    except MediaError as error:
        problem = str(error)
    except OSError as error:
        problem = f"it cannot be opened: {error.strerror or type(error).__name__}"
    except MemoryError:
        problem = "reading its tags would take too much memory"
    except Exception as error:  # the one boundary of a scan: a file may break a parser in any way
        problem = f"its tags are damaged ({type(error).__name__})"
    return ScannedFile(stat=stat, problem=fields.clean_text(problem))


def fingerprint(size_bytes: int, tags: TrackTags) -> str:
    """Identity of the content: BLAKE2b (RFC 7693) of size, length and tags, 32 hex digits."""
    parts = (
        size_bytes,
        round(tags.duration_s or 0.0),
        tags.title,
        *tags.artists,
        tags.album,
        tags.track_number,
        tags.recording_mbid,
    )
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def _parse(stat: FileStat) -> tuple[TinyTag, StreamFacts | None]:
    suffix = suffix_of(stat.path)
    with open(stat.path, "rb") as fh:
        size_bytes = os.fstat(fh.fileno()).st_size
        if size_bytes == 0:
            raise MediaError("the file is empty")
        offset = after_id3(fh, size_bytes)
        fh.seek(offset)
        head = fh.read(512)
        kind = check_content(suffix, head)
        facts = _stream_facts(fh, kind, offset, size_bytes)
        tag = _tinytag(fh, stat.path, size_bytes, offset if kind == "AAC" else None, facts is None)
        _check_whole(fh, kind, tag, size_bytes)
    return tag, facts


def _stream_facts(fh: BinaryIO, kind: str, offset: int, size_bytes: int) -> StreamFacts | None:
    if kind in ("MP3", ""):
        fh.seek(offset)
        data = fh.read(_MPEG_SEARCH_BYTES)
        if not has_mpeg_frames(data, is_whole=offset + len(data) == size_bytes):
            raise MediaError("it holds no MP3 sound")
    if kind == "AAC":
        fh.seek(offset)
        facts = adts_facts(fh.read(_MPEG_SEARCH_BYTES), size_bytes - offset)
        if facts is None:
            raise MediaError("it holds no AAC sound")
        return facts
    if kind == "Ogg" and size_bytes > _OGG_WALK_BYTES:
        return ogg_facts(fh, size_bytes)
    return None


def _tinytag(
    fh: BinaryIO, path: str, size_bytes: int, adts_offset: int | None, needs_length: bool
) -> TinyTag:
    """Parse with the picture, and without it when the picture is what is damaged or too large."""
    if adts_offset == 0:
        return TinyTag()  # a raw AAC stream without tags
    name = path
    if adts_offset is not None:
        size_bytes, name = adts_offset, "tags.mp3"
    for has_picture in (True, False):
        view = cast("BinaryIO", BoundedFile(fh, size_bytes))
        try:
            return TinyTag.get(name, view, duration=needs_length, image=has_picture)
        except UnsupportedFormatError as error:
            raise MediaError("its format is not known") from error
        except ParseError as error:
            if not has_picture:
                cause = error.__cause__
                if isinstance(cause, MediaError):
                    raise cause from error
                raise MediaError("its tags or headers are damaged") from error
    raise AssertionError("unreachable: the second try returns or raises")


def _check_whole(fh: BinaryIO, kind: str, tag: TinyTag, size_bytes: int) -> None:
    declared, present = 0.0, 1.0
    if kind == "MP4":
        missing, declared = mp4_bytes_missing(fh, size_bytes)
        present = declared - missing
        if not declared:
            raise MediaError("the file is cut off: its sound is missing")
    elif kind in ("WAV", "AIFF", "MP3") and tag.duration and tag.bitrate:
        declared, present = tag.duration * tag.bitrate * 125.0, float(size_bytes)
        if kind == "AIFF" and not tag.is_lossless:
            return  # the header of a compressed AIFC tells the length before compression
    elif kind == "FLAC" and tag.duration and (tag.bitrate or 0.0) < 1.0:
        raise MediaError("the file is cut off: its sound is missing")
    if declared and present < _WHOLE_FRACTION * declared:
        raise MediaError(
            f"the file is cut off: {max(present, 0) / declared:.0%} of its sound is there"
        )


def _track_tags(
    stat: FileStat, tag: TinyTag, facts: StreamFacts | None, root: str | None
) -> TrackTags:
    duration_s = facts.duration_s if facts else tag.duration
    if not duration_s or not math.isfinite(duration_s) or not 0.0 < duration_s <= LONGEST_S:
        raise MediaError("it holds no sound, or its length is not believable")
    found = _by_name(tag)
    track_number = fields.small_number(found.get("track", ()), 9999)
    place = path_facts(stat.path, root, track_number)
    said_artists = found.get("artist", [])
    artists_known = split_artists(said_artists)
    raw_title = fields.clean_text(tag.title or "") or _title_from(place, artists_known)
    title, artists = credit(said_artists or [place.artist], raw_title)
    album = fields.clean_text(tag.album or "")
    if not album and (not artists_known or artists[0].casefold() == place.artist.casefold()):
        album = place.album
    return TrackTags(
        title=title or raw_title,
        artists=artists,
        album=album,
        album_artists=_album_artists(found, album, place),
        genres=fields.split_genres(found.get("genre", ())),
        tags=_tags(found),
        year=_year(found) or place.year,
        track_number=track_number or place.track_number,
        disc_number=fields.small_number(found.get("disc", ()), 999) or place.disc_number,
        duration_s=duration_s,
        **_sound(tag, facts),
        **_identifiers(found),
        **_loudness(found),
        explicit=fields.explicit_of(_all(found, "itunesadvisory", "rtng")),
        comment=fields.clean_text(tag.comment or ""),
    )


def _album_artists(found: Fields, album: str, place: PathFacts) -> tuple[str, ...]:
    """Of the tags; a compilation that has none is held together by its "Various Artists" folder."""
    tagged = split_artists(found.get("albumartist", []))
    in_its_folder = bool(album) and album.casefold() == place.album.casefold()
    if not tagged and in_its_folder and place.artist.casefold() in _COMPILATION_FOLDERS:
        return (place.artist,)
    return tagged


def _title_from(place: PathFacts, artists: tuple[str, ...]) -> str:
    is_split = bool(place.artist) and not place.album  # "A - B" was taken for artist and title
    if is_split and artists and place.artist.casefold() not in map(str.casefold, artists):
        return f"{place.artist} - {place.title}"
    return place.title


def _by_name(tag: TinyTag) -> Fields:
    """Every field under its name in lower case letters and digits: writers differ in spelling."""
    found: Fields = {}
    for name in ("artist", "albumartist", "genre", "year", "track", "disc"):
        value = getattr(tag, name)
        if value is not None:
            found[name] = [str(value)]
    for name, values in tag.other.items():
        found.setdefault(re.sub(r"[^a-z0-9]", "", name.lower()), []).extend(values)
    return found


def _all(found: Fields, *names: str) -> list[str]:
    return [value for name in names for value in found.get(name, ())]


def _year(found: Fields) -> int | None:
    return fields.year_of(
        _all(
            found,
            "year",
            "date",
            "tdrl",
            "releasedate",
            "originaldate",
            "originalyear",
            "tdor",
            "tory",
        )
    )


def _tags(found: Fields) -> tuple[str, ...]:
    said = _all(found, "mood", "tmoo", "wmmood", "style", "grouping", "tags", "keywords")
    listed = [tag for value in said for tag in fields.short_list(value, is_free_text=False)]
    comments = _all(found, "comment")
    listed += [tag for value in comments for tag in fields.short_list(value, is_free_text=True)]
    return fields.clean_list(listed)


def _sound(tag: TinyTag, facts: StreamFacts | None) -> dict[str, Any]:
    bitrate = facts.bitrate_kbps if facts else tag.bitrate
    return {
        "bitrate_kbps": float(bitrate) if bitrate and 0 < bitrate < 1e6 else None,
        "sample_rate_hz": (facts.sample_rate_hz if facts else tag.samplerate) or None,
        "channels": (facts.channels if facts else tag.channels) or None,
    }


def _identifiers(found: Fields) -> dict[str, Any]:
    ufid = [value for value in found.get("ufid", ()) if "musicbrainz" in value[:64]]
    recordings = fields.mbids((*_all(found, "musicbrainztrackid", "musicbrainzrecordingid"), *ufid))
    releases = fields.mbids(_all(found, "musicbrainzalbumid", "musicbrainzreleaseid"))
    return {
        "recording_mbid": recordings[0] if recordings else None,
        "release_mbid": releases[0] if releases else None,
        "artist_mbids": fields.mbids(_all(found, "musicbrainzartistid")),
        "isrc": fields.isrc_of(_all(found, "isrc", "tsrc")),
    }


def _loudness(found: Fields) -> dict[str, Any]:
    track = fields.decibels(_all(found, "replaygaintrackgain"))
    album = fields.decibels(_all(found, "replaygainalbumgain"))
    if track is None:
        track = fields.r128_decibels(_all(found, "r128trackgain"))
    if album is None:
        album = fields.r128_decibels(_all(found, "r128albumgain"))
    return {
        "track_gain_db": track,
        "album_gain_db": album,
        "track_peak": fields.peak(_all(found, "replaygaintrackpeak")),
    }


def _lyrics(stat: FileStat, tag: TinyTag) -> str:
    """Those of the file beside it come first: somebody put it there. Then those with times."""
    beside = sidecar_lyrics(stat.lyrics_path)
    if beside:
        return beside
    found = [lyrics_of_text(value) for value in _all(_by_name(tag), *LYRICS_FIELDS)]
    return max(found, key=lambda text: (is_timed(text), bool(text)), default="")


def _folder_cover(path: str, covers: Mapping[str, str] | None) -> str | None:
    folder = os.path.dirname(path)
    if covers is not None:
        return covers.get(folder)
    name = pick_folder_image(os.listdir(folder))
    return os.path.join(folder, name) if name else None
