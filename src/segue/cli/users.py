"""`segue user add|list|password|disable|delete`."""

import sys
from typing import Annotated

import typer

from segue.cli.output import JsonOption, emit, emit_table
from segue.cli.root import cli, opened
from segue.errors import InvalidInputError

users = typer.Typer(help="Accounts.", no_args_is_help=True)
cli.add_typer(users, name="user")

_Name = Annotated[str, typer.Argument(help="Name of the account.")]
_PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


@users.command("add")
def add(
    context: typer.Context,
    name: _Name,
    admin: Annotated[bool, typer.Option("--admin", help="Make an administrator.")] = False,
    password_stdin: _PasswordStdin = False,
    as_json: JsonOption = False,
) -> None:
    """Make an account."""
    secret = _password(from_stdin=password_stdin)
    with opened(context) as app:
        account = app.accounts.create(name, secret, "admin" if admin else "listener")
    emit({"id": account.id, "name": account.name, "role": account.role}, as_json,
         f"{account.name} can sign in now")  # fmt: skip


@users.command("list")
def list_users(context: typer.Context, as_json: JsonOption = False) -> None:
    """Print all accounts."""
    with opened(context) as app:
        accounts = app.accounts.all()
    rows = [{"id": a.id, "name": a.name, "role": a.role, "closed": a.is_disabled} for a in accounts]
    if as_json:
        emit(rows, as_json)
    else:
        shown = [(a.name, a.role, "yes" if a.is_disabled else "") for a in accounts]
        emit_table("Accounts", ("name", "role", "closed"), shown)


@users.command("password")
def password(
    context: typer.Context,
    name: _Name,
    password_stdin: _PasswordStdin = False,
    as_json: JsonOption = False,
) -> None:
    """Set a password; all sessions of the account end."""
    secret = _password(from_stdin=password_stdin)
    with opened(context) as app:
        app.accounts.set_password(app.accounts.by_name(name).id, secret)
    emit({"name": name}, as_json, f"{name} has a new password; their sessions ended")


@users.command("disable")
def disable(
    context: typer.Context,
    name: _Name,
    undo: Annotated[bool, typer.Option("--undo", help="Open the account again.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Close an account at once; its music taste stays."""
    with opened(context) as app:
        app.accounts.disable(app.accounts.by_name(name).id, disabled=not undo)
    emit({"name": name, "disabled": not undo}, as_json,
         f"{name} is {'open again' if undo else 'closed'}")  # fmt: skip


@users.command("delete")
def delete(
    context: typer.Context,
    name: _Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether you are sure.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Delete an account and everything about it; the models are trained again without it."""
    with opened(context) as app:
        account = app.accounts.by_name(name)
        if not yes:
            _be_sure(account.name)
        app.own.deletion.delete(account.id)
    emit({"name": account.name}, as_json,
         f"{account.name} and everything about them is deleted; the models are learned anew by "
         "the running server, or by the next one at its start")  # fmt: skip


def _be_sure(name: str) -> None:
    if not sys.stdin.isatty():
        raise InvalidInputError("no terminal to ask whether you are sure; use --yes")
    typer.confirm(f"Delete {name} with history, lists and marks, for good?", abort=True)


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        raise InvalidInputError("no terminal to ask for a password; use --password-stdin")
    return typer.prompt("Password", hide_input=True, confirmation_prompt=True)
