"""Vectors of tracks that were only described: shared features, alignment, and what is expected."""

import numpy as np
import pytest

from segue.audio.described import MIN_HEARD, MIN_SAID, shared_features, sound_of_described
from segue.audio.vector import FEATURE_INDEX, FEATURES
from segue.data.described import DESCRIBED, DESCRIBED_INDEX, described_vector, named_values
from segue.sources.catalogue_fields import FEATURE_BOUNDS

SPOTIFY = {
    "danceability": 0.7, "energy": 0.8, "key": 9.0, "loudness": -6.0, "mode": 1.0,
    "speechiness": 0.05, "acousticness": 0.1, "instrumentalness": 0.0, "liveness": 0.1,
    "valence": 0.6, "tempo": 110.0, "time_signature": 4.0,
}  # fmt: skip
N = 240


def said(**more):
    return described_vector({**SPOTIFY, **more})[np.newaxis]


def of(name, matrix, row=0):
    return float(matrix[row, FEATURE_INDEX[name]])


@pytest.fixture(scope="module")
def world():
    """Heard features that follow from the shared ones by a known linear law, and descriptions."""
    rng = np.random.default_rng(3)
    energy, valence, tempo = rng.random((3, N))
    heard = np.zeros((N, len(FEATURES)), np.float32)
    heard[:, FEATURE_INDEX["energy"]] = energy
    heard[:, FEATURE_INDEX["valence"]] = valence
    heard[:, FEATURE_INDEX["tempo_bpm"]] = 80 + 80 * tempo
    heard[:, FEATURE_INDEX["centroid_hz_mean"]] = 1_000 + 2_000 * energy - 500 * valence
    described = np.full((N, len(DESCRIBED)), np.nan, np.float32)
    described[:, DESCRIBED_INDEX["energy"]] = 0.5 + 0.4 * energy  # a scale of their own
    described[:, DESCRIBED_INDEX["valence"]] = 0.3 * valence
    described[:, DESCRIBED_INDEX["tempo"]] = 80 + 80 * tempo
    described[:, DESCRIBED_INDEX["danceability"]] = 0.5
    described[:, DESCRIBED_INDEX["mode"]] = 1.0
    return heard, described


def test_every_feature_that_catalogues_may_state_has_its_place():
    assert set(DESCRIBED) == {*FEATURE_BOUNDS, "popularity"}
    vector = described_vector(SPOTIFY | {"mfcc.mean.01": 3.0}, popularity=0.5)
    assert named_values(vector) == pytest.approx(SPOTIFY | {"popularity": 0.5})
    assert named_values(described_vector({})) == {}


def test_shared_features_are_those_of_spotify_in_our_units():
    found = sound_of_described(said())
    assert np.isfinite(found).all()
    assert of("energy", found) == pytest.approx(0.8)
    assert of("loudness_lufs", found) == pytest.approx(-6.0)
    assert of("tempo_bpm", found) == pytest.approx(110.0)
    # A is three fifths above C: a quarter of the circle
    assert of("key_fifths_cos", found) == pytest.approx(0.0, abs=1e-6)
    assert of("key_fifths_sin", found) == pytest.approx(1.0)
    assert of("mode_minor", found) == 0.0
    # at 110 beats a minute the tempo term of arousal is a half
    assert of("arousal", found) == pytest.approx((2 * 0.8 + 0.5) / 3)


@pytest.mark.parametrize("key", range(12))
def test_the_tonic_goes_round_the_circle_of_fifths(key):
    fifths = ["C", "G", "D", "A", "E", "B", "F#", "C#", "G#", "D#", "A#", "F"]
    names = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
    angle = np.deg2rad(30 * fifths.index(names[key]))
    found = sound_of_described(said(key=float(key)))
    assert of("key_fifths_cos", found) == pytest.approx(np.cos(angle), abs=1e-6)
    assert of("key_fifths_sin", found) == pytest.approx(np.sin(angle), abs=1e-6)


