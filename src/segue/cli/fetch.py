"""`segue fetch spotify`, `segue fetch listenbrainz`: asks other services, where that is allowed."""

from typing import Annotated

import typer
from msgspec import structs

from segue.cli.imports import in_words
from segue.cli.output import EXIT_PARTLY, JsonOption, emit, emit_table, progress_bar
from segue.cli.root import cli, opened
from segue.services.importing.request import ImportRequest

fetching = typer.Typer(
    help="Fetch from other services; off unless allow_outbound is set.", no_args_is_help=True
)
cli.add_typer(fetching, name="fetch")


@fetching.command("spotify")
def fetch_spotify(
    context: typer.Context,
    playlists: Annotated[list[str], typer.Argument(help="Addresses of playlists.")],
    keep: Annotated[
        str, typer.Option("--playlists", help="leave them, keep them for --user, or learn.")
    ] = "leave",
    user: Annotated[str | None, typer.Option("--user", help="Who playlists are kept for.")] = None,
    as_json: JsonOption = False,
) -> int:
    """Fetch playlists with your own Spotify credentials and add their tracks to the catalogue."""
    with opened(context) as app, progress_bar(quiet=as_json) as progress:
        account_id = app.accounts.by_name(user).id if user else ""
        fetched = app.fetch.spotify(playlists, progress, keep=keep, account_id=account_id)
        report = fetched.catalogue
        if report is not None and (report.added or report.completed or report.placed):
            app.jobs.submit("train")  # a running server does it, else the next one at its start
    if as_json:
        emit(fetched, as_json)
    else:
        rows = [
            (
                one.name or one.playlist,
                one.entries,
                one.tracks,
                "; ".join((one.problem, *one.notes)).strip("; "),
            )
            for one in fetched.playlists
        ]
        emit_table("Playlists", ("name", "entries", "tracks", "note"), rows)
        emit(None, as_json, report.in_words() if report else "There was nothing to take in.")
    is_partly = any(one.problem for one in fetched.playlists) or bool(report and report.refused)
    return EXIT_PARTLY if is_partly else 0


@fetching.command("listenbrainz")
def fetch_listenbrainz(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the user at ListenBrainz.")],
    listener: Annotated[str, typer.Option("--as", help="Account the listens belong to.")],
    again: Annotated[
        bool, typer.Option("--again", help="Walk through all there is, not only what is new.")
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Fetch what was listened to since the last time; stopping and starting again loses nothing."""
    with opened(context) as app, progress_bar(quiet=as_json) as progress:
        account = app.accounts.by_name(listener)
        pulled = app.fetch.listenbrainz(name, progress, again=again)
        request = ImportRequest(paths=(str(pulled.folder),))
        # all pages each time: what an import that was ended has left is taken in, the rest is known
        report = app.imports.run_here(account.id, request, progress)
        n_doubtful = app.doubts.count(account.id)
    words = (
        f"{pulled.n_listens:,} new listens and {pulled.n_marks:,} marks of {pulled.user} fetched\n"
    )
    said = {**structs.asdict(pulled), "folder": str(pulled.folder), "report": report}
    emit(said, as_json, words + in_words(report, n_doubtful))
    return EXIT_PARTLY if report.refused or report.doubtful else 0
