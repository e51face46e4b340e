"""What pages and APIs show: tracks with a listener's own marks and reasons, lists, home."""

import math
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from segue.data.items import RankedTrack, Reason, StageReport
from segue.data.query import Profile
from segue.data.records import Track
from segue.store.catalog_records import CatalogCounts
from segue.store.jobs import Job
from segue.types import IntVector


class TrackView(Struct, frozen=True, kw_only=True):
    """A track as one listener sees it."""

    track: Track
    reasons: tuple[Reason, ...] = ()
    loved: bool = False
    disliked: bool = False
    rating: float | None = None
    score: float | None = None
    source_scores: dict[str, float] = {}


class ListView(Struct, frozen=True, kw_only=True):
    """One list with everything that explains it.

    ``fallback`` names the step that filled the list when taste could not, and ``fallback_text``
    says so in words; ``stages`` tell what each step of the pipeline removed; ``empty_text`` says
    how to get tracks where there is none.
    """

    station: str
    title: str
    tracks: list[TrackView]
    fallback: str | None = None
    fallback_text: str = ""
    model_version: str | None = None
    seed_track_ids: tuple[str, ...] = ()
    stages: tuple[StageReport, ...] = ()
    empty_text: str = ""


class MixView(Struct, frozen=True, kw_only=True):
    """One daily mix on a shelf: its number, its name, who is in it, and its first tracks."""

    number: int
    title: str
    artists: list[str]
    n_tracks: int
    first: list[TrackView]


class LikeMinded(Struct, frozen=True, kw_only=True):
    """A listener of like taste who allows to be shown, and the tracks that both like."""

    name: str
    n_shared: int
    shared_track_ids: tuple[str, ...]


class Wish(Struct, frozen=True, kw_only=True):
    """An artist or a record that a listener does not own and would love.

    ``score`` is the sum over its tracks in the list; ``reason`` that of its best track, and
    ``because_track_ids`` the listener's own tracks that it rests on, those that count most first.
    """

    id: str
    name: str
    by: str
    score: float
    n_tracks: int
    reason: str
    because_track_ids: tuple[str, ...] = ()


class WishList(Struct, frozen=True, kw_only=True):
    """Artists and records to wish for, best first; ``empty_text`` says how to get some."""

    artists: list[Wish]
    records: list[Wish]
    empty_text: str = ""


class HomeView(Struct, frozen=True, kw_only=True):
    """Everything on a listener's home page, in one answer."""

    hero: ListView
    because: list[ListView]
    recent: list[TrackView]
    most_played: list[TrackView]
    new: ListView | None
    rediscover: ListView | None
    discover: ListView | None
    mixes: list[MixView]
    offers_quiz: bool
    counts: CatalogCounts
    active_jobs: list[Job]


class Stated(NamedTuple):
    """What a listener said of a track."""

    loved: bool = False
    disliked: bool = False
    rating: float | None = None


def view_of_place(place: RankedTrack, track: Track, stated: Stated) -> TrackView:
    """A place of a list as its listener sees it; marks come from what the list was made of."""
    return TrackView(
        track=track,
        reasons=place.reasons,
        loved=stated.loved,
        disliked=stated.disliked,
        rating=stated.rating,
        score=place.score,
        source_scores=place.source_scores,
    )


def stated_of(profile: Profile, rows: IntVector) -> list[Stated]:
    """What the listener said of each of some tracks, by rows; -1 is no track of the set."""
    known = profile.known
    if not len(known):
        return [Stated()] * len(rows)
    at = np.minimum(np.searchsorted(known.track_idx, rows), len(known) - 1)
    met = known.track_idx[at] == rows
    loved, disliked = known.loved[at] & met, known.disliked[at] & met
    ratings = np.where(met, known.rating[at], np.nan).tolist()
    stars = [None if math.isnan(rating) else round(rating, 6) for rating in ratings]
    return [Stated(*one) for one in zip(loved.tolist(), disliked.tolist(), stars, strict=True)]
