"""Words of the page of measures: lists, shares, and what a comparison found. All are pure."""

from segue.evaluation.comparison import Comparison
from segue.server.web.words import grouped

WINDOW_TABS = (("1w", "A week"), ("4w", "4 weeks"), ("12w", "12 weeks"), ("1y", "A year"))
MEASURE_NOTE = (
    "Of the tracks that were begun from each list: how many were heard to the end, skipped, and "
    "loved within an hour. The small figures say where the share would lie 95 times of 100; they "
    "take a listener’s day as one, since tracks of one evening are alike."
)
_LISTS = {
    "for_you": "For you",
    "because": "Because you loved",
    "similar": "Similar tracks",
    "similar_sound": "Similar by sound",
    "similar_listeners": "Similar by listeners",
    "radio_track": "Radio of a track",
    "radio": "Radio",
    "discover": "Discover",
    "daily_mix": "Mixes for today",
    "my_radio": "My radio",
    "like_minded": "Listeners like you",
    "wish_list": "Wish list",
    "content": "By words and genres",
    "collaborative": "By what goes together",
    "knowledge": "By what you say",
    "rediscover": "Rediscover",
    "on_repeat": "On repeat",
    "popular": "Popular here",
    "new_in_library": "New in the library",
    "genre": "A genre",
    "mood": "A mood",
    "ask": "Asked in words",
    "path": "Song path",
    "blend": "Blends",
    "web": "Somewhere in the player",
    "player": "An app or the player",
    "album": "A record",
    "artist": "An artist",
    "library": "The library",
    "playlist": "A playlist",
    "search": "Search",
    "history": "History",
    "most_played": "Most played",
    "group": "A group on the map",
    "evidence": "The panel that says why",
}
ACCURACY = (("ndcg", "Score"), ("recall", "Found"), ("hit", "Found any"))
_BEYOND = {
    "coverage": "Share of the library that is shown",
    "gini": "How unevenly tracks are shown (0 even, 1 one alone)",
    "shannon": "Variety of what is shown (bits)",
    "artist_coverage": "Share of the artists that is shown",
    "artist_gini": "How unevenly artists are shown",
    "artist_shannon": "Variety of artists (bits)",
    "novelty": "How little known it is (bits)",
    "diversity": "How different tracks of one list are",
    "repeat_share": "Share heard before",
    "distinct_artists": "Artists in a list",
}


def list_name(source: str) -> str:
    """Where a listen was started."""
    return _LISTS.get(source, source)


def version_name(version: str) -> str:
    """A version, by its own name."""
    return version


def percent(share: float) -> str:
    """A share.

    >>> percent(0.625), percent(0.004)
    ('62 %', '0.4 %')
    """
    return f"{100 * share:.0f} %" if share >= 0.1 or share == 0 else f"{100 * share:.1f} %"


def percent_bounds(low: float, high: float) -> str:
    """Where a share would lie.

    >>> percent_bounds(0.551, 0.684)
    '55 to 68'
    """
    return f"{100 * low:.0f} to {100 * high:.0f}"


def days_words(n_days: int, n_listeners: int) -> str:
    """On how many days of how many listeners something rests.

    >>> days_words(1, 1), days_words(12, 1), days_words(30, 3)
    ('one day', '12 days of one listener', '30 days of 3 listeners')
    """
    if n_days == 1:
        return "one day"
    who = "one listener" if n_listeners == 1 else f"{grouped(n_listeners)} listeners"
    return f"{grouped(n_days)} days of {who}"


def report_lead(comparison: Comparison) -> str:
    """What the comparison rests on."""
    return (
        f"{grouped(comparison.n_held_out)} later listens of {grouped(comparison.n_listeners)} "
        f"listeners were kept back, and each way was asked for a list of {comparison.k} from all "
        f"{grouped(comparison.n_tracks)} tracks. 1 would put what they played on top, 0 finds none "
        "of it; in brackets the bounds for 95 of 100 such groups of listeners."
    )


def chance(p: float | None) -> str:
    """Whether a way is worse than the best one, by the p-value of the difference.

    >>> chance(None), chance(0.0004), chance(0.31)
    ('the best', 'yes (p = 0.000)', 'not sure (p = 0.310)')
    """
    if p is None:
        return "the best"
    return f"yes (p = {p:.3f})" if p < 0.05 else f"not sure (p = {p:.3f})"


def seconds(duration_s: float) -> str:
    """A short time.

    >>> seconds(0.04), seconds(12.3)
    ('0.04 s', '12 s')
    """
    return f"{duration_s:.0f} s" if duration_s >= 10 else f"{duration_s:.2f} s"


def beyond_name(measure: str) -> str:
    """A measure of what lists are like, such as "coverage@20"."""
    name = measure.partition("@")[0]
    if name.startswith("popularity_lift_"):
        return f"More popular than what is heard, {name.removeprefix('popularity_lift_')} third"
    return _BEYOND.get(name, name)
