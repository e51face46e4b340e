import json

import msgspec
import pytest

from segue.errors import InvalidInputError
from segue.evaluation.search import Budget, SearchResult
from segue.services.tuning import tuned_plan
from support.app import Watched


def test_a_search_is_kept_written_and_taken_over_by_training(trained, tmp_path):
    tuning = trained.app.tuning
    watched = Watched()
    found = tuning.tune(watched, "collective", Budget(trials=3), split="random", k=10)
    assert len(found.trials) == 3
    assert watched.told[-1][0] == 3
    path = trained.app.settings.data_dir / "tuning" / "collective-tpe.json"
    assert msgspec.json.decode(path.read_bytes(), type=SearchResult) == found
    again = tuning.tune(Watched(), "collective", Budget(trials=3), split="random", k=10)
    assert again == found  # nothing is measured twice
    plan = tuned_plan(path)
    assert plan.models["collective"].items() >= found.best_params.items()
    assert plan.models["collective"]["max_items"] == 20_000
    manifest = trained.app.training.train(Watched(), plan)
    folder = trained.app.settings.models_dir
    metas = [json.loads(p.read_text("utf-8")) for p in folder.rglob("model.json")
             if manifest.version in str(p)]  # fmt: skip
    learnt = next(meta for meta in metas if meta["model"] == "collective")
    assert learnt["params"]["regularization"] == found.best_params["regularization"]


def test_what_is_no_result_of_a_search_is_refused(trained, tmp_path):
    with pytest.raises(InvalidInputError, match="no result of segue tune"):
        tuned_plan(tmp_path / "none.json")
    found = trained.app.tuning.tune(Watched(), "rp3beta", Budget(trials=1), split="random")
    path = tmp_path / "rp3beta.json"
    path.write_bytes(msgspec.json.encode(found))
    with pytest.raises(InvalidInputError, match="training does not use rp3beta"):
        tuned_plan(path)
