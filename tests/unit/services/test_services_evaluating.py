import re
from itertools import count
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from segue.errors import InvalidDataError, InvalidInputError
from segue.evaluation.report import html_report, scatter
from segue.services.evaluating import EvaluationService, split_of
from segue.training.local import TrainingPlan
from support.app import Watched


@pytest.fixture
def service(trained):
    return EvaluationService(trained.app.training, map(float, count()).__next__)


@pytest.mark.parametrize("split", ["temporal", "leave-last", "random"])
def test_models_that_know_taste_lead_on_every_split(service, split):
    found = service.compare(Watched(), split=split, ks=(5, 10))
    assert {model.name for model in found.models} == set(TrainingPlan().models)
    means = [model.accuracy["ndcg@10"].mean for model in found.models]
    assert means == sorted(means, reverse=True)
    assert "popularity" in [model.name for model in found.models[-3:]]
    for model in found.models:
        assert model.fit_s == model.rank_s == 1.0
        assert model.size_bytes > 0
        for value in model.accuracy.values():
            assert 0 <= value.low <= value.mean <= value.high <= 1
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
    with pytest.raises(InvalidInputError, match="temporal, leave-last, random"):
        service.compare(Watched(), split="tomorrow")
    with pytest.raises(InvalidInputError, match="at least 1"):
        service.compare(Watched(), ks=(0,))
    for split in ("temporal", "leave-last", "random"):
        with pytest.raises(InvalidDataError):
            house.app.evaluation.compare(Watched(), split=split)


def test_the_report_asks_for_nothing_and_has_every_number_in_a_table(service):
    found = service.compare(Watched())
    page = html_report(found)
    assert not re.search(r"<script|src=|href=|url\(|@import|http", page)
    for model in found.models:
        for value in model.accuracy.values():
            assert f"{value.mean:.4f}" in page
    plots = re.findall(r"<svg.*?</svg>", page)
    assert [len(ET.fromstring(plot).findall("circle")) for plot in plots] == 2 * [len(found.models)]


def test_a_plot_puts_more_to_the_right_and_better_higher():
    plot = ET.fromstring(scatter([("<a>", 1.0, 0.1), ("b", 10.0, 0.3)], "x", "y", log_x=True))
    (x0, y0), (x1, y1) = [(float(c.get("cx")), float(c.get("cy"))) for c in plot.iter("circle")]
    assert x0 < x1
    assert y0 > y1
    one = ET.fromstring(scatter([("alone", 0.0, 0.0)], "x", "y", log_x=True))
    assert np.isfinite(float(one.find("circle").get("cx")))
