"""The command line in this process; what several files of tests start from."""

import io
import json
import os
import sys

import pytest
import structlog

from segue.cli import main, output


@pytest.fixture
def segue(monkeypatch, capsys, tmp_path):
    """Runs the command line in this process: exit code, standard output, standard error."""
    for name in list(os.environ):
        if name.startswith("SEGUE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("segue.settings.user_config_path", lambda _name: tmp_path / "config")

    def run(*args, stdin=""):
        monkeypatch.setattr(sys, "argv", ["segue", "--data-dir", str(tmp_path / "data"), *args])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        console = output.Console
        monkeypatch.setattr(output, "_stdout", console(width=200))
        monkeypatch.setattr(output, "_stderr", console(stderr=True, width=200))
        code = main.run()
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    yield run
    structlog.reset_defaults()  # the command logged to the captured standard error


@pytest.fixture
def as_json(segue):
    def run(*args, code=0, **more):
        got, out, err = segue(*args, "--json", **more)
        assert got == code, (got, out, err)
        assert out.count("\n") == 1
        return json.loads(out)

    return run
