"""One service asked over HTTP: waits when it says so, tries again when it fails, reads no more
than it must.

The only place of the package that opens a connection to another host. Waiting after an error grows
exponentially (RFC 9110, 10.2.3 for ``Retry-After``, in seconds or as a date). A redirect is not
followed, so that a token never goes where nobody sent it.
"""

import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from types import ModuleType, TracebackType
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from segue import __version__
from segue.errors import FetchError, InvalidInputError, MissingExtraError

MAX_ANSWER_BYTES = 32 << 20
MAX_TRIES = 6
FIRST_WAIT_S = 1.0
MAX_WAIT_S = 300.0  # whoever is told to wait longer stops, and goes on when started again
TIMEOUT_S = 30.0
_AGAIN = frozenset((408, 425, 500, 502, 503, 504))

Headers = Callable[[], Mapping[str, str]]


class Answer(Struct, frozen=True):
    """What came: ``body`` as it came, ``headers`` in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class ApiClient:
    """Asks one service. Close it, or use ``with``.

    Args:
        service: Its name, for messages.
        url: Where its paths begin; https, or http on this machine or where ``insecure``.
        headers: Made anew for each request, such as one with a token.
        renew: Called once when a token is not taken (401); the request is then sent again.
        insecure: Permit http to other machines, such as a server of one's own at home.
        sleep: Waits so many seconds; tests do not.
        now: Unix time (s), for ``Retry-After`` as a date.

    Raises:
        InvalidInputError: The address cannot be used.
        MissingExtraError: The HTTP client is not installed.
    """

    def __init__(
        self,
        service: str,
        url: str,
        headers: Headers = dict,
        renew: Callable[[], None] | None = None,
        *,
        insecure: bool = False,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.service = service
        self._url = checked_url(url, insecure=insecure)
        self._headers = headers
        self._renew = renew
        self._sleep = sleep
        self._now = now
        self._httpx = import_httpx()
        self._client: Any = self._httpx.Client(
            timeout=TIMEOUT_S,
            follow_redirects=False,
            headers={"User-Agent": f"segue/{__version__}", "Accept": "application/json"},
        )

    def __enter__(self) -> "ApiClient":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Answer:
        """The answer to a request, whatever its status, after the waits that were asked for.

        Raises:
            FetchError: Nobody answers, or it asks for a wait of more than five minutes.
        """
        return self.send("GET", path, params=dict(params or {}))

    def send(self, method: str, path: str, **more: Any) -> Answer:
        """The same for any method; ``more`` goes to the HTTP client (``json``, ``data``).

        Only for requests that may be sent again. ``headers`` overrule those of the client.
        """
        renewed = False
        for attempt in range(MAX_TRIES):
            last = attempt == MAX_TRIES - 1
            answer = self._try(method, path, last, more)
            if answer is None:
                self._sleep(FIRST_WAIT_S * 2**attempt)
                continue
            if answer.status == 401 and self._renew is not None and not renewed:
                renewed = True
                self._renew()
                continue
            wait_s = self._wait_s(answer, attempt)
            if wait_s is None or last:
                return answer
            self._sleep(wait_s)
        raise FetchError(f"{self.service} does not answer")  # the last try was a renewal

    def _try(self, method: str, path: str, last: bool, more: Mapping[str, Any]) -> Answer | None:
        """One answer; None when nobody answered and it is worth another try."""
        headers = {**self._headers(), **more.get("headers", {})}
        rest = {name: value for name, value in more.items() if name != "headers"}
        try:
            with self._client.stream(method, self._url + path, headers=headers, **rest) as answer:
                return Answer(answer.status_code, dict(answer.headers), self._body(answer))
        except self._httpx.TransportError as error:
            if not last:
                return None
            raise FetchError(
                f"{self.service} cannot be reached: {type(error).__name__}; what was fetched stays,"
                " start it again later"
            ) from error

    def _body(self, answer: Any) -> bytes:
        body = bytearray()
        for part in answer.iter_bytes():
            body += part
            if len(body) > MAX_ANSWER_BYTES:
                raise FetchError(f"an answer of {self.service} is over {MAX_ANSWER_BYTES >> 20} MB")
        return bytes(body)

    def _wait_s(self, answer: Answer, attempt: int) -> float | None:
        """How long to wait before the next try; None when there is no point in one.

        Raises:
            FetchError: It is longer than anybody waits.
        """
        if answer.status != 429 and answer.status not in _AGAIN:
            return None
        usual = FIRST_WAIT_S * 2**attempt
        asked = retry_after_s(answer.headers, self._now())
        wait_s = usual if asked is None else asked
        if wait_s > MAX_WAIT_S:
            raise FetchError(
                f"{self.service} asks to wait {wait_s:.0f} s; what was fetched stays, start it "
                "again then"
            )
        return wait_s


def retry_after_s(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that an answer asks to wait, >= 0; None when it does not say.

    ``Retry-After``, else ListenBrainz' ``X-RateLimit-Reset-In``.

    >>> retry_after_s({"retry-after": "7"}, 0.0)
    7.0
    >>> retry_after_s({"retry-after": "Thu, 01 Jan 1970 00:01:00 GMT"}, 15.0)
    45.0
    """
    text = headers.get("retry-after", headers.get("x-ratelimit-reset-in", "")).strip()
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (TypeError, ValueError):
        return None


def checked_url(url: str, *, insecure: bool = False) -> str:
    """An address without its last slash.

    Raises:
        InvalidInputError: It is none, or would send what is secret in the clear.
    """
    parts = urlsplit(url)
    is_here = parts.hostname in ("127.0.0.1", "::1", "localhost")
    fits = parts.scheme == "https" or (parts.scheme == "http" and (is_here or insecure))
    if not fits or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise InvalidInputError(
            f"an address of a service begins with https:// (http:// on this machine only), got "
            f"{url.partition('?')[0][:100]!r}"
        )
    return url.rstrip("/")


def import_httpx() -> ModuleType:
    """The HTTP client, or how to get it.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        import httpx

        return httpx
    except ImportError as error:
        raise MissingExtraError(
            "the HTTP client is not installed; pip install 'segue[fetch]'"
        ) from error
