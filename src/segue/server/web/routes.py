"""All routes of the web player, static files and drawn sleeves included."""

from typing import Annotated, Any

from litestar import Response, get
from litestar.datastructures import CacheControlHeader
from litestar.params import Parameter
from litestar.static_files import create_static_files_router

from segue.server.auth import PUBLIC
from segue.server.web.admin import ADMIN_HANDLERS
from segue.server.web.ask import ASK_HANDLERS
from segue.server.web.browse import BROWSE_HANDLERS
from segue.server.web.design import DESIGN_HANDLERS
from segue.server.web.discover import DISCOVER_HANDLERS
from segue.server.web.doors import DOOR_HANDLERS
from segue.server.web.drawn_cover import drawn_cover_svg
from segue.server.web.folders import FOLDER_HANDLERS
from segue.server.web.home import HOME_HANDLERS
from segue.server.web.imports import IMPORT_PAGE_HANDLERS
from segue.server.web.installable import INSTALLABLE_HANDLERS
from segue.server.web.music_map import MAP_PAGE_HANDLERS
from segue.server.web.playlist_rules import RULE_HANDLERS
from segue.server.web.playlists import PLAYLIST_PAGE_HANDLERS
from segue.server.web.records import RECORD_HANDLERS
from segue.server.web.rendering import FOR_EVER, STATIC_DIR, static_root
from segue.server.web.seeds import SEED_HANDLERS
from segue.server.web.similar import SIMILAR_HANDLERS
from segue.server.web.speaking import SPEAKING_HANDLERS
from segue.server.web.start import START_HANDLERS
from segue.server.web.stations import STATION_HANDLERS
from segue.server.web.together import TOGETHER_PAGE_HANDLERS
from segue.server.web.understood import UNDERSTOOD_HANDLERS
from segue.server.web.ways import WAY_HANDLERS
from segue.server.web.you import YOU_HANDLERS
from segue.server.web.you_account import ACCOUNT_HANDLERS

_WEEK = CacheControlHeader(public=True, max_age=604_800)


@get(
    "/covers/drawn/{name:str}",
    opt={"policy": PUBLIC},
    sync_to_thread=False,
    include_in_schema=False,
    cache_control=_WEEK,
)
def drawn_cover(name: Annotated[str, Parameter(max_length=80)]) -> Response[str]:
    """A drawn sleeve; it follows from the name alone and says nothing about the library."""
    return Response(drawn_cover_svg(name.removesuffix(".svg")), media_type="image/svg+xml")


def web_handlers() -> list[Any]:
    """Every handler of the web player, for the application."""
    static = create_static_files_router(
        path=static_root(),
        directories=[STATIC_DIR],
        cache_control=FOR_EVER,
        opt={"policy": PUBLIC},
    )
    return [
        *HOME_HANDLERS,
        *BROWSE_HANDLERS,
        *FOLDER_HANDLERS,
        *RECORD_HANDLERS,
        *STATION_HANDLERS,
        *DISCOVER_HANDLERS,
        *ASK_HANDLERS,
        *SEED_HANDLERS,
        *WAY_HANDLERS,
        *MAP_PAGE_HANDLERS,
        *TOGETHER_PAGE_HANDLERS,
        *SIMILAR_HANDLERS,
        *UNDERSTOOD_HANDLERS,
        *PLAYLIST_PAGE_HANDLERS,
        *IMPORT_PAGE_HANDLERS,
        *RULE_HANDLERS,
        *DOOR_HANDLERS,
        *YOU_HANDLERS,
        *ACCOUNT_HANDLERS,
        *DESIGN_HANDLERS,
        *START_HANDLERS,
        *ADMIN_HANDLERS,
        *INSTALLABLE_HANDLERS,
        *SPEAKING_HANDLERS,
        drawn_cover,
        static,
    ]
