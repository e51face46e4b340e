"""Sound and pictures: files by id only, never by path, with types from our own table.

Range requests (RFC 9110 section 14) are answered by Starlette's FileResponse, since Litestar has
none; the route's policy is enforced before it, like everywhere.
"""

from pathlib import Path
from typing import Any

import anyio.to_thread
from litestar import Request, asgi
from litestar.exceptions import MethodNotAllowedException
from litestar.types import Receive, Scope, Send
from starlette.responses import FileResponse

from segue.bootstrap import App
from segue.errors import InvalidInputError, NotFoundError
from segue.server.auth import LISTENER

AUDIO_TYPES = {
    ".mp3": "audio/mpeg",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".opus": "audio/ogg",
    ".m4a": "audio/mp4",
    ".m4b": "audio/mp4",
    ".mp4": "audio/mp4",
    ".aac": "audio/aac",
    ".wav": "audio/wav",
    ".aif": "audio/aiff",
    ".aiff": "audio/aiff",
    ".wma": "audio/x-ms-wma",
}
_PRIVATE_DAY = "private, max-age=86400"


@asgi("/v1/tracks/{track_id:str}/stream", opt={"policy": LISTENER})
async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    """The audio file of a track, as it is, with Range and conditional requests."""
    _only_reading(scope)
    app = _app(scope)
    track_id = scope["path_params"]["track_id"]
    stored = await anyio.to_thread.run_sync(app.library.file_of, track_id)
    path = Path(stored.path)
    if not path.is_file():
        raise NotFoundError("the file of this track is not there any more; scan the folder again")
    await _send_file(path, AUDIO_TYPES.get(path.suffix.lower(), "application/octet-stream"),
                     _PRIVATE_DAY, scope, receive, send)  # fmt: skip


@asgi("/v1/covers/{cover_id:str}/{size:str}", opt={"policy": LISTENER})
async def cover(scope: Scope, receive: Receive, send: Send) -> None:
    """A cover as JPEG in one of the fixed sizes."""
    _only_reading(scope)
    app = _app(scope)
    wanted = scope["path_params"]["size"]
    if not wanted.isdecimal() or len(wanted) > 5:
        raise InvalidInputError(f"a cover size is a number of pixels, got {wanted[:20]!r}")
    cover_id = scope["path_params"]["cover_id"]
    path = await anyio.to_thread.run_sync(app.library.cover, cover_id, int(wanted))
    await _send_file(path, "image/jpeg", _PRIVATE_DAY, scope, receive, send)


async def _send_file(
    path: Path, media_type: str, cache: str, scope: Scope, receive: Receive, send: Send
) -> None:
    headers = {"cache-control": cache, "accept-ranges": "bytes"}
    response: Any = FileResponse(path, media_type=media_type, headers=headers)
    await response(scope, receive, send)


def _only_reading(scope: Scope) -> None:
    if scope.get("method") not in ("GET", "HEAD"):
        raise MethodNotAllowedException


def _app(scope: Scope) -> App:
    return Request[Any, Any, Any](scope).app.state.segue


MEDIA_HANDLERS: list[Any] = [stream, cover]
