"""The design system on one page: every component with the words that say when it is used."""

import re
from functools import cache
from typing import Any

from litestar import get
from litestar.response import Template

from segue.data.items import Reason, ReasonKind
from segue.data.records import Credit, Track
from segue.server.auth import LISTENER, SegueRequest
from segue.server.threads import in_thread
from segue.server.web.rendering import STATIC_DIR, page
from segue.server.web.sleeves import AlbumSleeve, ArtistSleeve
from segue.services.views import TrackView

COLOURS = (
    ("paper", "The page"),
    ("paper-lit", "Where light falls"),
    ("paper-raised", "Cards, panels, the player"),
    ("paper-sunk", "Wells, strips of segments"),
    ("ink", "Text"),
    ("ink-quiet", "Second lines"),
    ("line", "Between rows"),
    ("shelf", "The board"),
    ("edge", "Edges of controls"),
    ("accent", "The one thing to press"),
    ("accent-strong", "The same, under the hand"),
    ("on-accent", "Text on the accent"),
    ("accent-soft", "A problem, a mark"),
)
TYPE_SIZES = (12, 14, 16, 20, 25, 31, 39, 49)
SPACES = (4, 8, 12, 16, 24, 32, 48, 64)
_LONG = (
    "The Unabridged Correspondence of the Harbour Lights with Everybody Who Ever Left Them, " * 2
)


@get("/design", opt={"policy": LISTENER}, include_in_schema=False)
@in_thread
def design_page(request: SegueRequest) -> Template:
    """Every component, drawn with what is hardest to draw."""
    return page(
        request, "pages/design.html", colours=COLOURS, sizes=TYPE_SIZES, spaces=SPACES,
        icons=icon_names(), albums=_ALBUMS, people=_PEOPLE, rows=_ROWS, hours=_HOURS,
        genres=_GENRES, weeks=_WEEKS,
    )  # fmt: skip


@cache
def icon_names() -> tuple[str, ...]:
    """Names of the icons that are vendored."""
    sprite = (STATIC_DIR / "icons.svg").read_text(encoding="utf-8")
    return tuple(re.findall(r'<symbol id="([\w-]+)"', sprite))


def _row(number: int, title: str, by: str, why: str = "", **more: Any) -> TrackView:
    track = Track(
        id=f"design-{number}", title=title, artists=(Credit(f"design-by-{number}", by),),
        album="Low Tide", album_id=f"design-album-{number}", duration_s=61.0 + 37 * number,
        has_file=more.pop("has_file", True),
    )  # fmt: skip
    reasons = (Reason(kind=ReasonKind.TASTE, source="taste", text=why, weight=1.0),) if why else ()
    return TrackView(track=track, reasons=reasons, **more)


_ALBUMS = [
    AlbumSleeve("design-a", "Low Tide", "Ada Moss", None, 2019, None),
    AlbumSleeve("design-b", _LONG, "A Name of Some Length and a Second One", None, 1974, None),
    AlbumSleeve("design-c", "مدينة بلا نوم", "ليلى النور", None, 2008, None),
    AlbumSleeve("design-d", "IV", "X", None, None, None),
]
_PEOPLE = [ArtistSleeve("design-e", "Ada Moss", "31 tracks", None)]
_ROWS = [
    _row(1, "Harbour Lights", "Ada Moss", "you loved “Low Tide”", loved=True),
    _row(2, _LONG, "A Name of Some Length", "fits what you played this week"),
    _row(3, "مدينة بلا نوم", "ليلى النور", "listeners of like taste play it"),
    _row(4, "A track without a file", "Moth & Lantern", has_file=False),
]
_HOURS = [(hour, n, f"{n} tracks") for hour, n in enumerate(
    (2, 1, 0, 0, 0, 1, 4, 12, 18, 9, 7, 6, 8, 9, 7, 6, 9, 14, 22, 31, 28, 19, 9, 4))]  # fmt: skip
_GENRES = [("Ambient", 120, "120 tracks"), ("Dub", 84, "84 tracks"), ("Calypso", 12, "12 tracks")]
_WEEKS = (
    [f"week {n}" for n in range(1, 9)],
    [("new to you", [4, 6, 5, 9, 12, 11, 14, 13], True), ("all", [30, 28, 33, 31, 29, 34, 32, 30],
                                                          False)],
)  # fmt: skip

DESIGN_HANDLERS: list[Any] = [design_page]
