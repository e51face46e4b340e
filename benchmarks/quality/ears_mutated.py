"""EARS-MUTATED: damaged and lying audio files through the workers; every one must get a status.

Nine formats (mp3, flac, ogg, opus, wav, aiff, m4a, wma, and wav of floats) of three seconds, each
file spoilt by one to three of: bits flipped, cut short, two files spliced, runs of zeros, parts
taken out or doubled, header fields that lie, lengths declared as huge; and other files under an
audio name: zip, pdf, png, a program, text, noise, nothing. Each goes through ``listen_to_many``, as
in a scan: once for its sound, and each fourth for its fingerprint, each fourth for its peaks.
"""

import argparse
import io
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import soundfile

from benchmarks.lines import figure, progress
from segue.audio.pool import listen_to_many
from segue.audio.worker import Ask, Heard
from segue.rng import derived_rng

RATE_HZ, SECONDS = 22_050, 3
BY_SNDFILE = {
    ".mp3": ("MP3", "MPEG_LAYER_III"), ".flac": ("FLAC", "PCM_16"), ".ogg": ("OGG", "VORBIS"),
    ".opus": ("OGG", "OPUS"), ".wav": ("WAV", "PCM_16"), ".aiff": ("AIFF", "PCM_16"),
    ".float.wav": ("WAV", "FLOAT"),
}  # fmt: skip
BY_FFMPEG = {".m4a": ("ipod", "aac"), ".wma": ("asf", "wmav2")}
HUGE = (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x00\x00\x00\x00",
        b"\x80\x00\x00\x00")  # fmt: skip
FIELDS = (b"data", b"RIFF", b"FORM", b"SSND", b"COMM", b"fmt ", b"mdat", b"moov", b"stts", b"stsz",
          b"stco", b"OggS", b"vorbis", b"OpusHead", b"fLaC", b"ID3", b"Xing", b"Info", b"mvhd",
          b"mdhd", b"\xa1\xdc\xab\x8c")  # fmt: skip
Change = Callable[[bytearray, np.random.Generator, list[bytes]], bytes]


def originals() -> dict[str, bytes]:
    """Sound files by suffix."""
    t = np.arange(RATE_HZ * SECONDS) / RATE_HZ
    y = 0.3 * np.sin(2 * np.pi * 330 * t) + 0.05 * derived_rng(0, "mutated").normal(size=len(t))
    found: dict[str, bytes] = {}
    for suffix, (kind, subtype) in BY_SNDFILE.items():
        rate = 24_000 if suffix == ".opus" else RATE_HZ
        file = io.BytesIO()
        soundfile.write(file, y.astype(np.float32), rate, format=kind, subtype=subtype)
        found[suffix] = file.getvalue()
    for suffix, (kind, codec) in BY_FFMPEG.items():
        found[suffix] = encoded(y.astype(np.float32), kind, codec)
    return found


def encoded(y: np.ndarray, kind: str, codec: str) -> bytes:
    """By FFmpeg."""
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as container:
        stream = container.add_stream(codec, rate=RATE_HZ, layout="mono")
        stream.bit_rate = 64_000
        frame = av.AudioFrame.from_ndarray(y[np.newaxis], format="fltp", layout="mono")
        frame.sample_rate = RATE_HZ
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return file.getvalue()


def flip(data: bytearray, rng: np.random.Generator, _others: list[bytes]) -> bytes:
    end = len(data) if rng.random() < 0.5 else min(len(data), 600)
    for place in rng.integers(0, end, int(rng.integers(1, 200))).tolist() if end else ():
        data[place] ^= 1 << int(rng.integers(8))
    return bytes(data)


def truncate(data: bytearray, rng: np.random.Generator, _others: list[bytes]) -> bytes:
    return bytes(data[: int(len(data) * rng.random() ** 2)])


def splice(data: bytearray, rng: np.random.Generator, others: list[bytes]) -> bytes:
    other = others[int(rng.integers(len(others)))]
    a, b = int(rng.integers(len(data) + 1)), int(rng.integers(len(other) + 1))
    return bytes(data[:a]) + other[b:]


def zeros(data: bytearray, rng: np.random.Generator, _others: list[bytes]) -> bytes:
    start = int(rng.integers(len(data) + 1))
    stop = min(len(data), start + int(rng.integers(1, 20_000)))
    data[start:stop] = bytes(stop - start)
    return bytes(data)


def take_out(data: bytearray, rng: np.random.Generator, _others: list[bytes]) -> bytes:
    start = int(rng.integers(len(data) + 1))
    part = data[start : start + int(rng.integers(1, 5_000))]
    data[start : start + len(part)] = part * int(rng.choice([0, 2, 5]))
    return bytes(data)


