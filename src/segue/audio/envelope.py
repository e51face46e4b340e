"""Movement of level at the rate of syllables: what tells speech and singing from the rest."""

import numpy as np
from numpy.typing import NDArray
from scipy import fft

SYLLABLES_HZ = (3.0, 6.0)
_MOVEMENT_HZ = (0.5, 15.0)
VOICE_BANDS = slice(12, 64)  # mel bands of 128 at 22.05 kHz: about 300 to 3000 Hz


def syllable_share(mel_db: NDArray[np.float32], frame_hz: float) -> tuple[float, float]:
    """Shares (0..1) of level movement at 3 to 6 Hz in all that at 0.5 to 15 Hz, two numbers.

    First of the mean level of the bands from 300 to 3000 Hz, where voices are, then of all bands.
    Modulation spectrum after Scheirer and Slaney 1997. 0 where nothing moves.
    """
    floor = mel_db.max() - np.float32(60.0)
    levels = np.maximum(mel_db, floor)
    voice = _share(levels[:, VOICE_BANDS].mean(axis=1), frame_hz)
    return voice, _share(levels.mean(axis=1), frame_hz)


def _share(level: NDArray[np.float32], frame_hz: float) -> float:
    if len(level) < frame_hz:  # under a second there is no rate to speak of
        return 0.0
    y = (level - level.mean()) * np.hanning(len(level))
    power = np.abs(fft.rfft(y)) ** 2
    hz = np.fft.rfftfreq(len(y), 1 / frame_hz)
    everything = float(power[(hz >= _MOVEMENT_HZ[0]) & (hz <= _MOVEMENT_HZ[1])].sum())
    if everything < 1e-6:
        return 0.0
    return float(power[(hz >= SYLLABLES_HZ[0]) & (hz <= SYLLABLES_HZ[1])].sum()) / everything
