import csv
import re
from itertools import count
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from segue.data.dataset import Dataset
from segue.data.vocabulary import Vocabulary
from segue.errors import InvalidDataError, InvalidInputError
from segue.evaluation.cuts import split_of
from segue.evaluation.plots import LINE_HEIGHT, curves, scatter
from segue.evaluation.report import html_report
from segue.services.evaluating import EvaluationService
from segue.synthetic.listeners import listen_columns, make_catalogue, make_listeners
from segue.training.local import TrainingPlan
from support.app import Watched

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def service(trained):
    return EvaluationService(trained.app.training, map(float, count()).__next__)


@pytest.mark.parametrize("split", ["temporal", "leave-last", "random"])
def test_models_that_know_taste_lead_on_every_split(service, split):
    found = service.compare(Watched(), split=split, ks=(5, 10))
    assert {model.name for model in found.models} == set(TrainingPlan().models) - {"sound", "svd"}
    means = [model.accuracy["ndcg@10"].mean for model in found.models]
    assert means == sorted(means, reverse=True)
    assert "popularity" in [model.name for model in found.models[-3:]]
    for model in found.models:
        assert model.fit_s == model.rank_s == 1.0
        assert model.size_bytes > 0
        for name, value in model.accuracy.items():
            most = 1.25 if name == "r_precision_artist" else 1  # artists add a quarter
            assert 0 <= value.low <= value.mean <= value.high <= most
    assert found.models[0].p_best is None
    assert all(0 < model.p_best <= 1 for model in found.models[1:])


def test_the_same_seed_measures_the_same_twice(service):
    assert service.compare(Watched(), split="random", seed=4) == service.compare(
        Watched(), split="random", seed=4
    )


@pytest.mark.parametrize("split", ["leave-last", "random"])
def test_no_event_of_a_held_out_pair_is_left_in_training(trained, split):
    cut = split_of(trained.app.training.dataset(), split)
    held = set(zip(*(part.tolist() for part in cut.held_out.nonzero()), strict=True))
    events = cut.past.events
    seen = set(zip(events.listener_idx.tolist(), events.track_idx.tolist(), strict=True))
    assert held
    assert not held & seen
    assert not held & set(zip(*cut.past.interactions.user_items.nonzero(), strict=True))


def test_wrong_names_are_refused_before_anything_is_measured(service, house):
    with pytest.raises(InvalidInputError, match="no model 'magic'"):
        service.compare(Watched(), ["magic"])
    with pytest.raises(InvalidInputError, match="temporal, leave-last, random, listeners, cold"):
        service.compare(Watched(), split="tomorrow")
    with pytest.raises(InvalidInputError, match="at least 1"):
        service.compare(Watched(), ks=(0,))
    for split in ("temporal", "leave-last", "random"):
        with pytest.raises(InvalidDataError):
            house.app.evaluation.compare(Watched(), split=split)


def test_the_report_asks_for_nothing_and_has_every_number_in_a_table(service):
    found = service.compare(Watched(), history=True)
    page = html_report(found)
    spaceless = page.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"<script|src=|href=|url\(|@import|http", spaceless)
    for model in found.models:
        for value in model.accuracy.values():
            assert f"{value.mean:.4f}" in page
        assert list(model.history) == [1, 5, 20, 100]
        for value in model.history.values():
            assert f"{value.mean:.4f}" in page
    plots = re.findall(r"<svg.*?</svg>", page)
    n = len(found.models)
    circles = [len(ET.fromstring(plot).findall(f"{SVG}circle")) for plot in plots]
    assert circles == [n, n, 0]
    assert len(ET.fromstring(plots[2]).findall(f"{SVG}polyline")) == n


def test_a_plot_puts_more_to_the_right_and_better_higher():
    plot = ET.fromstring(scatter([("<a>", 1.0, 0.1), ("b", 10.0, 0.3)], "x", "y", log_x=True))
    (x0, y0), (x1, y1) = [
        (float(c.get("cx")), float(c.get("cy"))) for c in plot.iter(f"{SVG}circle")
    ]
    assert x0 < x1
    assert y0 > y1
    one = ET.fromstring(scatter([("alone", 0.0, 0.0)], "x", "y", log_x=True))
    assert np.isfinite(float(one.find(f"{SVG}circle").get("cx")))


def test_words_of_a_plot_cover_no_other_and_stay_in_order():
    names = [f"model {n}" for n in range(12)]
    close = {name: [(1.0, 0.1), (100.0, 0.5 + 0.001 * n)] for n, name in enumerate(names)}
    words = {t.text: t for t in ET.fromstring(curves(close, "x", "y")).iter(f"{SVG}text")}
    heights = [float(words[name].get("y")) for name in reversed(names)]
    assert min(np.diff(heights)) >= LINE_HEIGHT - 0.2
    assert len({words[name].get("x") for name in names}) == 1


class Relistening:
    """Listeners who come back to their tracks."""

    def dataset(self):
        tracks = make_catalogue(300, seed=1)
        people = make_listeners(tracks, 30, seed=1)
        events = listen_columns(people, tracks, 0.0, 60, seed=1)
        return Dataset.from_events(
            tracks, Vocabulary(str(n) for n in range(30)), events, 60 * 86400
        )


def test_repeats_and_discoveries_are_measured_apart():
    service = EvaluationService(Relistening())
    found = service.compare(Watched(), ["personal_top", "edlae"], repeats=True)
    for model in found.models:
        for part in ("repeat", "exploration"):
            for measure in ("ndcg", "recall", "hit"):
                assert 0 <= model.accuracy[f"{part}_{measure}@20"].mean <= 1
    own = next(model for model in found.models if model.name == "personal_top")
    assert own.accuracy["repeat_ndcg@20"].mean > own.accuracy["exploration_ndcg@20"].mean
    with pytest.raises(InvalidInputError, match="repeats need the split temporal"):
        service.compare(Watched(), split="random", repeats=True)


@pytest.mark.parametrize("split", ["listeners", "cold"])
def test_new_listeners_and_cold_tracks_can_be_asked_for(service, split):
    found = service.compare(Watched(), ["content", "random"], split=split)
    assert found.models[0].name == "content"


@pytest.mark.parametrize("kind", ["npz", "csv"])
def test_one_value_a_listener_is_kept(service, tmp_path, kind):
    path = tmp_path / f"vectors.{kind}"
    found = service.compare(Watched(), ["edlae", "popularity"], vectors=path)
    mean = next(m for m in found.models if m.name == "edlae").accuracy["ndcg@20"].mean
    if kind == "npz":
        with np.load(path, allow_pickle=False) as arrays:
            values, ids = arrays["edlae/ndcg@20"], arrays["listener"].tolist()
    else:
        rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
        values = np.array([float(row["edlae/ndcg@20"]) for row in rows])
        ids = [row["listener"] for row in rows]
    assert values.mean() == pytest.approx(mean)
    assert len(set(ids)) == len(values) == found.n_listeners


def test_vectors_that_cannot_be_written_are_refused(service, tmp_path):
    with pytest.raises(InvalidInputError, match=r"\.npz or \.csv"):
        service.compare(Watched(), vectors=tmp_path / "vectors.txt")
    with pytest.raises(InvalidInputError, match="cannot be written"):
        service.compare(Watched(), ["random"], vectors=tmp_path / "none" / "vectors.csv")
