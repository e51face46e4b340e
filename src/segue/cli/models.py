"""`segue train`, `segue models list|publish|rollback`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from segue.cli.output import JsonOption, emit, emit_table, progress_bar
from segue.cli.root import cli, opened
from segue.services.tuning import tuned_plan

models = typer.Typer(help="Versions of the trained models.", no_args_is_help=True)
cli.add_typer(models, name="models")


@cli.command()
def train(
    context: typer.Context,
    params: Annotated[
        Path | None, typer.Option("--params", help="Take the parameters that segue tune found.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Learn from all listens now and publish the result."""
    plan = None if params is None else tuned_plan(params)
    with opened(context) as app, progress_bar(quiet=as_json) as progress:
        manifest = app.training.train(progress, plan)
    scores = ", ".join(f"{name} {value:.4f}" for name, value in manifest.scores.items())
    emit(
        manifest,
        as_json,
        f"{manifest.version}: {', '.join(manifest.models)} from {manifest.n_events:,} events of "
        f"{manifest.n_listeners} listeners on {manifest.n_tracks:,} tracks"
        + (f"\non the newest tenth of time: {scores}" if scores else "")
        + "".join(f"\n{note}" for note in manifest.notes),
    )


@models.command("list")
def list_models(context: typer.Context, as_json: JsonOption = False) -> None:
    """Print the versions on disk, newest first."""
    with opened(context) as app:
        manifests = app.training.manifests()
    if as_json:
        emit([{"in_service": live, "manifest": manifest} for manifest, live in manifests], as_json)
        return
    rows = [
        (m.version, "in service" if live else "", f"{m.n_events:,}", f"{m.n_tracks:,}",
         datetime.fromtimestamp(m.created_at, UTC).strftime("%Y-%m-%d %H:%M"),
         ", ".join(f"{name} {value:.4f}" for name, value in m.scores.items()))
        for m, live in manifests
    ]  # fmt: skip
    emit_table("Models", ("version", "", "events", "tracks", "made (UTC)", "scores"), rows)


@models.command("publish")
def publish(
    context: typer.Context,
    version: Annotated[str, typer.Argument(help="As `segue models list` shows it.")],
    as_json: JsonOption = False,
) -> None:
    """Put a version in service; a running server picks it up by itself."""
    with opened(context) as app:
        app.training.publish(version)
    emit({"version": version}, as_json, f"{version} is in service")


@models.command("rollback")
def rollback(context: typer.Context, as_json: JsonOption = False) -> None:
    """Go back to the version before the one in service."""
    with opened(context) as app:
        version = app.training.rollback()
    emit({"version": version}, as_json, f"{version} is in service again")
