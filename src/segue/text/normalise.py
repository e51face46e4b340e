"""Texts folded for search and identity, and the key under which versions of a recording meet.

Marks are removed by Unicode decomposition (UAX #15) from Latin, Greek and Cyrillic letters only:
in Japanese or Devanagari they are part of the letter. Trigrams follow PostgreSQL's pg_trgm.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

Performance = Literal["", "live", "acoustic", "demo"]

_ASCII_GAP = re.compile(r"[^a-z0-9]+")
_APOSTROPHES = re.compile("['’‘ʼ`´]")
_DIACRITICS = re.compile("[\u0300-\u036f]")  # combining marks; those of other scripts lie elsewhere
_UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)

_BRACKETED = re.compile(r"\s*[(\[{]([^()\[\]{}]*)[)\]}]")
_FEATURED = re.compile(r"^(?:feat|ft|featuring|with)\b")
_FEATURED_TAIL = re.compile(r"(?<=\S)(?<!\d)\s+(?:feat\.?|ft\.?|featuring)\s.+$", re.IGNORECASE)
_STRONG = frozenset(
    (
        *("remaster", "remastered", "remastering", "remasterizado", "mono", "stereo", "reissue"),
        *("deluxe", "expanded", "anniversary", "bonus", "explicit", "clean", "single", "radio"),
        *("album", "original", "extended", "full", "version", "edit", "lyric", "official"),
    )
)
_FILLERS = frozenset(
    (
        *("the", "a", "of", "re", "mix", "edition", "track", "digital", "digitally", "mastered"),
        *("hd", "hq", "lp", "ep", "inch", "length", "audio", "video", "new", "uk", "us", "release"),
    )
)
_YEAR_OR_COUNT = re.compile(r"(?:19|20)\d\d|\d{1,2}(?:st|nd|rd|th)?")
_LIVE = re.compile(
    r"live(?:$| (?:at|in|from|on|version|session|sessions|recording|performance|take|edit|mix|"
    r"acoustic|unplugged|bonus|remaster|remastered)\b|.* (?:19|20)\d\d\b)|.+ live$|recorded live\b"
)
_ACOUSTIC = re.compile(r"acoustic(?:$| (?:version|mix|take|session|live|demo)\b)|.*\bunplugged\b")
_DEMO = re.compile(
    r"(?:.* )?demo(?: version| take| recording)?$|"
    r"(?:alternate|alternative|rehearsal) ?(?:take|version)?(?: \d+)?$|"
    r"take \d+$|outtake$|(?:bbc|peel|radio|studio) sessions?$|early (?:take|version)$"
)
_NAMELESS = frozenset(
    (
        *("intro", "outro", "interlude", "untitled", "skit", "prelude", "hidden track", "track"),
        *("silence", "bonus track", "instrumental", "unknown", "reprise", "overture", "finale"),
    )
)


def fold(text: str) -> str:
    """Lower case without diacritics and punctuation; "&" is "and"; never empty for a text.

    Apostrophes vanish ("don't" is "dont"), other punctuation becomes a space.

    >>> fold("Björk & Röyksopp:  Don't"), fold("!!!"), fold("東京事変")
    ('bjork and royksopp dont', '!!!', '東京事変')
    """
    lowered = _APOSTROPHES.sub("", text.casefold()).replace("&", " and ")
    if lowered.isascii():
        folded = _ASCII_GAP.sub(" ", lowered).strip()
    else:
        parted = unicodedata.normalize("NFKD", lowered).casefold().translate(_UNDECOMPOSED)
        bare = unicodedata.normalize("NFKC", _DIACRITICS.sub("", parted))
        kept = (char if unicodedata.category(char)[0] in "LNM" else " " for char in bare)
        folded = " ".join("".join(kept).split())
    return folded or " ".join(text.casefold().split())


def search_words(title: str, artists: Sequence[str], album: str = "") -> str:
    """Folded words of a track, each once, for a full-text index.

    >>> search_words("Jóga", ["Björk"], "Joga EP")
    'joga bjork ep'
    """
    words = " ".join(fold(part) for part in (title, *artists, album) if part).split()
    return " ".join(dict.fromkeys(words))


def performance(title: str) -> Performance:
    """Whether a title names a live, acoustic or demo version; "" for the usual one.

    >>> performance("Heroes - Live at Earls Court"), performance("Live and Let Die")
    ('live', '')
    """
    _, qualifiers = _parted(title)
    for qualifier in qualifiers:
        found = _performance_of(qualifier)
        if found:
            return found
    return ""


def bare_title(title: str) -> str:
    """The folded title without guests and without marks of a version.

    Remasters, reissues, mono and stereo, explicit and clean, single and radio edits, and live,
    acoustic and demo versions lose their mark. Remixes, instrumentals, covers, parts and numbers
    keep it: they are other music.

    >>> bare_title("Heroes (2017 Remaster)"), bare_title("Help! - Mono / Remastered 2009")
    ('heroes', 'help')
    >>> bare_title("Blue Monday (Hardfloor Remix)")
    'blue monday hardfloor remix'
    """
    main, qualifiers = _parted(title)
    kept = [mark for mark in qualifiers if not (_is_version(mark) or _performance_of(mark))]
    return " ".join((fold(main), *kept)).strip() or fold(title)


def recording_key(title: str, artists: Sequence[str], duration_s: float | None = None) -> str:
    """The key that versions of one recording share, so that a list holds it once.

    Decision: live, acoustic and demo versions share it too, since a listener who just heard a song
    does not want it again; :func:`performance` tells them apart where that matters. Only the first
    artist counts. The length counts (in steps of 10 s) only for titles that name nothing, such as
    "Intro": elsewhere an edit of another length is the same recording.

    >>> recording_key("Umbrella (feat. Jay-Z) [Radio Edit]", ["Rihanna", "Jay-Z"], 240.0)
    'umbrella|rihanna'
    """
    name = bare_title(title)
    artist = fold(_FEATURED_TAIL.sub("", artists[0])) if artists else ""
    if duration_s is not None and re.sub(r" ?\d+$", "", name) in _NAMELESS:
        return f"{name}|{artist}|{round(duration_s / 10)}"
    return f"{name}|{artist}"


def trigrams(text: str) -> frozenset[str]:
    """Groups of three letters of each folded word, padded as PostgreSQL's pg_trgm does.

    >>> sorted(trigrams("cat"))
    ['  c', ' ca', 'at ', 'cat']
    """
    return frozenset(
        padded[start : start + 3]
        for padded in (f"  {word} " for word in fold(text).split())
        for start in range(len(padded) - 2)
    )


def similarity(a: str, b: str) -> float:
    """Shared trigrams over all trigrams (Jaccard), from 0 to 1; 1 for equal folded texts.

    >>> similarity("The Beatles", "Beatles, The"), similarity("abc", "xyz")
    (1.0, 0.0)
    """
    mine, theirs = trigrams(a), trigrams(b)
    union = len(mine | theirs)
    return len(mine & theirs) / union if union else 0.0


def _parted(title: str) -> tuple[str, list[str]]:
    """The main title, and folded qualifiers from brackets and from behind " - ", without guests."""
    qualifiers = [fold(part) for part in _BRACKETED.findall(title) if part.strip()]
    main = _BRACKETED.sub(" ", title)
    head, *tails = re.split(r"\s+[-–—]\s+", main.strip())
    head = _FEATURED_TAIL.sub("", head)
    if not head.strip() or not fold(head).strip():
        return title, []
    for tail in tails:
        folded = fold(_FEATURED_TAIL.sub("", tail))
        if _FEATURED.match(folded) or _is_version(folded) or _performance_of(folded):
            qualifiers.append(folded)
        else:
            head = f"{head} - {tail}"
    return head, [mark for mark in qualifiers if not _FEATURED.match(mark)]


def _is_version(folded: str) -> bool:
    words = folded.split()
    strong = [word for word in words if word in _STRONG]
    if not strong or "remix" in words:
        return False
    return all(
        word in _STRONG or word in _FILLERS or _YEAR_OR_COUNT.fullmatch(word) for word in words
    )


def _performance_of(folded: str) -> Performance:
    if _LIVE.match(folded):
        return "live"
    if _ACOUSTIC.match(folded):
        return "acoustic"
    return "demo" if _DEMO.match(folded) else ""
