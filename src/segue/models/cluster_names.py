"""Names that a person would give to groups of tracks: "Slow folk, 1970s", "Bright dance".

The genre of a group is the one that is frequent in it and rarer elsewhere, by the class-based
TF-IDF of Grootendorst 2022 (arXiv:2203.05794); the adjective is the measured trait in which the
group differs most from the library; a decade is named where most of the group is from it. Groups
with the same name say more of themselves until no two are called alike.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from msgspec import Struct

from segue.data.dataset import TrackTable
from segue.types import FloatVector, IntVector

MIN_GENRE_SHARE = 0.4  # of the group's tracks with a genre; below, two genres are named
MIN_DECADE_SHARE = 0.6
MIN_DIFFERENCE = 0.5  # standard deviations of the library from which a trait is worth a word
TRAITS: Mapping[str, tuple[str, str]] = {
    "tempo_bpm": ("slow", "fast"),
    "energy": ("soft", "powerful"),
    "valence": ("dark", "bright"),
    "arousal": ("calm", "lively"),
    "acousticness": ("electric", "acoustic"),
    "danceability": ("drifting", "danceable"),
    "instrumentalness": ("vocal", "instrumental"),
}


class ClusterFacts(Struct, frozen=True):
    """What is true of one group: words by how telling they are, most telling first."""

    genres: tuple[str, ...]
    traits: tuple[str, ...]
    decade: str
    artists: tuple[str, ...]


def name_clusters(
    tracks: TrackTable, cluster_of: IntVector, traits: Mapping[str, FloatVector]
) -> list[str]:
    """One name for each cluster 0..k-1, no two alike.

    Args:
        tracks: Genres, years and artists.
        cluster_of: Int (n_tracks,), -1 for none.
        traits: Measured values, (n_tracks,), NaN where unknown, by the names of :data:`TRAITS`.
    """
    return distinct_names([
        facts_of(tracks, cluster_of, traits, number)
        for number in range(int(cluster_of.max(initial=-1)) + 1)
    ])  # fmt: skip


def facts_of(
    tracks: TrackTable, cluster_of: IntVector, traits: Mapping[str, FloatVector], number: int
) -> ClusterFacts:
    """Genres, traits, decade and artists of one cluster."""
    rows = np.flatnonzero(cluster_of == number)
    return ClusterFacts(
        telling_genres(tracks, rows),
        telling_traits(traits, rows),
        telling_decade(tracks.year[rows]),
        _artists(tracks, rows),
    )


def telling_genres(tracks: TrackTable, rows: IntVector) -> tuple[str, ...]:
    """One genre, or two where none covers the group, by ``share ln(1 + share / library share)``."""
    is_genre = np.array([kind == "genre" for kind in tracks.term_kinds], bool)
    columns = np.flatnonzero(is_genre)
    if not len(columns) or not len(rows):
        return ()
    inside = np.asarray(tracks.terms[rows][:, columns].sum(axis=0)).reshape(-1) / len(rows)
    overall = np.asarray(tracks.terms[:, columns].sum(axis=0)).reshape(-1) / len(tracks)
    score = inside * np.log1p(np.divide(inside, overall, out=np.zeros_like(inside),
                                        where=overall > 0))  # fmt: skip
    best = [int(at) for at in np.lexsort((columns, -score)) if inside[at] > 0][:2]
    if best and inside[best[0]] >= MIN_GENRE_SHARE:
        best = best[:1]
    return tuple(str(tracks.term_names[columns[at]]) for at in best)


def telling_traits(traits: Mapping[str, FloatVector], rows: IntVector) -> tuple[str, ...]:
    """Words for the traits whose mean lies far from the library's, farthest first."""
    found: list[tuple[float, str]] = []
    for name, (low, high) in TRAITS.items():
        values = traits.get(name)
        if values is None or np.isnan(values[rows]).mean() > 0.5 or not len(rows):
            continue
        spread = float(np.nanstd(values))
        gap = float(np.nanmean(values[rows]) - np.nanmean(values)) / spread if spread > 0 else 0.0
        if abs(gap) >= MIN_DIFFERENCE:
            found.append((-abs(gap), high if gap > 0 else low))
    return tuple(word for _, word in sorted(found))


def telling_decade(years: IntVector) -> str:
    """The decade of most of the dated tracks, or nothing when fewer than half have a year.

    >>> telling_decade(np.array([1971, 1974, 1979, 1981, 0])), telling_decade(np.array([0, 1971]))
    ('1970s', '1970s')
    """
    dated = years[years > 0]
    if 2 * len(dated) < max(len(years), 1):
        return ""
    decade, count = Counter((dated // 10 * 10).tolist()).most_common(1)[0]
    return f"{decade}s" if count >= MIN_DECADE_SHARE * len(dated) else ""


def distinct_names(groups: Sequence[ClusterFacts]) -> list[str]:
    """The shortest name of each that no other has.

    >>> rock = ClusterFacts(("rock",), ("slow", "dark"), "", ("Low",))
    >>> distinct_names([rock, ClusterFacts(("rock",), ("slow",), "", ("Can",))])
    ['Slow and dark rock', 'Slow rock']
    """
    names = [_LEVELS[0](facts) for facts in groups]
    for level in _LEVELS[1:]:
        counts = Counter(names)
        names = [
            level(facts) if counts[name] > 1 else name
            for name, facts in zip(names, groups, strict=True)
        ]
    return _numbered(names)


def _plain(facts: ClusterFacts) -> str:
    return _name(facts, 1)


def _two_traits(facts: ClusterFacts) -> str:
    return _name(facts, 2)


def _with_artist(facts: ClusterFacts) -> str:
    return _name(facts, 2, 1)


def _with_artists(facts: ClusterFacts) -> str:
    return _name(facts, 3, 3)


_LEVELS: tuple[Callable[[ClusterFacts], str], ...] = (
    _plain, _two_traits, _with_artist, _with_artists,
)  # fmt: skip


def _name(facts: ClusterFacts, n_traits: int, n_artists: int = 0) -> str:
    said = " & ".join(_inside(name) for name in facts.genres)
    traits = [word for word in facts.traits if word not in said][:n_traits]
    described = _listed(traits)
    core = f"{described} {said or 'music'}".strip() if described or said else "Music"
    artists = _listed(list(facts.artists[:n_artists]))
    around = f" around {artists}" if artists else ""
    era = f", {facts.decade}" if facts.decade else ""
    return core[:1].upper() + core[1:] + around + era


def _inside(genre: str) -> str:
    """A genre inside a sentence; what is all capitals is an abbreviation."""
    return genre if genre.isupper() else genre.lower()


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _numbered(names: Sequence[str]) -> list[str]:
    """A count after what is still alike: groups of which nothing different is known."""
    seen: Counter[str] = Counter()
    taken, given = set(names), list[str]()
    for name in names:
        seen[name] += 1
        number = seen[name]
        while number > 1 and f"{name} ({number})" in taken:
            number += 1
        given.append(name if seen[name] == 1 else f"{name} ({number})")
        taken.add(given[-1])
    return given


def _artists(tracks: TrackTable, rows: IntVector) -> tuple[str, ...]:
    """Credits of the group's artists, those with most tracks in it first."""
    counts = Counter(str(tracks.artists[row]) for row in rows.tolist() if tracks.artists[row])
    return tuple(name for name, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
