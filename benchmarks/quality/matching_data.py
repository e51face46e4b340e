"""Names as other services and careless people spell them, each with its right answer.

The tracks are those of spotify-songs; half of them are in the library. A row that names a track of
the other half, or a live version, a remix or a cover of one that is there, has no right answer.
"""

import csv
import string
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from msgspec import structs

from segue.data.imported import KnownTrack, NamedTrack
from segue.text.normalise import performance, recording_key

Draw = np.random.Generator
Noise = Callable[[NamedTrack, Draw], NamedTrack]

REMASTERS = (" - 2009 Remaster", " (Remastered)", " - Remastered 2011", " (2015 Remaster)",
             " - Single Version", " [Explicit]", " - Radio Edit", " (Album Version)",
             " (Mono)")  # fmt: skip
EDITIONS = (" (Deluxe Edition)", " (Remastered)", " [Expanded]", " (20th Anniversary Edition)")
OTHER_VERSIONS = (" (Live at Wembley)", " - Live", " (Acoustic)", " (Instrumental)",
                  " (Karaoke Version)", " (Tiesto Remix)", " - Club Mix", ", Pt. 2",
                  " (Reprise)")  # fmt: skip
COMPILATIONS = ("Now That's What I Call Music! 60", "Greatest Hits", "Top of the Year", "Singles")


@dataclass(frozen=True)
class Labelled:
    """A row and the tracks that answer it rightly; none when the library lacks it."""

    named: NamedTrack
    answers: frozenset[str]


