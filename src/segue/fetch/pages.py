"""Answers as they came, one file each: what is there is not asked for again."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from segue.errors import FetchError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")


class Pages:
    """Files of one folder.

    Args:
        folder: Made when something is kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def inner(self, name: str) -> "Pages":
        """A folder inside."""
        return Pages(self.folder / checked_name(name))

    def path(self, name: str) -> Path:
        """Where a page lies."""
        return self.folder / checked_name(name)

    def keep(self, name: str, body: bytes) -> None:
        """Write a page whole, or not at all."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        working = path.with_name(f".{path.name}.part")
        with working.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        working.replace(path)

    def read(self, name: str) -> Any | None:
        """A page as JSON; None when it is not there or was damaged since."""
        try:
            return msgspec.json.decode(self.path(name).read_bytes())
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def once(self, name: str, fetch: Callable[[], bytes]) -> Any:
        """A page as JSON, fetched where it is not there.

        Raises:
            FetchError: What came is not JSON.
        """
        known = self.read(name)
        if known is not None:
            return known
        body = fetch()
        decoded = decoded_json(body)
        self.keep(name, body)
        return decoded


def decoded_json(body: bytes) -> Any:
    """An answer as JSON.

    Raises:
        FetchError: It is none.
    """
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise FetchError(f"an answer is not JSON: {error}") from error


def checked_name(name: str) -> str:
    """A name of a file that leads nowhere else.

    Raises:
        FetchError: It is none.
    """
    if not _NAME.fullmatch(name):
        raise FetchError(f"{name[:40]!r} cannot be the name of a file")
    return name
