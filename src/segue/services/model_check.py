"""Reads every file of the model set in service once more, in the background, after each load.

At a load only what may have changed is read (:mod:`segue.training.file_checks`); a byte that
changed by itself on the disk is found here, and whoever put the set in service takes it back.
"""

import threading
from collections.abc import Callable
from pathlib import Path

from segue.errors import ArtifactError
from segue.log import get_logger
from segue.training import artifacts

_log = get_logger("models")


class ModelCheck:
    """One reader at a time: a set that was replaced is not read to its end.

    Args:
        models_dir: Folder of published versions.
        on_damage: Called with the version, in the thread of the reader.
    """

    def __init__(self, models_dir: Path, on_damage: Callable[[str], object]) -> None:
        self._models_dir = models_dir
        self._on_damage = on_damage
        self._stopping = threading.Event()
        self._reader: threading.Thread | None = None

    def begin(self, version: str) -> None:
        """Read this version; returns at once."""
        self.stop()
        self._stopping = stopping = threading.Event()
        self._reader = threading.Thread(
            target=self._read, args=(version, stopping), name="model-check", daemon=True
        )
        self._reader.start()

    def stop(self) -> None:
        """End the reader, unless it is the one who asks."""
        self._stopping.set()
        reader = self._reader
        if reader is not None and reader is not threading.current_thread():
            reader.join()

    def _read(self, version: str, stopping: threading.Event) -> None:
        damage = artifacts.find_damage(self._models_dir, version, lambda: not stopping.is_set())
        if damage is None or stopping.is_set() or not self._is_published(version):
            return
        _log.error("a model set is damaged and taken out of service", reason=damage)
        self._on_damage(version)

    def _is_published(self, version: str) -> bool:
        """A set that was replaced may be removed while it is read, and nobody loads it again."""
        try:
            return artifacts.current_version(self._models_dir) == version
        except ArtifactError:  # nobody can say what is published, so the damage counts
            return True
