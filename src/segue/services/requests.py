"""What is said when a list is not as it was asked for.

Fallbacks are named by the pipeline's chain; the words for a listener stand here.
"""

from segue.data.items import RankedList
from segue.data.leanings import Leanings
from segue.pipeline.stations import Recipe
from segue.services.asked import Wanted

FALLBACK_WORDS = {
    "alike": "Not listened to yet, so this is what is close by words",
    "taste": "Filled with more of your taste",
    "content": "Filled with music like what you know",
    "popularity": "Not enough is known yet, so this is what people here play most",
    "new": "Not enough is known yet, so these are the newest in your library",
    "shuffled": "Nothing is known yet, so this is your library, shuffled",
    "repeat": "Filled with what you play now",
    "shown_again": "You have been shown all there is to discover here, so some come again",
    "any_length": "Hardly any track here is between 30 seconds and 20 minutes, so all may be in it",
    "cold_start": "Play or love something and this list learns",
}
ENDS = {
    "taste": "The end is filled with more of your taste",
    "content": "The end is filled with music like what you know",
    "popularity": "The end is filled with what people here play most",
    "new": "The end is filled with the newest in your library",
    "shuffled": "The end is filled from your library, shuffled",
    "repeat": "The end is filled with what you play now",
}
# What stands in for a list of which nothing at all was found.
INSTEAD = {
    "taste": "this is more of your taste",
    "content": "this is music like what you know",
    "popularity": "this is what people here play most",
    "new": "these are the newest in your library",
    "shuffled": "this is your library, shuffled",
}


def fallback_words(
    ranked: RankedList, recipe: Recipe, wanted: Wanted | None, said: Leanings | None
) -> str:
    """How a fallback is said to a listener; "" without one.

    Args:
        ranked: The list that names it.
        recipe: The station.
        wanted: What was asked of it.
        said: What the listener says of themselves.
    """
    fallback = ranked.fallback
    if fallback is None:
        return ""
    if ranked.is_filled_at_its_end and fallback in ENDS:
        return ENDS[fallback]
    if fallback == "cold_start" and said is not None:
        return "Made from what you say of yourself; play or love something and it learns more"
    instead = INSTEAD.get(fallback)
    if wanted is not None and instead:
        if recipe.needs == "mood":
            mood = wanted.controls.mood
            return f"No track that may play here is known to suit “{mood}” yet, so {instead}"
        if recipe.needs == "words":
            return f"Nothing here answers “{wanted.words.strip()}”, so {instead}"
    return FALLBACK_WORDS[fallback]
