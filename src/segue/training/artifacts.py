"""Model sets on disk: arrays and a JSON manifest with checksums, published by one atomic rename.

```
models/
  20261121T031500-4f2a/     one version: never changed once it has this name
    manifest.json           sizes, SHA-256, code version, data window, scores
    seen.json               how its files looked when they were last found right (file_checks.py)
    tracks/                 the track table (track_files.py)
    collective/ content/ ...  one folder a model
    ranker/                 the learned fusion, when there is one
    ask/                    what requests in words are answered from, when there is anything
    map/                    the music map
  current.json              {"version": ...}: the pointer, moved by rename
```
A version folder is written under a temporary name, flushed, and then renamed; so is the pointer. A
reader therefore sees the old set or the new one, never a mixture.
"""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from segue.data.dataset import TrackTable
from segue.errors import ArtifactError
from segue.models import base
from segue.models.ask import AskIndex
from segue.models.ask_files import load_ask, save_ask
from segue.models.base import Recommender
from segue.models.music_map import EarlierMap, MusicMap, load_map
from segue.pipeline.learned import LearnedRanker, load_ranker
from segue.text.genres import genre_tree
from segue.training import file_checks
from segue.training.file_checks import FileEntry
from segue.training.track_files import EARLIER_WORDS_FILE, read_ids, read_tracks, write_tracks

FORMAT_VERSION = 2
READ_FORMATS = (1, FORMAT_VERSION)  # the first held the texts of the catalogue as JSON
MANIFEST = "manifest.json"
POINTER = "current.json"
TRACKS_FOLDER = "tracks"
RANKER_FOLDER = "ranker"
ASK_FOLDER = "ask"
MAP_FOLDER = "map"


class Manifest(Struct, frozen=True, kw_only=True):
    """What a model set is and what it was trained on."""

    version: str
    code_version: str
    created_at: float
    n_tracks: int
    n_listeners: int
    n_events: int
    data_until: float  # Unix time (s) of the newest event
    models: tuple[str, ...]
    data_from: float = 0.0  # of the oldest; 0 where a set of an earlier release does not say
    params: dict[str, dict[str, Any]] = {}  # of each model
    read_at: dict[str, int] = {}  # newest event, retractions and catalogue version when it was read
    scores: dict[str, float] = {}  # measured on the held-out slice, by "<model>.<metric>"
    intervals: dict[str, tuple[float, float]] = {}  # 95 % bounds of scores; none in earlier sets
    notes: tuple[str, ...] = ()
    files: dict[str, FileEntry] = {}
    format: int = FORMAT_VERSION

    def content_of(self, model: str) -> str:
        """What names the content of one model and the ids of its tracks: a digest of checksums.

        Two sets in which it is the same hold the same arrays of this model, row for row.
        """
        digest = hashlib.sha256()
        for name, entry in sorted(self.files.items()):
            folder, _, file = name.partition("/")
            is_ids = folder == TRACKS_FOLDER and file.startswith(("ids.", EARLIER_WORDS_FILE))
            if folder == model or is_ids:
                digest.update(f"{name} {entry.sha256}\n".encode())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class ModelSet:
    """A loaded version: the catalogue it was trained on and its models, all for one vocabulary."""

    manifest: Manifest
    tracks: TrackTable
    models: dict[str, Recommender]
    ranker: LearnedRanker | None = None
    ask: AskIndex | None = None
    music_map: MusicMap | None = None

    @property
    def version(self) -> str:
        """Name of the version."""
        return self.manifest.version


def new_version(created_at_utc: str) -> str:
    """A version name that sorts by time; ``created_at_utc`` like ``20261121T031500``."""
    return f"{created_at_utc}-{secrets.token_hex(2)}"


def write_version(
    models_dir: Path,
    manifest: Manifest,
    tracks: TrackTable,
    models: dict[str, Recommender],
    ranker: LearnedRanker | None = None,
    ask: AskIndex | None = None,
    music_map: MusicMap | None = None,
) -> Manifest:
    """Write one version folder completely, or leave nothing of that name.

    Returns:
        The manifest with the checksums of all files.
    """
    models_dir.mkdir(parents=True, exist_ok=True)
    working = models_dir / f".{manifest.version}.{secrets.token_hex(4)}.part"
    working.mkdir()
    try:
        write_tracks(working / TRACKS_FOLDER, tracks)
        for name, model in models.items():
            (working / name).mkdir()
            model.save(working / name)
        if ranker is not None:
            (working / RANKER_FOLDER).mkdir()
            ranker.save(working / RANKER_FOLDER)
        if ask is not None:
            (working / ASK_FOLDER).mkdir()
            save_ask(ask, working / ASK_FOLDER)
        if music_map is not None:
            (working / MAP_FOLDER).mkdir()
            music_map.save(working / MAP_FOLDER)
        complete = msgspec.structs.replace(manifest, files=file_checks.entries_of(working))
        (working / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(complete)))
        file_checks.remember(working, complete.files)
        _flush_tree(working)
        working.rename(models_dir / manifest.version)
        _flush_folder(models_dir)
    except BaseException:
        shutil.rmtree(working, ignore_errors=True)
        raise
    return complete


