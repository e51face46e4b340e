"""Taking one's data away, and deleting it."""

from typing import Any

from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody
from litestar.response import Stream
from litestar.status_codes import HTTP_204_NO_CONTENT
from msgspec import Struct

from segue.server.auth import (
    FORGET_IN_BROWSER,
    LISTENER,
    SegueRequest,
    delete_caller,
    expired_cookie,
    owner,
)
from segue.server.rest.media import AS_IT_IS
from segue.server.rest.parameters import app_of
from segue.server.rest.session import Password
from segue.server.threads import in_thread

_ZIP = {200: ResponseSpec(bytes, description="A zip archive", media_type="application/zip",
                          generate_examples=False)}  # fmt: skip


@get("/v1/me/export", opt={"policy": LISTENER, AS_IT_IS: True}, tags=["account"],
     summary="Everything about me", responses=_ZIP)  # fmt: skip
@in_thread
def export_me(request: SegueRequest) -> Stream:
    """All that is kept about you as one archive; a README inside says what each file is."""
    export, listener_id = app_of(request).own.export, owner(request).id
    headers = {"content-disposition": f'attachment; filename="{export.file_name(listener_id)}"'}
    pieces = export.archive(listener_id)
    return Stream(pieces, media_type="application/zip", headers=headers)


class Goodbye(Struct, frozen=True, forbid_unknown_fields=True):
    """Your password, said once more."""

    password: Password


@post("/v1/me/delete", opt={"policy": LISTENER}, status_code=HTTP_204_NO_CONTENT,
      tags=["account"], summary="Delete everything about me")  # fmt: skip
@in_thread
def delete_me(request: SegueRequest, data: JSONBody[Goodbye]) -> Response[None]:
    """Your account, history, lists and marks are gone when this answers; the models learn anew."""
    delete_caller(request, data.password)
    return Response(None, status_code=HTTP_204_NO_CONTENT, headers=FORGET_IN_BROWSER,
                    cookies=[expired_cookie(app_of(request).settings)])  # fmt: skip


OWN_DATA_HANDLERS: list[Any] = [export_me, delete_me]
