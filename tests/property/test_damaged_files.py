"""Damage of any kind never stops a scan: every file gives tags or a problem."""

import functools
import tempfile
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.data.records import FileStat, ScannedFile
from segue.scanner.tags import read_file
from support import audio_files as af


@functools.cache
def originals():
    return sorted({**af.valid_files(), "k.ogg": af.sound("ogg"), "l.aac": af.adts()}.items())


def damage(data, draw):
    """One to four flips, cuts, insertions or overwritten runs."""
    data = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        # Headers and tags lie in front: most damage goes there.
        end = draw(st.sampled_from([64, 600, len(data)]))
        place = draw(st.integers(0, max(0, min(end, len(data)) - 1)))
        match draw(st.sampled_from(["flip", "cut", "insert", "remove", "ones"])):
            case "flip" if data:
                data[place] ^= 1 << draw(st.integers(0, 7))
            case "cut":
                del data[place:]
            case "insert":
                data[place:place] = draw(st.binary(min_size=1, max_size=16))
            case "remove":
                del data[place : place + draw(st.integers(1, 16))]
            case _:
                data[place : place + 4] = b"\xff\xff\xff\xff"[: len(data[place : place + 4])]
    return bytes(data)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_damaged_file_gives_tags_or_a_problem(data):
    name, original = data.draw(st.sampled_from(originals()))
    content = damage(original, data.draw)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content)
        scanned = read_file(FileStat(str(path), len(content), 1))
    assert (scanned.tags is None) != (scanned.problem is None)
    # It must also survive the way from the worker to the scan.
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(scanned), type=ScannedFile) == scanned
    if scanned.tags:
        assert 0 < scanned.tags.duration_s <= 7 * 86_400
        assert all(0 < len(text) <= 500 for text in (scanned.tags.title, *scanned.tags.artists))
