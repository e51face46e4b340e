"""What Segue keeps on the disk, how large it is, and what of it can go without loss.

Music folders are no part of it: they are only ever read.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from msgspec import Struct

from segue.errors import NotFoundError
from segue.services.analysis import KIND as SOUND
from segue.services.peaks import KIND as PEAKS
from segue.settings import Settings
from segue.store.space import Space

Part: TypeAlias = Literal[
    "database", "copies", "sound", "peaks", "models", "covers", "uploads", "fetched", "demo", "rest"
]

PARTS: tuple[Part, ...] = get_args(Part)
REMOVABLE: tuple[Part, ...] = ("covers", "peaks", "fetched", "copies")
DEMO_FOLDER = "demo-library"


class PartSize(Struct, frozen=True, kw_only=True):
    """One part of what is kept; ``inside`` parts are within another and count there, too."""

    part: Part
    n_files: int
    size_bytes: int
    can_go: bool
    inside: bool = False


class StorageReport(Struct, frozen=True, kw_only=True):
    """All parts, their sum and the free space of the disk, in bytes."""

    folder: str
    parts: tuple[PartSize, ...]
    total_bytes: int
    free_bytes: int
    disk_bytes: int


class StorageService:
    """Looks at the data folder.

    Args:
        settings: Where everything is.
        space: Sizes within the database.
    """

    def __init__(self, settings: Settings, space: Space) -> None:
        self._settings = settings
        self._space = space

    def report(self) -> StorageReport:
        """One look at every file of the data folder; half a second for 100,000 of them."""
        folder, named = self._settings.data_dir, self._folders()
        sizes = {part: _sum(_files(paths)) for part, paths in named.items()}
        heard = self._space.analyses()
        for part, kind in (("sound", SOUND), ("peaks", PEAKS)):
            sizes[part] = heard.get(kind, (0, 0))
        everything = _sum(_files([folder]))
        of_files = [size for part, size in sizes.items() if part not in ("sound", "peaks")]
        rest = tuple(all_ - sum(one[i] for one in of_files) for i, all_ in enumerate(everything))
        sizes["rest"] = (max(rest[0], 0), max(rest[1], 0))  # files may come and go meanwhile
        disk = shutil.disk_usage(folder)
        return StorageReport(
            folder=str(folder),
            parts=tuple(_part(part, *sizes[part]) for part in PARTS),
            total_bytes=everything[1],
            free_bytes=disk.free,
            disk_bytes=disk.total,
        )

    def remove(self, part: str) -> None:
        """Let go of a part that is made again when it is needed, or that nothing needs.

        Raises:
            NotFoundError: No such part, or one that must stay.
        """
        if part not in REMOVABLE:
            raise NotFoundError(f"only {', '.join(REMOVABLE)} can be removed, not {part!r}")
        if part == "peaks":
            self._space.forget_analyses(PEAKS)
            return
        for path in self._folders()[part]:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def _folders(self) -> dict[Part, list[Path]]:
        """Where each part lies that is made of files."""
        settings = self._settings
        database = settings.database_path
        return {
            "database": [database, *(database.with_name(database.name + end)
                                     for end in ("-wal", "-shm"))],
            "copies": sorted(database.parent.glob(f"{database.name}.schema-*.bak")),
            "models": [settings.models_dir],
            "covers": [settings.covers_dir],
            "uploads": [settings.uploads_dir],
            "fetched": [settings.fetched_dir],
            "demo": [settings.data_dir / DEMO_FOLDER],
        }  # fmt: skip


def _part(part: Part, n_files: int, size_bytes: int) -> PartSize:
    return PartSize(
        part=part, n_files=n_files, size_bytes=size_bytes,
        can_go=part in REMOVABLE and n_files > 0, inside=part in ("sound", "peaks"),
    )  # fmt: skip


def _sum(sizes: Iterator[int]) -> tuple[int, int]:
    n, total = 0, 0
    for size in sizes:
        n, total = n + 1, total + size
    return n, total


def _files(paths: Sequence[Path]) -> Iterator[int]:
    """Sizes of files below; links are not followed, and what vanishes meanwhile is left out."""
    for path in paths:
        if path.is_file():
            yield path.stat().st_size
            continue
        for folder, _, names in os.walk(path):
            for name in names:
                size = _size(Path(folder) / name)
                if size is not None:
                    yield size


def _size(path: Path) -> int | None:
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        return None
