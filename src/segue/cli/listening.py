"""`segue recommend`, `segue similar`."""

from typing import Annotated

import typer

from segue.bootstrap import App
from segue.cli.output import JsonOption, emit, emit_table
from segue.cli.root import cli, opened
from segue.data.query import Controls
from segue.errors import NotFoundError
from segue.services.views import ListView

_Missing = Annotated[
    bool, typer.Option("--missing", help="Also tracks without a file, such as of a catalogue.")
]


@cli.command()
def recommend(
    context: typer.Context,
    user: Annotated[str, typer.Option("--user", help="Name of the account.")],
    station: Annotated[str, typer.Option("--station", help="Which list.")] = "for_you",
    n: Annotated[int, typer.Option("-n", min=1, max=500, help="Tracks wanted.")] = 20,
    seed: Annotated[
        list[str] | None, typer.Option("--seed", help="Track id or title to start from.")
    ] = None,
    minus: Annotated[
        list[str] | None, typer.Option("--minus", help="Track id or title to move away from.")
    ] = None,
    mood: Annotated[
        str | None, typer.Option("--mood", help="calm, party, focus ...: makes it a mood list.")
    ] = None,
    words: Annotated[
        str | None, typer.Option("--words", help="Say what to look for: makes it an ask list.")
    ] = None,
    missing: _Missing = False,
    as_json: JsonOption = False,
) -> None:
    """Print a list with its reasons."""
    if station == "for_you" and (words is not None or mood is not None):
        station = "ask" if words is not None else "mood"
    with opened(context) as app:
        account = app.accounts.by_name(user)
        seeds = [track_id_of(app, text) for text in seed or ()]
        away = [track_id_of(app, text) for text in minus or ()]
        controls = Controls(mood=mood, owned_only=not missing)
        view = app.recommend.list(account.id, station, n, seeds, controls, away, words or "")
    show_list(view, as_json)


@cli.command()
def similar(
    context: typer.Context,
    track: Annotated[str, typer.Argument(help="Track id, or words of its title and artist.")],
    user: Annotated[str | None, typer.Option("--user", help="Whose never-play rules hold.")] = None,
    n: Annotated[int, typer.Option("-n", min=1, max=500, help="Tracks wanted.")] = 20,
    missing: _Missing = False,
    as_json: JsonOption = False,
) -> None:
    """Print tracks that go with a track."""
    with opened(context) as app:
        listener_id = app.accounts.by_name(user).id if user else ""
        view = app.recommend.list(
            listener_id, "similar", n, [track_id_of(app, track)], Controls(owned_only=not missing)
        )
    show_list(view, as_json)


def track_id_of(app: App, text: str) -> str:
    """The track of an id, or the best hit of a search."""
    if app.catalog.track(text) is not None:
        return text
    hits = app.catalog.search(text, 1).tracks
    if not hits:
        raise NotFoundError(f"no track fits {text!r}")
    return hits[0].id


def show_list(view: ListView, as_json: bool) -> None:
    """Print a list as JSON or as a table."""
    if as_json:
        emit(view, as_json)
        return
    rows = [
        (place, seen.track.title, ", ".join(artist.name for artist in seen.track.artists),
         seen.reasons[0].text if seen.reasons else "")
        for place, seen in enumerate(view.tracks, start=1)
    ]  # fmt: skip
    emit_table(view.title, ("", "title", "artist", "why"), rows)
    if view.fallback_text:
        emit(None, as_json, view.fallback_text)
