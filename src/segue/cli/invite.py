"""`segue invite make|list|end`."""

from typing import Annotated

import typer

from segue.cli.output import JsonOption, emit, emit_table, utc_minute
from segue.cli.root import cli, opened
from segue.errors import InvalidInputError
from segue.services.invitations import DEFAULT_DAYS, NewInvitation

invite = typer.Typer(help="Links by which people join.", no_args_is_help=True)
cli.add_typer(invite, name="invite")


@invite.command("make")
def make(
    context: typer.Context,
    admin: Annotated[bool, typer.Option("--admin", help="Invite an administrator.")] = False,
    note: Annotated[str, typer.Option("--note", help="For whom it is.")] = "",
    days: Annotated[int, typer.Option("--days", help="Days for which it works.")] = DEFAULT_DAYS,
    url: Annotated[
        str, typer.Option("--url", help="Address of the server, as people reach it.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Make a link for one use; whoever opens it chooses a name and a password."""
    with opened(context) as app:
        admins = [account for account in app.accounts.all()
                  if account.role == "admin" and not account.is_disabled]  # fmt: skip
        if not admins:
            raise InvalidInputError("there is no administrator yet; make one first")
        made = app.admin.invitations.invite(
            admins[0].id, "admin" if admin else "listener", note, days
        )
        base = url.rstrip("/") or f"http://{app.settings.host}:{app.settings.port}"
    _tell(made, base, as_json=as_json)


@invite.command("list")
def list_invitations(context: typer.Context, as_json: JsonOption = False) -> None:
    """Print invitations with what became of them, newest first."""
    with opened(context) as app:
        found = app.admin.invitations.list()
    if as_json:
        emit(found, as_json)
        return
    rows = [
        (
            one.id,
            one.state,
            one.role,
            one.note or one.for_name,
            one.used_by,
            utc_minute(one.expires_at),
        )
        for one in found
    ]  # fmt: skip
    emit_table("Invitations", ("id", "", "role", "for", "used by", "works until (UTC)"), rows)


@invite.command("end")
def end(
    context: typer.Context,
    invitation_id: Annotated[str, typer.Argument(help="As `segue invite list` shows it.")],
    as_json: JsonOption = False,
) -> None:
    """Take an invitation back."""
    with opened(context) as app:
        app.admin.invitations.revoke(invitation_id)
    emit({"id": invitation_id}, as_json, "the link opens nothing any more")


def _tell(made: NewInvitation, base: str, *, as_json: bool) -> None:
    shown = {"id": made.invitation.id, "url": f"{base}{made.path}", "token": made.token,
             "expires_at": made.invitation.expires_at}  # fmt: skip
    emit(shown, as_json, f"Send this link; it works once, until "
         f"{utc_minute(made.invitation.expires_at)} UTC:\n  {shown['url']}")  # fmt: skip