def read_version(models_dir: Path, version: str, *, thorough: bool = False) -> ModelSet:
    """Load one version; arrays are memory-mapped.

    Args:
        models_dir: Folder of all versions.
        version: Name of the version.
        thorough: Compare every file with its checksum first, not only those that may have changed
            since that was last done; see :mod:`segue.training.file_checks`.

    Raises:
        ArtifactError: The version is missing, damaged or of another format.
    """
    folder = models_dir / version
    manifest = read_manifest(models_dir, version)
    file_checks.check_files(folder, version, manifest.files, thorough=thorough)
    tracks = read_tracks(folder / TRACKS_FOLDER)
    models = {name: base.load(folder / name) for name in manifest.models}
    has_ranker, has_ask = ((folder / name).is_dir() for name in (RANKER_FOLDER, ASK_FOLDER))
    ranker = load_ranker(folder / RANKER_FOLDER) if has_ranker else None
    ask = load_ask(folder / ASK_FOLDER, tracks, genre_tree().name) if has_ask else None
    return ModelSet(manifest, tracks, models, ranker, ask, _map_of(folder, len(tracks)))


def find_damage(models_dir: Path, version: str, go_on: Callable[[], bool]) -> str | None:
    """Read every file of a version at leisure; what is wrong in words, None where nothing is.

    A version that is found damaged is read in full by whoever loads it next, and refused.

    Args:
        models_dir: Folder of all versions.
        version: Name of the version.
        go_on: Asked now and then; the reading ends when it says no.
    """
    folder = models_dir / version
    try:
        manifest = read_manifest(models_dir, version)
    except ArtifactError as error:
        return str(error) if folder.is_dir() else None
    damage = file_checks.find_damage(folder, version, manifest.files, go_on)
    if damage is not None:
        file_checks.forget(folder)
    return damage


def read_earlier_map(models_dir: Path, version: str) -> EarlierMap | None:
    """The map of one version with the ids of its tracks, or None when it holds none.

    Raises:
        ArtifactError: It is damaged.
    """
    folder = models_dir / version
    if not (folder / MAP_FOLDER).is_dir():
        return None
    ids = read_ids(folder / TRACKS_FOLDER)
    music_map = _map_of(folder, len(ids))
    return None if music_map is None else EarlierMap(ids, music_map)


def read_manifest(models_dir: Path, version: str) -> Manifest:
    """The manifest of one version.

    Raises:
        ArtifactError: It is missing, damaged or of another format.
    """
    try:
        raw = (models_dir / version / MANIFEST).read_bytes()
        manifest = msgspec.json.decode(raw, type=Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise ArtifactError(f"model version {version!r} cannot be read: {error}") from error
    if manifest.format not in READ_FORMATS:
        raise ArtifactError(f"{version} has format {manifest.format}, this is {FORMAT_VERSION}")
    return manifest


def publish(models_dir: Path, version: str) -> None:
    """Make a version the one in service, by renaming the pointer; also the way back."""
    read_manifest(models_dir, version)
    working = models_dir / f".{POINTER}.{secrets.token_hex(4)}"
    working.write_text(json.dumps({"version": version}), "utf-8")
    _flush_file(working)
    working.replace(models_dir / POINTER)
    _flush_folder(models_dir)


def current_version(models_dir: Path) -> str | None:
    """The version in service, or None when nothing was ever published.

    Raises:
        ArtifactError: The pointer is damaged.
    """
    try:
        return str(json.loads((models_dir / POINTER).read_text("utf-8"))["version"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"{models_dir / POINTER} cannot be read: {error}") from error


def pointer_stamp(models_dir: Path) -> tuple[int, int]:
    """Changes whenever the pointer is moved: one stat, for servers that watch it."""
    try:
        stat = (models_dir / POINTER).stat()
    except FileNotFoundError:
        return (0, 0)
    return (stat.st_mtime_ns, stat.st_ino)


def versions(models_dir: Path) -> list[str]:
    """All complete versions, oldest first."""
    return sorted(path.parent.name for path in models_dir.glob(f"[!.]*/{MANIFEST}"))


def prune(models_dir: Path, n_keep: int, *, keep: Sequence[str] = ()) -> list[str]:
    """Remove all but the newest ``n_keep`` versions and what an interrupted writer left.

    The version in service and those in ``keep`` stay. Returns the removed names.
    """
    spared = {current_version(models_dir), *keep, *versions(models_dir)[-n_keep:]}
    removed = [version for version in versions(models_dir) if version not in spared]
    for version in removed:
        shutil.rmtree(models_dir / version, ignore_errors=True)
    for left_over in models_dir.glob(".*.part"):
        shutil.rmtree(left_over, ignore_errors=True)
    return removed


def remove(models_dir: Path, unwanted: Sequence[str]) -> None:
    """Remove versions, and what an interrupted writer left; the one in service stays.

    Servers that have a removed version in memory keep it until they see the pointer change.
    """
    kept = current_version(models_dir)
    for version in unwanted:
        if version != kept:
            shutil.rmtree(models_dir / version, ignore_errors=True)
    for left_over in models_dir.glob(".*.part"):
        shutil.rmtree(left_over, ignore_errors=True)


def _map_of(folder: Path, n_tracks: int) -> MusicMap | None:
    if not (folder / MAP_FOLDER).is_dir():
        return None
    music_map = load_map(folder / MAP_FOLDER)
    if len(music_map.known) != n_tracks:
        raise ArtifactError(
            f"the map in {folder} has {len(music_map.known)} tracks, the catalogue {n_tracks}"
        )
    return music_map


def _flush_tree(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_dir():
            _flush_folder(path)
        else:
            _flush_file(path)
    _flush_folder(folder)


def _flush_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _flush_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
