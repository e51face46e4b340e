import io
import json
import sys
import zipfile

import pytest
import structlog

from segue.cli import main, output


@pytest.fixture
def segue(house, monkeypatch, capsys):
    class Opened:
        def __enter__(self):
            return house.app

        def __exit__(self, *_):
            return None

    for room in ("own_data", "users"):
        monkeypatch.setattr(f"segue.cli.{room}.opened", lambda _context: Opened())

    def run(*args, stdin=""):
        monkeypatch.setattr(sys, "argv", ["segue", *map(str, args)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        monkeypatch.setattr(output, "_stdout", output.Console(width=200))
        monkeypatch.setattr(output, "_stderr", output.Console(stderr=True, width=200))
        return main.run(), *capsys.readouterr()

    yield run
    structlog.reset_defaults()


def test_an_export_is_a_file_of_its_owner_and_is_not_overwritten_by_accident(
    segue, house, tmp_path
):
    house.tell("ada", "love", "Song 0-0")
    file = tmp_path / "ada.zip"
    code, out, _ = segue("export", "listener", "ada", file, "--json")
    assert code == 0
    assert json.loads(out) == {"file": str(file), "size_bytes": file.stat().st_size}
    assert file.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(file) as archive:
        assert b'"score":1' in archive.read("feedback.jsonl")
    before = file.read_bytes()
    code, _, err = segue("export", "listener", "ada", file)
    assert (code, "there already" in err, file.read_bytes() == before) == (1, True, True)
    assert segue("export", "listener", "ada", file, "--overwrite")[0] == 0
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []


def test_an_export_of_nobody_or_to_nowhere_says_so_and_leaves_nothing(segue, tmp_path):
    code, _, err = segue("export", "listener", "eve", tmp_path / "eve.zip")
    assert (code, "no account is called 'eve'" in err) == (1, True)
    code, _, err = segue("export", "listener", "ada", tmp_path / "no" / "ada.zip")
    assert (code, "cannot be written" in err) == (1, True)
    assert not list(tmp_path.glob("*.zip")) + list(tmp_path.glob(".*part"))


def test_a_listener_is_deleted_after_a_yes(segue, house):
    code, _, err = segue("user", "delete", "ada")
    assert (code, "use --yes" in err) == (1, True)
    assert house.id_of("ada")
    code, out, _ = segue("user", "delete", "ada", "--yes")
    assert (code, "ada and everything about them is deleted" in out) == (0, True)
    assert [account.name for account in house.app.accounts.all()] == ["admin", "bob"]
    assert [job.kind for job in house.app.jobs.list()] == ["forget"]
    code, _, err = segue("user", "delete", "admin", "--yes")
    assert (code, "last admin" in err) == (1, True)
