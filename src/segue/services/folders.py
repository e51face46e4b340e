"""Where the music is: folders of the settings, and those that an administrator chose on a page."""

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from segue.errors import InvalidInputError

FILE = "music-folders.json"
USUAL_PLACES = ("~/Music", "/music", "/srv/music", "/mnt/music", "/media", "/mnt", "/data/music")
MOST = 50


class MusicFolders:
    """Folders to scan, kept in one small file of the data folder.

    Args:
        data_dir: The data folder.
        configured: Folders of the settings; they come first and cannot be taken away here.
    """

    def __init__(self, data_dir: Path, configured: Sequence[Path]) -> None:
        self._data_dir = data_dir
        self._configured = tuple(configured)

    def all(self) -> list[Path]:
        """Every folder once."""
        return list(dict.fromkeys((*self._configured, *self._chosen())))

    def add(self, wanted: str) -> Path:
        """Check a folder and keep it; returns its absolute path.

        Raises:
            InvalidInputError: No absolute path, no folder, one that may not be read, one that holds
                Segue's own data, or too many.
        """
        folder = self._checked(wanted)
        chosen = self._chosen()
        if folder in self.all():
            return folder
        if len(chosen) >= MOST:
            raise InvalidInputError(f"at most {MOST} folders can be chosen; choose one above them")
        self._keep([*chosen, folder])
        return folder

    def suggestions(self) -> list[Path]:
        """Usual places for music that exist here and hold something."""
        places = (Path(place).expanduser() for place in USUAL_PLACES)
        return [place for place in places if _holds_something(place)]

    def _checked(self, wanted: str) -> Path:
        text = wanted.strip()
        path = Path(text).expanduser()
        if "\0" in text or not path.is_absolute():
            raise InvalidInputError(
                f"{text!r} is no full path; it begins with /, as /home/me/Music"
            )
        folder = path.resolve()
        if not folder.is_dir():
            raise InvalidInputError(
                f"there is no folder {text!r} on the machine that Segue runs on"
            )
        if not os.access(folder, os.R_OK | os.X_OK):
            raise InvalidInputError(
                f"Segue may not read {text!r}; give it the right to, or move it"
            )
        if folder.is_relative_to(self._data_dir.resolve()):
            raise InvalidInputError(f"{text!r} is where Segue keeps its own data; choose another")
        return folder

    def _chosen(self) -> list[Path]:
        try:
            content = (self._data_dir / FILE).read_bytes()
        except FileNotFoundError:
            return []
        return [Path(text) for text in msgspec.json.decode(content, type=list[str])]

    def _keep(self, folders: Sequence[Path]) -> None:
        written = self._data_dir / f"{FILE}.new"
        written.write_bytes(msgspec.json.encode([str(folder) for folder in folders]))
        written.replace(self._data_dir / FILE)


def _holds_something(place: Path) -> bool:
    try:
        return place.is_dir() and any(place.iterdir())
    except OSError:
        return False
