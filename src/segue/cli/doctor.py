"""`segue doctor`: versions, codecs, database, folders, and what is wrong in words."""

import importlib.metadata
import os
import platform
import shutil
import sqlite3
import sys
from pathlib import Path

import typer
from msgspec import Struct

from segue import __version__
from segue.cli.output import EXIT_PARTLY, JsonOption, emit, emit_table
from segue.cli.root import cli, settings_of
from segue.errors import SegueError
from segue.services.folders import MusicFolders
from segue.settings import Settings

LOW_DISK_BYTES = 1 << 30
_PACKAGES = ("litestar", "uvicorn", "sqlalchemy", "numpy", "scipy", "soundfile", "tinytag", "huey",
             "msgspec", "pillow")  # fmt: skip


class Check(Struct, frozen=True):
    """One thing that was looked at. ``problem`` says what is wrong and what to do, or nothing."""

    what: str
    found: str
    problem: str = ""


@cli.command()
def doctor(context: typer.Context, as_json: JsonOption = False) -> int:
    """Look at everything Segue needs and say in words what is wrong."""
    settings = settings_of(context)
    checks = [*_versions(), _codecs(), *_folders(settings), _database(settings), *_models(settings)]
    if as_json:
        emit(checks, as_json)
    else:
        emit_table("Segue", ("", "found", "to do"), [(c.what, c.found, c.problem) for c in checks])
    problems = [check for check in checks if check.problem]
    if not as_json:
        emit(None, as_json, f"\n{len(problems)} to look at" if problems else "\nAll is well.")
    return EXIT_PARTLY if problems else 0


def _versions() -> list[Check]:
    packages = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES)
    wrong = sys.version_info[:2] != (3, 11)
    return [
        Check("Segue", __version__),
        Check("Python", platform.python_version(), "Segue is tested with 3.11" if wrong else ""),
        Check("SQLite", sqlite3.sqlite_version),
        Check("packages", packages),
    ]


def _codecs() -> Check:
    import soundfile

    formats = soundfile.available_formats()
    wanted = {"MP3": "mp3", "OGG": "ogg and opus", "FLAC": "flac", "WAV": "wav", "AIFF": "aiff"}
    missing = [words for name, words in wanted.items() if name not in formats]
    found = ", ".join(words for name, words in wanted.items() if name in formats)
    words = f"this libsndfile cannot read {', '.join(missing)}" if missing else ""
    return Check("codecs", found, words)


def _folders(settings: Settings) -> list[Check]:
    checks = [_data_folder(settings.data_dir)]
    folders = MusicFolders(settings.data_dir, settings.music_dirs).all()
    for folder in folders:
        readable = folder.is_dir() and os.access(folder, os.R_OK | os.X_OK)
        checks.append(Check("music", str(folder), "" if readable else "cannot be read"))
    if not folders:
        checks.append(Check("music", "no folder set", "set music_dirs, or run `segue demo`"))
    return checks


def _data_folder(folder: Path) -> Check:
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    if not os.access(nearest, os.W_OK):
        return Check("data folder", str(folder), f"{nearest} cannot be written to")
    free = shutil.disk_usage(nearest).free
    words = f"{folder} ({free / 1e9:.1f} GB free)"
    return Check("data folder", words, "less than 1 GB is free" if free < LOW_DISK_BYTES else "")


def _database(settings: Settings) -> Check:
    if not settings.database_path.exists():
        return Check("database", "none yet", "")
    from segue.store.engine import Database

    try:
        database = Database(settings.database_path)
    except SegueError as error:
        return Check("database", str(settings.database_path), str(error))
    try:
        problems = database.check()
    finally:
        database.close()
    return Check("database", str(settings.database_path), "; ".join(problems))


def _models(settings: Settings) -> list[Check]:
    from segue.bootstrap.nearness import neighbor_engine
    from segue.training import artifacts

    try:
        version = artifacts.current_version(settings.models_dir)
        if version is None:
            return [Check("models", "none yet", ""),
                    Check("nearest tracks", *neighbor_engine(settings, 0))]  # fmt: skip
        n_tracks = len(artifacts.read_version(settings.models_dir, version, thorough=True).tracks)
    except SegueError as error:
        return [Check("models", str(settings.models_dir), f"{error}; run `segue train`")]
    return [Check("models", version),
            Check("nearest tracks", *neighbor_engine(settings, n_tracks))]  # fmt: skip
