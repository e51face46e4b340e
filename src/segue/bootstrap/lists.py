"""The services that make lists."""

from typing import Any, NamedTuple

from segue.bootstrap.ground import Ground
from segue.services.blends import BlendService
from segue.services.history import HistoryService
from segue.services.like_minded import LikeMindedService
from segue.services.own_words import OwnWordsService
from segue.services.profiles import Profiles
from segue.services.quiz import QuizService
from segue.services.radio import RadioService
from segue.services.recommend import RecommendService
from segue.services.scheduled import ScheduledLists
from segue.services.serving import ModelServer
from segue.store.accounts import Accounts
from segue.store.blends import Blends
from segue.store.consents import Consents
from segue.store.kept_lists import KeptLists
from segue.store.own_words import OwnWordsStore
from segue.store.radio_sessions import RadioSessions


class Lists(NamedTuple):
    """They share the profiles of listeners."""

    profiles: Profiles
    recommend: RecommendService
    like_minded: LikeMindedService
    blends: BlendService
    quiz: QuizService
    radio: RadioService
    own_words: OwnWordsService

    def shown(self) -> dict[str, Any]:
        """Those that doors use."""
        return {name: one for name, one in self._asdict().items() if name != "profiles"}


def lists_of(ground: Ground, history_service: HistoryService, models: ModelServer) -> Lists:
    """The services that make lists from the sets in service."""
    database, history, clock = ground.database, ground.history, ground.clock
    profiles = Profiles(history, clock)
    like_minded = LikeMindedService(Consents(database), profiles, clock)
    scheduled = ScheduledLists(
        KeptLists(database), ground.settings.discover_repeat_weeks, ground.zones.of
    )
    own_words = OwnWordsService(OwnWordsStore(database), clock)
    recommend = RecommendService(
        models, profiles, ground.catalog, history, ground.job_table, scheduled, like_minded,
        own_words, ground.zones.of, clock,
    )  # fmt: skip
    quiz = QuizService(recommend, history_service, clock)
    models.prepare_with(quiz.prepare)
    return Lists(
        profiles,
        recommend,
        like_minded,
        BlendService(Blends(database), Accounts(database), recommend, clock),
        quiz,
        RadioService(RadioSessions(database), history, recommend, clock),
        own_words,
    )
