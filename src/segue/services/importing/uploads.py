"""Files that listeners send for an import, kept until it is done and never opened by their name."""

import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from segue.errors import InvalidInputError, NotFoundError

MAX_FILES = 500
MAX_NAME = 100
KEPT_S = 7 * 86_400.0  # an upload whose import nobody starts
_UNUSUAL = re.compile(r"[^\w .()+-]+")
_ID = re.compile(r"[A-Za-z0-9]{1,64}")


class Uploads:
    """The folder of uploads.

    Args:
        folder: Made when it is needed.
        max_bytes: Of all files of one import together.
        clock: Unix time (s).
    """

    def __init__(
        self, folder: Path, max_bytes: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._clock = clock

    def begin(self, import_id: str, name: str) -> "Upload":
        """A file to write to; it counts when it is finished.

        Raises:
            InvalidInputError: There are too many files already.
        """
        folder = self._of(import_id)
        have = self.files(import_id)
        if len(have) >= MAX_FILES:
            raise InvalidInputError(
                f"an import takes at most {MAX_FILES} files; send them as one zip archive"
            )
        room = self._max_bytes - sum(path.stat().st_size for path in have)
        # each in a folder of its own, so that equal names do not meet
        place = folder / f"{len(have) + 1:03}-{time.monotonic_ns():x}" / safe_name(name)
        return Upload(place, room, self._max_bytes)

    def files(self, import_id: str) -> list[Path]:
        """Finished files in the order in which they came."""
        return sorted(
            path for path in self._of(import_id).glob("*/*") if not path.name.endswith(".part")
        )

    def ids(self) -> list[str]:
        """Imports that have files here."""
        return [path.name for path in self._folder.iterdir()] if self._folder.is_dir() else []

    def forget(self, import_id: str) -> None:
        """Delete the files of an import."""
        shutil.rmtree(self._of(import_id), ignore_errors=True)

    def forget_old(self) -> None:
        """Delete what has waited for a week."""
        if not self._folder.is_dir():
            return
        for folder in self._folder.iterdir():
            if self._clock() - folder.stat().st_mtime > KEPT_S:
                shutil.rmtree(folder, ignore_errors=True)

    def _of(self, import_id: str) -> Path:
        if not _ID.fullmatch(import_id):
            raise NotFoundError("there is no such import")
        return self._folder / import_id


class Upload:
    """One file while it comes in; leaving the block without an error finishes it."""

    def __init__(self, path: Path, room_bytes: int, max_bytes: int) -> None:
        self.path = path
        self._part = path.with_name(path.name + ".part")
        self._room_bytes = room_bytes
        self._max_bytes = max_bytes
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = self._part.open("xb")
        return self

    def write(self, chunk: bytes) -> None:
        """Take in the next bytes.

        Raises:
            InvalidInputError: More than an import may hold, or the disk is full.
        """
        assert self._file is not None
        self._room_bytes -= len(chunk)
        if self._room_bytes < 0:
            raise InvalidInputError(
                f"the files of one import may hold {self._max_bytes / 1e9:.1f} GB together"
            )
        try:
            self._file.write(chunk)
        except OSError as error:
            raise InvalidInputError(f"there is no room for the file: {error.strerror}") from error

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._file is not None
        self._file.close()
        if kind is None:
            self._part.replace(self.path)
        else:
            shutil.rmtree(self.path.parent, ignore_errors=True)


def safe_name(name: str) -> str:
    r"""The last part of a name in harmless letters; it is only ever shown.

    >>> safe_name("../../etc/pass wd"), safe_name("C:\\\\My Data.ZIP"), safe_name("..")
    ('pass wd', 'My Data.ZIP', 'file')
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = _UNUSUAL.sub("_", last).strip(" .")[-MAX_NAME:]
    return shown.removesuffix(".part") or "file"
