"""`segue export listener`."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from segue.cli.output import JsonOption, emit
from segue.cli.root import cli, opened
from segue.errors import InvalidInputError

exporting = typer.Typer(help="Take data out.", no_args_is_help=True)
cli.add_typer(exporting, name="export")


@exporting.command("listener")
def export_listener(
    context: typer.Context,
    user: Annotated[str, typer.Argument(help="Name of the account.")],
    file: Annotated[Path, typer.Argument(help="Zip archive to write.")],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the file when it is there.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write everything about a listener to an archive that `segue import` reads back."""
    if file.exists() and not overwrite:
        raise InvalidInputError(f"{file} is there already; use --overwrite to replace it")
    with opened(context) as app:
        pieces = app.own.export.archive(app.accounts.by_name(user).id)
        working = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
        try:
            with working.open("xb") as out:
                working.chmod(0o600)  # it is a person's whole history
                for piece in pieces:
                    out.write(piece)
            working.replace(file)
        except OSError as error:
            raise InvalidInputError(f"{file} cannot be written: {error.strerror}") from error
        finally:
            working.unlink(missing_ok=True)
    size = file.stat().st_size
    emit({"file": str(file), "size_bytes": size}, as_json, f"{file}: {size:,} bytes")
