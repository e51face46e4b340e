"""Lists that are asked for again unchanged: the bytes that were sent, or 304 (RFC 9110, 15.4.5).

Nothing is decided here: an answer is sent again only to the listener it was made for, to the very
same question, while :meth:`~segue.services.recommend.RecommendService.moment` is the same object:
an event, another model set, a never-play rule, a change of the catalogue or a minute make another.
It stands behind the session and before the reading of parameters, on routes that only read.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from segue.server.security import header_of
from segue.server.threads import on_thread
from segue.services.making import LIKE_MINDED
from segue.services.recommend import RecommendService

MAX_ANSWERS = 256  # about 40 kB each
MAX_BYTES = 500_000  # of one answer: a longer one is made again
CACHE_CONTROL = (b"cache-control", b"private, no-cache")  # to keep, and to ask about every time
_Key = tuple[str, str, bytes, str]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was sent, and the moment it holds for; compared by identity."""

    moment: object
    start: Message
    body: bytes
    etag: str


class ServedAgain(ASGIMiddleware):
    """Keeps the answers of the routes that it is put on."""

    scopes = (ScopeType.HTTP,)

    def __init__(self) -> None:
        self._answers: OrderedDict[_Key, _Answer] = OrderedDict()
        self._lock = threading.Lock()

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Answer from what is kept, or keep what is answered."""
        caller = scope.get("user")
        path = scope["path"]
        if caller is None or path.endswith(f"/{LIKE_MINDED}"):
            await next_app(scope, receive, send)  # others' consent may end at any moment
            return
        recommend: RecommendService = scope["litestar_app"].state.segue.recommend
        encoding = header_of(scope, b"accept-encoding")
        key = (caller.id, path, bytes(scope["query_string"]), encoding)
        if recommend.is_at_hand(caller.id):
            moment = recommend.moment(caller.id)  # microseconds: a thread would cost more
        else:
            moment = await on_thread(recommend.moment, caller.id)  # a history may be long
        kept = self._kept(key, moment)
        if kept is None:
            await next_app(scope, receive, self._keeping(key, moment, send))
        elif kept.etag in _etags_of(scope):
            headers = [(b"etag", kept.etag.encode()), CACHE_CONTROL]
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            await send({**kept.start, "headers": list(kept.start["headers"])})  # type: ignore[misc]
            await send({"type": "http.response.body", "body": kept.body, "more_body": False})

    def _kept(self, key: _Key, moment: object) -> _Answer | None:
        with self._lock:
            kept = self._answers.get(key)
            if kept is None or kept.moment is not moment:
                return None
            self._answers.move_to_end(key)
            return kept

    def _keeping(self, key: _Key, moment: object, send: Send) -> Send:
        """Passes an answer on with its ETag, and keeps it when it is a whole list."""
        begun: list[Message] = []

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                begun.append(message)
                return
            if not begun:
                await send(message)
                return
            start = begun.pop() if message["type"] == "http.response.body" else None
            if start is None:
                await send(message)
                return
            body = bytes(message["body"])  # type: ignore[typeddict-item]
            whole = not message.get("more_body", False)
            if whole:
                etag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
                start = _marked(start, etag)
                if len(body) <= MAX_BYTES:
                    self._put(key, _Answer(moment, start, body, etag))
            await send({**start, "headers": list(start["headers"])})  # type: ignore[misc, typeddict-item]
            await send(message)

        return keep

    def _put(self, key: _Key, answer: _Answer) -> None:
        with self._lock:
            self._answers[key] = answer
            self._answers.move_to_end(key)
            while len(self._answers) > MAX_ANSWERS:
                self._answers.popitem(last=False)


def _marked(start: Message, etag: str) -> Message:
    """The start of an answer with its ETag and how it may be kept."""
    headers = [*start["headers"], (b"etag", etag.encode()), CACHE_CONTROL]  # type: ignore[typeddict-item]
    return {**start, "headers": headers}  # type: ignore[return-value, misc]


def _etags_of(scope: Scope) -> set[str]:
    """The tags of If-None-Match; the weak comparison of RFC 9110, 8.8.3.2."""
    given = header_of(scope, b"if-none-match")
    return {tag.strip().removeprefix("W/") for tag in given.split(",")} if given else set()
