"""A zip archive that is sent while it is written: no file on disk, no more in memory than a piece.

Sizes and checksums stand behind each member (APPNOTE 6.3.10, 4.3.9), since nobody can go back.
"""

import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

PIECE_BYTES = 65_536
Member = tuple[str, Iterable[bytes]]


class _Sink:
    """Takes what the archive writes until it is fetched; it cannot seek, and says so."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size = 0

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        whole = b"".join(self._parts)
        self._parts, self.size = [], 0
        return whole


def zipped(members: Iterable[Member], now: float) -> Iterator[bytes]:
    """The bytes of an archive, piece by piece.

    Args:
        members: Name and parts of each file; read in order, each once.
        now: Unix time (s) that the files carry; years before 1980 cannot stand in an archive.

    >>> import io
    >>> whole = b"".join(zipped([("a.txt", [b"one ", b"two"])], 1e9))
    >>> zipfile.ZipFile(io.BytesIO(whole)).read("a.txt")
    b'one two'
    """
    sink = _Sink()
    moment = datetime.fromtimestamp(now, UTC)
    date_time = (*moment.timetuple()[:3], *moment.timetuple()[3:6])
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[arg-type]
        for name, parts in members:
            info = zipfile.ZipInfo(name, date_time)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            with archive.open(info, "w", force_zip64=True) as file:
                for part in parts:
                    file.write(part)
                    if sink.size >= PIECE_BYTES:
                        yield sink.take()
    yield sink.take()
