"""The named entries of the feature vector, in order, with units and bounds."""

from msgspec import Struct

from segue.audio.feature_parts import KEY_NAMES, N_CONTRAST, N_MFCC

FEATURES_VERSION = 1  # raised whenever the same sound would give another vector


class FeatureSpec(Struct, frozen=True):
    """One entry: its name, unit, the bounds that every value keeps, and what it says."""

    name: str
    unit: str
    low: float
    high: float
    about: str


def _spread(name: str, unit: str, high: float, about: str) -> tuple[FeatureSpec, FeatureSpec]:
    return (
        FeatureSpec(f"{name}_mean", unit, 0.0, high, f"{about}, mean over frames"),
        FeatureSpec(f"{name}_std", unit, 0.0, high, f"{about}, standard deviation over frames"),
    )


_NYQUIST_HZ = 11_025.0

FEATURES: tuple[FeatureSpec, ...] = (
    FeatureSpec("loudness_lufs", "LUFS", -70.0, 20.0, "integrated loudness, ITU-R BS.1770-4"),
    FeatureSpec("loudness_range_lu", "LU", 0.0, 90.0, "loudness range, EBU Tech 3342"),
    FeatureSpec("peak_over_loudness_db", "dB", 0.0, 100.0, "sample peak over loudness: dynamics"),
    FeatureSpec("tempo_bpm", "1/min", 0.0, 220.0, "tempo; 0 without rhythm"),
    FeatureSpec("tempo_confidence", "share", 0.0, 1.0, "how clearly onsets repeat at the tempo"),
    FeatureSpec("onset_rate_hz", "1/s", 0.0, 20.0, "onsets a second"),
    FeatureSpec("onset_strength_db", "dB", 0.0, 80.0, "mean rise of the mel bands a frame"),
    FeatureSpec("key_fifths_cos", "share", -1.0, 1.0, "tonic on the circle of fifths, C = 1"),
    FeatureSpec("key_fifths_sin", "share", -1.0, 1.0, "tonic on the circle of fifths, A = 1"),
    FeatureSpec("mode_minor", "share", 0.0, 1.0, "1 minor, 0 major, 0.5 no tone heard"),
    FeatureSpec("key_confidence", "share", 0.0, 1.0, "lead of the key over the next"),
    *(FeatureSpec(f"chroma_{k}", "share", 0.0, 1.0, f"share of {k} in chroma") for k in KEY_NAMES),
    *_spread("centroid_hz", "Hz", _NYQUIST_HZ, "spectral centroid"),
    *_spread("bandwidth_hz", "Hz", _NYQUIST_HZ, "spectral bandwidth"),
    *_spread("rolloff_hz", "Hz", _NYQUIST_HZ, "frequency under which 85 % of magnitude lies"),
    FeatureSpec("flatness_db_mean", "dB", -200.0, 0.0, "spectral flatness, 0 dB for noise, mean"),
    FeatureSpec("flatness_db_std", "dB", 0.0, 200.0, "spectral flatness, standard deviation"),
    *_spread("zero_crossings", "share", 1.0, "share of sample pairs that change sign"),
    FeatureSpec("percussive_share", "share", 0.0, 1.0, "percussive energy of it and harmonic"),
    *(
        FeatureSpec(f"contrast_{k}_db", "dB", 0.0, 200.0, f"spectral contrast of band {k}, mean")
        for k in range(N_CONTRAST)
    ),
    *(
        FeatureSpec(f"mfcc_{k}_mean", "dB", -3000.0, 3000.0, f"mel cepstrum {k}, mean")
        for k in range(N_MFCC)
    ),
    *(
        FeatureSpec(f"mfcc_{k}_std", "dB", 0.0, 3000.0, f"mel cepstrum {k}, standard deviation")
        for k in range(N_MFCC)
    ),
    FeatureSpec("energy", "share", 0.0, 1.0, "loud and dense"),
    FeatureSpec("danceability", "share", 0.0, 1.0, "steady beat at a walking to running tempo"),
    FeatureSpec("acousticness", "share", 0.0, 1.0, "dark, dynamic and without drums"),
    FeatureSpec("instrumentalness", "share", 0.0, 1.0, "no syllables in the voice band"),
    FeatureSpec("speechiness", "share", 0.0, 1.0, "levels move as syllables do, without key"),
    FeatureSpec("brightness", "share", 0.0, 1.0, "energy at high frequencies"),
    FeatureSpec("valence", "share", 0.0, 1.0, "positive against negative mood"),
    FeatureSpec("arousal", "share", 0.0, 1.0, "excited against calm mood"),
)

FEATURE_INDEX: dict[str, int] = {spec.name: at for at, spec in enumerate(FEATURES)}