def lie(data: bytearray, rng: np.random.Generator, _others: list[bytes]) -> bytes:
    """Four bytes at the front, or behind the name of a field, say something else."""
    for _ in range(int(rng.integers(1, 5))):
        name = FIELDS[int(rng.integers(len(FIELDS)))]
        place = data.find(name)
        start = place + len(name) if place >= 0 else 0
        start = min(start + int(rng.integers(0, 32)), max(len(data) - 4, 0))
        data[start : start + 4] = bytes(rng.integers(0, 256, 4, dtype=np.uint8))
    return bytes(data)


def declare_huge(data: bytearray, rng: np.random.Generator, _others: list[bytes]) -> bytes:
    """The number behind every field that is there, or the first ones, is as large as can be."""
    for name in FIELDS:
        place = data.find(name)
        if place >= 0 and rng.random() < 0.6:
            start = place + len(name) + int(rng.choice([0, 0, 4, 8, 12, 18]))
            data[start : start + 4] = HUGE[int(rng.integers(len(HUGE)))]
    if rng.random() < 0.2:
        data[:0] = b"ID3\x04\x00\x00" + HUGE[1]
    return bytes(data)


def other_file(rng: np.random.Generator, others: list[bytes]) -> bytes:
    """What is no sound at all, under an audio name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("a.wav"), others[0])
    noise = rng.bytes(int(rng.integers(1, 50_000)))
    kinds = (packed.getvalue(), b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n" + noise[:2_000],
             b"\x89PNG\r\n\x1a\n" + noise[:2_000], b"\x7fELF\x02\x01\x01" + noise[:2_000],
             b"[playlist]\nFile1=/etc/passwd\n", b"#EXTM3U\nconcat:/etc/passwd\n",
             noise, bytes(len(noise)), b"")  # fmt: skip
    return kinds[int(rng.integers(len(kinds)))]


CHANGES: tuple[Change, ...] = (flip, truncate, splice, zeros, take_out, lie, declare_huge)


def mutated(number: int, seed: int, sounds: dict[str, bytes]) -> tuple[str, str, bytes]:
    """Suffix, what was done, and the content of one file."""
    rng = derived_rng(seed, "mutated", number)
    suffix = list(sounds)[number % len(sounds)]
    others = list(sounds.values())
    if rng.random() < 0.1:
        return suffix, "other file", other_file(rng, others)
    content, names = sounds[suffix], []
    for change in rng.choice(len(CHANGES), int(rng.integers(1, 4)), replace=False).tolist():
        content = CHANGES[change](bytearray(content), rng, others)
        names.append(CHANGES[change].__name__)
    return suffix, names[0], content


def listened(n: int, workers: int, folder: Path, seed: int = 0) -> Iterator[tuple[str, str, Heard]]:
    """Suffix, first change and answer of each file; a file is gone once it was answered."""
    sounds = originals()
    done: dict[str, tuple[str, str]] = {}

    def asks() -> Iterator[Ask]:
        for number in range(n):
            suffix, change, content = mutated(number, seed, sounds)
            path = folder / f"{number}{suffix}"
            path.write_bytes(content)
            done[str(path)] = (suffix, change)
            kinds = {1: "fingerprint", 3: "peaks"}
            yield Ask(str(path), what=kinds.get(number // len(sounds) % 4, "sound"))

    for answer in listen_to_many(asks(), workers, file_timeout_s=60.0):
        suffix, change = done.pop(answer.path)  # a second answer would be a KeyError
        Path(answer.path).unlink()
        yield suffix, change, answer


def status_of(heard: Heard) -> str:
    """Heard, or in which way not."""
    if heard.problem is None:
        return "heard"
    for words, status in (("crashed", "listener died"), ("hung", "hung"),
                          ("listening to it failed", "failed unforeseen")):  # fmt: skip
        if words in heard.problem:
            return status
    return "refused with a reason"


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(argv)
    statuses: Counter[str] = Counter()
    formats: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory(prefix="segue-mutated-") as folder:
        for suffix, change, heard in listened(given.files, given.workers, Path(folder), given.seed):
            status = status_of(heard)
            statuses[status] += 1
            formats[suffix, status] += 1
            if status not in ("heard", "refused with a reason"):
                progress(f"{suffix}, {change}: {heard.problem}")
            if statuses.total() % 500 == 0:
                progress(f"{statuses.total()} files: {dict(statuses)}")
    data = "nine formats, seven changes and other files"
    figure("EARS-MUTATED", "files given a status, the parent alive", statuses.total(), "files",
           data=data, n=given.files, target=given.files)  # fmt: skip
    for status, n in statuses.most_common():
        figure("EARS-MUTATED", status, n, "files", data=data, n=given.files)
    for suffix in originals():
        n = sum(count for (kind, _), count in formats.items() if kind == suffix)
        figure("EARS-MUTATED", f"heard all the same, {suffix.lstrip('.')}",
               formats[suffix, "heard"] / max(n, 1), "share", data=data, n=n)  # fmt: skip


if __name__ == "__main__":
    main()
