import json
import sys

import pytest
import structlog

from segue.cli import main, output


@pytest.fixture
def segue(trained, monkeypatch, capsys):
    class Opened:
        def __enter__(self):
            return trained.app

        def __exit__(self, *_):
            return None

    monkeypatch.setattr("segue.cli.tune.opened", lambda _context: Opened())

    def run(*args):
        monkeypatch.setattr(sys, "argv", ["segue", "tune", *args])
        monkeypatch.setattr(output, "_stdout", output.Console(width=200))
        monkeypatch.setattr(output, "_stderr", output.Console(stderr=True, width=200))
        return main.run(), *capsys.readouterr()

    yield run
    structlog.reset_defaults()


def test_tune_says_what_it_found_and_answers_with_json(segue):
    code, out, _ = segue("item_knn", "--budget", "2", "--split", "random")
    assert (code, "after 2 trials" in out, "shrinkage=" in out) == (0, True, True)
    code, out, _ = segue("item_knn", "--budget", "2", "--split", "random", "--json")
    found = json.loads(out)
    assert (code, found["model"], len(found["trials"])) == (0, "item_knn", 2)


def test_tune_says_what_is_wrong(segue):
    code, _, err = segue("item_knn", "--budget", "soon")
    assert (code, "such as 600s" in err) == (1, True)
    code, _, err = segue("magic", "--budget", "1", "--split", "random")
    assert (code, "no search for model 'magic'" in err) == (1, True)
