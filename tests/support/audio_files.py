"""Tiny audio files of every format; their tags are written byte by byte, as specified."""

import base64
import io
import struct
from pathlib import Path

import numpy as np
import soundfile

RATE_HZ = 44_100
MBID = "f27ec8db-af05-4f36-916e-3d57f91ecf5e"


def tone(duration_s: float = 0.5, rate_hz: int = RATE_HZ) -> np.ndarray:
    return 0.3 * np.sin(2 * np.pi * 440 * np.arange(int(duration_s * rate_hz)) / rate_hz)


def sound(kind: str, duration_s: float = 0.5) -> bytes:
    """Encoded sound: wav, aiff, flac, ogg, opus or mp3."""
    subtypes = {"ogg": "VORBIS", "opus": "OPUS", "mp3": "MPEG_LAYER_III"}
    out = io.BytesIO()
    rate_hz = 48_000 if kind == "opus" else RATE_HZ
    container = {"opus": "OGG"}.get(kind, kind.upper())
    soundfile.write(
        out, tone(duration_s, rate_hz), rate_hz, format=container, subtype=subtypes.get(kind)
    )
    return out.getvalue()


# ID3v2 (id3.org/id3v2.3.0, id3v2.4.0-frames) -----------------------------------------------------


def _synchsafe(size: int) -> bytes:
    return bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))


def id3_frame(name: str, content: bytes, version: int = 4) -> bytes:
    size = _synchsafe(len(content)) if version == 4 else struct.pack(">I", len(content))
    return name.encode() + size + b"\0\0" + content


def text_frame(name: str, *values: str, version: int = 4) -> bytes:
    if version == 4:
        return id3_frame(name, b"\x03" + "\0".join(values).encode(), 4)
    return id3_frame(name, b"\x01" + b"\xff\xfe" + "\0".join(values).encode("utf-16-le"), 3)


def user_text_frame(description: str, *values: str, version: int = 4) -> bytes:
    text = "\0".join((description, *values))
    if version == 4:
        return id3_frame("TXXX", b"\x03" + text.encode(), 4)
    return id3_frame("TXXX", b"\x00" + text.encode("latin-1"), 3)


def ufid_frame(owner: str, identifier: str, version: int = 4) -> bytes:
    return id3_frame("UFID", owner.encode() + b"\0" + identifier.encode(), version)


def picture_frame(data: bytes, version: int = 4) -> bytes:
    return id3_frame("APIC", b"\x00image/png\0\x03\0" + data, version)


def id3(*frames: bytes, version: int = 4) -> bytes:
    body = b"".join(frames)
    return b"ID3" + bytes((version, 0, 0)) + _synchsafe(len(body)) + body


# Vorbis comments, FLAC blocks, Ogg pages ---------------------------------------------------------


def vorbis_comments(*pairs: tuple[str, str]) -> bytes:
    fields = [f"{name}={value}".encode() for name, value in pairs]
    parts = [struct.pack("<I", 5), b"segue", struct.pack("<I", len(fields))]
    parts += [struct.pack("<I", len(field)) + field for field in fields]
    return b"".join(parts)


def picture_block(data: bytes) -> bytes:
    mime = b"image/png"
    head = struct.pack(">II", 3, len(mime)) + mime + struct.pack(">I", 0)
    return head + struct.pack(">IIIII", 1, 1, 24, 0, len(data)) + data


def flac(*pairs: tuple[str, str], picture: bytes = b"", duration_s: float = 0.5) -> bytes:
    """A FLAC file whose metadata blocks are replaced by ours (format.html, metadata blocks)."""
    plain = sound("flac", duration_s)
    position, streaminfo = 4, b""
    while True:
        head, size = plain[position], int.from_bytes(plain[position + 1 : position + 4], "big")
        if head & 0x7F == 0:
            streaminfo = plain[position + 4 : position + 4 + size]
        position += 4 + size
        if head & 0x80:
            break
    blocks = [(0, streaminfo), (4, vorbis_comments(*pairs))]
    if picture:
        blocks.append((6, picture_block(picture)))
    out = b"fLaC"
    for index, (kind, body) in enumerate(blocks):
        last = 0x80 if index == len(blocks) - 1 else 0
        out += bytes((kind | last,)) + len(body).to_bytes(3, "big") + body
    return out + plain[position:]


