"""`segue train`, `segue models list|show|publish|rollback`."""

from pathlib import Path
from typing import Annotated

import typer

from segue.cli.output import JsonOption, emit, emit_table, progress_bar, utc_minute
from segue.cli.root import cli, opened
from segue.services.tuning import tuned_plan
from segue.training.artifacts import Manifest

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
         utc_minute(m.created_at),
         ", ".join(f"{name} {value:.4f}" for name, value in m.scores.items()))
        for m, live in manifests
    ]  # fmt: skip
    emit_table("Models", ("version", "", "events", "tracks", "made (UTC)", "scores"), rows)


@models.command("show")
def show(
    context: typer.Context,
    version: Annotated[
        str | None, typer.Argument(help="As `segue models list` shows it; else the one in service.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print what one version learned from, how good it is, and how large."""
    with opened(context) as app:
        manifest, live = app.training.manifest(version)
    if as_json:
        emit({"in_service": live, "manifest": manifest}, as_json)
        return
    emit_table(f"{manifest.version}{', in service' if live else ''}", ("", ""), facts_of(manifest))
    emit_table("Models", ("model", "score", "size (MB)", "parameters"), models_of(manifest))
    for note in manifest.notes:
        typer.echo(note)


def facts_of(manifest: Manifest) -> list[tuple[str, str]]:
    """What a version was made of and when, as lines of a table."""
    window = "none"
    if manifest.n_events:
        since = utc_minute(manifest.data_from) if manifest.data_from else "the beginning"
        window = f"{since} to {utc_minute(manifest.data_until)}"
    whole_mb = sum(entry.size_bytes for entry in manifest.files.values()) / 1e6
    return [
        ("made (UTC)", utc_minute(manifest.created_at)),
        ("code", manifest.code_version),
        ("tracks", f"{manifest.n_tracks:,}"),
        ("listeners", f"{manifest.n_listeners:,}"),
        ("events", f"{manifest.n_events:,}"),
        ("listens (UTC)", window),
        ("size", f"{whole_mb:.1f} MB"),
    ]


def models_of(manifest: Manifest) -> list[tuple[str, str, str, str]]:
    """Score, size and parameters of each model, then the scores of whole lists."""
    rows: list[tuple[str, str, str, str]] = []
    scores = dict(manifest.scores)
    for name in manifest.models:
        mine = {key: scores.pop(key) for key in list(scores) if key.partition(".")[0] == name}
        size_mb = sum(
            entry.size_bytes for path, entry in manifest.files.items()
            if path.startswith(f"{name}/")
        ) / 1e6  # fmt: skip
        params = ", ".join(f"{key} {value}" for key, value in manifest.params.get(name, {}).items())
        rows.append((name, _scores(mine), f"{size_mb:.1f}", params))
    lists = {key.partition(".")[0] for key in scores}
    for name in sorted(lists):
        mine = {key: value for key, value in scores.items() if key.partition(".")[0] == name}
        rows.append((name.replace("_", " "), _scores(mine), "", "whole lists"))
    return rows


def _scores(scores: dict[str, float]) -> str:
    return ", ".join(f"{key.partition('.')[2]} {value:.4f}" for key, value in scores.items())


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
