"""`segue scan`, `segue analyse`, `segue demo`."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from segue.cli.output import EXIT_PARTLY, JsonOption, emit, emit_table, progress_bar
from segue.cli.root import cli, opened
from segue.errors import InvalidInputError
from segue.services.library import ScanReport


@cli.command()
def scan(
    context: typer.Context,
    folders: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders; without any, those chosen before."),
    ] = None,
    problems: Annotated[
        bool, typer.Option("--problems", help="List the files that could not be read.")
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Bring the library up to date with its folders. Files are only ever read."""
    with opened(context) as app, progress_bar(quiet=as_json) as progress:
        chosen = folders or app.folders.all()
        if not chosen:
            raise InvalidInputError(
                "name a folder, choose one on the page of first steps, or set music_dirs"
            )
        reports = [app.library.scan(folder, progress) for folder in chosen]
        if any(report.added or report.changed or report.gone for report in reports):
            app.jobs.submit("train")  # a running server does it, else the next one at its start
            if app.settings.analyse_after_scan:
                app.jobs.submit("analyse")
        listed = app.catalog.problems(after=0, limit=200) if problems else []
    if as_json:
        emit({"folders": reports, "problems": listed}, as_json)
    for report in () if as_json else reports:
        emit(None, as_json, scan_words(report))
    if listed and not as_json:
        emit_table("Files that could not be read", ("file", "reason"),
                   [(problem.path, problem.problem) for problem in listed])  # fmt: skip
    return EXIT_PARTLY if any(report.problems for report in reports) else 0


@cli.command()
def analyse(
    context: typer.Context,
    full: Annotated[
        bool, typer.Option("--full", help="Listen to all of each track, not to windows of it.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Also to what was heard before, or could not be.")
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Listen to the music that was not heard yet; stopping and starting again loses nothing."""
    with opened(context) as app, progress_bar(quiet=as_json) as progress:
        report = app.analysis.run(progress, full=full, again=again)
        app.recordings.run(progress)
        if report.heard or app.recordings.has_changed:
            app.jobs.submit("train")
    words = (
        f"{report.heard:,} tracks heard, {report.problems:,} could not be; "
        f"{report.duration_s:.1f} s, {report.tracks_per_hour:,.0f} tracks an hour"
    )
    emit(report, as_json, words)
    if report.warnings and not as_json:
        emit_table("Files that could not be heard", ("reason",), [(w,) for w in report.warnings])
    return EXIT_PARTLY if report.problems else 0


@cli.command()
def demo(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Where the audio goes; default: data folder.")
    ] = None,
    password: Annotated[
        str | None, typer.Option("--password", help="Of the demo account; made up if not given.")
    ] = None,
    tracks: Annotated[
        int, typer.Option("--tracks", min=8, max=2_000, help="Tracks to compose.")
    ] = 128,
    listeners: Annotated[
        int, typer.Option("--listeners", min=1, max=500, help="Listeners with planted taste.")
    ] = 24,
    as_json: JsonOption = False,
) -> None:
    """Compose a demo library with listeners and a year of listening, and learn from it."""
    with opened(context) as app, progress_bar(quiet=as_json) as progress:
        place = folder or app.settings.data_dir / "demo-library"
        report = app.demo.build(place, progress, n_tracks=tracks, n_listeners=listeners,
                                workers=app.settings.scan_workers, password=password)  # fmt: skip
        manifest = app.training.train(progress)
        if app.settings.analyse_after_scan:
            app.jobs.submit("analyse")  # a running server does it, else the next at its start
    emit(
        {**msgspec.to_builtins(report), "model_version": manifest.version},
        as_json,
        f"{tracks} tracks in {place}; {report.n_events:,} listens of {report.n_listeners} "
        f"listeners written.\nSign in as “{report.account}”"
        + (f" with the password {report.password}" if report.password else " as before"),
    )


def scan_words(report: ScanReport) -> str:
    """A scan in one sentence."""
    again = f"{report.read_again} read again for what is new in them, " if report.read_again else ""
    return (
        f"{report.folder}: {report.added} new, {report.changed} changed, {report.moved} moved, "
        f"{report.gone} gone, {report.unchanged} as before, {again}"
        f"{report.problems} could not be read; "
        f"{report.duration_s:.1f} s, {report.files_per_second:,.0f} files a second"
    )
