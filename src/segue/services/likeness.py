"""What is like one track, artist or album: by sound, by who listens, or by both, with reasons.

Artists and albums are as like as their tracks: the one pipeline lists tracks near to those that
stand for the asked one, and each other artist or album takes the sum of the reciprocal ranks of
its own (CombSUM over RRF, Cormack et al. 2009), so that one chance neighbor does not lead.
"""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from segue.data.items import Reason
from segue.data.records import Track
from segue.services.recommend import RecommendService
from segue.services.views import ListView
from segue.store.catalog import Catalog
from segue.store.catalog_records import Album, Artist

By = Literal["sound", "listeners", "both"]
STATION_OF: dict[str, str] = {
    "sound": "similar_sound",
    "listeners": "similar_listeners",
    "both": "similar",
}
ABOUT_SEEDS = (None, "alike", "any_length")  # fallbacks that are still like what was asked for
N_TRACKS = 200  # tracks looked at
RRF_K = 60.0


class LikeArtist(Struct, frozen=True, kw_only=True):
    """Another artist, how near (1 the nearest), and the reason of the nearest track."""

    artist: Artist
    closeness: float
    reason: Reason


class LikeAlbum(Struct, frozen=True, kw_only=True):
    """Another album, how near (1 the nearest), and the reason of the nearest track."""

    album: Album
    closeness: float
    reason: Reason


class LikenessService:
    """Similar things.

    Args:
        recommend: The one pipeline.
        catalog: Artists and albums.
    """

    def __init__(self, recommend: RecommendService, catalog: Catalog) -> None:
        self._recommend = recommend
        self._catalog = catalog

    def tracks(self, listener_id: str, track_id: str, n: int, by: By = "both") -> ListView:
        """Tracks that go with one track.

        Raises:
            NotFoundError: No such track in the model set in service.
        """
        return self._recommend.list(listener_id, STATION_OF[by], n, seeds=(track_id,))

    def artists(
        self, listener_id: str, artist_id: str, n: int, by: By = "both"
    ) -> list[LikeArtist]:
        """Artists whose tracks go with this artist's, nearest first.

        Raises:
            NotFoundError: No such artist in the model set in service.
        """
        near = self._recommend.list(
            listener_id, STATION_OF[by], N_TRACKS, seeds=(f"artist:{artist_id}",)
        )
        found = _by_group(near, lambda track: [one.id for one in track.artists[:1]], artist_id)
        named = {artist.id: artist for artist in self._catalog.artists(list(found))}
        return [
            LikeArtist(artist=named[id_], closeness=closeness, reason=reason)
            for id_, (closeness, reason) in found.items()
            if id_ in named
        ][:n]

    def albums(self, listener_id: str, album_id: str, n: int, by: By = "both") -> list[LikeAlbum]:
        """Albums whose tracks go with this album's, nearest first.

        Raises:
            NotFoundError: No such album in the model set in service.
        """
        near = self._recommend.list(
            listener_id, STATION_OF[by], N_TRACKS, seeds=(f"album:{album_id}",)
        )
        found = _by_group(near, lambda track: [track.album_id] if track.album_id else [], album_id)
        named = {album.id: album for album in self._catalog.albums(list(found))}
        return [
            LikeAlbum(album=named[id_], closeness=closeness, reason=reason)
            for id_, (closeness, reason) in found.items()
            if id_ in named
        ][:n]


def _by_group(
    near: ListView, groups_of: Callable[[Track], list[str]], but: str
) -> dict[str, tuple[float, Reason]]:
    """Groups, nearest first: their tracks' summed reciprocal ranks, and the best one's reason.

    A list that a fallback filled which is about nothing that was asked names none.
    """
    sums: dict[str, float] = {}
    reasons: dict[str, Reason] = {}
    if near.fallback not in (None, "any_length"):
        return {}
    for rank, view in enumerate(near.tracks, start=1):
        for group in groups_of(view.track):
            if group != but:
                sums[group] = sums.get(group, 0.0) + 1.0 / (RRF_K + rank)
                reasons.setdefault(group, view.reasons[0])
    best = max(sums.values(), default=1.0)
    return {
        group: (total / best, reasons[group])
        for group, total in sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))
    }
