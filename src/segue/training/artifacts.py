"""Model sets on disk: arrays and a JSON manifest with checksums, published by one atomic rename.

```
models/
  20261121T031500-4f2a/     one version: never changed once it has this name
    manifest.json           sizes, SHA-256, code version, data window, scores
    tracks/                 the track table
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
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from scipy import sparse

from segue.data.dataset import TrackTable
from segue.data.vocabulary import Vocabulary
from segue.errors import ArtifactError
from segue.models import base
from segue.models.ask import AskIndex
from segue.models.ask_files import load_ask, save_ask
from segue.models.base import Recommender
from segue.models.music_map import EarlierMap, MusicMap, load_map
from segue.pipeline.learned import LearnedRanker, load_ranker
from segue.text.genres import genre_tree

FORMAT_VERSION = 1
MANIFEST = "manifest.json"
POINTER = "current.json"
TRACKS_FOLDER = "tracks"
RANKER_FOLDER = "ranker"
ASK_FOLDER = "ask"
MAP_FOLDER = "map"
_NUMERIC_COLUMNS = ("artist_idx", "album_idx", "recording_idx", "year", "duration_s", "added_at",
                    "owned", "explicit")  # fmt: skip
_TEXT_COLUMNS = ("titles", "artists", "term_names", "term_kinds")
_VOCABULARIES = ("ids", "artist_ids", "album_ids")


class FileEntry(Struct, frozen=True):
    """Size and checksum of one file of a version."""

    size_bytes: int
    sha256: str


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
        _write_tracks(working / TRACKS_FOLDER, tracks)
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
        complete = msgspec.structs.replace(manifest, files=_checksums(working))
        (working / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(complete)))
        _flush_tree(working)
        working.rename(models_dir / manifest.version)
        _flush_folder(models_dir)
    except BaseException:
        shutil.rmtree(working, ignore_errors=True)
        raise
    return complete


def read_version(models_dir: Path, version: str, *, verify: bool = True) -> ModelSet:
    """Load one version; arrays are memory-mapped.

    Args:
        models_dir: Folder of all versions.
        version: Name of the version.
        verify: Compare every file with its checksum first.

    Raises:
        ArtifactError: The version is missing, damaged or of another format.
    """
    folder = models_dir / version
    manifest = read_manifest(models_dir, version)
    if verify:
        _verify(folder, manifest)
    try:
        tracks = _read_tracks(folder / TRACKS_FOLDER)
    except (OSError, ValueError, KeyError) as error:
        raise ArtifactError(f"the track table of {version} cannot be read: {error}") from error
    models = {name: base.load(folder / name) for name in manifest.models}
    has_ranker, has_ask = ((folder / name).is_dir() for name in (RANKER_FOLDER, ASK_FOLDER))
    ranker = load_ranker(folder / RANKER_FOLDER) if has_ranker else None
    ask = load_ask(folder / ASK_FOLDER, tracks, genre_tree().name) if has_ask else None
    return ModelSet(manifest, tracks, models, ranker, ask, _map_of(folder, len(tracks)))


def read_earlier_map(models_dir: Path, version: str) -> EarlierMap | None:
    """The map of one version with the ids of its tracks, or None when it holds none.

    Raises:
        ArtifactError: It is damaged.
    """
    folder = models_dir / version
    if not (folder / MAP_FOLDER).is_dir():
        return None
    try:
        words = msgspec.json.decode(
            (folder / TRACKS_FOLDER / "words.json").read_bytes(), type=dict[str, list[str]]
        )
        ids = Vocabulary(words["ids"])
    except (OSError, ValueError, KeyError) as error:
        raise ArtifactError(f"the track table of {version} cannot be read: {error}") from error
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
    if manifest.format != FORMAT_VERSION:
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


def _write_tracks(folder: Path, tracks: TrackTable) -> None:
    folder.mkdir()
    words = {name: list(getattr(tracks, name)) for name in (*_TEXT_COLUMNS, *_VOCABULARIES)}
    (folder / "words.json").write_bytes(msgspec.json.encode(words))
    for name in _NUMERIC_COLUMNS:
        np.save(folder / f"{name}.npy", getattr(tracks, name), allow_pickle=False)
    sparse.save_npz(folder / "terms.npz", tracks.terms, compressed=False)


def _read_tracks(folder: Path) -> TrackTable:
    words = msgspec.json.decode((folder / "words.json").read_bytes(), type=dict[str, list[str]])
    numbers: dict[str, Any] = {
        name: np.load(folder / f"{name}.npy", allow_pickle=False) for name in _NUMERIC_COLUMNS
    }
    vocabularies = {name: Vocabulary(words.pop(name)) for name in _VOCABULARIES}
    terms = sparse.csr_matrix(sparse.load_npz(folder / "terms.npz"))
    fields: dict[str, Any] = {**words, **numbers, **vocabularies}
    return TrackTable(terms=terms, **fields)


def _map_of(folder: Path, n_tracks: int) -> MusicMap | None:
    if not (folder / MAP_FOLDER).is_dir():
        return None
    music_map = load_map(folder / MAP_FOLDER)
    if len(music_map.known) != n_tracks:
        raise ArtifactError(
            f"the map in {folder} has {len(music_map.known)} tracks, the catalogue {n_tracks}"
        )
    return music_map


def _checksums(folder: Path) -> dict[str, FileEntry]:
    return {
        str(path.relative_to(folder)): FileEntry(path.stat().st_size, _sha256(path))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _verify(folder: Path, manifest: Manifest) -> None:
    for name, entry in manifest.files.items():
        path = folder / name
        if not path.is_file() or path.stat().st_size != entry.size_bytes:
            raise ArtifactError(f"{manifest.version}/{name} is missing or cut short")
        if _sha256(path) != entry.sha256:
            raise ArtifactError(f"{manifest.version}/{name} does not match its checksum")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
