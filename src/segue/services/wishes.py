"""The wish list by artist and by record, added up from the tracks that are not owned."""

from collections.abc import Callable, Iterable

import numpy as np

from segue.data.vocabulary import Vocabulary
from segue.services.recommend import RecommendService
from segue.services.views import ListView, TrackView, Wish, WishList
from segue.types import BoolVector

N_RANKED = 200  # tracks that are added up
N_BECAUSE = 4  # tracks of the listener's own that are named
Named = tuple[str, str, str]  # id, name, by whom


def wish_list(recommend: RecommendService, listener_id: str, n: int = 20) -> WishList:
    """Artists and records that a listener does not own and would love, best first.

    Args:
        recommend: Makes the list of tracks.
        listener_id: Whose.
        n: Of each, at most.
    """
    tracks = recommend.list(listener_id, "wish_list", N_RANKED)
    table = recommend.asked(listener_id).serving.tracks
    owned = np.zeros(len(table.artist_ids) + 1, bool)
    owned[table.artist_idx[table.owned]] = True  # -1, no artist, is the one too many
    return WishList(
        artists=_added_up(tracks, lambda view: _artist(view, table.artist_ids, owned))[:n],
        records=_added_up(tracks, _record)[:n],
        empty_text=tracks.empty_text,
    )


def _added_up(tracks: ListView, named: Callable[[TrackView], Named | None]) -> list[Wish]:
    groups: dict[str, tuple[Named, list[TrackView]]] = {}
    for view in tracks.tracks:
        what = named(view)
        if what is not None:
            groups.setdefault(what[0], (what, []))[1].append(view)
    wishes = [_wish(what, views) for what, views in groups.values()]
    return sorted(wishes, key=lambda wish: (-wish.score, wish.name))


def _wish(what: Named, views: list[TrackView]) -> Wish:
    best = views[0]
    return Wish(
        id=what[0],
        name=what[1],
        by=what[2],
        score=_sum(view.score for view in views),
        n_tracks=len(views),
        reason=best.reasons[0].text if best.reasons else "",
        because_track_ids=_because(views),
    )


def _because(views: list[TrackView]) -> tuple[str, ...]:
    """The evidence of all its tracks but themselves, by the weight of the reasons that name it."""
    own = {view.track.id for view in views}
    weights: dict[str, float] = {}
    for view in views:
        for reason in view.reasons:
            for id_ in set(reason.evidence_track_ids) - own:
                weights[id_] = weights.get(id_, 0.0) + reason.weight
    return tuple(sorted(weights, key=lambda id_: (-weights[id_], id_))[:N_BECAUSE])


def _sum(scores: Iterable[float | None]) -> float:
    return float(sum(score or 0.0 for score in scores))


def _artist(view: TrackView, artists: Vocabulary, owned: BoolVector) -> Named | None:
    """The main artist, unless something by them is owned."""
    main = next(iter(view.track.artists), None)
    row = artists.get(main.id) if main else None
    return None if main is None or row is None or owned[row] else (main.id, main.name, "")


def _record(view: TrackView) -> Named | None:
    track = view.track
    if track.album_id is None:
        return None
    return track.album_id, track.album, ", ".join(artist.name for artist in track.artists)
