"""How alike two names are, feature by feature, and what each feature says about being one track.

The weights are those of a logistic regression on pairs with known answers: names of real tracks,
spelled as other services and careless people spell them, against a library that holds some of
them; see ``benchmarks/quality/matching.py``, which fits and judges on different artists.
"""

import math

import numpy as np
from msgspec import Struct

from segue.text.named import Spelled, contained, jaccard
from segue.text.near_names import name_trigrams
from segue.text.typos import is_typo
from segue.types import FloatVector

NEAR_S = 3.0  # lengths that differ by no more are of one recording, encoded twice

# in the order of features_of
FEATURES = (
    "always", "title", "title_equal", "title_typo", "title_contained", "artist", "artist_equal",
    "artist_typo", "artist_unsaid", "album", "album_differs", "length_near", "length_gap",
    "other_performance",
)  # fmt: skip
WEIGHTS: tuple[float, ...] = (
    -7.701, 6.852, 0.374, 3.296, -1.498, 6.636, -2.442, 0.959, 3.292, -0.234, -0.875, 0.022, -0.869,
    -9.257,
)  # fmt: skip


class Comparison(Struct, frozen=True, kw_only=True):
    """Two names side by side; None where one of both says nothing.

    ``title``, ``artist`` and ``album`` are similarities in 0..1, 1 for equal ones; ``gap_s`` is the
    difference in length; ``is_contained`` when one title stands in the other; the typos are as in
    :func:`~segue.text.typos.is_typo`.
    """

    title: float
    artist: float | None
    album: float | None
    gap_s: float | None
    is_contained: bool
    is_title_typo: bool
    is_artist_typo: bool
    is_same_performance: bool

    def in_words(self) -> str:
        """What agrees and what does not, for somebody who decides.

        >>> Comparison(title=1.0, artist=0.6, album=None, gap_s=9.0, is_contained=True,
        ...            is_title_typo=False, is_artist_typo=True,
        ...            is_same_performance=True).in_words()
        'same title, artist spelled otherwise, 9 s longer or shorter'
        """
        says = [_alike("title", 0.5 if self.is_title_typo else self.title)]
        artist = 0.5 if self.is_artist_typo else self.artist
        says += ["no artist given" if artist is None else _alike("artist", artist)]
        if self.album is not None:
            says.append(_alike("album", self.album))
        if not self.is_same_performance:
            says.append("one of both is live, acoustic or a demo")
        if self.gap_s is not None and self.gap_s > NEAR_S:
            says.append(f"{self.gap_s:.0f} s longer or shorter")
        return ", ".join(says)


def compared(
    a: Spelled, b: Spelled, duration_a_s: float | None = None, duration_b_s: float | None = None
) -> Comparison:
    """Two names side by side, lengths in seconds."""
    mine, theirs = name_trigrams(a.name), name_trigrams(b.name)
    gap_s = None
    if duration_a_s is not None and duration_b_s is not None:
        gap_s = abs(duration_a_s - duration_b_s)
    return Comparison(
        title=1.0 if a.name == b.name else jaccard(mine, theirs),
        artist=_artist_similarity(a.artists, b.artists),
        album=_similarity(a.album, b.album) if a.album and b.album else None,
        gap_s=gap_s,
        is_contained=a.name == b.name or contained(mine, theirs),
        is_title_typo=is_typo(a.name, b.name),
        is_artist_typo=_has_typo(a.artists, b.artists),
        is_same_performance=a.mark == b.mark,
    )


def features_of(found: Comparison) -> FloatVector:
    """The comparison as numbers, in the order of :data:`FEATURES`, float64."""
    album, gap = found.album, found.gap_s
    return np.array(
        (
            1.0,
            found.title,
            found.title >= 1.0,
            found.is_title_typo,
            found.is_contained and found.title < 1.0,
            found.artist or 0.0,
            found.artist is not None and found.artist >= 1.0,
            found.is_artist_typo,
            found.artist is None,
            album or 0.0,
            album is not None and album < 0.5,
            gap is not None and gap <= NEAR_S,
            0.0 if gap is None else min(math.log1p(max(0.0, gap - NEAR_S)), 4.0),
            not found.is_same_performance,
        ),
        np.float64,
    )


def confidence_of(found: Comparison) -> float:
    """Probability, 0..1, that both are one track, by the weights of this module."""
    logit = math.fsum(w * x for w, x in zip(WEIGHTS, features_of(found).tolist(), strict=True))
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, logit))))


def _artist_similarity(a: tuple[str, ...], b: tuple[str, ...]) -> float | None:
    """1 when a name is shared, else the nearest pair; None when one side names nobody."""
    if not a or not b:
        return None
    if not set(a).isdisjoint(b):
        return 1.0
    return max(_similarity(one, other) for one in a[:4] for other in b[:4])


def _has_typo(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    return set(a).isdisjoint(b) and any(is_typo(one, other) for one in a[:2] for other in b[:2])


def _similarity(a: str, b: str) -> float:
    return 1.0 if a == b else jaccard(name_trigrams(a), name_trigrams(b))


def _alike(what: str, similarity: float) -> str:
    if similarity >= 1.0:
        return f"same {what}"
    return f"{what} spelled otherwise" if similarity >= 0.5 else f"another {what}"
