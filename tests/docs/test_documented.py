import importlib.util
from pathlib import Path

import pytest

from segue import errors
from segue.pipeline.stations import STATIONS
from segue.settings import Settings

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location(
        "make_reference", ROOT / "scripts/make_reference.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def written(script):
    return script.pages()


def page(name):
    return (REFERENCE / name).read_text("utf-8")


def test_the_pages_on_disk_are_what_the_code_says_now(written):
    for name, text in written.items():
        assert page(name) == text, f"run scripts/make_reference.py: {name} is not up to date"
    assert {path.name for path in REFERENCE.glob("*.md")} == set(written)


def test_a_page_that_is_not_up_to_date_is_named(script, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(script, "FOLDER", tmp_path / "reference")
    assert script.main(["--check"]) == 1
    assert "settings.md" in capsys.readouterr().err
    assert script.main([]) == 0
    assert script.main(["--check"]) == 0


def test_every_setting_is_documented_with_its_variable():
    for name, field in Settings.model_fields.items():
        assert f"| `{name}` | `SEGUE_{name.upper()}` |" in page("settings.md")
        assert field.description in page("settings.md")


def test_every_error_code_is_documented_and_unique():
    def tree(kind):
        yield kind
        for below in kind.__subclasses__():
            yield from tree(below)

    kinds = [kind for kind in tree(errors.SegueError) if kind.__module__ == errors.__name__]
    assert len({kind.code for kind in kinds}) == len(kinds) > 10
    for kind in kinds:
        assert f"| `{kind.code}` | `{kind.__name__}` |" in page("errors.md")


def test_every_command_and_option_is_documented(script):
    found = dict(script.commands())
    assert {"doctor", "scan", "demo", "serve", "train", "recommend", "similar", "user add",
            "import history", "models rollback"} <= set(found)  # fmt: skip
    for words, command in found.items():
        _, _, section = page("cli.md").partition(f"## `segue {words}`\n")
        assert section, words
        section = section.partition("\n## ")[0]
        for parameter in command.params:
            for name in parameter.opts:
                shown = name.upper() if parameter.param_type_name == "argument" else name
                assert f"`{shown}`" in section, (words, shown)


def test_every_station_is_documented():
    for name, recipe in STATIONS.items():
        assert f"| `{name}` | {recipe.title} |" in page("stations.md")


def test_every_route_of_the_api_is_documented(script):
    for path, item in script._openapi()["paths"].items():
        for method in set(item) & {"get", "post", "put", "delete"}:
            if path.startswith("/v1/"):
                assert f"### `{method.upper()} {path}`" in page("api.md"), (method, path)
