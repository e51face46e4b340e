"""Daily mixes: the parts of a listener's taste, each under a name that a person would use.

The parts are clusters of the listener's own liked tracks (:mod:`segue.models.clusters`). A name is
made of what sets a part apart from the rest of the same taste: the genre and the artist with the
largest contribution to the Kullback-Leibler divergence of the part from the whole.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from msgspec import Struct

from segue.data.dataset import TrackTable
from segue.data.query import Profile
from segue.models.clusters import Clusters, TasteCluster
from segue.types import FloatVector, IntVector

MAX_MIXES = 6
MIN_TRACKS = 5  # a part of fewer liked tracks is no taste yet
TRACKS_A_PART = 8  # liked tracks for each part that is looked for
MIN_SHARE = 0.2  # of a part's liking that carries a genre, to be in its name
MIN_ADJECTIVE_SHARE = 0.5
SMOOTHING = 0.05
# tags that stand before a genre as a word of their own
ADJECTIVES = frozenset(
    "acoustic aggressive angry atmospheric bittersweet bright calm cheerful chill dark dreamy "
    "emotional energetic epic ethereal fast funky gentle gloomy groovy happy heavy hopeful "
    "instrumental intense loud melancholic mellow nostalgic peaceful playful powerful quiet "
    "relaxed relaxing romantic sad sensual slow smooth soft soothing sunny tender upbeat "
    "uplifting warm wild".split()
)


class Mix(Struct, frozen=True):
    """One part of a taste: ``track_idx`` its liked tracks, ascending; ``weight`` its share."""

    number: int
    name: str
    track_idx: IntVector
    weight: float


def taste_mixes(
    profile: Profile, clusters: Clusters, tracks: TrackTable, n: int = MAX_MIXES
) -> list[Mix]:
    """At most ``n`` parts of a taste, the most liked first; none when too little is liked.

    Args:
        profile: Whose taste.
        clusters: Fitted on the same catalogue.
        tracks: For the names.
        n: >= 1.
    """
    n_liked = int(np.count_nonzero(profile.preference > 0))
    if n_liked < MIN_TRACKS:
        return []
    wanted = min(n, max(1, n_liked // TRACKS_A_PART))
    found = [
        group
        for group in clusters.taste_clusters(profile, wanted)
        if len(group.track_idx) >= MIN_TRACKS
    ]
    names = mix_names(found, profile, tracks)
    return [
        Mix(number, name, np.sort(group.track_idx), group.weight)
        for number, (name, group) in enumerate(zip(names, found, strict=True), start=1)
    ]


def mix_names(groups: Sequence[TasteCluster], profile: Profile, tracks: TrackTable) -> list[str]:
    """A name for each part, no two alike: "Slow folk and Anna Bell".

    A genre, the tag that sets its colour where most of the part carries one, and an artist; where
    there is no genre two artists, and where there is neither "Mix 2".
    """
    liking = dict(zip(profile.track_idx.tolist(), profile.preference.tolist(), strict=True))
    whole = _Said(tracks, [row for row, value in liking.items() if value > 0], liking)
    names: list[str] = []
    used: set[str] = set()
    for number, group in enumerate(groups, start=1):
        part = _Said(tracks, group.track_idx.tolist(), liking)
        genre = _first_new(part.telling("genre", whole, MIN_SHARE), used)
        artists = [name for name in part.telling("artist", whole, 0.0) if name not in used]
        words = [genre] if genre else []
        if genre:
            colours = part.telling("tag", whole, MIN_ADJECTIVE_SHARE)
            colour = next((tag for tag in colours if tag.casefold() in ADJECTIVES), None)
            words = [f"{colour} {genre}" if colour else genre]
        words += artists[: 2 - len(words)]
        used |= {genre or "", *artists[: 2 - bool(genre)]}
        name = " and ".join(words) or f"Mix {number}"
        name = name[:1].upper() + name[1:]
        names.append(f"{name}, {number}" if name in names else name)
    return names


def _first_new(names: Iterable[str], used: set[str]) -> str | None:
    """The first name that no mix bears yet, else the first of all."""
    found = list(names)
    return next((name for name in found if name not in used), found[0] if found else None)


class _Said:
    """How much of a liking carries each genre, tag and artist, as shares of it."""

    def __init__(self, tracks: TrackTable, rows: Sequence[int], liking: dict[int, float]) -> None:
        total = sum(liking[row] for row in rows) or 1.0
        terms = tracks.terms
        shares: dict[str, dict[str, float]] = {"genre": {}, "tag": {}, "artist": {}}
        for row in rows:
            columns = terms.indices[terms.indptr[row] : terms.indptr[row + 1]].tolist()
            said = [(str(tracks.term_kinds[c]), str(tracks.term_names[c])) for c in columns]
            said = [pair for pair in said if pair[0] != "artist"]  # the credit as shown is told
            for kind, name in [*said, ("artist", str(tracks.artists[row]))]:
                if name and kind in shares:
                    shares[kind][name] = shares[kind].get(name, 0.0) + liking[row] / total
        self._shares = shares

    def telling(self, kind: str, whole: "_Said", least: float) -> list[str]:
        """Names that set this apart from the whole, the most telling first."""
        mine, all_ = self._shares[kind], whole._shares[kind]  # noqa: SLF001  of its own class
        names = sorted(name for name, share in mine.items() if share >= least)
        worth = telling_shares(
            np.array([mine[name] for name in names]),
            np.array([all_.get(name, 0.0) for name in names]),
        )
        return [names[place] for place in np.argsort(-worth, kind="stable")]


def telling_shares(part: FloatVector, whole: FloatVector) -> FloatVector:
    """``p * log((p + s) / (q + s))``: what each name adds to how far a part is from the whole.

    >>> bool(np.diff(telling_shares(np.array([0.6, 0.5]), np.array([0.6, 0.1])))[0] > 0)
    True
    """
    return part * (np.log(part + SMOOTHING) - np.log(whole + SMOOTHING)) + 1e-6 * part
