"""Taking one's data away."""

from typing import Any

from litestar import get
from litestar.openapi.datastructures import ResponseSpec
from litestar.response import Stream

from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.rest.media import AS_IT_IS
from segue.server.rest.parameters import app_of
from segue.server.threads import in_thread

_ZIP = {200: ResponseSpec(bytes, description="A zip archive", media_type="application/zip",
                          generate_examples=False)}  # fmt: skip


@get("/v1/me/export", opt={"policy": LISTENER, AS_IT_IS: True}, tags=["account"],
     summary="Everything about me", responses=_ZIP)  # fmt: skip
@in_thread
def export_me(request: SegueRequest) -> Stream:
    """All that is kept about you as one archive; a README inside says what each file is."""
    export, listener_id = app_of(request).export, signed_in(request).id
    headers = {"content-disposition": f'attachment; filename="{export.file_name(listener_id)}"'}
    pieces = export.archive(listener_id)
    return Stream(pieces, media_type="application/zip", headers=headers)


OWN_DATA_HANDLERS: list[Any] = [export_me]
