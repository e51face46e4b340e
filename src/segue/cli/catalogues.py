"""`segue import catalog`, `segue export features`."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from segue.bootstrap import App
from segue.cli.imports import importing
from segue.cli.output import EXIT_PARTLY, JsonOption, emit, emit_table, progress_bar
from segue.cli.own_data import exporting
from segue.cli.root import opened
from segue.errors import InvalidInputError
from segue.services.catalogues import CatalogueReport, FileRow
from segue.services.library import Progress
from segue.sources.mongo import MongoTracks

_MongoUrl = Annotated[
    str | None,
    typer.Option("--mongo", envvar="MONGODB_URL", help="Address of a MongoDB server."),
]
_Database = Annotated[str, typer.Option("--database", help="Of the MongoDB server.")]
_Collection = Annotated[str, typer.Option("--collection", help="Of the database.")]


@importing.command("catalog")
def import_catalog(
    context: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(help="CSV, Parquet, Spotify's JSON, FMA; folders, zips.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", help="FIELD=COLUMN of a table; guessed if none is given."),
    ] = None,
    playlists: Annotated[
        str, typer.Option("--playlists", help="leave them, keep them for --user, or learn.")
    ] = "leave",
    user: Annotated[str | None, typer.Option("--user", help="Who playlists are kept for.")] = None,
    mongo: _MongoUrl = None,
    database: _Database = "music",
    collection: _Collection = "tracks",
    as_json: JsonOption = False,
) -> int:
    """Add what a catalogue knows: tracks without a file, and facts about those that are here."""
    columns = _columns(column)
    with opened(context) as app, progress_bar(quiet=as_json) as progress:
        account_id = app.accounts.by_name(user).id if user else ""
        if files:
            report = app.catalogues.files(files, progress, columns=columns, playlists=playlists,
                                          account_id=account_id)  # fmt: skip
        elif mongo:
            report = _from_mongo(app, mongo, database, collection, progress, playlists, account_id)
        else:
            raise InvalidInputError("name a file, or a MongoDB server with --mongo")
        if report.added or report.completed or report.placed:
            app.jobs.submit("train")  # a running server does it, else the next one at its start
    return show_report(report, as_json)


@exporting.command("features")
def export_features(
    context: typer.Context,
    to: Annotated[
        Path | None, typer.Option("--to", help="File of JSON lines; standard output if not given.")
    ] = None,
    mongo: _MongoUrl = None,
    database: _Database = "music",
    collection: _Collection = "tracks",
    as_json: JsonOption = False,
) -> None:
    """Write what is known of how each track sounds, as JSON lines or into MongoDB."""
    with opened(context) as app:
        if mongo:
            with MongoTracks(mongo, database, collection) as tracks:
                n = tracks.write_features(app.features.of_catalogue(f"{database}.{collection}"))
            where = f"{database}.{collection}"
        elif to is not None:
            n, where = _write_lines(app, to), str(to)
        else:
            for line in app.features.json_lines():
                sys.stdout.write(line.decode())
            return
    emit({"tracks": n, "to": where}, as_json, f"features of {n:,} tracks written to {where}")


def show_report(report: CatalogueReport, as_json: bool) -> int:
    """Print what became of the rows; the exit code says whether all could be used."""
    emit(report, as_json, report.in_words())
    if not as_json:
        for title, rows in (("Rows that were not used", report.problems),
                            ("Tracks that may be here under other words", report.doubts),
                            ("Files that were not read", report.unread)):  # fmt: skip
            _show_rows(title, rows)
    return EXIT_PARTLY if report.refused or report.unread else 0


def _show_rows(title: str, rows: Sequence[FileRow]) -> None:
    if rows:
        emit_table(title, ("file", "row", "reason"),
                   [(one.file, one.row or "", one.reason) for one in rows[:20]])  # fmt: skip


def _columns(given: list[str] | None) -> dict[str, str] | None:
    if not given:
        return None
    pairs = [text.partition("=") for text in given]
    if not all(mark and column for _, mark, column in pairs):
        raise InvalidInputError("--column is FIELD=COLUMN, such as --column title=Song")
    return {field.strip(): column for field, _, column in pairs}


def _from_mongo(
    app: App,
    url: str,
    database: str,
    collection: str,
    progress: Progress,
    playlists: str,
    account_id: str,
) -> CatalogueReport:
    with MongoTracks(url, database, collection) as tracks:
        return app.catalogues.stream(tracks.rows(), f"{database}.{collection}", progress,
                                     playlists=playlists, account_id=account_id)  # fmt: skip


def _write_lines(app: App, to: Path) -> int:
    n = 0
    with to.open("wb") as file:
        for line in app.features.json_lines():
            file.write(line)
            n += 1
    return n
