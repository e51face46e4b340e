"""The benchmark of lists: what is compared, on what, and what its measures say."""

import json

import numpy as np
import pytest
from benchmarks.quality import list_data, lists
from benchmarks.quality.list_variants import PLAIN, variants
from scipy import sparse

from segue.data.dataset import Dataset
from segue.evaluation.intervals import sign_flip_p
from segue.models.base import create
from segue.pipeline.stations import STATIONS, standard_sources
from segue.rng import derived_rng
from segue.synthetic.listeners import make_catalogue


@pytest.fixture(scope="module")
def tiny():
    """Fifty tracks, thirty listeners with ten likes each, two more to be found."""
    rng = np.random.default_rng(4)
    tracks = list_data.with_versions(make_catalogue(50, 3), 0.2, 3)
    liked = np.zeros((30, 50), np.float32)
    wanted = np.zeros((30, 50), np.float32)
    for row in range(30):
        chosen = rng.permutation(50)[:12]
        liked[row, chosen[:10]] = 1.0
        wanted[row, chosen[10:]] = 1.0
    wanted[5] = 0.0  # nothing to be found
    past = Dataset.from_csr(sparse.csr_matrix(liked), tracks)
    part = list_data.Part("discover", sparse.csr_matrix(wanted))
    return list_data.ListData("tiny", past, (part,))


@pytest.fixture(scope="module")
def served(tiny):
    models = {name: create(name).fit(tiny.past) for name in ("edlae", "content", "user_knn")}
    return lists.Served(tiny.past.tracks, standard_sources(models, tiny.past.tracks), None, 1e9)


def test_every_listener_with_something_to_find_gets_one_list_of_new_tracks(tiny, served):
    part, profiles = tiny.parts[0], list(tiny.profiles())
    for variant in variants("discover"):
        made = served.lists(variant, part, profiles)
        assert made.ranked.shape == (29, lists.K)
        for row, listener in zip(made.ranked, part.listeners(), strict=True):
            shown = row[row >= 0]
            assert len(set(shown.tolist())) == len(shown)
            assert not set(shown.tolist()) & set(profiles[listener].track_idx.tolist())
    assert 5 not in part.listeners()


def test_a_plain_list_of_one_source_is_the_order_of_its_model(tiny, served):
    part, profiles = tiny.parts[0], list(tiny.profiles())
    alone = next(v for v in variants("discover") if v.name == "taste alone")
    made = served.lists(alone, part, profiles)
    model = create("edlae").fit(tiny.past)
    for row, listener in zip(made.ranked, part.listeners(), strict=True):
        expected = model.recommend(profiles[listener], lists.K)
        above = expected.track_idx[expected.scores > 0]
        assert row[: len(above)].tolist() == above.tolist()


def test_only_every_version_lets_two_versions_of_a_recording_in(tiny, served):
    part, profiles = tiny.parts[0], list(tiny.profiles())
    shares = {}
    for variant in variants("discover"):
        made = served.lists(variant, part, profiles)
        shares[variant.name] = lists.like(made, part, tiny, profiles)["lists with two versions"]
    assert shares["rank fusion, as served"] == 0.0
    assert shares["with every version"] > 0.0


def test_versions_are_of_one_artist_and_as_many_as_asked():
    plain = make_catalogue(200, 1)
    tracks = list_data.with_versions(plain, 0.1, 1)
    assert len(np.unique(plain.recording_idx)) - len(np.unique(tracks.recording_idx)) == 20
    for recording in np.unique(tracks.recording_idx):
        artists = tracks.artist_idx[tracks.recording_idx == recording]
        assert len(set(artists.tolist())) == 1


@pytest.mark.parametrize("name", ["for_you", "discover"])
def test_each_ablation_changes_one_thing(name):
    served, recipe = {v.name: v for v in variants(name)}, STATIONS[name]
    whole = served["learned fusion, as served"]
    assert (whole.recipe, whole.learned, whole.versions) == (recipe, True, False)
    for label, variant in served.items():
        if label.startswith(("with", "familiar")):
            changed = (variant.recipe != whole.recipe, variant.controls != whole.controls,
                       variant.versions)  # fmt: skip
            assert sum(changed) == 1, label
    alone = {label for label in served if label.endswith(" alone")}
    assert alone == {f"{blend.source} alone" for blend in recipe.blend}
    assert served["rank fusion, plain"].controls == PLAIN


def test_near_repeats_are_those_of_a_plain_loop():
    rng = np.random.default_rng(8)
    artist = rng.integers(-1, 4, 40)
    found = 0
    for at in range(40):
        for before in range(max(0, at - 3), at):
            if artist[at] >= 0 and artist[before] == artist[at]:
                found += 1
                break
    assert lists.near_repeats(artist) == pytest.approx(found / 40)


def test_p_values_are_adjusted_for_their_number():
    rng = np.random.default_rng(2)
    base = rng.random(60)
    pairs = {"far": (base + 0.5, base), "near": (base + rng.normal(0, 1, 60), base),
             "same": (base, base)}  # fmt: skip
    found = lists.adjusted(pairs)
    raw = {name: sign_flip_p(*pair, derived_rng(0, "lists", "flip"))
           for name, pair in pairs.items()}  # fmt: skip
    assert found["far"] == pytest.approx(3 * raw["far"])
    assert found["same"] == 1.0
    assert all(found[name] >= raw[name] for name in pairs)


def test_the_report_says_what_each_list_is_compared_with(tiny, served, capsys, monkeypatch):
    monkeypatch.setattr(lists, "served_on", lambda _data: served)
    lists.measure(tiny)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    by_name = {line["metric"]: line for line in lines}
    assert "taste alone: less rank fusion, plain" in by_name
    assert "without variety: less rank fusion, as served" in by_name  # no ranker here
    assert "rank fusion, plain: p (Holm)" not in by_name
    assert not any(line["metric"].startswith(("learned", "factors")) for line in lines)
    for name, line in by_name.items():
        if "interval" in line:
            low, high = line["interval"]
            assert low <= line["value"] <= high, name
