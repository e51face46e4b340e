import json
import os
import sys

import pytest
import structlog

from segue.cli import main, output
from segue.services.evaluating import EvaluationService


@pytest.fixture
def segue(trained, monkeypatch, capsys):
    for name in list(os.environ):
        if name.startswith("SEGUE_"):
            monkeypatch.delenv(name)

    class Opened:
        def __enter__(self):
            return trained.app

        def __exit__(self, *_):
            return None

    monkeypatch.setattr("segue.cli.evaluate.opened", lambda _context: Opened())

    def run(*args):
        monkeypatch.setattr(sys, "argv", ["segue", "evaluate", *args])
        monkeypatch.setattr(output, "_stdout", output.Console(width=200))
        monkeypatch.setattr(output, "_stderr", output.Console(stderr=True, width=200))
        return main.run(), *capsys.readouterr()

    yield run
    structlog.reset_defaults()


def test_evaluate_prints_models_with_intervals_and_writes_a_page(segue, tmp_path):
    code, out, _ = segue("--k", "10", "--report", str(tmp_path / "report.html"))
    assert code == 0
    assert "ndcg@10" in out
    assert all(name in out for name in ("collective", "content", "popularity", "best", "["))
    assert "</html>" in (tmp_path / "report.html").read_text("utf-8")


def test_evaluate_answers_with_one_json_value(segue):
    code, out, _ = segue("--models", "edlae, popularity", "--split", "random", "--json")
    found = json.loads(out)
    assert code == 0
    assert [model["name"] for model in found["models"]] == ["edlae", "popularity"]
    assert set(found["models"][0]["accuracy"]["ndcg@20"]) == {"mean", "low", "high"}


def test_evaluate_says_what_is_wrong(segue, tmp_path):
    code, _, err = segue("--split", "never")
    assert (code, "leave-last" in err) == (1, True)
    code, _, err = segue("--report", str(tmp_path / "none" / "x.html"))
    assert (code, "cannot be written" in err) == (1, True)
    assert EvaluationService.__name__ not in err
