"""Sound encoded by FFmpeg, as libsndfile cannot read it."""

import io

import av
import numpy as np

RATE_HZ = 44_100


def m4a_of(y: np.ndarray, codec: str = "aac", container: str = "mp4") -> bytes:
    """Samples (n,) at 44.1 kHz on two channels, as a file."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        stream = file.add_stream(codec, rate=RATE_HZ)
        stream.layout, stream.bit_rate = "stereo", 128_000
        frame = av.AudioFrame.from_ndarray(np.stack([y, y]), format="fltp", layout="stereo")
        frame.rate = RATE_HZ
        for packet in (*stream.encode(frame), *stream.encode(None)):
            file.mux(packet)
    return out.getvalue()
