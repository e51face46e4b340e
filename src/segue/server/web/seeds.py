"""Things that a list can begin with - tracks, artists, albums, genres - found by typing."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from litestar import get
from litestar.params import FromQuery, QueryParameter
from litestar.response import Template
from msgspec import Struct

from segue.bootstrap import App
from segue.data.records import Track
from segue.errors import InvalidInputError
from segue.server.auth import LISTENER, SegueRequest
from segue.server.threads import in_thread
from segue.server.web.language import _
from segue.server.web.rendering import app_of, page
from segue.server.web.words import cover_url, names
from segue.services.seeds import weighed

N_EACH = 5
N_TRACKS_ALONE = 10
_OPT = {"policy": LISTENER}
_Words = Annotated[str, QueryParameter(name="q", max_length=200)]


class SeedView(Struct, frozen=True, kw_only=True):
    """A seed as it stands in a list to choose from; ``name`` is as the station takes it."""

    name: str
    title: str
    by: str
    kind: str
    cover: str


@get("/parts/seeds", opt=_OPT, include_in_schema=False)
@in_thread
def seeds_part(
    request: SegueRequest,
    words: _Words = "",
    kinds: FromQuery[Literal["all", "track"]] = "all",
) -> Template:
    """What is called so, to choose from."""
    asked = words.strip()
    found = list(found_seeds(app_of(request), asked, kinds)) if asked else []
    return page(request, "parts/seeds.html", seeds=found, q=asked)


def found_seeds(app: App, words: str, kinds: str) -> Iterator[SeedView]:
    """Artists, then tracks, albums and genres whose names fit; or tracks alone."""
    found = app.catalog.search(words, N_TRACKS_ALONE if kinds == "track" else N_EACH)
    tracks = [track for track in found.tracks if track.has_file or kinds == "all"]
    if kinds == "track":
        yield from (_of_track(track) for track in tracks)
        return
    for artist in found.artists[:N_EACH]:
        yield SeedView(name=f"artist:{artist.id}", title=artist.name, by="", kind=_("Artist"),
                       cover=cover_url(artist.cover_id, artist.id, 160))  # fmt: skip
    yield from (_of_track(track) for track in tracks[:N_EACH])
    for album in found.albums[:N_EACH]:
        yield SeedView(name=f"album:{album.id}", title=album.title, by=names(album.artists),
                       kind=_("Record"),
                       cover=cover_url(album.cover_id, album.id, 160))  # fmt: skip
    folded = words.casefold()
    named = [genre.name for genre in app.catalog.genres() if folded in genre.name.casefold()]
    yield from (_of_genre(name) for name in named[:N_EACH])


def seeds_named(app: App, wanted: Sequence[str]) -> list[SeedView]:
    """Seeds by their names, with or without a weight; those that are not there are left out."""
    found: list[SeedView] = []
    for text in wanted:
        try:
            name, _ = weighed(text)
        except InvalidInputError:
            continue
        seed = _named(app, name)
        if seed is not None:
            found.append(seed)
    return found


def _named(app: App, name: str) -> SeedView | None:
    kind, colon, rest = name.partition(":")
    if not colon:
        track = app.catalog.track(name)
        return None if track is None else _of_track(track)
    if kind == "genre":
        known = {genre.name.casefold(): genre.name for genre in app.catalog.genres()}
        found = known.get(rest.casefold())
        return None if found is None else _of_genre(found)
    if kind == "artist":
        for artist in app.catalog.artists([rest]):
            return SeedView(name=name, title=artist.name, by="", kind=_("Artist"),
                            cover=cover_url(artist.cover_id, artist.id, 160))  # fmt: skip
    if kind == "album":
        for album in app.catalog.albums([rest]):
            return SeedView(name=name, title=album.title, by=names(album.artists), kind=_("Record"),
                            cover=cover_url(album.cover_id, album.id, 160))  # fmt: skip
    return None


def _of_track(track: Track) -> SeedView:
    return SeedView(name=track.id, title=track.title, by=names(track.artists), kind=_("Track"),
                    cover=cover_url(track.cover_id, track.album_id or track.id, 160))  # fmt: skip


def _of_genre(name: str) -> SeedView:
    return SeedView(name=f"genre:{name}", title=name, by="", kind=_("Genre"),
                    cover=cover_url(None, f"genre-{name.casefold()}", 160))  # fmt: skip


SEED_HANDLERS: list[Any] = [seeds_part]
