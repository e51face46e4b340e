"""The root of the command tree: global options, settings, and the application of a command."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from segue import __version__
from segue.bootstrap import App, build_app
from segue.log import configure_logging
from segue.settings import Settings, load_settings

cli = typer.Typer(
    name="segue",
    help="The recommender for music people own or run themselves.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"segue {__version__}")
        raise typer.Exit


@cli.callback()
def options(
    context: typer.Context,
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", help="Folder for the database and models.")
    ] = None,
    config: Annotated[Path | None, typer.Option("--config", help="Settings file (TOML).")] = None,
    log_level: Annotated[
        str | None, typer.Option("--log-level", help="debug, info, warning or error.")
    ] = None,
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", is_eager=True, callback=_version),
    ] = False,
) -> None:
    """Options before the command hold for every command."""
    del version
    flags = {"data_dir": data_dir, "log_level": log_level}
    context.obj = {"config": config, "flags": flags}


def settings_of(context: typer.Context, **flags: object) -> Settings:
    """The settings of this command, its own flags included.

    A command logs warnings only, since it speaks by its output; servers log as the settings say.
    """
    given: dict[str, Any] = context.find_root().obj or {"config": None, "flags": {}}
    settings = load_settings(given["config"], flags={**given["flags"], **flags})
    is_server = context.command.name in ("serve", "worker")
    said = is_server or "log_level" in settings.model_fields_set
    configure_logging(settings.log_level if said else "warning", settings.log_form)
    return settings


@contextmanager
def opened(context: typer.Context, **flags: object) -> Generator[App]:
    """The application for one command; closed afterwards."""
    app = build_app(settings_of(context, **flags))
    try:
        yield app
    finally:
        app.close()
