"""What makes the player installable: a service worker for the shell, and a page for when offline.

The worker keeps style sheets, scripts, fonts and icons, and nothing of the listener: no page, no
list, no sound.
"""

import json
from functools import cache
from typing import Any

from litestar import Response, get
from litestar.response import Template

from segue.server.auth import PUBLIC, SegueRequest
from segue.server.web.rendering import STATIC_DIR, page, static_root

_OPT = {"policy": PUBLIC}
SHELL = ("css", "js", "fonts", "vendor")


@get("/service-worker.js", opt=_OPT, sync_to_thread=False, include_in_schema=False)
def service_worker() -> Response[str]:
    """The worker, with the addresses of the shell in this version; asked for anew each time."""
    return Response(worker_script(), media_type="text/javascript",
                    headers={"cache-control": "no-cache"})  # fmt: skip


@get("/offline", opt=_OPT, sync_to_thread=False, include_in_schema=False)
def offline_page(request: SegueRequest) -> Template:
    """What stands in the place of a page that cannot be reached."""
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
    values = {"root": f"{root}/", "files": [*files, f"{root}/icons.svg", f"{root}/mark.svg"],
              "offline": "/offline"}  # fmt: skip
    script = (STATIC_DIR / "service_worker.js").read_text(encoding="utf-8")
    return f"const SHELL = {json.dumps(values)};\n{script}"


INSTALLABLE_HANDLERS: list[Any] = [service_worker, offline_page]
