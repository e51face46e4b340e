"""The fingerprint of a whole track: 32 bits each quarter of a second, to find cut versions of it.

Haitsma & Kalker 2002 ("A Highly Robust Audio Fingerprinting System", ISMIR): a bit says whether the
difference of two neighboring bands, about a semitone wide, has risen. Their frames of 0.37 s find
three seconds of broadcast in a database; here whole tracks are compared with each other, so frames
are longer and far fewer: 1.5 s each 0.25 s, compared with the frame one second before. At worst two
versions are off by an eighth of a second, a twelfth of a frame.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FINGERPRINT_VERSION = 1  # raised whenever the same sound would give other bits
RATE_HZ = 11_025
FRAME = 16_384  # samples: 1.49 s
HOP = 2_756  # samples: 0.25 s
LAG = 4  # frames between the two that a bit compares
N_BANDS = 33  # for 32 differences
LOW_HZ, HIGH_HZ = 300.0, 2_000.0
MAX_S = 1_200.0  # of a mix of hours, the first 20 minutes
_FLOOR = 1e-3  # of band power: some -100 dBFS
_BLOCK_S = 30.0
_LEAST_FRAMES = 1 + LAG

Fingerprint = NDArray[np.uint32]  # (n_frames,)


def fingerprint(path: Path) -> Fingerprint:
    """The fingerprint of a music file, uint32 (n,), four a second, of at most 20 minutes.

    0 stands for silence. A track under 2.5 s has none: n is 0. Reads all of the file; memory holds
    a block of it.

    Raises:
        MediaError: The file is absent, no sound, or damaged before the first sample.
    """
    from segue.audio.decode import read_windows  # what only asks for versions decodes nothing

    rest = np.zeros(0, np.float32)
    levels: list[NDArray[np.float32]] = []
    for window in read_windows(path, RATE_HZ, _BLOCK_S, full=True, shortest_last_s=0.0):
        if window.start_s >= MAX_S:
            break
        samples = np.concatenate([rest, window.mono])
        n = max(0, 1 + (len(samples) - FRAME) // HOP)
        levels.append(band_levels(samples, n))
        rest = samples[n * HOP :]
    return bits_of(np.concatenate(levels))


def fingerprint_of_samples(mono: NDArray[np.float32]) -> Fingerprint:
    """The same of samples (n,) at 11,025 Hz."""
    return bits_of(band_levels(mono, max(0, 1 + (len(mono) - FRAME) // HOP)))


def band_levels(mono: NDArray[np.float32], n: int) -> NDArray[np.float32]:
    """Log power of 33 bands from 300 to 2,000 Hz of the first ``n`` frames, (n, 33)."""
    if not n:
        return np.zeros((0, N_BANDS), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(mono, FRAME)[::HOP][:n]
    hann = np.hanning(FRAME).astype(np.float32)
    edges_hz = LOW_HZ * (HIGH_HZ / LOW_HZ) ** (np.arange(N_BANDS + 1) / N_BANDS)
    edges = np.searchsorted(np.fft.rfftfreq(FRAME, 1 / RATE_HZ), edges_hz)
    power = np.empty((n, N_BANDS), np.float32)
    for row, frame in enumerate(frames):  # one at a time: all of a block's would take 16 MB
        spectrum = np.fft.rfft(frame * hann)[edges[0] : edges[-1]]
        power[row] = np.add.reduceat(np.abs(spectrum) ** 2, edges[:-1] - edges[0])
    return np.log(power + np.float32(_FLOOR))


def bits_of(levels: NDArray[np.float32]) -> Fingerprint:
    """Fingerprint (n - 4,) of band levels (n, 33)."""
    if len(levels) < _LEAST_FRAMES:
        return np.zeros(0, np.uint32)
    difference = levels[:, :-1] - levels[:, 1:]
    risen = difference[LAG:] - difference[:-LAG] > 0
    return np.packbits(risen, axis=1).view(">u4").ravel().astype(np.uint32)
