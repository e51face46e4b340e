"""What a training fits, how it compares with the set in service, and what it says of both."""

import dataclasses

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.query import Profile
from segue.data.vocabulary import Vocabulary
from segue.evaluation.cuts import for_some_listeners, temporal_holdout
from segue.evaluation.harness import evaluate_split
from segue.models import base
from segue.models.base import REGISTRY, create
from segue.pipeline.candidates import Blend
from segue.synthetic.listeners import listen_columns, make_catalogue, make_listeners
from segue.training import local
from segue.training.compare import compare, fused_ndcg
from segue.training.local import TrainingPlan, train_set
from segue.training.ranker import RankerPlan

START, DAY = 1.72e9, 86_400.0
MODELS = {"ease": {"n_neighbors": 50}, "content": {}, "popularity": {}}
PLAN = TrainingPlan(models=MODELS, ranker=None)


@pytest.fixture(scope="module")
def dataset():
    tracks = make_catalogue(150, seed=4)
    listeners = make_listeners(tracks, 36, seed=4)
    events = listen_columns(listeners, tracks, start=START, days=60, seed=4)
    names = Vocabulary(str(i) for i in range(36))
    return Dataset.from_events(tracks, names, events, START + 60 * DAY)


@pytest.fixture
def fits(monkeypatch):
    """Every model that was made, by name."""
    made = []

    def noted(name, **params):
        made.append(name)
        return create(name, **params)

    monkeypatch.setattr(local, "create", noted)
    return made


def test_a_model_of_the_catalogue_is_fitted_once_and_the_others_twice(dataset, fits):
    train_set(dataset, PLAN)
    assert sorted(fits) == ["content", "ease", "ease", "popularity", "popularity"]


def test_without_moments_to_learn_from_nothing_is_fitted_for_the_ranker(dataset, fits):
    plan = TrainingPlan(models=MODELS, ranker=RankerPlan(min_moments=10**6))
    trained = train_set(dataset, plan)
    assert sorted(fits) == ["content", "ease", "ease", "popularity", "popularity"]
    assert "of 1000000 moments" in trained.notes[-1]


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_what_is_said_to_learn_from_the_catalogue_alone_does(dataset, name):
    module, _, class_name = REGISTRY[name].partition(":")
    model_class = getattr(base.import_module(module), class_name)
    if model_class.learns_from_listens:
        pytest.skip("learns from listens: says so")
    rng = np.random.default_rng(0)
    vectors = {"sound": rng.normal(size=(dataset.n_tracks, 6)).astype(np.float32)}
    heard = dataclasses.replace(
        dataset, tracks=dataclasses.replace(dataset.tracks, vectors=vectors)
    )
    unheard = Dataset.from_events(
        heard.tracks, heard.listeners, heard.events.take(np.arange(0)), heard.now
    )
    both = [create(name).fit(data).to_arrays() for data in (heard, unheard)]
    for key, value in both[0].items():
        other = both[1][key]
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(value, other)
        else:
            assert (value != other).nnz == 0


def test_with_the_same_models_and_parameters_there_is_nothing_to_compare(dataset, fits):
    assert train_set(dataset, PLAN, in_service=MODELS).comparison is None
    assert len(fits) == 5


def test_only_what_is_set_otherwise_is_fitted_for_the_comparison(dataset, fits):
    before = MODELS | {"ease": {"n_neighbors": 1}}
    trained = train_set(dataset, PLAN, in_service=before)
    assert sorted(fits) == ["content", "ease", "ease", "ease", "popularity", "popularity"]
    assert trained.comparison.n_listeners >= 20


def test_the_worse_set_loses_on_the_same_listeners(dataset):
    split = temporal_holdout(dataset)
    good = {name: create(name, **p).fit(split.past) for name, p in MODELS.items()}
    bad = {"popularity": good["popularity"]}
    lost = compare(bad, good, split)
    assert lost.is_lost
    won = compare(good, bad, split)
    assert not won.is_lost
    assert (won.new, won.old) == (lost.old, lost.new)
    tie = compare(good, good, split)
    assert tie.gain.difference == 0
    assert not tie.is_lost


def test_a_fused_list_of_one_source_scores_as_that_source(dataset):
    """Rank fusion of one source is its own order: NDCG by hand from the model's own list."""
    split = temporal_holdout(dataset)
    model = create("ease", **MODELS["ease"]).fit(split.past)
    asked = np.flatnonzero(np.diff(split.held_out.indptr))[:12]
    got = fused_ndcg({"ease": model}, split, asked, (Blend("taste"),))
    for listener, value in zip(asked, got, strict=True):
        events = split.past.events
        own = events.take(np.flatnonzero(events.listener_idx == listener))
        ranked = model.recommend(Profile.from_columns(own, split.past.now), 20)
        ranked = ranked.track_idx[ranked.scores > 0]
        wanted = set(split.held_out[listener].indices.tolist())
        gain = sum(1 / np.log2(place + 2) for place, t in enumerate(ranked) if int(t) in wanted)
        ideal = sum(1 / np.log2(place + 2) for place in range(min(20, len(wanted))))
        assert value == pytest.approx(gain / ideal)


def test_the_taste_of_one_listener_knows_what_shares_an_artist_with_what_was_played():
    """Nobody in this household has heard the others: listening alone knows nothing of them."""
    tracks = make_catalogue(200, seed=6)
    of_artist = np.flatnonzero(tracks.artist_idx == 0)
    likes = np.zeros((1, 200), np.float32)
    likes[0, of_artist[:5]] = 1.0
    data = Dataset.from_csr(sparse.csr_matrix(likes), tracks)
    taste = train_set(data).models["collective"]
    scores = taste.score(taste.fold_in(Profile.from_weights(dict.fromkeys(of_artist[:5], 1.0))))
    others = np.flatnonzero(tracks.artist_idx != 0)
    assert scores[of_artist[5:]].min() > np.median(scores[others])
    assert scores[of_artist[5:]].mean() > 2 * scores[others].mean()


def test_models_are_measured_on_some_listeners_where_there_are_many(dataset, monkeypatch):
    split = temporal_holdout(dataset)
    monkeypatch.setattr(local, "MAX_MEASURED", 5)
    some = for_some_listeners(split, 5)
    asked = np.flatnonzero(np.diff(some.held_out.indptr))
    assert len(asked) == 5
    for row in asked.tolist():
        assert (some.held_out[row] != split.held_out[row]).nnz == 0
    assert for_some_listeners(split, 36) is split
    models = {"content": create("content").fit(split.past)}
    whole = evaluate_split(models["content"], split, ks=(20,))
    expected = whole.per_listener["ndcg@20"][np.isin(whole.listener_idx, asked)].mean()
    assert local.measure(models, split)[0]["content.ndcg@20"] == pytest.approx(expected, abs=1e-5)
