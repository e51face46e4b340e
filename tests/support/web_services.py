"""Servers on this machine that answer as Spotify and ListenBrainz do, errors and waits included."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Reply = tuple[int, Any, dict[str, str]]
ID, SECRET = "an-id", "a secret"


@dataclass
class Service:
    """What both have: requests that were seen, and answers that go before the usual ones."""

    seen: list[str] = field(default_factory=list)
    # (part of the path, answer) in order; each is used once
    before: list[tuple[str, Reply]] = field(default_factory=list)
    url: str = ""

    def reply(
        self, method: str, path: str, query: dict[str, str], headers: Any, body: str
    ) -> Reply:
        self.seen.append(
            path + ("?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else "")
        )
        for at, (part, answer) in enumerate(self.before):
            if part in path:
                del self.before[at]
                return answer
        return self.usual(method, path, query, headers, body)

    def usual(
        self, method: str, path: str, query: dict[str, str], headers: Any, body: str
    ) -> Reply:
        raise NotImplementedError


def spotify_track(number: int, **more: Any) -> dict[str, Any]:
    """A track object as the Web API gives it."""
    id_ = f"{number:022d}"
    return {
        "id": id_, "name": f"Title {number}", "type": "track", "uri": f"spotify:track:{id_}",
        "artists": [{"id": f"artist{number % 3:016d}", "name": f"Artist {number % 3}"}],
        "album": {"name": "Album", "release_date": "2019-06-14", "images": []},
        "duration_ms": 180_000 + number, "explicit": False, "popularity": 50,
        "external_ids": {"isrc": f"DEABC23{number:05d}"}, "available_markets": ["DE"] * 50, **more,
    }  # fmt: skip


@dataclass
class FakeSpotify(Service):
    """One application, some playlists by id as lists of entries."""

    playlists: dict[str, list[Any]] = field(default_factory=dict)
    snapshot: str = "one"
    gives_features: bool = True
    token: str = "token-1"

    def usual(
        self, method: str, path: str, query: dict[str, str], headers: Any, body: str
    ) -> Reply:
        if path == "/api/token":
            return self._token(method, headers, body)
        if headers["Authorization"] != f"Bearer {self.token}":
            return 401, {"error": {"status": 401, "message": "The access token expired"}}, {}
        parts = path.removeprefix("/v1/").split("/")
        if parts[0] == "playlists":
            return self._playlist(parts, query)
        ids = query.get("ids", "").split(",")
        assert len(ids) <= {"audio-features": 100, "artists": 50}[parts[0]]
        if parts[0] == "artists":
            return 200, {"artists": [{"id": id_, "name": "?", "genres": [f"genre {id_[-1]}", "pop"]}
                                     for id_ in ids]}, {}  # fmt: skip
        if not self.gives_features:
            return 403, {"error": {"status": 403}}, {}
        return 200, {"audio_features": [_features(id_) for id_ in ids]}, {}

    def _token(self, method: str, headers: Any, body: str) -> Reply:
        wanted = "Basic " + base64.b64encode(f"{ID}:{SECRET}".encode()).decode()
        if (method, headers["Authorization"], body) != (
            "POST", wanted, "grant_type=client_credentials",
        ):  # fmt: skip
            return 400, {"error": "invalid_client"}, {}
        return 200, {"access_token": self.token, "token_type": "Bearer", "expires_in": 3600}, {}

    def _playlist(self, parts: list[str], query: dict[str, str]) -> Reply:
        items = self.playlists.get(parts[1])
        if items is None:
            return 404, {"error": {"status": 404, "message": "Resource not found"}}, {}
        if len(parts) == 2:
            return 200, {"id": parts[1], "name": f"List {parts[1][-1]}", "type": "playlist",
                         "snapshot_id": self.snapshot, "collaborative": False}, {}  # fmt: skip
        offset, limit = int(query["offset"]), int(query["limit"])
        assert limit <= 100
        more = f"{self.url}/next" if offset + limit < len(items) else None
        return 200, {"items": items[offset : offset + limit], "total": len(items),
                     "limit": limit, "offset": offset, "next": more}, {}  # fmt: skip


def _features(id_: str) -> dict[str, Any] | None:
    """Spotify writes null for a track that it has not analysed."""
    number = int(id_)
    if number % 7 == 6:
        return None
    return {"id": id_, "type": "audio_features", "energy": round(number % 10 / 10, 1),
            "tempo": 120.0, "valence": 0.5, "danceability": 0.5, "key": 5, "mode": 1,
            "loudness": -7.0}  # fmt: skip


@dataclass
class FakeListenBrainz(Service):
    """Listens of one user, newest first when asked."""

    user: str = "demo"
    token: str = ""
    listens: list[dict[str, Any]] = field(default_factory=list)
    marks: list[dict[str, Any]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def usual(
        self, method: str, path: str, query: dict[str, str], headers: Any, body: str
    ) -> Reply:
        del body
        assert method == "GET"
        if self.token and headers["Authorization"] != f"Token {self.token}":
            return 401, {"code": 401, "error": "Invalid authorization token."}, {}
        if path == f"/1/feedback/user/{self.user}/get-feedback":
            at = int(query["offset"])
            page = self.marks[at : at + int(query["count"])]
            return 200, {"feedback": page, "count": len(page), "offset": at,
                         "total_count": len(self.marks)}, {}  # fmt: skip
        if path != f"/1/user/{self.user}/listens":
            return 404, {"code": 404, "error": f"Cannot find user: {path}"}, {}
        count = int(query["count"])
        assert 1 <= count <= 1000
        before = float(query.get("max_ts", "inf"))
        known = sorted(self.listens, key=lambda one: -one["listened_at"])
        page = [one for one in known if one["listened_at"] < before][:count]
        return (
            200,
            {"payload": {"count": len(page), "user_id": self.user, "listens": page}},
            (self.headers),
        )


def listen_of(number: int, at: int) -> dict[str, Any]:
    """A listen as the API gives it."""
    return {
        "listened_at": at, "inserted_at": at + 60, "user_name": "demo",
        "recording_msid": f"00000000-0000-0000-0000-{number:012d}",
        "track_metadata": {"track_name": f"Song {number % 8}-{number % 6}",
                           "artist_name": f"Band {number % 8}", "release_name": "",
                           "additional_info": {"duration_ms": 180_000}, "mbid_mapping": None},
    }  # fmt: skip


@contextmanager
def running(service: Service) -> Iterator[str]:
    """The address of a server of one's own that gives the answers of a service."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode()
            status, said, more = service.reply(self.command, parts.path, query, self.headers, body)
            data = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **more}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _answer

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield service.url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
