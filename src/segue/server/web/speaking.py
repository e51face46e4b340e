"""Which language a request is answered in, and the words of our scripts in it."""

from functools import cache
from typing import Annotated, Any

import msgspec
from litestar import Response, get
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.params import PathParameter
from litestar.types import ASGIApp, Receive, Scope, Send

from segue.errors import NotFoundError
from segue.server.auth import PUBLIC
from segue.server.security import header_of
from segue.server.web.language import LANGUAGES, accepted, catalogue, speak
from segue.server.web.rendering import FOR_EVER, words_script

_Name = Annotated[str, PathParameter(max_length=64)]


class LanguageMiddleware(ASGIMiddleware):
    """Sets the language of each request; stands behind what finds the account."""

    scopes = (ScopeType.HTTP, ScopeType.ASGI)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Pass the request on, spoken to in its language."""
        speak(language_of(scope))
        await next_app(scope, receive, send)


def language_of(scope: Any) -> str:
    """What the account chose, else the best of what the browser accepts, else English."""
    user = scope.get("user")
    own = str(getattr(user, "language", "") or "")
    return own if own in LANGUAGES else accepted(header_of(scope, b"accept-language"))


@get("/words/{name:str}", opt={"policy": PUBLIC}, sync_to_thread=False, include_in_schema=False,
     cache_control=FOR_EVER)  # fmt: skip
def words_of_scripts(name: _Name) -> Response[str]:
    """A script that sets the words of our scripts; only this version's addresses are known."""
    code = next((code for code in LANGUAGES if words_script(code) == f"/words/{name}"), None)
    if code is None:
        raise NotFoundError(f"no words {name!r}")
    return Response(script_of(code), media_type="text/javascript")


@cache
def script_of(code: str) -> str:
    """The words as one assignment, read by `static/js/words.js`.

    >>> script_of("en").strip()
    'self.segueWords = {};'
    """
    known = catalogue(code)
    words = {
        f"{context}\x04{message}" if context else message: known.messages[context, message]
        for context, message in sorted(known.of_scripts)
    }
    return f"self.segueWords = {msgspec.json.encode(words).decode()};\n"


SPEAKING_HANDLERS: list[Any] = [words_of_scripts]
