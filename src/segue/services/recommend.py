"""Every list that reaches a person, by any door, is made here: one query, one pipeline."""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo

from segue.data.items import RankedList
from segue.data.query import Controls
from segue.data.records import Track
from segue.errors import NotFoundError
from segue.pipeline.stations import Recipe
from segue.pipeline.stations import station as recipe_of
from segue.services.asked import Asked, Wanted, either
from segue.services.like_minded import LikeMindedService
from segue.services.making import LIKE_MINDED, ListMaker
from segue.services.own_words import OwnWordsService
from segue.services.profiles import Profiles
from segue.services.requests import fallback_words
from segue.services.scheduled import ScheduledLists
from segue.services.serving import ModelServer, Serving
from segue.services.shown import Kept, ScoresOfListeners, ShownTracks
from segue.services.views import (
    HomeView,
    ListView,
    MixView,
    TrackView,
    stated_of,
    view_of_place,
)
from segue.store.catalog import Catalog
from segue.store.history import History
from segue.store.history_records import FeedbackState
from segue.store.jobs import JobTable

N_BECAUSE_ROWS = 3
LOW_RATING = 2  # stars; a track rated so is played, but no row is built on it
ROW_LENGTH = 12
HERO_LENGTH = 30
N_MIX_COVERS = 4
MAX_MOMENTS = 2_000  # listeners
QUIZ_UNTIL = 5  # tracks of known liking: as many as the questions ask about


