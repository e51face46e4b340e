"""What each list is made of: one recipe a station, as data. A new station is a few lines here."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from msgspec import Struct

from segue.data.dataset import TrackTable
from segue.data.items import ScoredTracks
from segue.data.query import Profile
from segue.data.sparse_sums import SparseScores
from segue.errors import InvalidInputError
from segue.models.ask import AskIndex
from segue.models.base import Recommender
from segue.models.knowledge import Knowledge
from segue.pipeline.ask_rule import ask_source
from segue.pipeline.candidates import About, Blend, Source, always, has_taste
from segue.pipeline.controls import Heard
from segue.pipeline.mood_rule import mood_source
from segue.pipeline.own_words_rule import own_words_source
from segue.pipeline.rules import RULES, collected_rule

# taste, then what is like the known, then what others play, then the newest, then anything
DEFAULT_FALLBACK = ("taste", "content", "popularity", "new", "shuffled")

# The role a registered model plays in recipes; of two models with one role the first listed wins.
ROLES: dict[str, str] = {
    "collective": "taste",
    "edlae": "together",  # by listening alone; taste where there is no other
    "ease": "taste",
    "bridge": "factors",
    "als": "factors",
    "memory": "memory",
    "session_knn": "session",
    "user_knn": "listeners",
    "sound": "sound",
    "alike": "alike",
    "content": "content",
    "knowledge": "knowledge",
    "clusters": "clusters",
    "svd": "stars",
    "popularity": "popularity",
}


class Recipe(Struct, frozen=True, kw_only=True):
    """One station.

    Attributes:
        name: What a query asks for.
        title: May hold ``{seed}`` (titles of the seeds), ``{genre}``, ``{mood}``, ``{words}`` and
            ``{name}``, which the query gives.
        blend: Sources, weights, quotas, and whom they are asked about.
        cold: Sources for a listener who likes nothing yet; empty means ``blend``.
        fallback: Sources tried in turn when there are too few tracks; "alike/seeds" is asked about
            the seeds.
        fill: Fill to the wanted length from the fallback; False fills only an empty list, where a
            short true list is better than a padded one.
        heard: Whether tracks with an event may be in it.
        familiar: Share heard before, when the listener does not say; None leaves it to the scores.
        variety: Replaces the listener's control, where the order is the point of the list.
        calibrated: Genre mix follows the listener's.
        usual_length: Leave out jingles and mixes (under 30 s, over 20 min) unless a length is asked
            for; see :func:`~segue.pipeline.controls.only_usual_length`.
        needs: "seeds", "genres", "mood", "words" or "group" when the query must have them; "path"
            for two tracks, between which :mod:`segue.pipeline.path` finds the way.
        only: A source that decides what belongs here: the others order what it names. Where there
            is no such source, or it names nothing, the fallback answers.
        leads: A source whose reason stands first wherever it has one: it is what was asked for.
        learned: The learned ranker orders it when there is one: the list is about the listener's
            taste alone, which is what the ranker was taught.
        draw: Temperature of the luck in the order, 0 for none; see
            :func:`~segue.pipeline.rank.drawn`.
        kept: "day" or "week" when the list stays the same for so long; services keep it.
        missing: Only tracks without a file, whatever the controls say.
        empty: What a listener is told when nothing is in it.
    """

    name: str
    title: str
    blend: tuple[Blend, ...]
    cold: tuple[Blend, ...] = ()
    fallback: tuple[str, ...] = DEFAULT_FALLBACK
    fill: bool = True
    heard: Heard = Heard.ANY
    familiar: float | None = None
    variety: float | None = None
    calibrated: bool = False
    usual_length: bool = False
    needs: str = ""
    only: str = ""
    leads: str = ""
    learned: bool = False
    draw: float = 0.0
    kept: str = ""
    missing: bool = False
    empty: str = ""


_COLD = (Blend("own_words", 2.0), Blend("popularity"), Blend("collected"), Blend("shuffled", 0.3))
# What is asked about a listener's taste; the learned ranker is taught on exactly this.
TASTE_BLEND = (
    Blend("taste"),
    Blend("content", 0.4),
    Blend("popularity", 0.15, quota=100),
    Blend("factors", 0.5),
    Blend("memory", 0.5),
    Blend("session", 0.5),
    Blend("listeners", 0.3),
)
_BOTH_ON_SEEDS = (
    Blend("alike", 1.0, About.SEEDS),
    Blend("sound", 0.5, About.SEEDS),
    Blend("content", 1.0, About.SEEDS),
    Blend("together", 1.0, About.SEEDS),
)
_RADIO = (*_BOTH_ON_SEEDS, Blend("taste", 0.5), Blend("popularity", 0.1, quota=100))

RECIPES: tuple[Recipe, ...] = (
    Recipe(
        name="for_you",
        title="For you",
        blend=TASTE_BLEND,
        cold=_COLD,
        familiar=0.3,
        calibrated=True,
        learned=True,
        usual_length=True,
    ),
    Recipe(
        name="because",
        title="{because}",
        blend=(*_BOTH_ON_SEEDS, Blend("taste", 0.3)),
        familiar=0.25,
        needs="seeds",
        usual_length=True,
    ),
    Recipe(
        name="similar",
        title="Similar to {seed}",
        blend=_BOTH_ON_SEEDS,
        needs="seeds",
        usual_length=True,
    ),
    Recipe(
        name="similar_sound",
        title="Sounds like {seed}",
        blend=(Blend("sound", 1.0, About.SEEDS),),
        fallback=("alike/seeds", "content/seeds", "popularity", "new", "shuffled"),
        fill=False,
        needs="seeds",
        usual_length=True,
    ),
    Recipe(
        name="similar_listeners",
        title="Played by people who play {seed}",
        blend=(Blend("together", 1.0, About.SEEDS),),
        fallback=("content", "popularity", "new", "shuffled"),
        fill=False,
        needs="seeds",
        usual_length=True,
    ),
    Recipe(
        name="radio_track",
        title="{seed} radio",
        blend=_RADIO,
        needs="seeds",
        usual_length=True,
    ),
    Recipe(
        name="radio",
        title="{seed} radio",
        blend=_RADIO,
        needs="seeds",
        usual_length=True,
    ),
    Recipe(
        name="discover",
        title="Discover",
        blend=(
            Blend("taste"),
            Blend("content", 0.7),
            Blend("factors", 0.5),
            Blend("listeners", 0.3),
        ),
        cold=_COLD,
        heard=Heard.NEVER,
        calibrated=True,
        learned=True,
        usual_length=True,
        kept="week",
    ),
    Recipe(
        name="daily_mix",
        title="{name}",
        blend=(
            Blend("own", 1.0, About.GROUP),
            Blend("taste", 1.0, About.GROUP),
            Blend("content", 0.5, About.GROUP),
            Blend("factors", 0.5, About.GROUP),
            Blend("alike", 0.3, About.GROUP),
            Blend("sound", 0.15, About.GROUP),
        ),
        cold=_COLD,
        familiar=0.75,
        usual_length=True,
        needs="group",
        draw=0.3,
        kept="day",
        empty="Play and love a little more: your mixes come from what you like.",
    ),
    Recipe(
        name="my_radio",
        title="Your radio",
        blend=(*TASTE_BLEND, *_BOTH_ON_SEEDS),
        cold=_COLD,
        familiar=0.3,
        usual_length=True,
    ),
    Recipe(
        name="like_minded",
        title="Listeners like you",
        blend=(Blend("companions"),),
        fallback=DEFAULT_FALLBACK,
        fill=False,
        heard=Heard.NEVER,
        variety=0.0,
    ),
    Recipe(
        name="wish_list",
        title="You would love these, and do not own them",
        blend=(
            Blend("taste"),
            Blend("content", 0.5),
            Blend("factors", 0.5),
            Blend("listeners", 0.3),
            Blend("popularity", 0.15, quota=100),
        ),
        cold=_COLD,
        fill=False,
        learned=True,
        missing=True,
        empty="Nothing to wish for yet. Import your listening history: music that you played "
        "elsewhere and that is not in your library will be listed here, best first.",
    ),
    Recipe(
        name="content",
        title="By sound and words alone",
        blend=(Blend("content"), Blend("alike"), Blend("sound", 0.5)),
        fill=False,
        variety=0.0,
    ),
    Recipe(
        name="collaborative",
        title="By listening alone",
        blend=(Blend("together"), Blend("listeners"), Blend("session", 0.5)),
        fill=False,
        variety=0.0,
    ),
    Recipe(
        name="knowledge",
        title="By moods, genres and years alone",
        blend=(Blend("knowledge"),),
        fill=False,
        variety=0.0,
    ),
    Recipe(
        name="rediscover",
        title="Rediscover",
        blend=(Blend("left"),),
        fallback=("repeat", *DEFAULT_FALLBACK),
        fill=False,
    ),
    Recipe(
        name="on_repeat",
        title="On repeat",
        blend=(Blend("repeat"),),
        fill=False,
        variety=0.0,
    ),
    Recipe(
        name="popular",
        title="Popular here",
        blend=(Blend("popularity"),),
        fallback=("new", "shuffled"),
        variety=0.0,
    ),
    Recipe(
        name="new_in_library",
        title="New in your library",
        blend=(Blend("new"),),
        fallback=("shuffled",),
        variety=0.0,
    ),
    Recipe(
        name="genre",
        title="{genre}",
        blend=(Blend("taste"), Blend("content", 0.4), Blend("popularity", 0.3)),
        cold=_COLD,
        needs="genres",
        usual_length=True,
    ),
    Recipe(
        name="mood",
        title="{mood}",
        blend=(
            Blend("mood", 0.5),
            Blend("taste"),
            Blend("content", 0.4),
            Blend("popularity", 0.15, quota=100),
        ),
        cold=(Blend("mood"), Blend("popularity")),
        fill=False,
        needs="mood",
        only="mood",
        leads="mood",
        usual_length=True,
    ),
    Recipe(
        name="ask",
        title="“{words}”",
        blend=(Blend("ask"), Blend("taste", 0.03)),  # worth a place or two between like answers
        fill=False,
        needs="words",
        only="ask",
        leads="ask",
    ),
    Recipe(
        name="path",
        title="From {start} to {end}",
        blend=(
            Blend("sound", 1.0, About.SEEDS),
            Blend("alike", 1.0, About.SEEDS),
            Blend("content", 1.0, About.SEEDS),
        ),
        fallback=("shuffled",),
        needs="path",
        usual_length=True,
    ),
)
STATIONS: dict[str, Recipe] = {recipe.name: recipe for recipe in RECIPES}
# What each member of a blend brings; :mod:`segue.pipeline.blend` then chooses among their lists.
BLEND = Recipe(name="blend", title="{name}", blend=TASTE_BLEND, cold=_COLD, familiar=0.5,
               usual_length=True, learned=True)  # fmt: skip


def station(name: str) -> Recipe:
    """The recipe of a station.

    Raises:
        InvalidInputError: There is no such station.

    >>> station("discover").heard.value
    'never'
    """
    if name not in STATIONS:
        raise InvalidInputError(f"no station {name!r}; there are: {', '.join(STATIONS)}")
    return STATIONS[name]


def standard_sources(
    models: Mapping[str, Recommender],
    tracks: TrackTable | None = None,
    ask: AskIndex | None = None,
) -> tuple[Source, ...]:
    """Sources for fitted models under their registered names, and all rules.

    With ``tracks``, those that read the catalogue itself are made too, such as "mood"; with
    ``ask``, the one that answers requests in words, and moods are those that it knows.

    A model without a role in :data:`ROLES` is a source under its own name. Where nothing else plays
    the role of taste, what goes together by listening does.
    """
    sources: dict[str, Source] = {rule.name: Source(rule.name, rule) for rule in RULES}
    if tracks is not None:
        sources["mood"] = mood_source(tracks, None if ask is None else ask.moods)
        sources["collected"] = Source("collected", collected_rule(tracks))
    if ask is not None:
        sources["ask"] = ask_source(ask)
    for model in models.values():
        if isinstance(model, Knowledge):
            sources["own_words"] = own_words_source(model)
    for name in sorted(models, key=lambda name: list(ROLES).index(name) if name in ROLES else -1):
        sources.setdefault(ROLES.get(name, name), _source_of(ROLES.get(name, name), models[name]))
    if "taste" not in sources and "together" in sources:
        sources["taste"] = replace(sources["together"], name="taste")
    return tuple(sources.values())


def _source_of(role: str, model: Recommender) -> Source:
    if model.is_personal:
        return Source(role, model, applies=has_taste, shares_terms=role in ("content", "alike"))
    scores = model.score(model.fold_in(Profile.empty()))
    order = np.lexsort((np.arange(len(scores)), -scores))
    order = order[scores[order] > 0].astype(np.int32)
    best = ScoredTracks(order, scores[order])
    rows = np.sort(order)
    return Source(role, model, applies=always, shares_terms=role == "content", best_first=best,
                  by_row=SparseScores(rows, scores[rows]))  # fmt: skip
