"""What the quality benchmarks compute themselves: splits, masks, budgets, pairing, shares."""

import json
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from benchmarks.lines import figure
from benchmarks.quality import q4_peers, q6_planted
from benchmarks.quality.q1_hetrec import HetRec, ones_at
from benchmarks.quality.q4_peers import Run
from benchmarks.quality.search_space import OTHERS, OURS, SMALL, Log, OneOf, Real, Whole, drawn
from scipy import sparse

from segue.data.feedback import EventColumns
from segue.data.records import EVENT_CODE, EventKind
from segue.models.base import create
from segue.synthetic.listeners import ndcg_at_k


@pytest.fixture(scope="module")
def tiny() -> HetRec:
    """Two scenes of thirty artists, ten listeners each, who tagged each of their twenty."""
    rng = np.random.default_rng(1)
    rows = np.repeat(np.arange(20), 20)
    columns = np.concatenate([30 * (n % 2) + rng.permutation(30)[:20] for n in range(20)])
    pairs = ones_at(rows, columns, (20, 60))
    return HetRec(pairs, pairs * 3, sparse.csr_matrix((20, 20)), rows, columns, columns // 30)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(None, 1, tmp_path)


def test_both_parts_learn_from_the_training_pairs_and_the_test_part_masks_validation(tiny):
    validation, test = q4_peers.parts_of(tiny, 2020)
    assert validation.learnt is test.learnt
    whole = (test.train + validation.held_out + test.held_out).toarray()
    np.testing.assert_array_equal(whole, tiny.pairs.toarray())
    np.testing.assert_array_equal(
        test.known.toarray(), (test.train + validation.held_out).toarray()
    )
    np.testing.assert_array_equal(validation.known.toarray(), validation.train.toarray())


def test_no_tag_of_a_held_out_pair_is_learnt_from(tiny):
    _, test = q4_peers.parts_of(tiny, 2020)
    seen = np.expm1(test.learnt.tracks.terms.toarray()).round().sum(axis=1)
    np.testing.assert_array_equal(seen, test.train.toarray().sum(axis=0))


def test_ndcg_of_lists_is_that_of_a_plain_loop():
    held_out = sparse.csr_matrix([[0, 1, 0, 1.0], [0, 0, 0, 0], [1.0, 0, 0, 0]])
    lists = np.array([[3, 2, 1], [0, 1, 2], [3, 0, -1]], np.int32)
    expected = [ndcg_at_k(lists[row], held_out[row].indices, 10) for row in (0, 2)]
    np.testing.assert_allclose(q4_peers.ndcg_of(lists, held_out), expected)


@pytest.mark.parametrize("name", sorted({**OURS, **SMALL, **OTHERS}))
def test_draws_lie_in_their_space(name):
    space = {**OURS, **SMALL, **OTHERS}[name]
    rng = np.random.default_rng(3)
    for params in (drawn(space, rng) for _ in range(50)):
        assert params.keys() == space.keys()
        for key, value in params.items():
            among = space[key]
            if isinstance(among, OneOf):
                assert value in among.values
            else:
                assert among.low <= value <= among.high
                assert isinstance(value, int) == isinstance(among, Whole)


def test_whole_numbers_reach_both_ends_and_logarithms_weigh_decades_alike():
    rng = np.random.default_rng(0)
    assert {Whole(1, 3).draw(rng) for _ in range(100)} == {1, 2, 3}
    below = np.mean([Log(0.01, 100.0).draw(rng) < 1.0 for _ in range(2000)])
    assert below == pytest.approx(0.5, abs=0.05)
    assert np.mean([Real(2.0, 4.0).draw(rng) for _ in range(2000)]) == pytest.approx(3, abs=0.05)


def test_our_spaces_name_parameters_of_our_models():
    for name, space in OURS.items():
        assert space.keys() <= create(name).get_params().keys()


def test_every_model_gets_the_same_number_of_draws_and_one_test_a_split(tiny, run, monkeypatch):
    asked: Counter[tuple[str, str]] = Counter()
    measured = q4_peers.measured

    def counted(name, trials, part, seed, run):
        asked[name, part.label.split()[0]] += len(trials)
        return measured(name, trials, part, seed, run)

    monkeypatch.setattr(q4_peers, "measured", counted)
    names = ("item_knn", "rp3beta", "small user-user cosine")
    spaces = {name: {**OURS, **SMALL}[name] for name in names}
    q4_peers.compete(spaces, tiny, 3, 2, run)
    assert asked == {(name, what): n for name in names for what, n in
                     (("validation", 3), ("test", 2))}  # fmt: skip
    asked.clear()
    q4_peers.compete(spaces, tiny, 3, 2, run)
    assert not asked  # all was kept


def test_what_is_kept_differs_by_model_parameters_and_part():
    folder, same = Path("kept"), {"a": 1, "b": 2.0}
    kept = q4_peers.kept_as(folder, "als", same, "test 1")
    assert kept == q4_peers.kept_as(folder, "als", {"b": 2.0, "a": 1}, "test 1")
    others = [("bpr", same, "test 1"), ("als", {**same, "a": 2}, "test 1"), ("als", same, "test 2")]
    assert len({kept, *(q4_peers.kept_as(folder, *other) for other in others)}) == 4


def test_the_fusion_is_not_worse_on_validation_than_its_best_member(tiny, run):
    validation, _ = q4_peers.parts_of(tiny, 2020)
    params = {"collective": {"regularization": 5.0}, "als": {"n_factors": 4, "n_epochs": 4},
              "item_knn": {}, "rp3beta": {}}  # fmt: skip
    picks = {name: (0.0, given) for name, given in params.items()}
    value, fusion = q4_peers.fused(picks, validation)
    alone = [q4_peers.ours(name, given, validation).mean() for name, given in params.items()]
    assert value >= max(alone) - 1e-9
    assert q4_peers.ours("fusion", fusion, validation).mean() == pytest.approx(value)


def test_a_difference_is_met_when_its_whole_interval_is_above_zero(capsys):
    rng = np.random.default_rng(5)
    base = rng.random(200)
    found = {"edlae": base, "implicit als": base - 0.1 + 0.01 * rng.random(200),
             "lenskit als": base + rng.normal(0, 0.5, 200) - 0.01}  # fmt: skip
    q4_peers.report(found, "edlae")
    lines = {line["metric"]: line for line in map(json.loads, capsys.readouterr().out.splitlines())}
    assert lines["edlae less implicit als"]["met"] is True
    assert lines["edlae less lenskit als"]["met"] is False
    for line in lines.values():
        low, high = line["interval"]
        assert low <= line["value"] <= high


@pytest.mark.parametrize(
    ("better", "value", "judged", "met"),
    [("higher", 2.0, None, True), ("higher", 2.0, 0.5, False), ("lower", 2.0, None, False),
     ("lower", 2.0, 0.5, True), ("higher", 1.0, None, True)],
)  # fmt: skip
def test_a_target_is_judged_by_the_value_or_by_what_stands_for_it(better, value, judged, met):
    line = figure("S0", "m", value, "s", data="d", n=1, target=1.0, better=better, judged=judged)
    assert line["met"] is met
    assert figure("S0", "m", value, "s", data="d", n=1)["met"] is None


def events(listener: list[int], track: list[int], kind: list[EventKind], day: list[float]):
    n = len(listener)
    return EventColumns(
        np.array(listener, np.int32), np.array(track, np.int32),
        np.array([EVENT_CODE[one] for one in kind], np.int8), 86_400.0 * np.array(day),
        np.ones(n, np.float32), np.full(n, np.nan, np.float32),
    )  # fmt: skip


def test_a_case_is_what_came_first_and_the_new_tracks_played_soon_after():
    play, skip = EventKind.PLAY, EventKind.SKIP
    columns = events(
        [0, 0, 0, 0, 0, 0, 1, 1],
        [7, 5, 5, 6, 8, 9, 1, 2],  # 5 is known by then, 8 is skipped, 9 comes too late
        [play, play, play, play, skip, play, play, play],
        [2.0, 1.0, 3.0, 4.0, 4.5, 40.0, 1.0, 2.0],
    )
    (case,) = q6_planted.cases_of(columns, longest=2, after_days=14.0)
    assert case.listener_idx == 0
    assert case.events.track_idx.tolist() == [5, 7]
    assert case.heard.tolist() == [5, 7]
    assert case.relevant.tolist() == [6]
    assert case.held_out_at == 86_400.0 * 3.75


def test_the_share_of_the_best_is_a_ratio_of_means_with_paired_draws():
    rng = np.random.default_rng(2)
    best = rng.random(300) + 0.5
    share, low, high = q6_planted.share_of(0.4 * best + rng.normal(0, 0.01, 300), best, 0)
    assert low < share < high
    assert share == pytest.approx(0.4, abs=0.01)
    assert high - low < 0.01  # unpaired draws would spread five times as far
    assert math.isfinite(q6_planted.share_of(np.array([0.1]), np.array([0.2]), 0)[1])


def test_who_picked_these_is_weighed_by_bayes_rule():
    rng = np.random.default_rng(8)
    chance = rng.dirichlet(np.ones(6), 4)
    utility = np.log(6 * chance).astype(np.float32)
    posterior = chance[:, 1] * chance[:, 4] / (chance[:, 1] * chance[:, 4]).sum()
    expected = np.argsort(-(posterior @ chance))
    heard = np.array([expected[0]])
    found = q6_planted.informed_ranking(utility, np.array([1, 4]), heard, 4)
    assert found.tolist() == expected[1:5].tolist()
