"""What was understood of a listener's own words, and how it is used: a part of their page."""

from typing import Any

from litestar import get
from litestar.response import Template

from segue.data.leanings import Leanings
from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.threads import in_thread
from segue.server.web.discover_words import years_words
from segue.server.web.rendering import app_of, page
from segue.server.web.sentences import mood_word
from segue.store.own_words import OwnWords
from segue.text.said import said


@get("/parts/understood", opt={"policy": LISTENER}, include_in_schema=False)
@in_thread
def understood_part(request: SegueRequest) -> Template:
    """Moods, genres and years that were understood; words that were not."""
    app, listener_id = app_of(request), signed_in(request).id
    words = app.own_words.of(listener_id)
    asked = app.recommend.asked(listener_id)
    found = asked.leanings or Leanings()
    years = (found.year_from, found.year_to)
    return page(
        request,
        "parts/understood.html",
        said_something=words != OwnWords(said_at=words.said_at),
        moods=[mood_word(name) for name, _weight in found.moods],
        genres=[name for name, _weight in found.genres],
        without=list(found.without_genres),
        years="" if years == (None, None) else years_words(*years),
        unknown=not_understood(words),
        is_used=not (asked.profile.preference > 0).any(),  # as the lists' cold start has it
    )


def not_understood(words: OwnWords) -> list[str]:
    """The feelings and tags of which nothing is known.

    >>> not_understood(OwnWords(emotions=("calm",), tags=("jazz", "zorbing")))
    ['zorbing']
    """
    texts = (*words.emotions, *words.tags)
    return [text for text in texts if {k for one in said(text) for k in one.kinds} <= {"word"}]


UNDERSTOOD_HANDLERS: list[Any] = [understood_part]
