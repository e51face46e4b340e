import importlib.util
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def script(monkeypatch, tmp_path):
    path = ROOT / "scripts" / "make_benchmarks.py"
    spec = importlib.util.spec_from_file_location("make_benchmarks", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("FIGURES", "PAGE", "IMAGES"):
        monkeypatch.setattr(module, name, tmp_path / name.lower())
    module.IMAGES.mkdir()
    return module


def line(id_, metric, value, unit="share", **more):
    return json.dumps({"id": id_, "metric": metric, "value": value, "unit": unit, "target": None,
                       "met": None, "data": "tiny", "n": 3, **more})  # fmt: skip


def test_models_get_a_table_best_first_and_three_plots(script):
    rows = [line("S8", "speed", 9.0, "1/s")]
    for model, value in (("worse", 0.1), ("better", 0.2)):
        rows += [line("MODELS", f"{model} ndcg@20", value, interval=[value - 0.05, value + 0.05]),
                 line("MODELS", f"{model} fit", 2.0, "s"),
                 line("MODELS", f"{model} coverage@20", 0.5)]  # fmt: skip
        rows += [
            line("MODELS", f"{model} ndcg@20 after {n}", value * n / 100) for n in (1, 5, 20, 100)
        ]
    script.FIGURES.write_text("\n".join(rows), "utf-8")
    assert script.main() == 0
    page = script.PAGE.read_text("utf-8")
    assert page.index("## S8") < page.index("## Models") < page.index("| better |")
    assert page.index("| better |") < page.index("| worse |")
    assert "0.2000 [0.1500, 0.2500]" in page
    plots = sorted(script.IMAGES.glob("*.svg"))
    assert [plot.stem for plot in plots] == [
        f"models-tiny-{kind}" for kind in ("coverage", "history", "seconds")
    ]
    for plot in plots:
        assert f"images/{plot.name}" in page
        assert "better" in "".join(ET.fromstring(plot.read_text("utf-8")).itertext())


def test_of_two_figures_the_later_counts(script):
    script.FIGURES.write_text(f"{line('S8', 'a', 1.0)}\n{line('S8', 'a', 2.0)}\n", "utf-8")
    script.main()
    assert "| a | 2 share |" in script.PAGE.read_text("utf-8")


def test_planted_listeners_get_a_curve_a_kind_of_list(script):
    rows = [line("Q6", f"{name} after {n}", n / 100) for name in ("served", "knowing all,")
            for n in (1, 5, 20)]  # fmt: skip
    rows.append(line("Q6", "best attainable ndcg@20", 0.4))
    script.FIGURES.write_text("\n".join(rows), "utf-8")
    script.main()
    plot = (script.IMAGES / "q6-history.svg").read_text("utf-8")
    assert plot.count("<polyline") == 2
    assert ">knowing all<" in plot
    assert "images/q6-history.svg" in script.PAGE.read_text("utf-8")
