"""A server of one collection that answers as MongoDB does on the wire: in batches, or with errors.

OP_MSG (MongoDB wire protocol: flags, one section of kind 0) and, for the first greeting of a
client, OP_QUERY with OP_REPLY. What is not asked for here is answered with "no such command".
"""

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import bson

OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
_GREETING = {"ismaster": True, "isWritablePrimary": True, "helloOk": True, "maxWireVersion": 21,
             "minWireVersion": 0, "maxBsonObjectSize": 1 << 24, "maxMessageSizeBytes": 48_000_000,
             "maxWriteBatchSize": 100_000, "logicalSessionTimeoutMinutes": 30}  # fmt: skip
CURSOR = 77


@dataclass
class Wire:
    """What the server holds, is to do, and was asked.

    ``refuses`` are commands that are answered with an error code; ``hangs_up`` are commands at
    which the connection is closed.
    """

    documents: list[dict[str, Any]]
    refuses: dict[str, int] = field(default_factory=dict[str, int])
    hangs_up: set[str] = field(default_factory=set[str])
    asked: list[str] = field(default_factory=list[str])
    url: str = ""
    sent: int = 0

    def answer(self, command: dict[str, Any]) -> dict[str, Any] | None:
        name = next(iter(command))
        self.asked.append(name)
        if name in self.hangs_up:
            return None
        if name in self.refuses:
            return {"ok": 0.0, "errmsg": "refused by the test", "code": self.refuses[name]}
        if name.lower() in ("hello", "ismaster"):
            return {"ok": 1.0, **_GREETING}
        if name in ("ping", "endSessions", "killCursors"):
            return {"ok": 1.0}
        if name == "find":
            self.documents.sort(key=lambda one: one[next(iter(command["sort"]))])
            self.sent = 0
            return self._batch("firstBatch", command["batchSize"])
        if name == "getMore" and command["getMore"] == CURSOR:
            return self._batch("nextBatch", command["batchSize"])
        return {"ok": 0.0, "errmsg": f"no such command: {name}", "code": 59}

    def _batch(self, key: str, size: int) -> dict[str, Any]:
        part = self.documents[self.sent : self.sent + size]
        self.sent += len(part)
        is_over = self.sent >= len(self.documents)
        cursor = {"id": bson.Int64(0 if is_over else CURSOR), "ns": "music.tracks", key: part}
        return {"ok": 1.0, "cursor": cursor}


@contextmanager
def wire_server(documents: list[dict[str, Any]]) -> Iterator[Wire]:
    """A server on a free port of this machine."""
    wire = Wire(documents)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while head := self.rfile.read(16):
                length, asked_as, _, code = struct.unpack("<iiii", head)
                answer = wire.answer(_command(code, self.rfile.read(length - 16)))
                if answer is None:
                    return
                self.wfile.write(_reply(code, asked_as, bson.encode(answer)))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        wire.url = f"mongodb://127.0.0.1:{server.server_address[1]}/?directConnection=true"
        try:
            yield wire
        finally:
            server.shutdown()
            thread.join()


def _command(code: int, body: bytes) -> dict[str, Any]:
    if code == OP_MSG:
        assert body[4] == 0, "a section of one document"
        return bson.decode(body[5:])
    assert code == OP_QUERY, code
    start = body.index(b"\x00", 4) + 1 + 8  # after flags, the collection, skip and limit
    return bson.decode(body[start:])


def _reply(code: int, to: int, document: bytes) -> bytes:
    body = b"\x00\x00\x00\x00\x00" + document
    kind = OP_MSG
    if code == OP_QUERY:
        body, kind = struct.pack("<iqii", 8, 0, 0, 1) + document, OP_REPLY
    return struct.pack("<iiii", 16 + len(body), 1, to, kind) + body
