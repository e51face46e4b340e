"""A request in words: the list, the reasons, and what the words were understood as."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import get
from litestar.params import Parameter
from litestar.response import Template

from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.threads import in_thread
from segue.server.web.discover_words import EXAMPLES, said_label
from segue.server.web.rendering import app_of, page
from segue.text.said import Said, said

LIST_LENGTH = 50
_OPT = {"policy": LISTENER}
_Words = Annotated[str, Parameter(max_length=500)]


@dataclass(frozen=True, slots=True)
class Chip:
    """One understood phrase; ``href`` asks again without it, empty when nothing would be left."""

    text: str
    note: str
    left_out: bool
    href: str


@get("/ask", opt=_OPT, include_in_schema=False)
@in_thread
def ask_page(request: SegueRequest, words: _Words = "") -> Template:
    """The list for a request, or the box and examples when there is none."""
    asked = " ".join(words.split())
    answer = None
    if asked:
        listener_id = signed_in(request).id
        answer = app_of(request).recommend.list(listener_id, "ask", LIST_LENGTH, words=asked)
    return page(
        request, "pages/ask.html", asked=asked, answer=answer, examples=EXAMPLES,
        chips=[chip_of(one) for one in said(asked)],
    )  # fmt: skip


def chip_of(one: Said) -> Chip:
    """A phrase as a chip."""
    text, note = said_label(one)
    href = f"/ask?{urlencode({'words': one.without})}" if one.without else ""
    return Chip(text, note, one.left_out, href)


ASK_HANDLERS: list[Any] = [ask_page]
