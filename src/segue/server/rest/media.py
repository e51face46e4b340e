"""Sound and pictures: files by id only, never by path, with types from our own table.

Range requests (RFC 9110 section 14) are answered by Starlette's FileResponse, since Litestar has
none; the route's policy is enforced before it, like everywhere.
"""

from pathlib import Path
from typing import Annotated, Any

from litestar import HttpMethod, Response, get, route
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter
from starlette.responses import FileResponse

from segue.errors import NotFoundError
from segue.server.auth import LISTENER, SegueRequest
from segue.server.rest.parameters import Identifier, app_of
from segue.server.threads import in_thread
from segue.services.peaks import Peaks

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
# sound and pictures are compressed already, and a range counts the bytes of the file
AS_IT_IS = "as_it_is"
_OPT = {"policy": LISTENER, AS_IT_IS: True}
_PRIVATE_DAY = "private, max-age=86400"
_READING = (HttpMethod.GET, HttpMethod.HEAD)
_AUDIO = {206: ResponseSpec(bytes, description="The part asked for", media_type="audio/*",
                            generate_examples=False)}  # fmt: skip
_PICTURE = {200: ResponseSpec(bytes, description="The picture", media_type="image/jpeg",
                              generate_examples=False)}  # fmt: skip


@route("/v1/tracks/{track_id:str}/stream", http_method=_READING, opt=_OPT,
       tags=["media"], summary="The sound", responses=_AUDIO)  # fmt: skip
@in_thread
def stream(request: SegueRequest, track_id: Identifier) -> FileResponse:
    """The audio file of a track, as it is, with Range and conditional requests."""
    stored = app_of(request).library.file_of(track_id)
    path = Path(stored.path)
    if not path.is_file():
        raise NotFoundError("the file of this track is not there any more; scan the folder again")
    return _file(path, AUDIO_TYPES.get(path.suffix.lower(), "application/octet-stream"))


@get("/v1/tracks/{track_id:str}/peaks", opt={"policy": LISTENER}, tags=["media"],
     summary="Bars of the seek bar")  # fmt: skip
@in_thread
def peaks(request: SegueRequest, track_id: Identifier) -> Response[Peaks]:
    """How loud the track is in 200 parts; drawn when it is asked for first."""
    drawn = app_of(request).player.peaks.of(track_id)
    return Response(drawn, headers={"cache-control": _PRIVATE_DAY})


@route("/v1/covers/{cover_id:str}/{size_px:int}", http_method=_READING, opt=_OPT,
       tags=["media"], summary="A cover", responses=_PICTURE)  # fmt: skip
@in_thread
def cover(
    request: SegueRequest,
    cover_id: Identifier,
    size_px: Annotated[int, Parameter(ge=1, le=4_096, description="Side in pixels.")],
) -> FileResponse:
    """A cover as JPEG in one of the fixed sizes: 64, 160, 320, 640 or 1200 pixels."""
    return _file(app_of(request).library.cover(cover_id, size_px), "image/jpeg")


def _file(path: Path, media_type: str) -> FileResponse:
    headers = {"cache-control": _PRIVATE_DAY, "accept-ranges": "bytes"}
    return FileResponse(path, media_type=media_type, headers=headers)


MEDIA_HANDLERS: list[Any] = [stream, peaks, cover]
