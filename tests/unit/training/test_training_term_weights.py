"""How much terms weigh in the taste that is trained."""

import dataclasses

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset, TrackTable
from segue.models.collective import CollectiveEDLAE
from segue.training.local import COLLECTIVE, TrainingPlan, train_set
from segue.training.term_weights import SCALES, scaled, weighed

N_LISTENERS = 60


def groups(seed, *, n_tags, n_each, tags_tell):
    """Each listener likes eight tracks of one group; tags name the groups, or nothing at all."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(n_tags), n_each)
    likes = np.zeros((N_LISTENERS, len(group)), np.float32)
    for listener in range(N_LISTENERS):
        own = np.flatnonzero(group == listener % n_tags)
        likes[listener, rng.choice(own, 8, replace=False)] = 1.0
    terms = np.eye(n_tags, dtype=np.float32)[group if tags_tell else rng.permutation(group)]
    table = dataclasses.replace(
        TrackTable.bare(str(row) for row in range(len(group))),
        terms=sparse.csr_matrix(terms),
        term_names=[f"tag {at}" for at in range(n_tags)],
        term_kinds=["tag"] * n_tags,
    )
    return Dataset.from_csr(sparse.csr_matrix(likes), table)


@pytest.fixture
def careless():
    """Four groups of fifteen listeners each, and tags that say nothing of them."""
    return groups(1, n_tags=4, n_each=20, tags_tell=False)


def test_tags_that_say_nothing_of_taste_weigh_least(careless):
    chosen = weighed(careless, COLLECTIVE)
    assert chosen == scaled(COLLECTIVE, SCALES[-1])
    assert chosen["tag_weight"] == 1.0
    assert chosen["max_items"] == COLLECTIVE["max_items"]


def test_the_weights_of_a_household_stay_where_every_weight_finds_the_same():
    """A listener for each group: nobody else says anything, and the tags say all at any weight."""
    data = groups(1, n_tags=N_LISTENERS, n_each=12, tags_tell=True)
    assert weighed(data, COLLECTIVE) == COLLECTIVE


def test_too_few_listeners_to_compare_on_keep_the_weights_of_a_household(careless):
    few = Dataset.from_csr(careless.interactions.user_items[:19], careless.tracks)
    assert weighed(few, COLLECTIVE) == COLLECTIVE


def test_the_choice_is_the_same_each_time(careless):
    assert weighed(careless, COLLECTIVE) == weighed(careless, COLLECTIVE)


def test_what_is_trained_has_the_weights_that_were_chosen_and_says_so(careless):
    plan = TrainingPlan(models={"collective": dict(COLLECTIVE)}, ranker=None)
    trained = train_set(careless, plan)
    model = trained.models["collective"]
    assert isinstance(model, CollectiveEDLAE)
    assert model.tag_weight == trained.params["collective"]["tag_weight"] == 1.0


def test_weights_that_somebody_chose_are_left_alone(careless):
    plan = TrainingPlan(models={"collective": {**COLLECTIVE, "tag_weight": 9.0}}, ranker=None)
    assert train_set(careless, plan).params["collective"]["tag_weight"] == 9.0
