"""Length of sound told from stream headers: MPEG audio frames, ADTS frames, Ogg pages.

Sources: ISO/IEC 11172-3 section 2.4.2.3 (frame header), ISO/IEC 13818-7 (ADTS),
RFC 3533 (Ogg pages), RFC 7845 (Opus in Ogg), the Vorbis I specification section 4.2.2.
"""

import struct
from typing import BinaryIO

from msgspec import Struct

_RATES_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_KBPS = {  # (is MPEG-1, layer code): layer code 3 is layer I, 1 is layer III
    (True, 3): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 1): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 3): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 1): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_ADTS_RATES_HZ = (
    96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
)  # fmt: skip
_OGG_TAIL_BYTES = 2 * 65_307  # two pages of the largest size hold one whole page


class StreamFacts(Struct, frozen=True):
    """What the headers of a stream say about its sound."""

    duration_s: float
    sample_rate_hz: int
    channels: int
    bitrate_kbps: float


def mpeg_frame_bytes(header: bytes) -> int:
    """Length of the MPEG audio frame that starts with these four bytes; 0 when none does.

    >>> mpeg_frame_bytes(bytes.fromhex("fffb9000"))  # MPEG-1 layer III, 128 kbit/s, 44.1 kHz
    417
    """
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = (header[1] >> 3) & 3, (header[1] >> 1) & 3
    bitrate, rate, padding = header[2] >> 4, (header[2] >> 2) & 3, (header[2] >> 1) & 1
    if version == 1 or layer == 0 or bitrate in (0, 15) or rate == 3:
        return 0
    bits_per_s = _KBPS[version == 3, layer][bitrate - 1] * 1000
    rate_hz = _RATES_HZ[version][rate]
    if layer == 3:
        return (12 * bits_per_s // rate_hz + padding) * 4
    samples = 576 if layer == 1 and version != 3 else 1152
    return samples // 8 * bits_per_s // rate_hz + padding


def has_mpeg_frames(data: bytes, is_whole: bool) -> bool:
    """Whether three MPEG frames follow each other: by chance that happens in no other file.

    Args:
        data: bytes from the place where the sound should begin.
        is_whole: the file ends with ``data``, so that fewer frames up to its end are enough.
    """
    start = data.find(b"\xff")
    while 0 <= start < len(data) - 3:
        position, frames = start, 0
        while frames < 3 and (length := mpeg_frame_bytes(data[position : position + 4])):
            if data[position + 1] & 0xFE != data[start + 1] & 0xFE:
                break
            position, frames = position + length, frames + 1
        if frames == 3 or (frames == 2 and is_whole and position >= len(data)):
            return True
        start = data.find(b"\xff", start + 1)
    return False


def adts_facts(data: bytes, sound_bytes: int) -> StreamFacts | None:
    """Facts of a raw AAC stream, its length estimated from the mean frame (1,024 samples each).

    Args:
        data: the first bytes of the sound.
        sound_bytes: length of the whole stream.
    """
    position, frames, rate_hz, channels = 0, 0, 0, 0
    while position + 7 <= len(data):
        head = data[position : position + 7]
        length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
        rate = head[2] >> 2 & 15
        if head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or length < 7 or rate >= len(_ADTS_RATES_HZ):
            break
        rate_hz, channels = _ADTS_RATES_HZ[rate], (head[2] & 1) << 2 | head[3] >> 6
        position, frames = position + length, frames + 1
    if frames < 3:
        return None
    duration_s = sound_bytes / (position / frames) * 1024 / rate_hz
    return StreamFacts(duration_s, rate_hz, channels, sound_bytes * 8 / duration_s / 1000)


def ogg_facts(fh: BinaryIO, size_bytes: int) -> StreamFacts | None:
    """Facts of one Vorbis or Opus stream from its first and its last page only.

    Walking every page of a song costs a thousand reads; the last page carries the same answer.

    Returns:
        None for other codecs and for chained or damaged streams: walk those page by page.
    """
    fh.seek(0)
    page = fh.read(400)
    if len(page) < 28 + page[26] + 30:
        return None
    serial, packet = page[14:18], page[27 + page[26] :]
    nominal_bps, preskip = 0, 0
    if packet.startswith(b"\x01vorbis"):
        channels, rate_hz = struct.unpack_from("<BI", packet, 11)
        nominal_bps = struct.unpack_from("<i", packet, 20)[0]
    elif packet.startswith(b"OpusHead"):
        channels, preskip = struct.unpack_from("<BH", packet, 9)
        rate_hz = 48_000  # granules of Opus count at 48 kHz whatever the input was
    else:
        return None
    granule = _last_granule(fh, size_bytes, serial)
    if granule is None or not rate_hz or granule <= preskip:
        return None
    duration_s = (granule - preskip) / rate_hz
    kbps = nominal_bps / 1000 if nominal_bps > 0 else size_bytes * 8 / duration_s / 1000
    return StreamFacts(duration_s, rate_hz, channels, kbps)


def _last_granule(fh: BinaryIO, size_bytes: int, serial: bytes) -> int | None:
    fh.seek(max(0, size_bytes - _OGG_TAIL_BYTES))
    tail = fh.read(_OGG_TAIL_BYTES)
    start = tail.rfind(b"OggS\x00")
    while start >= 0:
        if len(tail) - start >= 27:
            if tail[start + 14 : start + 18] != serial:
                return None
            granule: int = struct.unpack_from("<q", tail, start + 6)[0]
            if granule >= 0:  # -1: no packet ends on this page
                return granule
        start = tail.rfind(b"OggS\x00", 0, start)
    return None


def mp4_bytes_missing(fh: BinaryIO, size_bytes: int) -> tuple[int, int]:
    """How much of the media data of an MP4 file lies behind its end, and how much it declares.

    Source: ISO/IEC 14496-12 section 4.2 (boxes).
    """
    offset, missing, declared = 0, 0, 0
    for _ in range(1000):
        fh.seek(offset)
        head = fh.read(16)
        if len(head) < 8:
            break
        length = int.from_bytes(head[:4], "big")
        if length == 1 and len(head) == 16:
            length = int.from_bytes(head[8:], "big")
        if length == 0:
            break
        if head[4:8] == b"mdat":
            declared += length
            missing += max(0, offset + length - size_bytes)
        offset += max(length, 8)
        if offset >= size_bytes:
            break
    return missing, declared
