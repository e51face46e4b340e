"""All commands together, and the one place where errors become exit codes."""

from typing import Any

import typer

from segue.cli import (
    catalogues,
    clusters,
    doctor,
    evaluate,
    fetch,
    imports,
    invite,
    library,
    listening,
    models,
    own_data,
    serve,
    synth,
    tune,
    users,
)
from segue.cli.output import EXIT_FAILED, EXIT_INTERRUPTED, complain
from segue.cli.root import cli
from segue.errors import SegueError

COMMANDS = (
    catalogues,
    clusters,
    doctor,
    evaluate,
    fetch,
    imports,
    invite,
    library,
    listening,
    models,
    own_data,
    serve,
    synth,
    tune,
    users,
)  # importing them registers them

INTERRUPTED = "interrupted; what was finished stays"

# Typer carries its own click and exports only the leaves of its errors: BadParameter is a
# UsageError is a ClickException, and that one is meant.
_CommandLineError: Any = typer.BadParameter.__mro__[2]


def run() -> int:
    """Run the command line and return its exit code."""
    try:
        result = cli(standalone_mode=False)
    except typer.Exit as stop:
        result = stop.exit_code
    except _CommandLineError as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        complain(INTERRUPTED)
        return EXIT_INTERRUPTED
    except SegueError as error:
        complain(str(error))
        return EXIT_FAILED
    if result == EXIT_INTERRUPTED:  # Typer turns Ctrl-C into this code without a word
        complain(INTERRUPTED)
    return result if isinstance(result, int) else 0
