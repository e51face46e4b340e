"""Invitations: links for one use, made by administrators and used by whom they are given to."""

from typing import Annotated, Any, Literal

from litestar import Response, delete, get, post
from litestar.params import JSONBody
from litestar.status_codes import HTTP_201_CREATED, HTTP_204_NO_CONTENT
from msgspec import Meta, Struct

from segue.server.auth import ADMIN, PUBLIC, SegueRequest, client_of, owner, session_cookie
from segue.server.rest.parameters import Cursor, Identifier, PageLimit, app_of
from segue.server.rest.session import Password, SignedIn, me_of
from segue.server.threads import in_thread
from segue.services.invitations import DEFAULT_DAYS, MAX_DAYS, InvitationView, NewInvitation
from segue.store.catalog_records import Page


class InvitationOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """For whom a link is; ``note`` is read by administrators alone."""

    role: Literal["listener", "admin"] = "listener"
    note: Annotated[str, Meta(max_length=100)] = ""
    days: Annotated[int, Meta(ge=1, le=MAX_DAYS)] = DEFAULT_DAYS


class MadeInvitation(Struct, frozen=True):
    """A new link; ``token`` and ``path`` are shown only this once."""

    id: str
    token: str
    path: str
    expires_at: float


class InvitationUse(Struct, frozen=True, forbid_unknown_fields=True):
    """The token of a link, and who joins; a link for a new password needs no ``name``."""

    token: Annotated[str, Meta(min_length=1, max_length=128)]
    password: Password
    name: Annotated[str, Meta(max_length=64)] = ""


@post("/v1/invitations", opt={"policy": ADMIN}, status_code=HTTP_201_CREATED, tags=["account"],
      summary="Invite somebody")  # fmt: skip
@in_thread
def invite(request: SegueRequest, data: JSONBody[InvitationOrder]) -> MadeInvitation:
    """Make a link for one use; whoever opens it chooses a name and a password."""
    invitations = app_of(request).admin.invitations
    return made_of(invitations.invite(owner(request).id, data.role, data.note, data.days))


@get("/v1/invitations", opt={"policy": ADMIN}, tags=["account"],
     summary="Invitations, newest first")  # fmt: skip
@in_thread
def list_invitations(
    request: SegueRequest, cursor: Cursor = None, limit: PageLimit = 50
) -> Page[InvitationView]:
    """Links with what became of them; their tokens are kept nowhere."""
    return app_of(request).admin.invitations.page(cursor, limit)


@delete("/v1/invitations/{invitation_id:str}", opt={"policy": ADMIN},
        status_code=HTTP_204_NO_CONTENT, tags=["account"],
        summary="Take an invitation back")  # fmt: skip
@in_thread
def revoke_invitation(request: SegueRequest, invitation_id: Identifier) -> None:
    """The link opens nothing any more; an account that was made with it stays."""
    app_of(request).admin.invitations.revoke(invitation_id)


@post("/v1/invitations/use", opt={"policy": PUBLIC}, status_code=HTTP_201_CREATED,
      tags=["account"], summary="Use an invitation")  # fmt: skip
@in_thread
def use_invitation(request: SegueRequest, data: JSONBody[InvitationUse]) -> Response[SignedIn]:
    """Make the account that a link is for, or set its new password, and sign in."""
    app = app_of(request)
    address = request.client.host if request.client else "unknown"
    account = app.admin.invitations.use(data.token, data.name, data.password, address)
    token = app.accounts.open_session(account, client_of(request))
    return Response(
        SignedIn(me_of(account), token),
        status_code=HTTP_201_CREATED,
        cookies=[session_cookie(token, app.settings)],
    )


def made_of(made: NewInvitation) -> MadeInvitation:
    """A new link as whoever made it sees it, this once."""
    return MadeInvitation(made.invitation.id, made.token, made.path, made.invitation.expires_at)


INVITATION_HANDLERS: list[Any] = [invite, list_invitations, revoke_invitation, use_invitation]
