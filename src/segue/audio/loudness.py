"""Loudness: ITU-R BS.1770-4 (EBU R 128) integrated, EBU Tech 3342 range, peak over loudness."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

SILENCE_LUFS = -70.0  # the absolute gate of BS.1770: nothing below it is heard
STEP_S = 0.1
_BLOCK_STEPS, _SHORT_TERM_STEPS = 4, 30  # 400 ms blocks and 3 s short term, each 100 ms
_OFFSET_LU = -0.691


@lru_cache(maxsize=16)
def k_weighting(rate_hz: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coefficients ``b`` and ``a`` (2, 3) of the head shelf and the low cut at any rate.

    BS.1770-4 prints them for 48 kHz; the analogue prototypes behind them (as libebur128 has them)
    give the same numbers there and hold for every rate by the bilinear transform.
    """
    q, gain_db, hz = 0.7071752369554196, 3.999843853973347, 1681.974450955533
    k = np.tan(np.pi * min(hz, 0.499 * rate_hz) / rate_hz)
    vh = 10.0 ** (gain_db / 20.0)
    vb = vh**0.4996667741545416
    a0 = 1.0 + k / q + k * k
    shelf_b = np.array([vh + vb * k / q + k * k, 2 * (k * k - vh), vh - vb * k / q + k * k]) / a0
    shelf_a = np.array([1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0])
    q, hz = 0.5003270373238773, 38.13547087602444
    k = np.tan(np.pi * hz / rate_hz)
    a0 = 1.0 + k / q + k * k
    cut_a = np.array([1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0])
    return np.stack([shelf_b, [1.0, -2.0, 1.0]]), np.stack([shelf_a, cut_a])


def channel_weights(n_channels: int) -> NDArray[np.float64]:
    """Weights of BS.1770-4 table 3: surround channels 1.41, the low-frequency channel 0.

    A mono file counts as both channels of a stereo one, as it is played, so that a recording is
    as loud in mono as in stereo. Six channels are L R C LFE Ls Rs (the WAV order), five lack LFE.

    >>> channel_weights(6).tolist()
    [1.0, 1.0, 1.0, 0.0, 1.41, 1.41]
    """
    weights = {
        1: [2.0],
        4: [1.0, 1.0, 1.41, 1.41],
        5: [1.0, 1.0, 1.0, 1.41, 1.41],
        6: [1.0, 1.0, 1.0, 0.0, 1.41, 1.41],
        8: [1.0, 1.0, 1.0, 0.0, 1.41, 1.41, 1.41, 1.41],
    }.get(n_channels, [1.0] * n_channels)
    return np.array(weights)


def window_energies(source: NDArray[np.float32], rate_hz: int) -> NDArray[np.float64]:
    """Weighted mean squares of the steps of 100 ms of one window (n, n_channels)."""
    from segue.audio.loudness_kernels import step_energies

    b, a = k_weighting(rate_hz)
    weights = channel_weights(source.shape[1])
    return step_energies(source, b, a, weights, max(1, round(STEP_S * rate_hz)))


def integrated_lufs(windows: list[NDArray[np.float64]]) -> float:
    """Integrated loudness (LUFS) of windows' step energies, at least -70.

    Blocks of 400 ms that overlap by 75 % and lie within a window; those under -70 LUFS, then
    those 10 LU under the mean of the rest, are left out (BS.1770-4 equations 2 to 7). A window
    under 400 ms is one block.
    """
    blocks = _sliding(windows, _BLOCK_STEPS)
    loud = blocks[_lufs(blocks) > SILENCE_LUFS]
    if not len(loud):
        return SILENCE_LUFS
    gated = loud[_lufs(loud) > _lufs(loud.mean()) - 10.0]
    return max(SILENCE_LUFS, float(_lufs(gated.mean())))


def range_lu(windows: list[NDArray[np.float64]]) -> float:
    """Loudness range (LU), EBU Tech 3342: 10th to 95th percentile of gated short-term loudness.

    Short-term blocks of 3 s at 10 Hz within a window, gated at -70 LUFS and 20 LU under their
    mean. 0 where no block remains.
    """
    blocks = _sliding(windows, _SHORT_TERM_STEPS)
    loud = blocks[_lufs(blocks) > SILENCE_LUFS]
    if not len(loud):
        return 0.0
    gated = _lufs(loud[_lufs(loud) > _lufs(loud.mean()) - 20.0])
    low, high = np.percentile(gated, (10, 95))
    return float(high - low)


def _sliding(windows: list[NDArray[np.float64]], n_steps: int) -> NDArray[np.float64]:
    parts: list[NDArray[np.float64]] = []
    for steps in windows:
        if not len(steps):
            continue
        n = min(n_steps, len(steps))
        sums = np.concatenate(([0.0], np.cumsum(steps)))
        parts.append(np.maximum(0.0, (sums[n:] - sums[:-n]) / n))
    return np.concatenate(parts) if parts else np.zeros(0)


def _lufs(energy: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    return _OFFSET_LU + 10.0 * np.log10(np.maximum(energy, 1e-20))
