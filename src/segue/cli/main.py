"""The command tree, its global options, and the one place where errors become exit codes."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import click
import typer

from segue import __version__
from segue.bootstrap import App, build_app
from segue.cli.output import EXIT_FAILED, EXIT_INTERRUPTED, complain
from segue.errors import SegueError
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


def run() -> int:
    """Run the command line and return its exit code."""
    # importing them registers the commands
    from segue.cli import doctor, library, listening, models, serve, users

    del doctor, library, listening, models, serve, users
    try:
        result = cli(standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        complain("interrupted; what was finished stays")
        return EXIT_INTERRUPTED
    except SegueError as error:
        complain(str(error))
        return EXIT_FAILED
    return result if isinstance(result, int) else 0


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
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Options before the command hold for every command."""
    if version:
        typer.echo(f"segue {__version__}")
        raise typer.Exit
    flags = {"data_dir": data_dir, "log_level": log_level}
    context.obj = {"config": config, "flags": flags}


def settings_of(context: typer.Context, **flags: object) -> Settings:
    """The settings of this command, its own flags included."""
    given: dict[str, Any] = context.find_root().obj or {"config": None, "flags": {}}
    settings = load_settings(given["config"], flags={**given["flags"], **flags})
    configure_logging(settings.log_level, settings.log_form)
    return settings


@contextmanager
def opened(context: typer.Context, **flags: object) -> Generator[App]:
    """The application for one command; closed afterwards."""
    app = build_app(settings_of(context, **flags))
    try:
        yield app
    finally:
        app.close()
