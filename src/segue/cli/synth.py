"""`segue synth`: listeners, listening, ratings and music that nobody made, as files or on a server.

Names and passwords follow a convention, see docs/synthetic.md.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from segue.cli.output import EXIT_PARTLY, ConsoleProgress, JsonOption, emit, progress_bar
from segue.cli.root import cli, opened
from segue.data.dataset import TrackTable
from segue.errors import InvalidInputError
from segue.fetch.segue_server import SegueServer
from segue.services import synthesis
from segue.services.synthesis import Doings, Loaded, Written

synth = typer.Typer(help="Make people and music up.", no_args_is_help=True)
cli.add_typer(synth, name="synth")

_Count = Annotated[int, typer.Option("--users", min=1, max=9_999, help="Listeners.")]
_Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed makes the same.")]
_To = Annotated[Path | None, typer.Option("--to", help="Where files go.")]
_Server = Annotated[str | None, typer.Option("--server", help="Address of a running Segue.")]
_Token = Annotated[
    str,
    typer.Option("--token", envvar="SERVER_TOKEN", help="Of a session there, of an administrator."),
]
_Insecure = Annotated[
    bool, typer.Option("--insecure", help="Permit http to a server on another machine.")
]
_Until = Annotated[
    datetime | None,
    typer.Option("--until", formats=["%Y-%m-%d"], help="Last day (UTC); yesterday if not given."),
]


@dataclass(frozen=True)
class _Place:
    """Where the tracks are, and where the result goes."""

    tracks: TrackTable
    progress: ConsoleProgress
    server: SegueServer | None


@synth.command()
def users(
    context: typer.Context,
    n: _Count = 20,
    seed: _Seed = 1,
    to: _To = None,
    server: _Server = None,
    token: _Token = "",
    insecure: _Insecure = False,
    as_json: JsonOption = False,
) -> None:
    """Make listeners with names, passwords and what they say of themselves."""
    from segue.synthetic.people import people

    _check_where(to, server, token)
    with _place(context, server, token, insecure, as_json) as place:
        made = people(place.tracks, n, seed)
        if place.server is not None:
            loaded = synthesis.load_people(made, place.server, place.progress)
            words = f"{loaded.made:,} accounts made, {n - loaded.made:,} were there"
            emit(loaded, as_json, words)
        elif to is not None:
            written = synthesis.write_people(made, to)
            emit(written, as_json, f"{n:,} listeners written to {to}")


@synth.command()
def activity(
    context: typer.Context,
    n: _Count = 20,
    seed: _Seed = 1,
    days: Annotated[float, typer.Option("--days", min=1, max=3_650, help="How long.")] = 90.0,
    until: _Until = None,
    to: _To = None,
    server: _Server = None,
    token: _Token = "",
    insecure: _Insecure = False,
    as_json: JsonOption = False,
) -> int:
    """Make plays, skips, loves, dislikes and ratings of listeners with planted taste."""
    from segue.synthetic.people import activity as doings

    _check_where(to, server, token)
    with _place(context, server, token, insecure, as_json) as place:
        return _out(place, lambda tracks: doings(tracks, n, seed, _end(until), days), seed, to,
                    as_json)  # fmt: skip


@synth.command()
def ratings(
    context: typer.Context,
    n: _Count = 20,
    seed: _Seed = 1,
    per_user: Annotated[
        int, typer.Option("--per-user", min=1, max=5_000, help="Ratings of each, at most.")
    ] = 50,
    until: _Until = None,
    to: _To = None,
    server: _Server = None,
    token: _Token = "",
    insecure: _Insecure = False,
    as_json: JsonOption = False,
) -> int:
    """Make ratings of 1 to 5 stars that follow planted taste."""
    from segue.synthetic.people import ratings as doings

    _check_where(to, server, token)
    with _place(context, server, token, insecure, as_json) as place:
        return _out(place, lambda tracks: doings(tracks, n, seed, _end(until), per_user), seed, to,
                    as_json)  # fmt: skip


@synth.command()
def library(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where the audio goes.")],
    tracks: Annotated[int, typer.Option("--tracks", min=8, max=2_000, help="How many.")] = 128,
    seed: _Seed = 1,
    as_json: JsonOption = False,
) -> None:
    """Compose tagged music with covers; a folder for `segue scan`."""
    from segue.cli.root import settings_of
    from segue.synthetic.music import write_library

    workers = settings_of(context).scan_workers
    with progress_bar(quiet=as_json) as progress:
        plans = write_library(
            folder,
            seed=seed,
            n_tracks=tracks,
            workers=workers,
            on_progress=lambda done, total: progress.report(
                done, total, unit="tracks", message="Composing"
            ),
        )
    emit({"folder": str(folder), "tracks": len(plans)}, as_json,
         f"{len(plans):,} tracks in {folder}")  # fmt: skip


@contextmanager
def _place(
    context: typer.Context, server: str | None, token: str, insecure: bool, as_json: bool
) -> Generator[_Place]:
    """Tracks of the server, or of the library here."""
    from segue.synthetic.known_tracks import table_of

    with progress_bar(quiet=as_json) as progress:
        if server is not None:
            with SegueServer(server, token, insecure=insecure) as there:
                progress.report(0, message="Reading the tracks of the server")
                tracks = table_of(there.tracks())
                yield _Place(_some(tracks), progress, there)
            return
        with opened(context) as app:
            tracks = app.catalog.track_table()
        yield _Place(_some(tracks), progress, None)


def _out(
    place: _Place, make: Callable[[TrackTable], Doings], seed: int, to: Path | None, as_json: bool
) -> int:
    doings = make(place.tracks)
    if place.server is None:
        assert to is not None
        written: Written = synthesis.write_doings(doings, place.tracks, seed, to, place.progress)
        emit(written, as_json, f"{written.events:,} events of {written.listeners:,} listeners "
                               f"written to {to}")  # fmt: skip
        return 0
    loaded: Loaded = synthesis.load_doings(doings, seed, place.server, place.progress)
    words = (
        f"{loaded.stored:,} events of {loaded.listeners:,} listeners stored, {loaded.repeated:,} "
        f"known already, {loaded.refused:,} refused"
    )
    emit(loaded, as_json, words)
    return EXIT_PARTLY if loaded.refused else 0


def _some(tracks: TrackTable) -> TrackTable:
    if not len(tracks):
        raise InvalidInputError(
            "there are no tracks to listen to; scan a folder; `segue synth library` makes one"
        )
    return tracks


def _check_where(to: Path | None, server: str | None, token: str) -> None:
    if (to is None) == (server is None):
        raise InvalidInputError("say where it goes: --to for files, or --server and --token")
    if server is not None and not token:
        raise InvalidInputError(
            "--server needs --token: that of a session, which POST /v1/session gives"
        )


def _end(until: datetime | None) -> float:
    """The end of the last day; of yesterday, so that the same day makes the same."""
    if until is None:
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return today.timestamp()
    return until.replace(tzinfo=UTC).timestamp() + 86_400.0
