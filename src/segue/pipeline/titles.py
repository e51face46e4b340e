"""What a list is called: the title of its recipe with seeds, genres and words put in."""

from segue.data.dataset import TrackTable
from segue.data.query import Query
from segue.pipeline.stations import Recipe
from segue.pipeline.words import fact_words, joined, place_of, quoted

_MAX_TITLE_SEEDS = 2


def title_of(query: Query, recipe: Recipe, tracks: TrackTable) -> str:
    """The recipe's title with its seeds and genres put in."""
    if "{" not in recipe.title:
        return recipe.title
    rows = [row for row, weight in query.seeds.items() if weight > 0]
    named = [quoted(tracks, row) for row in rows[:_MAX_TITLE_SEEDS]]
    more = len(rows) - len(named)
    seed = joined([*named, f"{more} more"] if more else named)
    genre = joined(list(query.controls.genres))
    mood = (query.controls.mood or "").capitalize()
    because = f"Similar to {seed}"
    place = place_of(query.profile.known, rows[0]) if len(rows) == 1 else None
    fact = None if place is None else fact_words(query.profile.known, place, seed)
    if fact is not None:
        because = f"Because you {fact[1]}"
    genre = genre[:1].upper() + genre[1:]
    start, end = (quoted(tracks, rows[at]) if rows else "" for at in (0, -1))
    words = {"seed": seed, "genre": genre, "because": because, "mood": mood, "name": query.name}
    words["words"] = query.asked.text if query.asked is not None else ""
    return recipe.title.format(**words, start=start, end=end)