def read_tracks(folder: Path) -> list[KnownTrack]:
    """Every track once, by its id."""
    found: dict[str, KnownTrack] = {}
    with (folder / "spotify_songs.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["track_name"] and row["track_artist"]:
                found[row["track_id"]] = KnownTrack(
                    id=row["track_id"], title=row["track_name"], artists=(row["track_artist"],),
                    album=row["track_album_name"], duration_s=float(row["duration_ms"]) / 1000,
                )  # fmt: skip
    return list(found.values())


def version_key(title: str, artists: tuple[str, ...]) -> tuple[str, str]:
    """What makes two tracks one: the recording and whether it is live, acoustic or a demo."""
    return recording_key(title, artists), performance(title)


def labelled_rows(
    tracks: list[KnownTrack], n_rows: int, rng: Draw
) -> tuple[list[KnownTrack], list[Labelled]]:
    """A library of half of the tracks, and rows: half of what is there, the rest of what is not."""
    order = rng.permutation(len(tracks))
    library = [tracks[place] for place in order[: len(tracks) // 2]]
    absent = [tracks[place] for place in order[len(tracks) // 2 :]]
    same: dict[tuple[str, str], set[str]] = {}
    for track in library:
        same.setdefault(version_key(track.title, track.artists), set()).add(track.id)
    rows: list[Labelled] = []
    for number in range(n_rows):
        kind = number % 4  # 0, 1: there; 2: not there; 3: another version of what is there
        source = library if kind != 2 else absent
        track = source[int(rng.integers(len(source)))]
        title = track.title
        if kind == 3 and not performance(title):
            title += str(rng.choice(OTHER_VERSIONS))
        answers = frozenset(same.get(version_key(title, track.artists), ()))
        named = NamedTrack(
            title=title, artists=track.artists, album=track.album, duration_s=track.duration_s
        )
        rows.append(Labelled(spelled_badly(named, rng), answers))
    return library, rows


def spelled_badly(named: NamedTrack, rng: Draw) -> NamedTrack:
    """None to three of the noises below, and an album or a length less often than always."""
    for place in rng.choice(len(NOISES), size=int(rng.choice([0, 1, 1, 2, 3])), replace=False):
        named = NOISES[place](named, rng)
    if rng.random() < 0.4:
        named = structs.replace(named, album="")
    if rng.random() < 0.03:  # as in Apple's export
        named = structs.replace(named, artists=())
    if named.duration_s is None or rng.random() < 0.5:
        return structs.replace(named, duration_s=None)
    return structs.replace(named, duration_s=max(1.0, named.duration_s + rng.normal(0, 1.2)))


def _typo(text: str, rng: Draw) -> str:
    if len(text) < 6:
        return text
    at = int(rng.integers(1, len(text) - 1))
    letter = str(rng.choice(list(string.ascii_lowercase)))
    before, after = text[:at], text[at + 1 :]
    swapped = before[:-1] + text[at] + before[-1] + after
    choices = (before + after, before + letter + text[at:], before + letter + after, swapped)
    return choices[int(rng.integers(len(choices)))]


def _in_case(named: NamedTrack, rng: Draw) -> NamedTrack:
    change = str.upper if rng.random() < 0.3 else str.lower
    return structs.replace(
        named, title=change(named.title), artists=tuple(map(change, named.artists))
    )


def _ascii(named: NamedTrack, _rng: Draw) -> NamedTrack:
    def plain(text: str) -> str:
        kept = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
        return kept or text

    return structs.replace(
        named, title=plain(named.title), artists=tuple(map(plain, named.artists))
    )


def _typo_in_title(named: NamedTrack, rng: Draw) -> NamedTrack:
    return structs.replace(named, title=_typo(named.title, rng))


def _typo_in_artist(named: NamedTrack, rng: Draw) -> NamedTrack:
    return structs.replace(named, artists=(_typo(named.artists[0], rng), *named.artists[1:]))


def _remaster(named: NamedTrack, rng: Draw) -> NamedTrack:
    return structs.replace(named, title=named.title + str(rng.choice(REMASTERS)))


def _guest(named: NamedTrack, rng: Draw) -> NamedTrack:
    guest = str(rng.choice(["Rihanna", "Nate Dogg", "Anna Bell", "DJ Premier"]))
    if rng.random() < 0.5:
        return structs.replace(named, title=f"{named.title} (feat. {guest})")
    join = str(rng.choice([" feat. ", " & ", ", ", " ft ", ";"]))
    return structs.replace(named, artists=(f"{named.artists[0]}{join}{guest}",))


def _article(named: NamedTrack, rng: Draw) -> NamedTrack:
    name = named.artists[0]
    if not name.startswith("The "):
        return named
    bare = name.removeprefix("The ")
    return structs.replace(named, artists=(bare if rng.random() < 0.5 else f"{bare}, The",))


def _edition(named: NamedTrack, rng: Draw) -> NamedTrack:
    return structs.replace(named, album=named.album + str(rng.choice(EDITIONS)))


def _compilation(named: NamedTrack, rng: Draw) -> NamedTrack:
    return structs.replace(named, album=str(rng.choice(COMPILATIONS)))


def _cut(named: NamedTrack, _rng: Draw) -> NamedTrack:
    return structs.replace(named, title=named.title[:30])


def _numbered(named: NamedTrack, rng: Draw) -> NamedTrack:
    join = str(rng.choice([" ", " - ", ". "]))
    return structs.replace(named, title=f"{int(rng.integers(1, 20)):02d}{join}{named.title}")


def _clip(named: NamedTrack, rng: Draw) -> NamedTrack:
    artist = named.artists[0]
    if rng.random() < 0.5:
        return structs.replace(named, artists=(f"{artist} - Topic",), album="")
    ending = str(rng.choice(["", " (Official Video)", " [Official Music Video]", " (Lyrics)"]))
    channel = str(rng.choice([f"{artist.replace(' ', '')}VEVO", "Some Records", artist]))
    return structs.replace(
        named, title=f"{artist} - {named.title}{ending}", artists=(channel,), album="",
        duration_s=None,
    )  # fmt: skip


def _no_brackets(named: NamedTrack, _rng: Draw) -> NamedTrack:
    bare = named.title.split(" (", 1)[0].split(" - ", 1)[0]
    kept = version_key(bare, named.artists) == version_key(named.title, named.artists)
    return structs.replace(named, title=bare) if kept else named  # else it names another version


NOISES: tuple[Noise, ...] = (
    _in_case, _ascii, _typo_in_title, _typo_in_artist, _remaster, _guest, _article, _edition,
    _compilation, _cut, _numbered, _clip, _no_brackets,
)  # fmt: skip
