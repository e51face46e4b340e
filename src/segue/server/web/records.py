"""One album, one artist, and one track with its reasons."""

import re
from typing import Annotated, Any

from litestar import get
from litestar.params import Parameter, PathParameter
from litestar.response import Template

from segue.bootstrap import App
from segue.data.lyrics import is_timed, lines_of
from segue.data.records import Track
from segue.errors import ForbiddenError, InvalidInputError, NotFoundError
from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.threads import in_thread
from segue.server.web.browse import marked
from segue.server.web.newness import controls_of, newness_of
from segue.server.web.rendering import page
from segue.server.web.sleeves import album_sleeve, artist_sleeve
from segue.server.web.why_words import never_choices, source_rows
from segue.services.views import TrackView
from segue.store.catalog import AlbumDetail

N_SIMILAR = 6
N_OF_ARTIST = 200
N_EVIDENCE = 6
N_ASKED = 60  # how far down a list the reasons of a track are looked for
_OPT = {"policy": LISTENER}
_Id = Annotated[str, PathParameter(max_length=64)]
_Station = Annotated[str, Parameter(max_length=32)]


@get("/albums/{album_id:str}", opt=_OPT, include_in_schema=False)
@in_thread
def album_page(request: SegueRequest, album_id: _Id) -> Template:
    """An album and its tracks."""
    detail = _album(request, album_id)
    album = album_sleeve(detail.album)
    artist = _app(request).catalog.artist(album.by_id) if album.by_id else None
    others = artist.albums if artist else ()
    genres = dict.fromkeys(genre for track in detail.tracks for genre in track.genres)
    return page(
        request,
        "pages/album.html",
        album=album,
        views=marked(request, detail.tracks),
        length_s=sum(track.duration_s or 0.0 for track in detail.tracks),
        genres=list(genres)[:3],
        one_artist=len({track.artists for track in detail.tracks}) == 1,
        more=[album_sleeve(other) for other in others if other.id != album.id][:12],
    )


@get("/player/queue/album/{album_id:str}", opt=_OPT, include_in_schema=False)
@in_thread
def album_queue(request: SegueRequest, album_id: _Id) -> list[TrackView]:
    """The tracks of an album for the player."""
    return marked(request, _album(request, album_id).tracks)


@get("/artists/{artist_id:str}", opt=_OPT, include_in_schema=False)
@in_thread
def artist_page(request: SegueRequest, artist_id: _Id) -> Template:
    """An artist, the tracks played most, and the albums."""
    detail = _app(request).catalog.artist(artist_id)
    if detail is None:
        raise NotFoundError(f"no artist {artist_id!r}")
    return page(
        request,
        "pages/artist.html",
        artist=artist_sleeve(detail.artist),
        views=marked(request, detail.top_tracks[:10]),
        is_played=detail.is_played,
        albums=[album_sleeve(album) for album in detail.albums],
    )


@get("/player/queue/artist/{artist_id:str}", opt=_OPT, include_in_schema=False)
@in_thread
def artist_queue(request: SegueRequest, artist_id: _Id) -> list[TrackView]:
    """What there is to hear of an artist: the most played first, then record after record."""
    catalog = _app(request).catalog
    detail = catalog.artist(artist_id)
    if detail is None:
        raise NotFoundError(f"no artist {artist_id!r}")
    top = {track.id: track for track in detail.top_tracks}
    others = catalog.tracks_page(artist_id=artist_id, limit=N_OF_ARTIST).items
    found = top | {track.id: track for track in sorted(others, key=_place) if track.id not in top}
    return marked(request, [track for track in found.values() if track.has_file])


def _place(track: Track) -> tuple[int, str, int, int]:
    return track.year or 9999, track.album, track.disc_number or 1, track.track_number or 0


@get("/tracks/{track_id:str}", opt=_OPT, include_in_schema=False)
@in_thread
def track_page(request: SegueRequest, track_id: _Id) -> Template:
    """A track on a page of its own, for a link that is opened in a new tab."""
    return page(request, "pages/track.html", closable=False, **_why(request, track_id, ""))


@get("/why/{track_id:str}", opt=_OPT, include_in_schema=False)
@in_thread
def why_part(request: SegueRequest, track_id: _Id, station: _Station = "") -> Template:
    """The panel: why a track is in a list, what counted, and what is close to it."""
    return page(request, "parts/why.html", closable=True, **_why(request, track_id, station))


@get("/lyrics/{track_id:str}", opt=_OPT, include_in_schema=False)
@in_thread
def lyrics_part(request: SegueRequest, track_id: _Id) -> Template:
    """The words of a track: line by line where their times are known, else verse by verse."""
    app = _app(request)
    track = app.catalog.track(track_id)
    if track is None:
        raise NotFoundError(f"no track {track_id!r}")
    text = app.player.lyrics.of([track_id]).get(track_id, "")
    return page(
        request,
        "parts/lyrics.html",
        track=track,
        timed=lines_of(text) if is_timed(text) else [],
        verses=verses(text),
    )


def verses(text: str) -> list[list[str]]:
    r"""Lines of lyrics, in verses; empty lines are between them.

    >>> verses("One\nTwo\n\n\nThree\n")
    [['One', 'Two'], ['Three']]
    """
    parts = re.split(r"\n\s*\n", text.strip())
    return [[line.strip() for line in part.splitlines()] for part in parts if part.strip()]


def _why(request: SegueRequest, track_id: str, station: str) -> dict[str, Any]:
    app, listener_id = _app(request), signed_in(request).id
    view = _with_reasons(request, listener_id, track_id, station)
    ids = dict.fromkeys(
        track for reason in view.reasons for track in reason.evidence_track_ids if track != track_id
    )
    try:
        similar = app.recommend.similar(listener_id, track_id, N_SIMILAR).tracks
    except NotFoundError:  # newer than the model set in service
        similar = []
    evidence = app.recommend.track_views(listener_id, list(ids)[:N_EVIDENCE])
    return {"view": view, "evidence": evidence, "similar": similar,
            "sources": source_rows(view.source_scores),
            "never_choices": never_choices(view.track)}  # fmt: skip


def _with_reasons(
    request: SegueRequest, listener_id: str, track_id: str, station: str
) -> TrackView:
    """The track as the list shows it; without reasons when it stands in none."""
    app = _app(request)
    controls = controls_of(newness_of(request)) if station == "for_you" else None
    plain = app.recommend.track_view(listener_id, track_id)
    if not station:
        return plain
    try:
        tracks = app.recommend.list(listener_id, station, N_ASKED, controls=controls).tracks
    except (ForbiddenError, InvalidInputError, NotFoundError):  # none, or one that needs more
        return plain
    return next((view for view in tracks if view.track.id == track_id), plain)


def _album(request: SegueRequest, album_id: str) -> AlbumDetail:
    detail = _app(request).catalog.album(album_id)
    if detail is None:
        raise NotFoundError(f"no album {album_id!r}")
    return detail


def _app(request: SegueRequest) -> App:
    return request.app.state.segue


RECORD_HANDLERS: list[Any] = [
    album_page, album_queue, artist_page, artist_queue, track_page, why_part, lyrics_part,
]  # fmt: skip
