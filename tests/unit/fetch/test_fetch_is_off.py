"""No call leaves the machine unless the administrator has allowed it."""

import ast
import socket
import sys
from pathlib import Path

import pytest

import segue
from support.app import Watched, add_listeners_with_taste, browser

SOURCE = Path(segue.__file__).parent
# modules that can open a connection to another host
REACHES_OUT = {
    "socket", "ssl", "http", "urllib.request", "ftplib", "smtplib", "poplib", "imaplib",
    "telnetlib", "xmlrpc", "httpx", "httpcore", "requests", "aiohttp", "urllib3", "websockets",
    "pymongo", "qdrant_client",
}  # fmt: skip
# and where they may stand: each asks only what somebody named
ALLOWED = {
    "fetch/client.py": {"httpx"},
    "sources/mongo.py": {"pymongo"},
    "index/qdrant.py": {"qdrant_client"},
    "cli/serve.py": {"socket"},  # listens, and looks whether a port is free
    "jobs/queue.py": {"socket"},  # the name of this machine
}


class Watch:
    """Connections that were opened inside the block."""

    def __init__(self):
        self.seen = []
        self.is_on = False
        sys.addaudithook(self._note)  # it cannot be taken away again, so it is switched

    def _note(self, event, _arguments):
        if self.is_on and event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
            self.seen.append(event)

    def __enter__(self):
        self.seen.clear()
        self.is_on = True
        return self

    def __exit__(self, *_error):
        self.is_on = False


@pytest.fixture(scope="module")
def watch():
    return Watch()


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_what_reaches_out_stands_where_it_is_known_and_nowhere_else():
    found = {}
    for path in SOURCE.rglob("*.py"):
        for name in imports_of(path):
            hits = {root for root in REACHES_OUT if name == root or name.startswith(root + ".")}
            if hits:
                found.setdefault(path.relative_to(SOURCE).as_posix(), set()).update(hits)
    assert found == ALLOWED


@pytest.mark.slow
def test_a_whole_day_of_segue_opens_no_connection(make_house, tmp_path, watch):
    house = make_house()
    table = tmp_path / "c.csv"
    table.write_text("title,artist,energy,tempo\nAnker,Nadja,0.5,120\n")
    with watch:
        house.app.library.scan(house.music, Watched())
        house.app.catalogues.files([table], Watched())
        add_listeners_with_taste(house)
        house.app.training.train(Watched())
        house.app.models.refresh()
        assert house.app.recommend.home(house.id_of("ada")).hero.tracks
        with browser(house, "ada") as client:
            for page in ("/", "/v1/recommendations/for_you", "/v1/search?q=Anker"):
                assert client.get(page).status_code == 200
    assert watch.seen == []


def test_the_watch_sees_a_connection(watch):
    with watch, socket.socket() as one:
        one.settimeout(1)
        one.connect_ex(("127.0.0.1", 9))
    assert watch.seen == ["socket.connect"]
