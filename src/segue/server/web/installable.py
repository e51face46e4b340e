"""What makes the player installable: a service worker for the shell, and a page for when offline.

The worker keeps style sheets, scripts, fonts and icons, and nothing of the listener: no page, no
list, no sound.
"""

import json
from functools import cache
from typing import Annotated, Any

from litestar import Response, get
from litestar.params import Parameter, PathParameter
from litestar.response import Template

from segue.errors import NotFoundError
from segue.server.auth import PUBLIC, SegueRequest
from segue.server.web.language import DEFAULT, LANGUAGES, _, speak, speaking
from segue.server.web.rendering import (
    FOR_EVER,
    STATIC_DIR,
    manifest_url,
    page,
    static_root,
    words_script,
)

_OPT = {"policy": PUBLIC}
SHELL = ("css", "js", "fonts", "vendor")
_Language = Annotated[str, Parameter(max_length=35)]
_Name = Annotated[str, PathParameter(max_length=64)]


@get("/service-worker.js", opt=_OPT, sync_to_thread=False, include_in_schema=False)
def service_worker() -> Response[str]:
    """The worker, with the addresses of the shell in this version; asked for anew each time."""
    return Response(worker_script(), media_type="text/javascript",
                    headers={"cache-control": "no-cache"})  # fmt: skip


@get("/offline", opt=_OPT, sync_to_thread=False, include_in_schema=False)
def offline_page(request: SegueRequest, language: _Language = "") -> Template:
    """What stands in the place of a page that cannot be reached; kept once in each language."""
    if language:
        speak(language)
    return page(request, "pages/offline.html")


@cache
def worker_script() -> str:
    """The script in `static/service_worker.js` with its three values filled in."""
    root = static_root()
    files = [
        f"{root}/{path.relative_to(STATIC_DIR).as_posix()}"
        for folder in SHELL
        for path in sorted((STATIC_DIR / folder).rglob("*"))
        if path.suffix in {".css", ".js", ".woff2"}
    ]
    files += [f"{root}/icons.svg", f"{root}/mark.svg"]
    files += [words_script(code) for code in LANGUAGES if code != DEFAULT]
    offline = {code: f"/offline?language={code}" for code in LANGUAGES}
    values = {"root": f"{root}/", "files": files, "offline": offline, "otherwise": DEFAULT}
    script = (STATIC_DIR / "service_worker.js").read_text(encoding="utf-8")
    return f"const SHELL = {json.dumps(values)};\n{script}"


@get("/manifest/{name:str}", opt=_OPT, sync_to_thread=False, include_in_schema=False,
     cache_control=FOR_EVER)  # fmt: skip
def manifest(name: _Name) -> Response[dict[str, Any]]:
    """The manifest of the installed player in a language; only this version's address is known."""
    code = next((code for code in LANGUAGES if manifest_url(code) == f"/manifest/{name}"), None)
    if code is None:
        raise NotFoundError(f"no manifest {name!r}")
    return Response(manifest_of(code), media_type="application/manifest+json")


def manifest_of(code: str) -> dict[str, Any]:
    """What an installed player is called and looks like (W3C Web Application Manifest)."""
    root = static_root()
    known = json.loads((STATIC_DIR / "manifest.webmanifest").read_text(encoding="utf-8"))
    icons = [icon | {"src": f"{root}/{icon['src']}"} for icon in known["icons"]]
    with speaking(code):
        told = _("Your music, and what should come next.")
    return known | {"lang": code, "description": told, "icons": icons}


INSTALLABLE_HANDLERS: list[Any] = [service_worker, offline_page, manifest]
