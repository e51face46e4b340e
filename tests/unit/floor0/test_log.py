import io
import json
import subprocess
import sys

import structlog

from segue.log import REDACTED, configure_logging, get_logger


def test_secrets_never_reach_a_log_line(monkeypatch):
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    configure_logging("info", "json")
    try:
        get_logger("test").info("sign-in", password="hunter2", session_token="abc", name="ada")
    finally:
        structlog.reset_defaults()
    line = json.loads(out.getvalue())
    assert line["name"] == "ada"
    assert line["password"] == line["session_token"] == REDACTED
    assert "hunter2" not in out.getvalue()


def test_a_line_break_in_a_value_cannot_forge_a_second_line(monkeypatch):
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    configure_logging("info", "json")
    try:
        get_logger("test").info("scan", path='a\n{"event": "forged"}')
    finally:
        structlog.reset_defaults()
    assert len(out.getvalue().splitlines()) == 1


def test_a_library_that_sets_logging_up_for_everybody_is_not_heard():
    program = (
        "import logging\n"
        "from segue.log import configure_logging\n"
        "configure_logging()\n"
        "logging.basicConfig(level=logging.INFO)  # as some libraries do when they are imported\n"
        "logging.getLogger('library').info('loading')\n"
        "logging.getLogger('library').warning('broken')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == "broken\n"
