"""`segue import history`: the past of one listener, from the files that other services export."""

from pathlib import Path
from typing import Annotated

import typer

from segue.cli.output import EXIT_PARTLY, JsonOption, emit, emit_table, progress_bar
from segue.cli.root import cli, opened
from segue.errors import InvalidInputError
from segue.services.importing.report import ImportReport
from segue.services.importing.request import ImportRequest
from segue.services.importing.service import FileLook, look_at

MAX_ROWS_SHOWN = 20

importing = typer.Typer(help="Bring your past.", no_args_is_help=True)
cli.add_typer(importing, name="import")


@importing.command("history")
def import_history(
    context: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(help="Files, folders and zip archives that belong together.")
    ],
    user: Annotated[str, typer.Option("--user", help="Name of the account it belongs to.")],
    source: Annotated[
        str, typer.Option("--source", help="Name of the format, where it is not recognised.")
    ] = "",
    column: Annotated[
        list[str] | None,
        typer.Option("--column", help="Of a table: field=column, such as title=Song. Repeatable."),
    ] = None,
    person: Annotated[
        str, typer.Option("--person", help="Whose listening, of a database that holds several.")
    ] = "",
    look: Annotated[
        bool, typer.Option("--look", help="Only say what the files are taken for.")
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Add listens, marks and playlists to an account; doing it again adds nothing.

    What nothing in the library is like is kept by name: your taste counts, and the wish list can
    speak of it.
    """
    request = ImportRequest(
        paths=tuple(str(path.resolve()) for path in paths), source=source,
        columns=_columns(column or []), person=person,
    )  # fmt: skip
    if look:
        return _say_what(look_at(request), as_json)
    with opened(context) as app, progress_bar(quiet=as_json) as progress:
        account = app.accounts.by_name(user)
        report = app.imports.run_here(account.id, request, progress)
        n_doubtful = app.doubts.count(account.id)
    emit(report, as_json, in_words(report, n_doubtful))
    if report.problems and not as_json:
        emit_table("What was not used", ("file", "row", "reason"), [
            (one.file, one.row or "", one.reason) for one in report.problems[:MAX_ROWS_SHOWN]
        ])  # fmt: skip
    return EXIT_PARTLY if report.refused or report.doubtful or report.problems else 0


def in_words(report: ImportReport, n_doubtful: int) -> str:
    """An import in a few lines."""
    files = ", ".join(dict.fromkeys(one.title for one in report.files))
    lines = [
        f"{files}: {report.rows:,} rows in {report.duration_s:.1f} s",
        f"{report.stored:,} new, {report.repeated:,} known already, {report.doubtful:,} doubtful, "
        f"{report.refused:,} refused, {report.no_music:,} no music to learn from",
    ]
    if report.rules or report.said or report.not_taken:
        lines.append(
            f"{report.rules:,} rules of what is never to be played, {report.said:,} things said of "
            f"oneself, {report.not_taken:,} of that left out"
        )
    if report.listed:
        lines.append(f"{report.listed:,} entries of playlists, {report.playlists:,} of them new")
    if report.named:
        lines.append(
            f"{report.named:,} rows are of music that is not in the library; "
            f"{report.added:,} tracks are known by name now"
        )
    if n_doubtful:
        lines.append(f"{n_doubtful:,} doubtful names wait for you on the page “Bring your past”")
    return "\n".join(lines)


def _say_what(looks: list[FileLook], as_json: bool) -> int:
    emit(looks, as_json)
    if not as_json:
        emit_table("What the files are taken for", ("file", "read as", "columns"), [
            (one.file, one.title or f"nobody reads it: it {one.reason}",
             ", ".join(f"{field}={name}" for field, name in one.columns.items()))
            for one in looks
        ])  # fmt: skip
    return 0 if any(one.source for one in looks) else EXIT_PARTLY


def _columns(given: list[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for text in given:
        field, sign, name = text.partition("=")
        if not sign or not field.strip() or not name.strip():
            raise InvalidInputError(
                f"--column takes field=column, such as title=Song; got {text!r}"
            )
        columns[field.strip()] = name.strip()
    return columns
