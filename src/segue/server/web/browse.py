"""The library: shelves of albums and artists, tracks, genres; search as you type."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from litestar import get
from litestar.params import Parameter, PathParameter, QueryParameter
from litestar.response import Redirect, Template

from segue.bootstrap import App
from segue.data.records import Track
from segue.errors import NotFoundError
from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.threads import in_thread
from segue.server.web import library_words
from segue.server.web.language import ngettext
from segue.server.web.rendering import page
from segue.server.web.sleeves import album_sleeve, artist_sleeve
from segue.services.views import TrackView
from segue.store.catalog_pages import Order
from segue.store.catalog_records import CatalogCounts
from segue.store.folding import words_of
from segue.store.playlists import Playlist
from segue.store.search import is_like

PAGE_LENGTH = 60
N_ROWS = 36  # of tracks in one stretch: a screen of 4K has about 30
N_SEARCH, N_EACH = 24, 12
N_GENRES_TO_BEGIN = 18
TABS = tuple(library_words.TABS)
PAGED = ("albums", "artists", "tracks")
_OPT = {"policy": LISTENER}
_Tab = Annotated[str, PathParameter(max_length=32)]
_Name = Annotated[str, PathParameter(max_length=100)]
_Cursor = Annotated[str | None, Parameter(max_length=512)]
_Genre = Annotated[str | None, Parameter(max_length=100)]
_Year = Annotated[str, QueryParameter(name="year", max_length=4)]
_Sort = Annotated[str, QueryParameter(name="sort", max_length=8)]
_Start = Annotated[int, QueryParameter(name="start", ge=0, le=100_000_000)]
_Words = Annotated[str, QueryParameter(name="q", max_length=200)]


@get("/library", opt=_OPT, sync_to_thread=False, include_in_schema=False)
def library(request: SegueRequest) -> Redirect:
    """The library opens at its albums."""
    return Redirect("/library/albums")


@dataclass(frozen=True, slots=True)
class Filters:
    """What of a tab is wanted; artists have no year."""

    genre: str | None = None
    year: int | None = None
    order: Order = "title"

    @classmethod
    def asked(cls, genre: str | None, year: str, sort: str) -> "Filters":
        """From a query; what makes no sense is left out."""
        known = int(year) if year.isascii() and year.isdigit() and int(year) > 0 else None
        return cls(genre or None, known, "newest" if sort == "newest" else "title")

    @property
    def query(self) -> dict[str, str]:
        """Back into a query."""
        given = {"genre": self.genre or "", "year": str(self.year or ""),
                 "sort": "" if self.order == "title" else "newest"}  # fmt: skip
        return {name: value for name, value in given.items() if value}


@get("/library/{tab:str}", opt=_OPT, include_in_schema=False)
@in_thread
def library_page(
    request: SegueRequest, tab: _Tab, genre: _Genre = None, year: _Year = "", sort: _Sort = ""
) -> Template:
    """One tab of the library."""
    if tab not in TABS:
        raise NotFoundError(f"no tab {tab!r}")
    catalog, filters = _app(request).catalog, Filters.asked(genre, year, sort)
    counts = catalog.counts()
    items, next_url = _items(request, tab, None, filters) if tab in PAGED else ([], None)
    n_rows = counts.n_tracks
    if tab == "tracks" and (filters.genre or filters.year):
        n_rows = catalog.n_tracks(filters.genre, filters.year)
    return page(
        request, "pages/library.html", tab=tab, tabs=TABS, counts=tab_counts(counts),
        filters=filters,
        n_rows=n_rows, rows_url=f"/parts/library/tracks/rows?{urlencode(filters.query)}",
        w=library_words,
        genres=catalog.genres(), years=() if tab in ("genres", "artists") else catalog.years(),
        items=items, next_url=next_url, heading="", note="",
    )  # fmt: skip


def tab_counts(counts: CatalogCounts) -> dict[str, int]:
    """How many there are of each tab, 0 where no number is shown."""
    known = {"albums": counts.n_albums, "artists": counts.n_artists, "tracks": counts.n_tracks,
             "genres": counts.n_genres}  # fmt: skip
    return {tab: known.get(tab, 0) for tab in TABS}


@get("/genres/{name:str}", opt=_OPT, include_in_schema=False)
@in_thread
def genre_page(request: SegueRequest, name: _Name) -> Template:
    """The albums of one genre."""
    known = {genre.name: genre.n_tracks for genre in _app(request).catalog.genres()}
    if name not in known:
        raise NotFoundError(f"no genre {name!r}")
    items, next_url = _items(request, "albums", None, Filters(genre=name))
    return page(
        request, "pages/library.html", tab="albums", tabs=TABS, counts={}, filters=Filters(),
        w=library_words,
        genres=(), years=(), items=items, next_url=next_url, heading=name,
        note=ngettext("%(n)s track", "%(n)s tracks", known[name]),
    )  # fmt: skip


@get("/parts/library/{tab:str}", opt=_OPT, include_in_schema=False)
@in_thread
def library_part(
    request: SegueRequest,
    tab: _Tab,
    cursor: _Cursor = None,
    genre: _Genre = None,
    year: _Year = "",
    sort: _Sort = "",
) -> Template:
    """The next stretch of a tab."""
    if tab not in PAGED:
        raise NotFoundError(f"no tab {tab!r}")
    items, next_url = _items(request, tab, cursor, Filters.asked(genre, year, sort))
    return page(request, "parts/more.html", tab=tab, items=items, next_url=next_url)


@get("/parts/library/tracks/rows", opt=_OPT, include_in_schema=False)
@in_thread
def rows_part(
    request: SegueRequest,
    start: _Start,
    genre: _Genre = None,
    year: _Year = "",
    sort: _Sort = "",
) -> Template:
    """Rows of the tracks from one of them on: a long list is entered anywhere."""
    wanted = Filters.asked(genre, year, sort)
    found = _app(request).catalog.tracks_window(
        start, limit=N_ROWS, order=wanted.order, genre=wanted.genre, year=wanted.year
    )
    return page(
        request, "parts/more.html", tab="tracks", items=marked(request, found), next_url=None
    )


@get("/search", opt=_OPT, include_in_schema=False)
@in_thread
def search_page(request: SegueRequest, words: _Words = "") -> Template:
    """The search page, with results when there is a question."""
    return page(request, "pages/search.html", **_results(request, words))


@get("/parts/search", opt=_OPT, include_in_schema=False)
@in_thread
def search_part(request: SegueRequest, words: _Words = "") -> Template:
    """Results while one types."""
    return page(request, "parts/results.html", **_results(request, words))


def _results(request: SegueRequest, words: str) -> dict[str, Any]:
    app = _app(request)
    asked = words.strip()
    if not asked:
        return {"q": "", "found": None, "genres": list(app.catalog.genres())[:N_GENRES_TO_BEGIN]}
    result = app.catalog.search(asked, N_SEARCH)
    found = {
        "artists": [artist_sleeve(artist) for artist in result.artists[:N_EACH]],
        "albums": [album_sleeve(album) for album in result.albums[:N_EACH]],
        "tracks": marked(request, result.tracks),
        "genres": result.genres[:N_EACH],
        "playlists": _playlists_like(request, asked)[:N_EACH],
    }
    return {"q": asked, "found": found, "genres": (), "corrected": result.corrected}


def _playlists_like(request: SegueRequest, asked: str) -> list[Playlist]:
    words, own = words_of(asked), _app(request).playlists.of(signed_in(request).id)
    return [one for one in own if words and is_like(words, one.name)]


def marked(request: SegueRequest, tracks: Sequence[Track]) -> list[TrackView]:
    """Tracks with the listener's own marks."""
    ids = [track.id for track in tracks]
    return _app(request).recommend.track_views(signed_in(request).id, ids)


