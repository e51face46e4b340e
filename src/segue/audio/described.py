"""What a catalogue measured of tracks that were never heard, as feature vectors of our own form.

Half of Spotify's audio features say what features of ours say, on scales of their own. They are
brought onto ours, and what they say nothing of is expected from them: the conditional mean under a
linear model (ridge regression, Hoerl & Kennard 1970, doi:10.1080/00401706.1970.10488634) learned
from the tracks that were heard. Such a vector is nearer to the middle than one that was heard.
"""

import numpy as np

from segue.audio.perceptual import rise
from segue.audio.vector import FEATURE_INDEX, FEATURES
from segue.data.described import DESCRIBED_INDEX
from segue.types import BoolVector, FloatMatrix, FloatVector, IntVector

MIN_HEARD = 100  # tracks from which the rest of a vector can be learned
RIDGE = 1.0  # on standardised features, in tracks
MIN_SAID = 4  # of the features below: fewer say too little of how a track sounds
# ours = theirs, but not on one scale: theirs are brought to the median and spread of ours
_SAME = ("energy", "danceability", "acousticness", "instrumentalness", "speechiness", "valence")
_ALIGNED = (*_SAME, "arousal", "loudness_lufs")
_TAKEN = ("tempo_bpm", "key_fifths_cos", "key_fifths_sin", "mode_minor")  # one scale for both
_SHARED = (*_ALIGNED, *_TAKEN)
_COLUMNS: IntVector = np.array([FEATURE_INDEX[name] for name in _SHARED])


def sound_of_described(described: FloatMatrix, heard: FloatMatrix | None = None) -> FloatMatrix:
    """Feature vectors of all tracks, as far as they were heard or are described.

    Args:
        described: In the order of :data:`~segue.data.described.DESCRIBED`, (n, 13), NaN where
            nothing is said.
        heard: In the order of :data:`~segue.audio.vector.FEATURES`, (n, n_features), rows of NaN
            where not heard; None when nothing was.

    Returns:
        float32 (n, n_features): rows that were heard as they are; rows with fewer than 4 shared
        features said are NaN; the others are expected. With fewer than 100 tracks heard, features
        that the catalogue says nothing of are the same for all tracks that were not heard.
    """
    n = len(described)
    known = np.zeros(n, bool) if heard is None else np.asarray(np.isfinite(heard).all(axis=1))
    found = np.full((n, len(FEATURES)), np.nan, np.float32)
    if heard is not None:
        found[known] = heard[known]
    shared = shared_features(described)
    rows = np.flatnonzero(~known & (np.isfinite(shared).sum(axis=1) >= MIN_SAID))
    if len(rows):
        ours = np.asarray(found[known], np.float64)
        found[rows] = _expected(_aligned(shared, known, ours)[rows], ours)
    return found


def shared_features(described: FloatMatrix) -> FloatMatrix:
    """What both say, in our units but on their scale: float64 (n, 12), NaN where unsaid.

    The tonic's place on the circle of fifths is ``7 key mod 12``; arousal is our own formula as far
    as they say what goes into it: energy and tempo, 2 : 1.
    """
    said = {name: np.asarray(described[:, at], np.float64) for name, at in DESCRIBED_INDEX.items()}
    tempo = np.where(said["tempo"] > 0, said["tempo"], np.nan)  # they write 0 for none
    key = np.where(said["key"] >= 0, said["key"], np.nan)
    angle = 2 * np.pi * (7 * key % 12) / 12
    fast = np.array([rise(bpm, 110.0, 20.0) for bpm in tempo.tolist()])
    ours = {name: said[name] for name in _SAME} | {
        "arousal": (2 * said["energy"] + fast) / 3,
        "loudness_lufs": said["loudness"],
        "tempo_bpm": tempo,
        "key_fifths_cos": np.cos(angle),
        "key_fifths_sin": np.sin(angle),
        "mode_minor": 1.0 - said["mode"],
    }
    return np.stack([ours[name] for name in _SHARED], axis=1)


def _aligned(shared: FloatMatrix, known: BoolVector, ours: FloatMatrix) -> FloatMatrix:
    """Their values at the median and spread of ours; over the tracks that both know, if enough."""
    if len(ours) < MIN_HEARD:
        return shared
    aligned = shared.copy()
    for at, name in enumerate(_ALIGNED):
        theirs = shared[:, at]
        measured = ours[:, FEATURE_INDEX[name]]
        both = np.isfinite(theirs[known])
        if both.sum() >= MIN_HEARD:
            middle, spread = _middle_and_spread(theirs[known][both])
            target, width = _middle_and_spread(measured[both])
        else:
            middle, spread = _middle_and_spread(theirs[np.isfinite(theirs)])
            target, width = _middle_and_spread(measured)
        aligned[:, at] = target + (theirs - middle) * (width / spread if spread > 0 else 0.0)
    return aligned


def _middle_and_spread(values: FloatVector) -> tuple[float, float]:
    """Median and range between the quartiles; the standard deviation where that is none."""
    if not len(values):
        return 0.0, 0.0
    low, middle, high = np.percentile(values, (25, 50, 75)).tolist()
    return middle, high - low if high > low else float(values.std())


def _expected(shared: FloatMatrix, ours: FloatMatrix) -> FloatMatrix:
    """Whole vectors of described tracks, (n, n_features), inside the bounds of each feature."""
    low = np.array([spec.low for spec in FEATURES])
    high = np.array([spec.high for spec in FEATURES])
    if len(ours) >= MIN_HEARD:
        usual = ours[:, _COLUMNS].mean(axis=0)
        filled = np.where(np.isfinite(shared), shared, usual)
        made = _ridge(ours[:, _COLUMNS], ours, filled)
    else:
        made = np.tile(np.median(ours, axis=0) if len(ours) else np.clip(0.0, low, high),
                       (len(shared), 1))  # fmt: skip
        usual = np.array([_mean(column) for column in shared.T])
        filled = np.where(np.isfinite(shared), shared, usual)
    made[:, _COLUMNS] = filled
    return np.clip(made, low, high).astype(np.float32)


def _mean(values: FloatVector) -> float:
    said = values[np.isfinite(values)]
    return float(said.mean()) if len(said) else 0.0


def _ridge(x: FloatMatrix, y: FloatMatrix, asked: FloatMatrix) -> FloatMatrix:
    """Linear expectation of ``y`` given ``asked``, learned from pairs of rows ``x`` and ``y``."""
    centre, scale = x.mean(axis=0), x.std(axis=0)
    scale[scale == 0] = 1.0
    z = (x - centre) / scale
    gram = z.T @ z + RIDGE * np.eye(z.shape[1])
    weights = np.linalg.solve(gram, z.T @ (y - y.mean(axis=0)))
    return ((asked - centre) / scale) @ weights + y.mean(axis=0)
