"""Perceptual summaries on 0..1, each a stated formula over measured features.

They order tracks; they are no probabilities. Every term is a logistic ``rise(x, middle, width)``,
0.5 at ``middle`` and 0.73 one ``width`` above it. Middles are typical values of recorded music.
"""

from collections.abc import Mapping

import numpy as np


def rise(x: float, middle: float, width: float) -> float:
    """Logistic curve, 0.5 at ``middle``; a negative ``width`` makes it fall.

    >>> round(rise(1.0, 0.0, 1.0), 2)
    0.73
    """
    return float(1.0 / (1.0 + np.exp(-np.clip((x - middle) / width, -30.0, 30.0))))


def summaries(f: Mapping[str, float]) -> dict[str, float]:
    """All eight summaries of features by name, plus ``syllables`` (see ``envelope.py``)."""
    if f["loudness_lufs"] <= -70.0:  # silence: nothing is said about mood, the rest is absent
        return {
            **dict.fromkeys(
                ("energy", "danceability", "speechiness", "brightness", "arousal"), 0.0
            ),
            "acousticness": 0.5,
            "instrumentalness": 1.0,
            "valence": 0.5,
        }
    return {
        "energy": energy(f),
        "danceability": danceability(f),
        "acousticness": acousticness(f),
        "instrumentalness": instrumentalness(f),
        "speechiness": speechiness(f),
        "brightness": brightness(f),
        "valence": valence(f),
        "arousal": arousal(f),
    }


def energy(f: Mapping[str, float]) -> float:
    """Loudness (middle -16 LUFS), onset strength (2.5 dB) and density (4 a second), 5 : 3 : 2."""
    return (
        0.5 * rise(f["loudness_lufs"], -16.0, 4.0)
        + 0.3 * rise(f["onset_strength_db"], 2.5, 0.8)
        + 0.2 * rise(f["onset_rate_hz"], 4.0, 1.5)
    )


def danceability(f: Mapping[str, float]) -> float:
    """Clear beat (confidence, middle 0.35) times nearness of the tempo to 118 bpm and percussion.

    ``rise(confidence) (0.5 + 0.5 exp(-(log2(tempo / 118) / 0.6)^2 / 2)) (0.5 + 0.5 percussion)``.
    """
    if f["tempo_bpm"] <= 0:
        return 0.0
    octaves = np.log2(f["tempo_bpm"] / 118.0)
    near = float(np.exp(-0.5 * (octaves / 0.6) ** 2))
    percussion = rise(f["percussive_share"], 0.2, 0.08)
    beat = rise(f["tempo_confidence"], 0.35, 0.1)
    return beat * (0.5 + 0.5 * near) * (0.5 + 0.5 * percussion)


def acousticness(f: Mapping[str, float]) -> float:
    """Few highs (rolloff, middle 4 kHz), dynamics (14 dB), little percussion, 4 : 3 : 3."""
    return (
        0.4 * rise(f["rolloff_hz_mean"], 4_000.0, -1_000.0)
        + 0.3 * rise(f["peak_over_loudness_db"], 14.0, 3.0)
        + 0.3 * rise(f["percussive_share"], 0.2, -0.08)
    )


def speechiness(f: Mapping[str, float]) -> float:
    """Level moves at syllable rate (3 to 6 Hz) times absence of a steady beat and of lasting tones.

    Scheirer and Slaney 1997 found the 4 Hz modulation the best single mark of speech.
    """
    syllables = rise(f["syllables"], 0.45, 0.06)
    unsteady = rise(f["tempo_confidence"], 0.4, -0.08)
    return syllables * unsteady * (0.4 + 0.6 * rise(f["key_confidence"], 0.3, -0.1))


def instrumentalness(f: Mapping[str, float]) -> float:
    """No more syllable-rate movement in the voice band than in the whole (ratio, middle 1.25).

    A weak guess: without a trained model a lead instrument can pass for a voice.
    """
    return (1.0 - speechiness(f)) * rise(f["voice_syllables"], 1.25, -0.15)


def brightness(f: Mapping[str, float]) -> float:
    """Spectral centroid on a logarithmic scale, middle 1.8 kHz, half an octave wide."""
    return rise(float(np.log2(max(f["centroid_hz_mean"], 20.0) / 1_800.0)), 0.0, 0.5)


def valence(f: Mapping[str, float]) -> float:
    """Major (weighed by key confidence), tempo (middle 110 bpm), brightness, 5 : 3 : 2.

    The signs are those of experiments on mode and tempo (Hevner 1937; Gagnon and Peretz 2003).
    """
    major = 0.5 + (0.5 - f["mode_minor"]) * (0.4 + 0.6 * f["key_confidence"])
    return 0.5 * major + 0.3 * rise(f["tempo_bpm"], 110.0, 20.0) + 0.2 * brightness(f)


def arousal(f: Mapping[str, float]) -> float:
    """Energy, tempo (middle 110 bpm), brightness and percussion, 4 : 2 : 2 : 2.

    Loudness, tempo and bright timbre raise arousal in listeners (Gabrielsson and Lindström 2010).
    """
    return (
        0.4 * energy(f)
        + 0.2 * rise(f["tempo_bpm"], 110.0, 20.0)
        + 0.2 * brightness(f)
        + 0.2 * rise(f["percussive_share"], 0.2, 0.08)
    )