def _ogg_crc(page: bytes) -> int:
    crc = 0
    for byte in page:
        crc ^= byte << 24
        for _ in range(8):
            crc = ((crc << 1) ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    return crc


def _ogg_page(serial: int, number: int, flags: int, packet: bytes, granule: int) -> bytes:
    laces = bytes([255] * (len(packet) // 255) + [len(packet) % 255])
    assert len(laces) < 256
    head = struct.pack("<4sBBqIII", b"OggS", 0, flags, granule, serial, number, 0)
    page = head + bytes((len(laces),)) + laces + packet
    return page[:22] + struct.pack("<I", _ogg_crc(page)) + page[26:]


def opus(*pairs: tuple[str, str], duration_s: float = 2.0) -> bytes:
    """An Opus stream with these comments: real header pages, packets of silence (RFC 7845)."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 2, 312, 48_000, 0, 0)
    tags = b"OpusTags" + vorbis_comments(*pairs)
    silence = b"\xfc\xff\xfe"
    granule = int(duration_s * 48_000) + 312
    return (
        _ogg_page(7, 0, 2, head, 0)
        + _ogg_page(7, 1, 0, tags, 0)
        + _ogg_page(7, 2, 4, silence, granule)
    )


def ogg_picture(data: bytes) -> tuple[str, str]:
    return "METADATA_BLOCK_PICTURE", base64.b64encode(picture_block(data)).decode()


# MP4 (ISO/IEC 14496-12), ASF, ADTS ---------------------------------------------------------------


def atom(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body


def _item(name: bytes, kind: int, *values: bytes) -> bytes:
    return atom(name, b"".join(atom(b"data", struct.pack(">II", kind, 0) + v) for v in values))


def freeform(name: str, *values: str) -> bytes:
    body = atom(b"mean", b"\0\0\0\0com.apple.iTunes") + atom(b"name", b"\0\0\0\0" + name.encode())
    for value in values:
        body += atom(b"data", struct.pack(">II", 1, 0) + value.encode())
    return atom(b"----", body)


def m4a(
    title: str = "Tone", artist: str = "Piper", *extra: bytes, duration_s: float = 2.0
) -> bytes:
    mvhd = struct.pack(">IIIII", 0, 0, 0, 1000, int(duration_s * 1000)) + bytes(80)
    # The sample rate is 16.16 fixed point; tinytag reads its upper half at offset 22.
    entry = bytes(16) + struct.pack(">HH", 2, 16) + bytes(4) + struct.pack(">I", 44_100 << 16)
    esds = bytes(4) + b"\x03\x19\0\0\0\x04\x11\x40\x15\0\0\0" + struct.pack(">II", 128_000, 128_000)
    entry += atom(b"esds", esds)
    stsd = atom(b"stsd", bytes(4) + struct.pack(">I", 1) + atom(b"mp4a", entry))
    trak = atom(b"trak", atom(b"mdia", atom(b"minf", atom(b"stbl", stsd))))
    items = _item(b"\xa9nam", 1, title.encode()) + _item(b"\xa9ART", 1, artist.encode())
    items += _item(b"\xa9day", 1, b"2011-06-01T07:00:00Z")
    items += _item(b"trkn", 0, struct.pack(">4H", 0, 3, 12, 0)) + _item(b"rtng", 21, b"\x01")
    items += b"".join(extra)
    udta = atom(b"udta", atom(b"meta", bytes(4) + atom(b"ilst", items)))
    moov = atom(b"moov", atom(b"mvhd", mvhd) + trak + udta)
    return atom(b"ftyp", b"M4A \0\0\0\0M4A mp42") + moov + atom(b"mdat", bytes(2000))


def wma(title: str = "Tone", artist: str = "Piper", duration_s: float = 2.0) -> bytes:
    def guid(text: str) -> bytes:
        return bytes.fromhex(text)

    def thing(kind: str, body: bytes) -> bytes:
        return guid(kind) + struct.pack("<Q", len(body) + 24) + body

    texts = [(text + "\0").encode("utf-16-le") for text in (title, artist, "", "", "")]
    content = struct.pack("<5H", *map(len, texts)) + b"".join(texts)
    properties = bytearray(80)
    struct.pack_into("<Q", properties, 40, int(duration_s * 10_000_000))
    stream = guid("409E69F84D5BCF11A8FD00805F5C442B") + bytes(38)
    stream += struct.pack("<HHIIHHH", 0x161, 2, 44_100, 16_000, 2, 16, 0)
    objects = thing("3326B2758E66CF11A6D900AA0062CE6C", content)
    objects += thing("A1DCAB8C47A9CF118EE400C00C205365", bytes(properties))
    objects += thing("9107DCB7B7A9CF118EE600C00C205365", stream)
    head = guid("3026B2758E66CF11A6D900AA0062CE6C")
    return head + struct.pack("<QIBB", len(objects) + 30, 3, 1, 2) + objects + bytes(500)


def adts(duration_s: float = 2.0) -> bytes:
    """A raw AAC stream of frames of 200 bytes: LC profile, 44.1 kHz, stereo."""
    length = 200
    head = bytes(
        (0xFF, 0xF1, 0x50, 0x80 | length >> 11, length >> 3 & 0xFF, (length & 7) << 5 | 31, 0xFC)
    )
    return (head + bytes(length - 7)) * round(duration_s * 44_100 / 1024)


def valid_files() -> dict[str, bytes]:
    """One healthy file of each kind, by file name; every one carries a title and an artist."""
    comments = (("TITLE", "Tone"), ("ARTIST", "Piper"))
    tags = id3(text_frame("TIT2", "Tone"), text_frame("TPE1", "Piper"))
    id3_chunk = b"id3 " + struct.pack("<I", len(tags)) + tags + b"\0" * (len(tags) % 2)
    wav = sound("wav") + id3_chunk
    aiff = sound("aiff") + b"ID3 " + struct.pack(">I", len(tags)) + tags + b"\0" * (len(tags) % 2)
    return {
        "a.mp3": tags + sound("mp3"),
        "b.mp3": id3(text_frame("TIT2", "Tone", version=3), text_frame("TPE1", "Piper", version=3),
                     version=3) + sound("mp3"),
        "c.flac": flac(*comments),
        "d.opus": opus(*comments),
        "e.m4a": m4a(),
        "f.wma": wma(),
        "g.wav": wav,
        "h.aiff": aiff,
        "i.oga": opus(*comments, duration_s=3.0),
        "j.m4b": m4a(duration_s=60.0),
    }  # fmt: skip


def damaged_files() -> dict[str, bytes]:
    """Twenty files that cannot be used, each for a reason of its own."""
    rng = np.random.default_rng(5)
    mp3, wav, good_flac, ogg = sound("mp3"), sound("wav"), flac(), sound("ogg")
    png = b"\x89PNG\r\n\x1a\n" + bytes(100)
    return {
        "empty.mp3": b"",
        "zeros.mp3": bytes(5000),
        "zeros.flac": bytes(5000),
        "noise.mp3": rng.bytes(20_000),
        "noise.ogg": rng.bytes(20_000),
        "playlist.mp3": b"#EXTM3U\n#EXTINF:1,Song\n/etc/passwd\n",
        "text.flac": b"This is a letter to my aunt.\n" * 20,
        "page.ogg": b"<?xml version='1.0'?><html></html>",
        "picture.m4a": png,
        "archive.mp3": b"PK\x03\x04" + rng.bytes(500),
        "in truth ogg.mp3": ogg,
        "in truth wav.flac": wav,
        "cut.wav": wav[: len(wav) // 2],
        "cut header.wav": wav[:20],
        "cut in tags.mp3": id3(text_frame("TIT2", "x" * 5000))[:2000],
        "only tags.mp3": id3(text_frame("TIT2", "Tone")) + b"\0",
        "cut header.flac": good_flac[:30],
        "cut.m4a": m4a()[:150],
        "cut.ogg": ogg[:40],
        "huge tag.mp3": b"ID3\x04\0\0" + _synchsafe(40 * 2**20) + mp3,
    }


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (folder / name).write_bytes(data)
