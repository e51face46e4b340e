"""Every list that reaches a person, by any door, is made here: one query, one pipeline."""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import numpy as np

from segue.data.items import RankedList
from segue.data.query import Controls, Profile, Query
from segue.data.records import Track
from segue.errors import NotFoundError
from segue.pipeline.build import build_list
from segue.pipeline.stations import station as recipe_of
from segue.pipeline.words import place_of
from segue.services.own_words import OwnWordsService
from segue.services.requests import fallback_words, request_of
from segue.services.seeds import weights_of
from segue.services.serving import ModelServer, Profiles, Serving
from segue.services.shown import Kept, ShownTracks
from segue.services.views import HomeView, ListView, TrackView
from segue.store.catalog import Catalog
from segue.store.history import History
from segue.store.history_records import FeedbackState
from segue.store.jobs import JobTable
from segue.types import BoolVector

N_BECAUSE_ROWS = 3
LOW_RATING = 2  # stars; a track rated so is played, but no row is built on it
ROW_LENGTH = 12
HERO_LENGTH = 30


class RecommendService:
    """Lists for listeners.

    Args:
        server: The model set in service.
        profiles: Tastes of listeners.
        catalog: Tracks, for what is shown.
        history: Marks and plays of listeners.
        jobs: What is being done, for the home page.
        own_words: What listeners say of themselves.
        clock: Unix time (s).
    """

    def __init__(
        self,
        server: ModelServer,
        profiles: Profiles,
        catalog: Catalog,
        history: History,
        jobs: JobTable,
        own_words: OwnWordsService,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._own_words = own_words
        self._server = server
        self._profiles = profiles
        self._catalog = catalog
        self._history = history
        self._jobs = jobs
        self._clock = clock
        self._shown = ShownTracks(catalog)
        self._lists: Kept[ListView] = Kept()

    def list(
        self,
        listener_id: str,
        station: str = "for_you",
        n: int = 50,
        seeds: Sequence[str] = (),
        controls: Controls | None = None,
        minus: Sequence[str] = (),
        words: str = "",
    ) -> ListView:
        """One list.

        Args:
            listener_id: Whose taste, marks and never-play rules.
            station: Name of a recipe in :mod:`segue.pipeline.stations`.
            n: Length, 1..500.
            seeds: What to start from, where the station takes seeds; at most 20. A track id, or
                "artist:ID" or "album:ID", which stand for their best known tracks.
            controls: What the listener turned.
            minus: The same, to move away from; at most 20.
            words: What is asked for, where the station takes words; 500 characters count.

        Raises:
            InvalidInputError: No such station, or a value out of range.
            NotFoundError: A seed is not in the library.
        """
        serving = self._server.current()
        controls = (controls or Controls()).check()
        now = self._clock()
        revision = self._history.revision()
        profile, blocked = self._profiles.of(listener_id, serving)
        hidden = self._server.hidden(serving)
        said = self._own_words.leanings(listener_id, revision)
        made_from = (serving, profile, blocked, hidden, said, self._shown.version(revision))

        def make() -> ListView:
            asked, vector = request_of(words, serving)
            query = Query(
                station=station,
                profile=profile,
                n=n,
                controls=controls,
                seeds=weights_of(seeds, minus, serving),
                asked=asked,
                asked_vector=vector,
                leanings=said,
                blocked=_either(blocked, hidden),
                now=now,
                seed=_daily_seed(listener_id, now),
            )
            ranked = _ranked(query, serving)
            return ListView(
                station=station,
                title=ranked.title,
                tracks=self._views(serving, ranked, profile, revision),
                fallback=ranked.fallback,
                fallback_text=fallback_words(ranked.fallback, query),
                model_version=serving.version,
                seed_track_ids=tuple(seeds),
                stages=ranked.stages,
            )

        chosen = (station, n, tuple(seeds), tuple(minus), controls, words)
        question = (listener_id, *chosen, _daily_seed(listener_id, now))
        return self._lists.get(question, made_from, now, make)

    def similar(self, listener_id: str, track_id: str, n: int = 20) -> ListView:
        """Tracks that go with one track."""
        return self.list(listener_id, "similar", n, seeds=(track_id,))

    def home(self, listener_id: str) -> HomeView:
        """Everything on the home page; a row that would say nothing is left out."""
        because = [
            row
            for track_id in self._because_seeds(listener_id)
            if (row := self.list(listener_id, "because", ROW_LENGTH, seeds=(track_id,))).tracks
        ]
        return HomeView(
            hero=self.list(listener_id, "for_you", HERO_LENGTH),
            because=because,
            recent=self.recently_played(listener_id, ROW_LENGTH),
            most_played=self.most_played(listener_id, ROW_LENGTH),
            new=self._row(listener_id, "new_in_library"),
            rediscover=self._row(listener_id, "rediscover"),
            counts=self._shown.counts(self._history.revision()),
            active_jobs=[*self._jobs.list(5, "running"), *self._jobs.list(5, "queued")],
        )

    def recently_played(self, listener_id: str, n: int) -> "list[TrackView]":
        """Tracks by their last play, newest first."""
        ids = self._history.recently_played(listener_id, n)
        return self._marked(listener_id, self._catalog.tracks(ids))

    def most_played(self, listener_id: str, n: int, since: float = 0.0) -> "list[TrackView]":
        """Tracks by number of plays since a Unix time (s)."""
        ids = [played.track_id for played in self._history.most_played(listener_id, n, since)]
        return self._marked(listener_id, self._catalog.tracks(ids))

    def track_view(self, listener_id: str, track_id: str) -> TrackView:
        """One track with the listener's own marks.

        Raises:
            NotFoundError: No such track.
        """
        views = self.track_views(listener_id, [track_id])
        if not views:
            raise NotFoundError(f"no track {track_id!r}")
        return views[0]

    def track_views(self, listener_id: str, track_ids: Sequence[str]) -> "list[TrackView]":
        """Tracks with the listener's own marks, in the order asked; unknown ones are left out."""
        return self._marked(listener_id, self._catalog.tracks(track_ids))

    def _views(
        self, serving: Serving, ranked: RankedList, profile: Profile, revision: int
    ) -> "list[TrackView]":
        shown = self._shown.of([place.track_id for place in ranked.tracks], revision)
        views: list[TrackView] = []
        for place in ranked.tracks:
            track = shown.get(place.track_id)
            if track is None:
                continue
            loved, disliked, rating = _stated(profile, serving.tracks.ids.index(place.track_id))
            views.append(
                TrackView(
                    track=track,
                    reasons=place.reasons,
                    loved=loved,
                    disliked=disliked,
                    rating=rating,
                    score=place.score,
                    source_scores=place.source_scores,
                )
            )
        return views

    def _marked(self, listener_id: str, tracks: Iterable[Track]) -> "list[TrackView]":
        rows = list(tracks)
        marks = self._history.feedback_of(listener_id, [track.id for track in rows])
        return [_view(track, marks.get(track.id)) for track in rows]

    def _row(self, listener_id: str, station: str) -> ListView | None:
        row = self.list(listener_id, station, ROW_LENGTH)
        return row if row.tracks and row.fallback is None else None

    def _because_seeds(self, listener_id: str) -> "list[str]":
        """Tracks that deserve a row of their own: loved last, then played most this month."""
        loved = self._history.loved(listener_id, N_BECAUSE_ROWS)
        month_ago = self._clock() - 30 * 86_400.0
        played = self._history.most_played(listener_id, N_BECAUSE_ROWS, month_ago)
        often = [track.track_id for track in played if track.n_plays >= 2]
        marks = self._history.feedback_of(listener_id, often)
        often = [id_ for id_ in often if id_ not in marks or not _is_disliked(marks[id_])]
        known = self._server.current().tracks.ids
        chosen = dict.fromkeys(track_id for track_id in (*loved, *often) if track_id in known)
        return list(chosen)[:N_BECAUSE_ROWS]


def _ranked(query: Query, serving: Serving) -> RankedList:
    recipe = recipe_of(query.station)
    return build_list(query, serving.tracks, serving.sources, recipe, ranker=serving.ranker)


def _is_disliked(mark: FeedbackState) -> bool:
    return mark.disliked or (mark.rating is not None and mark.rating <= LOW_RATING)


def _view(track: Track, mark: FeedbackState | None) -> TrackView:
    if mark is None:
        return TrackView(track=track)
    return TrackView(track=track, loved=mark.loved, disliked=mark.disliked, rating=mark.rating)


def _stated(profile: Profile, row: int) -> tuple[bool, bool, float | None]:
    """Loved, disliked and rating of one track, from the events the list was made of."""
    known = profile.known
    place = place_of(known, row)
    if place is None:
        return False, False, None
    rating = float(known.rating[place])
    stars = None if math.isnan(rating) else round(rating, 6)
    return bool(known.loved[place]), bool(known.disliked[place]), stars


def _either(blocked: BoolVector | None, hidden: BoolVector | None) -> BoolVector | None:
    if blocked is None or hidden is None:
        return hidden if blocked is None else blocked
    return np.logical_or(blocked, hidden)


def _daily_seed(listener_id: str, now: float) -> int:
    """The same draws all day long (UTC), other ones tomorrow."""
    day = datetime.fromtimestamp(now, UTC).toordinal()
    return day * 65_537 + sum(ord(c) * 31**i for i, c in enumerate(listener_id[:16])) % 65_537
