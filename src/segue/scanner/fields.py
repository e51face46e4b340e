"""Values of tag fields made clean: texts, lists, years, numbers, identifiers, gains.

Every text is bounded and free of control characters: tags are written by strangers.
"""

import re
import unicodedata
from collections.abc import Iterable

TEXT_LIMIT = 500  # characters of one text
VALUES_LIMIT = 50  # artists, genres or tags of one file
R128_TO_REPLAYGAIN_DB = 5.0  # from the reference of -23 LUFS (EBU R 128) to -18 (ReplayGain 2.0)

_SPACE_LIKE = re.compile(r"[\t\n\r\v\f\x85\u2028\u2029]+")
# Control characters, marks that reverse the direction of what follows, lone surrogates.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_YEAR = re.compile(r"(?<!\d)(1[0-9]{3}|20[0-9]{2}|21[0-9]{2})(?!\d)")
_COMPACT_DATE = re.compile(r"^\s*(\d{4})(0[1-9]|1[0-2])([0-2]\d|3[01])\s*$")
_NUMBER = re.compile(r"[-+−]?\d{1,6}(?:[.,]\d{1,12})?")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
_OLDEST_RECORDING = 1860  # Édouard-Léon Scott de Martinville, 9 April 1860
_LATEST_YEAR = 2100


def clean_text(text: str, limit: int = TEXT_LIMIT) -> str:
    r"""One line of at most ``limit`` characters in NFC, without control characters.

    >>> clean_text(" Sigur\u0000 Ro\u0301s\n")
    'Sigur Rós'
    """
    if len(text) > 8 * limit:
        text = text[: 8 * limit]
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFC", _UNSAFE.sub("", _SPACE_LIKE.sub(" ", text)))
    return " ".join(text.split())[:limit].rstrip()


def clean_list(values: Iterable[str], limit: int = VALUES_LIMIT) -> tuple[str, ...]:
    """Clean texts in order, without empty ones and without repetitions that differ in case only."""
    kept: dict[str, str] = {}
    for value in values:
        text = clean_text(value)
        if text:
            kept.setdefault(text.casefold(), text)
        if len(kept) == limit:
            break
    return tuple(kept.values())


def split_genres(values: Iterable[str]) -> tuple[str, ...]:
    """Genres of all fields, one by one; "R&B/Soul" is one genre, "Rock / Pop" are two.

    >>> split_genres(["Rock; Indie", "Pop / Funk", "R&B/Soul"])
    ('Rock', 'Indie', 'Pop', 'Funk', 'R&B/Soul')
    """
    return clean_list(
        part for value in values for part in re.split(r"\x00|;|\s/\s|\\\\", value[:10_000])
    )


def short_list(value: str, is_free_text: bool) -> tuple[str, ...]:
    """Tags in a mood, grouping or comment field; () when the field is prose.

    Args:
        value: the field.
        is_free_text: it is a comment, which is a list only if a separator and short parts say so.

    >>> short_list("calm, late night; piano", is_free_text=True)
    ('calm', 'late night', 'piano')
    >>> short_list("Ripped by me, with great love and care", is_free_text=True)
    ()
    """
    parts = [clean_text(part) for part in re.split(r"[\x00;,]", value[:2000])]
    parts = [part for part in parts if part]
    longest, most_words = (25, 3) if is_free_text else (40, 6)
    is_list = (len(parts) > 1 or not is_free_text) and len(parts) <= 10
    if not is_list or any(
        len(part) > longest or len(part.split()) > most_words or "://" in part for part in parts
    ):
        return ()
    return clean_list(parts)


def year_of(values: Iterable[str]) -> int | None:
    """The first plausible year (1860 to 2100) in dates of any form.

    >>> year_of(["2004-05-01"]), year_of(["12.05.1987"]), year_of(["19990512"]), year_of(["0000"])
    (2004, 1987, 1999, None)
    """
    for value in values:
        compact = _COMPACT_DATE.match(value[:64])
        texts = [compact.group(1)] if compact else _YEAR.findall(value[:64])
        for text in texts:
            if _OLDEST_RECORDING <= int(text) <= _LATEST_YEAR:
                return int(text)
    return None


def small_number(values: Iterable[object], highest: int) -> int | None:
    """The first whole number from 1 to ``highest``: of "3/12" it is 3.

    >>> small_number(["0", "03/12"], highest=999)
    3
    """
    for value in values:
        found = re.match(r"\s*(\d{1,6})(?!\d)", str(value)[:64], re.ASCII)
        if found and 1 <= int(found.group(1)) <= highest:
            return int(found.group(1))
    return None


def decibels(values: Iterable[str]) -> float | None:
    """A gain such as "-7.30 dB", in dB; None when absent or beyond 60 dB.

    >>> decibels(["-7,30 dB"])
    -7.3
    """
    number = _decimal(values)
    return number if number is not None and abs(number) <= 60.0 else None


def r128_decibels(values: Iterable[str]) -> float | None:
    """Gain of an Opus file as ReplayGain, from Q7.8 against -23 LUFS (RFC 7845 section 5.2.1).

    >>> r128_decibels(["-573"])
    2.76171875
    """
    number = _decimal(values)
    if number is None or not -32768 <= number <= 32767:
        return None
    gain_db = number / 256 + R128_TO_REPLAYGAIN_DB
    return gain_db if abs(gain_db) <= 60.0 else None


def peak(values: Iterable[str]) -> float | None:
    """Highest sample as a fraction of full scale, above 0 and at most 100; None when absent."""
    number = _decimal(values)
    return number if number is not None and 0.0 < number <= 100.0 else None


def _decimal(values: Iterable[str]) -> float | None:
    for value in values:
        found = _NUMBER.search(value[:64])
        if found:
            return float(found.group().replace(",", ".").replace("−", "-"))
    return None


def mbids(values: Iterable[str]) -> tuple[str, ...]:
    r"""MusicBrainz identifiers (UUIDs) found in values, in order, without the nil UUID.

    >>> mbids(["http://musicbrainz.org\u0000F27EC8DB-AF05-4F36-916E-3D57F91ECF5E"])
    ('f27ec8db-af05-4f36-916e-3d57f91ecf5e',)
    """
    found = [hit for value in values for hit in _UUID.findall(value[:2000].lower())]
    return tuple(dict.fromkeys(hit for hit in found if hit.strip("0-")))[:VALUES_LIMIT]


def isrc_of(values: Iterable[str]) -> str | None:
    """International Standard Recording Code (ISO 3901), twelve characters without hyphens."""
    for value in values:
        code = re.sub(r"[\s-]", "", value[:64]).upper()
        found = _ISRC.match(code)
        if found:
            return found.group()
    return None


def explicit_of(values: Iterable[str]) -> bool | None:
    """Advice of iTunes: 1 and 4 are explicit, 2 is a clean version, 0 says nothing."""
    for value in values:
        if value.strip() in ("1", "4"):
            return True
        if value.strip() == "2":
            return False
    return None