def test_an_unknown_key_and_no_tempo_are_not_said():
    shared = shared_features(np.vstack([said(key=-1.0, tempo=0.0), said()]))
    assert np.isnan(shared[0]).sum() == 4  # cos, sin, tempo, and arousal that needs it
    assert np.isfinite(sound_of_described(np.vstack([said(key=-1.0), said()]))).all()


def test_without_anything_heard_only_shared_features_differ_between_tracks():
    found = sound_of_described(np.vstack([said(), said(energy=0.2), said(valence=0.1)]))
    differ = {spec.name for at, spec in enumerate(FEATURES) if np.ptp(found[:, at]) > 0}
    assert differ == {"energy", "valence", "arousal"}


def test_tracks_that_were_heard_stay_as_they_are_and_too_little_said_is_nothing(world):
    heard, described = world
    partly = heard.copy()
    partly[150:] = np.nan
    sparse = described.copy()
    sparse[200:, 2:] = np.nan  # danceability and energy are left: less than MIN_SAID
    assert MIN_SAID > 2
    found = sound_of_described(sparse, partly)
    np.testing.assert_array_equal(found[:150], heard[:150])
    assert np.isfinite(found[150:200]).all()
    assert np.isnan(found[200:]).all()


def test_what_a_description_leaves_open_is_expected_from_what_was_heard(world):
    heard, described = world
    partly = heard.copy()
    partly[150:] = np.nan
    found = sound_of_described(described, partly)
    for name in ("energy", "valence", "centroid_hz_mean"):
        true, made = heard[150:, FEATURE_INDEX[name]], found[150:, FEATURE_INDEX[name]]
        assert np.corrcoef(true, made)[0, 1] > 0.99, name
        assert np.abs(made - true).mean() < 0.1 * true.std(), name  # the scale is ours, too


def test_the_expectation_is_that_of_least_squares_with_a_weight_of_one_track(world):
    heard, described = world
    partly = heard.copy()
    partly[150:] = np.nan
    found = sound_of_described(described, partly)
    names = ["energy", "danceability", "acousticness", "instrumentalness", "speechiness",
             "valence", "arousal", "loudness_lufs", "tempo_bpm", "key_fifths_cos",
             "key_fifths_sin", "mode_minor"]  # fmt: skip
    x = heard[:150][:, [FEATURE_INDEX[name] for name in names]].astype(float)
    y = heard[:150, FEATURE_INDEX["centroid_hz_mean"]].astype(float)
    scale = np.where(x.std(axis=0) > 0, x.std(axis=0), 1.0)
    z = (x - x.mean(axis=0)) / scale
    # ridge as plain least squares on data with one made-up row a feature
    stacked = np.vstack([z, np.eye(len(names))])
    wanted = np.concatenate([y - y.mean(), np.zeros(len(names))])
    weights = np.linalg.lstsq(stacked, wanted, rcond=None)[0]
    asked = found[150:][:, [FEATURE_INDEX[name] for name in names]]
    expected = ((asked - x.mean(axis=0)) / scale) @ weights + y.mean()
    np.testing.assert_allclose(found[150:, FEATURE_INDEX["centroid_hz_mean"]], expected, rtol=1e-4)


def test_with_few_tracks_heard_nothing_is_learned_from_them(world):
    heard, described = world
    few = heard.copy()
    few[MIN_HEARD - 1 :] = np.nan
    found = sound_of_described(described, few)
    column = found[MIN_HEARD - 1 :, FEATURE_INDEX["centroid_hz_mean"]]
    middle = np.median(heard[: MIN_HEARD - 1, FEATURE_INDEX["centroid_hz_mean"]])
    np.testing.assert_allclose(column, middle, rtol=1e-6)


def test_every_value_keeps_the_bounds_of_its_feature(world):
    heard, described = world
    wild = described.copy()
    wild[150:] *= 50
    partly = heard.copy()
    partly[150:] = np.nan
    found = sound_of_described(wild, partly)
    for at, spec in enumerate(FEATURES):
        assert spec.low <= found[:, at].min() <= found[:, at].max() <= spec.high, spec.name
