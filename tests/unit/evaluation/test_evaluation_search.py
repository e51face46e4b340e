"""A search finds what was planted, goes on where it stopped, and never sees the test part."""

from itertools import count

import numpy as np
import optuna
import pytest
from scipy import sparse

from segue.data.dataset import Dataset
from segue.errors import InvalidInputError
from segue.evaluation.cuts import validation_of
from segue.evaluation.search import RUNGS, Budget, search
from segue.evaluation.spaces import SPACES, Whole
from segue.models.base import REGISTRY, create

NOT_SEARCHED = {
    "seed", "n_epochs", "form", "max_items", "min_term_tracks", "init_sd", "solver", "cg_steps",
    "gap_minutes", "span_days", "tolerance", "max_sweeps", "half_life_days", "window_days",
}  # fmt: skip


@pytest.fixture(scope="module")
def split():
    rng = np.random.default_rng(3)
    camp = np.repeat(rng.integers(0, 3, 60)[:, None], 45, axis=1) == np.arange(45) % 3
    plays = sparse.csr_matrix(rng.random((60, 45)) < np.where(camp, 0.5, 0.05), dtype=np.float32)
    return validation_of(Dataset.from_csr(plays), "random")


def look(split, name="item_knn", n=6, storage=None, **more):
    storage = storage or optuna.storages.InMemoryStorage()
    return search(name, split, storage, Budget(trials=n), map(float, count()).__next__, **more)


def test_every_model_with_parameters_has_a_space():
    for name in REGISTRY:
        params = create(name).get_params()
        if set(params) - NOT_SEARCHED:
            assert SPACES.get(name), f"add a space for {name}"


@pytest.mark.parametrize("name", sorted(set(SPACES) & set(REGISTRY)))
def test_spaces_name_parameters_and_hold_the_defaults(name):
    params = create(name).get_params()
    for key, among in SPACES[name].items():
        assert key in params
        assert among.holds(params[key]), (key, params[key])


@pytest.mark.parametrize("method", ["tpe", "random"])
def test_the_same_seed_finds_the_same_and_another_seed_tries_others(split, method):
    first, again = look(split, method=method), look(split, method=method)
    other = look(split, method=method, seed=1)
    assert first == again
    assert len({repr(trial.params) for trial in first.trials}) == len(first.trials)
    assert [t.params for t in first.trials[1:]] != [t.params for t in other.trials[1:]]
    assert first.best_value == max(t.value for t in first.trials) >= first.default_value
    best = create("item_knn", **first.best_params).get_params()
    assert first.best_params.items() <= best.items()


def test_the_defaults_are_tried_first(split):
    found = look(split, "rp3beta", 1)
    given = create("rp3beta").get_params()
    assert found.trials[0].params == {key: given[key] for key in SPACES["rp3beta"]}
    assert found.best_value == found.default_value


class KilledError(Exception):
    pass


def test_a_killed_search_ends_where_an_unbroken_one_does(split, tmp_path):
    storage = optuna.storages.RDBStorage(f"sqlite:///{tmp_path / 'searches.db'}")

    def dying():
        for tick in count():
            if tick == 9:  # within the fifth trial
                raise KilledError
            yield float(tick)

    try:
        with pytest.raises(KilledError):
            search("item_knn", split, storage, Budget(trials=14), dying().__next__)
        found = look(split, n=14, storage=storage)
        more = look(split, n=15, storage=storage)
    finally:
        storage.remove_session()
        storage.engine.dispose()
    unbroken = look(split, n=14)
    assert [t.params for t in found.trials] == [t.params for t in unbroken.trials]
    assert [t.value for t in found.trials] == [t.value for t in unbroken.trials]
    assert [t.params for t in more.trials[:14]] == [t.params for t in found.trials]


def test_seconds_are_a_budget_too(split):
    ticks = map(float, count(step=5))
    budget = Budget(seconds=12.0)
    found = search("item_knn", split, optuna.storages.InMemoryStorage(), budget, ticks.__next__)
    assert len(found.trials) == 3
    assert found.seconds == 15.0


def test_models_of_epochs_are_stopped_early(split, monkeypatch):
    epochs = []
    real = create

    def watched(name, **params):
        model = real(name, **params)
        fit = model.fit
        model.fit = lambda data: (epochs.append(model.n_epochs), fit(data))[1]
        return model

    monkeypatch.setattr("segue.evaluation.search.create", watched)
    found = look(split, "als", 6, base={"n_epochs": 4})
    n_pruned = sum(t.state == "pruned" for t in found.trials)
    assert n_pruned > 0
    assert set(epochs) == set(RUNGS)
    assert epochs.count(1) == 6
    assert epochs.count(4) == 6 - n_pruned
    assert all(t.value is not None for t in found.trials)


def test_parameters_that_a_model_refuses_are_failed_trials(split, monkeypatch):
    monkeypatch.setitem(SPACES, "item_knn", {"n_neighbors": Whole(-5, -1)})
    with pytest.raises(InvalidInputError, match="no trial of item_knn could be measured"):
        look(split, n=2, base={"n_neighbors": -3})


@pytest.mark.parametrize("budget", [Budget(), Budget(trials=0), Budget(seconds=-1.0)])
def test_a_search_without_model_method_or_budget_is_refused(split, budget):
    with pytest.raises(InvalidInputError, match="budget"):
        search("ease", split, None, budget, float)
    with pytest.raises(InvalidInputError, match="no search for model 'magic'"):
        look(split, "magic")
    with pytest.raises(InvalidInputError, match="tpe, random"):
        look(split, method="grid")
