"""Accounts made by an administrator."""

from typing import Any, Literal

from litestar import post
from litestar.params import JSONBody
from litestar.status_codes import HTTP_201_CREATED
from msgspec import Struct

from segue.server.auth import ADMIN, SegueRequest
from segue.server.rest.parameters import app_of
from segue.server.rest.session import Me, Name, Password, me_of
from segue.server.threads import in_thread


class NewUser(Struct, frozen=True, forbid_unknown_fields=True):
    """Who shall be able to sign in."""

    name: Name
    password: Password
    role: Literal["listener", "admin"] = "listener"


@post("/v1/users", opt={"policy": ADMIN}, status_code=HTTP_201_CREATED, tags=["account"],
      summary="Make an account for somebody")  # fmt: skip
@in_thread
def add_user(request: SegueRequest, data: JSONBody[NewUser]) -> Me:
    """Make an account whether or not sign-up is open; its owner may change the password."""
    return me_of(app_of(request).accounts.create(data.name, data.password, data.role))


USER_HANDLERS: list[Any] = [add_user]
