"""Accounts as administrators see, make, change and remove them."""

from typing import Any, Literal

from litestar import get, patch, post
from litestar.params import JSONBody
from litestar.status_codes import HTTP_201_CREATED, HTTP_204_NO_CONTENT
from msgspec import UNSET, Struct, UnsetType

from segue.server.auth import ADMIN, SegueRequest, owner
from segue.server.rest.invitations import MadeInvitation, made_of
from segue.server.rest.parameters import Cursor, Identifier, PageLimit, SearchText, app_of
from segue.server.rest.session import Me, Name, Password, me_of
from segue.server.threads import in_thread
from segue.store.catalog_records import Page
from segue.store.people import Person

_OPT = {"policy": ADMIN}


class NewUser(Struct, frozen=True, forbid_unknown_fields=True):
    """Who shall be able to sign in."""

    name: Name
    password: Password
    role: Literal["listener", "admin"] = "listener"


class UserChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What shall be otherwise; what is left out stays as it is."""

    role: Literal["listener", "admin"] | UnsetType = UNSET
    is_disabled: bool | UnsetType = UNSET


class Removal(Struct, frozen=True, forbid_unknown_fields=True):
    """Your own password, said once more."""

    password: Password


@post("/v1/users", opt=_OPT, status_code=HTTP_201_CREATED, tags=["account"],
      summary="Make an account for somebody")  # fmt: skip
@in_thread
def add_user(request: SegueRequest, data: JSONBody[NewUser]) -> Me:
    """Make an account whether or not sign-up is open; its owner may change the password."""
    return me_of(app_of(request).accounts.create(data.name, data.password, data.role))


@get("/v1/users", opt=_OPT, tags=["account"], summary="Accounts by name")
@in_thread
def list_users(
    request: SegueRequest, q: SearchText = "", cursor: Cursor = None, limit: PageLimit = 50
) -> Page[Person]:
    """Accounts whose name has the words of `q` in it; those that can sign in come first."""
    return app_of(request).admin.people.page(q, cursor, limit)


@get("/v1/users/{user_id:str}", opt=_OPT, tags=["account"], summary="One account")
@in_thread
def get_user(request: SegueRequest, user_id: Identifier) -> Person:
    """Name, role, whether it is closed, and its last visit."""
    return app_of(request).admin.people.get(user_id)


@patch("/v1/users/{user_id:str}", opt=_OPT, tags=["account"],
       summary="Close or open an account, change its role")  # fmt: skip
@in_thread
def change_user(request: SegueRequest, user_id: Identifier, data: JSONBody[UserChange]) -> Person:
    """A closed account keeps everything and cannot sign in; its sessions end within a second."""
    people, caller = app_of(request).admin.people, owner(request)
    if data.role is not UNSET:
        people.set_role(caller, user_id, data.role)
    if data.is_disabled is not UNSET:
        people.close(caller, user_id, closed=data.is_disabled)
    return people.get(user_id)


@post("/v1/users/{user_id:str}/password-link", opt=_OPT, status_code=HTTP_201_CREATED,
      tags=["account"], summary="A link for a new password")  # fmt: skip
@in_thread
def make_password_link(request: SegueRequest, user_id: Identifier) -> MadeInvitation:
    """Whoever has the link chooses a new password; an earlier link for the account ends."""
    app, caller = app_of(request), owner(request)
    account = app.accounts.get(user_id)
    return made_of(app.admin.invitations.password_link(caller.id, account))


@post("/v1/users/{user_id:str}/delete", opt=_OPT, status_code=HTTP_204_NO_CONTENT,
      tags=["account"], summary="Delete an account and everything about it")  # fmt: skip
@in_thread
def remove_user(request: SegueRequest, user_id: Identifier, data: JSONBody[Removal]) -> None:
    """Its history, lists and marks are gone when this answers; the models learn anew."""
    address = request.client.host if request.client else "unknown"
    app_of(request).admin.people.remove(owner(request), user_id, data.password, address)


USER_HANDLERS: list[Any] = [
    add_user, list_users, get_user, change_user, make_password_link, remove_user,
]  # fmt: skip