class RecommendService:
    """Lists for listeners.

    Args:
        server: The model set in service.
        profiles: Tastes of listeners.
        catalog: Tracks, for what is shown.
        history: Marks and plays of listeners.
        jobs: What is being done, for the home page.
        scheduled: Lists of a day or week.
        like_minded: Listeners of like taste, with their consent.
        own_words: What listeners say of themselves.
        zone_of: The time zone of a listener.
        clock: Unix time (s).
    """

    def __init__(
        self,
        server: ModelServer,
        profiles: Profiles,
        catalog: Catalog,
        history: History,
        jobs: JobTable,
        scheduled: ScheduledLists,
        like_minded: LikeMindedService,
        own_words: OwnWordsService,
        zone_of: Callable[[str], tzinfo],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._own_words = own_words
        self._zone_of = zone_of
        self._server = server
        self._profiles = profiles
        self._catalog = catalog
        self._history = history
        self._jobs = jobs
        self._clock = clock
        self._scheduled = scheduled
        self._maker = ListMaker(scheduled, like_minded)
        self._shown = ShownTracks(catalog)
        self._lists: Kept[ListView] = Kept()
        self._moments: Kept[object] = Kept(MAX_MOMENTS)
        self._last_served: Serving | None = None
        self._scores = ScoresOfListeners()

    def list(
        self,
        listener_id: str,
        station: str = "for_you",
        n: int = 50,
        seeds: Sequence[str] = (),
        controls: Controls | None = None,
        minus: Sequence[str] = (),
        words: str = "",
        *,
        mix: int = 1,
        week: str | None = None,
    ) -> ListView:
        """One list.

        Args:
            listener_id: Whose taste, marks and never-play rules.
            station: Name of a recipe in :mod:`segue.pipeline.stations`.
            n: Length, 1..500.
            seeds: What to start from, where the station takes seeds; see
                :func:`~segue.services.seeds.weights_of`.
            controls: What the listener turned.
            minus: The same as ``seeds``, to move away from.
            words: What is asked for, where the station takes words; 500 characters count.
            mix: Which of the day's mixes, from 1, for the station "daily_mix".
            week: An ISO week such as "2026-W48", whose kept list is wanted; None for now.

        Raises:
            InvalidInputError: No such station, or a value out of range.
            NotFoundError: A seed is not in the library, or there is no such mix or week.
            ForbiddenError: The station needs a consent that the listener has not given.
        """
        recipe = recipe_of(station)
        turned = (controls or Controls()).check()
        wanted = Wanted(n, tuple(seeds), tuple(minus), turned, words, mix, week)
        asked = self.asked(listener_id)
        period = self._scheduled.period_of(recipe, listener_id, asked.now)
        question = (listener_id, station, wanted, period, asked.seed)
        made = self._maker.maker_of(asked, recipe, wanted)
        if recipe.name == LIKE_MINDED:  # others' consent may end at any moment
            return self.view(asked, made(), recipe)
        return self._lists.get(
            question, _made_from(asked), asked.now, lambda: self.view(asked, made(), recipe, wanted)
        )

    def moment(self, listener_id: str) -> object:
        """The same object as long as every list of the listener would be the same.

        An event of theirs, another model set, a never-play rule, a change of the catalogue, the
        next day and :data:`~segue.services.shown.LIST_LIFE_S` seconds each begin another one.
        """
        asked = self.asked(listener_id)
        return self._moments.get((listener_id, asked.seed), _made_from(asked), asked.now, object)

    def is_at_hand(self, listener_id: str) -> bool:
        """Whether :meth:`moment` reads no history: it may be asked where nothing may block."""
        serving = self._server.at_hand()
        return (
            serving is not None
            and serving is self._last_served
            and self._profiles.holds(listener_id, serving)
        )

    def forget_scores(self) -> None:
        """Let go of what the models said of listeners: the next list of each asks them anew."""
        self._scores.forget()

    def forget(self, listener_id: str) -> None:
        """Let go of everything that is kept in memory of a listener."""
        self._profiles.forget(listener_id)
        self._lists.forget()  # lists of others are made again in milliseconds
        self._moments.forget()
        self._scores.forget()

    def serving(self) -> Serving:
        """The model set in service."""
        return self._server.current()

    def asked(self, listener_id: str) -> Asked:
        """Who asks, and what holds for all lists of theirs at this moment."""
        serving, now, revision = self._server.current(), self._clock(), self._history.revision()
        if serving is not self._last_served:
            self._let_go_of_the_last_set(serving)
        profile, blocked = self._profiles.of(listener_id, serving)
        hidden = self._server.hidden(serving)
        return Asked(
            listener_id=listener_id,
            serving=serving,
            profile=profile,
            blocked=blocked,
            hidden=hidden,
            away=either(blocked, hidden),
            now=now,
            seed=self._scheduled.draw_seed(listener_id, now),
            revision=revision,
            catalog=self._shown.version(revision),
            leanings=self._own_words.leanings(listener_id, revision),
            kept=self._scores.of(listener_id, serving, profile),
            zone=self._zone_of(listener_id),
        )

    def _let_go_of_the_last_set(self, serving: Serving) -> None:
        """Nothing made of an earlier model set is asked for again, and it would stay in memory."""
        self._last_served = serving
        self._lists.forget()
        self._moments.forget()
        self._scores.forget()

    def view(
        self, asked: Asked, ranked: RankedList, recipe: Recipe, wanted: Wanted | None = None
    ) -> ListView:
        """A ranked list as it is shown."""
        tracks = self._views(asked, ranked)
        return ListView(
            station=recipe.name,
            title=ranked.title,
            tracks=tracks,
            fallback=ranked.fallback,
            fallback_text=fallback_words(ranked, recipe, wanted, asked.leanings),
            model_version=asked.serving.version,
            seed_track_ids=wanted.seeds if wanted else (),
            stages=ranked.stages,
            empty_text="" if tracks else recipe.empty,
        )

    def mixes(self, listener_id: str) -> "list[MixView]":
        """The day's mixes, the most liked part of the taste first; none before there is a taste."""
        asked = self.asked(listener_id)
        views: list[MixView] = []
        for number, ranked in enumerate(self._maker.mixes(asked), start=1):
            tracks = self._views(asked, ranked)
            if tracks:
                artists = [one.name for view in tracks for one in view.track.artists[:1]]
                views.append(MixView(number=number, title=ranked.title, n_tracks=len(tracks),
                                     artists=list(dict.fromkeys(artists))[:3],
                                     first=_of_different_covers(tracks, N_MIX_COVERS)))  # fmt: skip
        return views

    def similar(self, listener_id: str, track_id: str, n: int = 20) -> ListView:
        """Tracks that go with one track."""
        return self.list(listener_id, "similar", n, seeds=(track_id,))

    def home(self, listener_id: str, controls: Controls | None = None) -> HomeView:
        """Everything on the home page; a row that would say nothing is left out.

        ``controls`` turn the list For you; the other rows are what they are.
        """
        because = [
            row
            for track_id in self._because_seeds(listener_id)
            if (row := self.list(listener_id, "because", ROW_LENGTH, seeds=(track_id,))).tracks
        ]
        return HomeView(
            hero=self.list(listener_id, "for_you", HERO_LENGTH, controls=controls),
            because=because,
            recent=self.recently_played(listener_id, ROW_LENGTH),
            most_played=self.most_played(listener_id, ROW_LENGTH),
            new=self._row(listener_id, "new_in_library"),
            rediscover=self._row(listener_id, "rediscover"),
            discover=self._row(listener_id, "discover"),
            mixes=self.mixes(listener_id),
            offers_quiz=self.offers_quiz(listener_id),
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

    def _views(self, asked: Asked, ranked: RankedList) -> "list[TrackView]":
        track_ids = [place.track_id for place in ranked.tracks]
        shown = self._shown.of(track_ids, asked.revision)
        stated = stated_of(asked.profile, asked.serving.tracks.ids.rows(track_ids))
        return [
            view_of_place(place, track, said)
            for place, said in zip(ranked.tracks, stated, strict=True)
            if (track := shown.get(place.track_id)) is not None
        ]

    def offers_quiz(self, listener_id: str) -> bool:
        """Whether so little is known of a listener that a few questions would help."""
        said = self.asked(listener_id).profile.preference != 0
        return int(said.sum()) < QUIZ_UNTIL

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


def _made_from(asked: Asked) -> tuple[object, ...]:
    """All that a list of the listener is made from but the question; compared by identity."""
    return (asked.serving, asked.profile, asked.blocked, asked.hidden, asked.catalog,
            asked.leanings, asked.zone)  # fmt: skip


def _is_disliked(mark: FeedbackState) -> bool:
    return mark.disliked or (mark.rating is not None and mark.rating <= LOW_RATING)


def _view(track: Track, mark: FeedbackState | None) -> TrackView:
    if mark is None:
        return TrackView(track=track)
    return TrackView(track=track, loved=mark.loved, disliked=mark.disliked, rating=mark.rating)


def _of_different_covers(views: Sequence[TrackView], n: int) -> list[TrackView]:
    by_cover: dict[str, TrackView] = {}
    for view in views:
        by_cover.setdefault(view.track.album_id or view.track.id, view)
    return list(by_cover.values())[:n]
