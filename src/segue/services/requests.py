"""What somebody types, understood for the pipeline; and what is said when a list is not as asked.

Fallbacks are named by the pipeline's chain; the words for a listener stand here.
"""

from segue.data.asked import AskedFor
from segue.data.query import Query
from segue.services.serving import Serving
from segue.text.query import understand
from segue.types import FloatVector

FALLBACK_WORDS = {
    "taste": "Filled with more of your taste",
    "content": "Filled with music like what you know",
    "popularity": "Not enough is known yet, so this is what people here play most",
    "new": "Not enough is known yet, so these are the newest in your library",
    "shuffled": "Nothing is known yet, so this is your library, shuffled",
    "repeat": "Filled with what you play now",
    "any_length": "Hardly any track here is between 30 seconds and 20 minutes, so all may be in it",
    "cold_start": "Play or love something and this list learns",
}
# What stands in for a list of which nothing at all was found.
INSTEAD = {
    "taste": "this is more of your taste",
    "content": "this is music like what you know",
    "popularity": "this is what people here play most",
    "new": "these are the newest in your library",
    "shuffled": "this is your library, shuffled",
}


def request_of(words: str, serving: Serving) -> tuple[AskedFor | None, FloatVector | None]:
    """A request understood, and its vector where the set has vectors; None for blanks."""
    if not words.strip():
        return None, None
    asked = understand(words)
    if serving.embed is None:
        return asked, None
    return asked, serving.embed([asked.text])[0]


def fallback_words(fallback: str | None, query: Query) -> str:
    """How a fallback is said to a listener; "" without one."""
    if fallback is None:
        return ""
    if fallback == "cold_start" and query.leanings is not None:
        return "Made from what you say of yourself; play or love something and it learns more"
    instead = INSTEAD.get(fallback)
    mood = query.controls.mood
    if query.station == "mood" and mood and instead:
        return f"No track that may play here is known to suit “{mood}” yet, so {instead}"
    if query.station == "ask" and query.asked is not None and instead:
        return f"Nothing here answers “{query.asked.text}”, so {instead}"
    return FALLBACK_WORDS.get(fallback, "")
