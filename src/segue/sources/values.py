"""Single values of a row: checked, or a ValueError that says what was given and what is allowed."""

import re
from collections.abc import Mapping

from segue.data.imported import MAX_FIELD_CHARACTERS

MAX_PLAYED_S = 86_400.0
MAX_DURATION_S = 24 * 86_400.0  # what ListenBrainz allows
MAX_PLAYS = 1_000_000
MAX_PATH_CHARACTERS = 4_096

_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}")
_SPOTIFY = re.compile(r"(?:spotify:track:|open\.spotify\.com/(?:intl-[a-z]+/)?track/|^)"
                      r"([0-9A-Za-z]{22})(?![0-9A-Za-z])")  # fmt: skip
_VIDEO = re.compile(r"(?:[?&]v=|youtu\.be/)([\w-]{11})(?![\w-])")
_TRUE = frozenset(("1", "true", "yes", "y", "t", "loved", "♥", "❤"))
_FALSE = frozenset(("0", "false", "no", "n", "f", ""))


def shown(value: object) -> str:
    """A value short enough for a message."""
    text = repr(value) if isinstance(value, str) else str(value)
    text = _CONTROL.sub(" ", text).encode("utf-8", "replace").decode()
    return text if len(text) <= 60 else text[:57] + "..."


def clean(value: str, what: str) -> str:
    """A text without control characters and outer space.

    Raises:
        ValueError: Longer than a title is, or not wholly of the file's encoding.
    """
    if len(value) > MAX_FIELD_CHARACTERS:
        raise ValueError(
            f"{what} has {len(value):,} characters, at most {MAX_FIELD_CHARACTERS:,} are read"
        )
    if value.isascii() and value.isprintable():
        return value.strip()
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(
            f"{what} holds bytes that do not fit the file's encoding: {shown(value)}; save the "
            "file as UTF-8"
        ) from None
    return _CONTROL.sub(" ", value.replace("\x00", "")).strip()


def text(row: Mapping[str, object], key: str) -> str:
    """The text under ``key``; "" when it is absent or null."""
    value = row.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{key} must be text, got {shown(value)}")
    return clean(value, key)


def inner(row: Mapping[str, object], key: str) -> Mapping[str, object]:
    """The object under ``key``; empty when it is absent or null."""
    value = row.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError(f"{key} must be an object, got {shown(value)}")
    return value  # pyright: ignore[reportUnknownVariableType]


def members(row: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    """The objects in the list under ``key``; what is no object is left out."""
    value = row.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"{key} must be a list, got {shown(value)}")
    return [entry for entry in value if isinstance(entry, dict)]  # pyright: ignore[reportUnknownVariableType]


def number(value: object, what: str, low: float, high: float) -> float | None:
    """A number in ``low..high``; None when it is absent, null or an empty text."""
    if value is None or value == "":
        return None
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError
        found = float(value)
    except (ValueError, OverflowError):
        raise ValueError(f"{what} must be a number, got {shown(value)}") from None
    if not low <= found <= high:  # also when it is not a number
        raise ValueError(f"{what} must lie in {low:g}..{high:g}, got {shown(value)}")
    return found


def count(value: object, what: str, high: int = MAX_PLAYS) -> int:
    """A whole number >= 0; 0 when it is absent."""
    found = number(value, what, 0, high)
    if found is None:
        return 0
    if found != int(found):
        raise ValueError(f"{what} must be a whole number, got {shown(value)}")
    return int(found)


def duration_s(value: object, unit_s: float = 1.0) -> float | None:
    """Length of a track (s), None when it is absent or no length: a play counts without it, too."""
    try:
        found = number(value, "duration", 0, MAX_DURATION_S / unit_s)
    except ValueError:
        return None
    return found * unit_s if found else None


def flag(value: object, what: str) -> bool | None:
    """Yes or no as exports write it; None when it is not said.

    >>> flag("Yes", "loved"), flag(0, "loved"), flag(None, "loved")
    (True, False, None)
    """
    if value is None or isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False if word else None
    raise ValueError(f"{what} must be yes or no, got {shown(value)}")


def stars(value: object, what: str, highest: float) -> float | None:
    """A rating of 1..5 from a scale that ends at ``highest``; 0 is "not rated"."""
    found = number(value, what, 0, highest)
    return max(1.0, found * 5 / highest) if found else None


def mbid(value: object) -> str:
    """A MusicBrainz id (UUID) in lower case, or "" when it is none or the nil one."""
    found = value.strip().lower() if isinstance(value, str) else ""
    return found if _UUID.fullmatch(found) and found.strip("0-") else ""


def isrc(value: object) -> str:
    """An ISRC (ISO 3901) without hyphens, or "" when it is none."""
    found = value.strip().upper().replace("-", "") if isinstance(value, str) else ""
    return found if _ISRC.fullmatch(found) else ""


def spotify_id(value: object) -> str:
    """The track id in a Spotify address or URI, or alone; "" when there is none."""
    found = _SPOTIFY.search(value.strip()) if isinstance(value, str) else None
    return found[1] if found else ""


def video_id(value: object) -> str:
    """The id in a YouTube address, "" when there is none."""
    found = _VIDEO.search(value) if isinstance(value, str) else None
    return found[1] if found else ""


def path_text(value: str) -> str:
    """A path as it is spelled; "" for one that no file can have."""
    return value if len(value) <= MAX_PATH_CHARACTERS and "\x00" not in value else ""


def one_artist(name: str) -> tuple[str, ...]:
    """A credit that the export does not take apart."""
    return (name,) if name else ()