def _items(
    request: SegueRequest, tab: str, cursor: str | None, wanted: Filters
) -> tuple[list[Any], str | None]:
    catalog = _app(request).catalog
    items: list[Any]
    if tab == "albums":
        found = catalog.albums_page(cursor=cursor, limit=PAGE_LENGTH, order=wanted.order,
                                    genre=wanted.genre, year=wanted.year)  # fmt: skip
        items, following = [album_sleeve(album) for album in found.items], found.next_cursor
    elif tab == "artists":
        people = catalog.artists_page(cursor=cursor, limit=PAGE_LENGTH, genre=wanted.genre)
        items, following = [artist_sleeve(one) for one in people.items], people.next_cursor
    else:
        rows = catalog.tracks_page(cursor=cursor, limit=N_ROWS, order=wanted.order,
                                   genre=wanted.genre, year=wanted.year)  # fmt: skip
        items, following = list(marked(request, rows.items)), rows.next_cursor
    if following is None:
        return items, None
    return items, f"/parts/library/{quote(tab)}?{urlencode({'cursor': following} | wanted.query)}"


def _app(request: SegueRequest) -> App:
    return request.app.state.segue


BROWSE_HANDLERS: list[Any] = [
    library, library_page, genre_page, library_part, rows_part, search_page, search_part,
]  # fmt: skip
