"""Words of the page of measures: lists, shares, and what a comparison found. All are pure."""

from segue.evaluation.comparison import Comparison
from segue.server.web.language import _, later, ngettext
from segue.server.web.words import grouped

WINDOW_TABS = (
    ("1w", later("A week")),
    ("4w", later("4 weeks")),
    ("12w", later("12 weeks")),
    ("1y", later("A year")),
)
MEASURE_NOTE = later(
    "Of the tracks that were begun from each list: how many were heard to the end, skipped, and "
    "loved within an hour. The small figures say where the share would lie 95 times of 100; they "
    "take a listener’s day as one, since tracks of one evening are alike."
)
_LISTS = {
    "for_you": later("For you"),
    "because": later("Because you loved"),
    "similar": later("Similar tracks"),
    "similar_sound": later("Similar by sound"),
    "similar_listeners": later("Similar by listeners"),
    "radio_track": later("Radio of a track"),
    "radio": later("Radio"),
    "discover": later("Discover"),
    "daily_mix": later("Mixes for today"),
    "my_radio": later("My radio"),
    "like_minded": later("Listeners like you"),
    "wish_list": later("Wish list"),
    "content": later("By words and genres"),
    "collaborative": later("By what goes together"),
    "knowledge": later("By what you say"),
    "rediscover": later("Rediscover"),
    "on_repeat": later("On repeat"),
    "popular": later("Popular here"),
    "new_in_library": later("New in the library"),
    "genre": later("A genre"),
    "mood": later("A mood"),
    "ask": later("Asked in words"),
    "path": later("Song path"),
    "blend": later("Blends"),
    "web": later("Somewhere in the player"),
    "player": later("An app or the player"),
    "album": later("A record"),
    "artist": later("An artist"),
    "library": later("The library"),
    "playlist": later("A playlist"),
    "search": later("Search"),
    "history": later("History"),
    "most_played": later("Most played"),
    "group": later("A group on the map"),
    "evidence": later("The panel that says why"),
}
ACCURACY = (
    ("ndcg", later("Score")),
    ("recall", later("Found")),
    ("hit", later("Found any")),
)
_BEYOND = {
    "coverage": later("Share of the library that is shown"),
    "gini": later("How unevenly tracks are shown (0 even, 1 one alone)"),
    "shannon": later("Variety of what is shown (bits)"),
    "artist_coverage": later("Share of the artists that is shown"),
    "artist_gini": later("How unevenly artists are shown"),
    "artist_shannon": later("Variety of artists (bits)"),
    "novelty": later("How little known it is (bits)"),
    "diversity": later("How different tracks of one list are"),
    "repeat_share": later("Share heard before"),
    "distinct_artists": later("Artists in a list"),
}


def list_name(source: str) -> str:
    """Where a listen was started."""
    return _(_LISTS[source]) if source in _LISTS else source


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
    least, most = (f"{100 * bound:.0f}" for bound in (low, high))
    return _("%(low)s to %(high)s", low=least, high=most)


def days_words(n_days: int, n_listeners: int) -> str:
    """On how many days of how many listeners something rests.

    >>> days_words(1, 1), days_words(12, 1), days_words(30, 3)
    ('one day', '12 days of one listener', '30 days of 3 listeners')
    """
    if n_days == 1:
        return _("one day")
    return ngettext(
        "%(days)s days of one listener", "%(days)s days of %(n)s listeners", n_listeners,
        days=grouped(n_days),
    )  # fmt: skip


def report_lead(comparison: Comparison) -> str:
    """What the comparison rests on."""
    return _(
        "%(held_out)s later listens of %(listeners)s listeners were kept back, and each way was "
        "asked for a list of %(k)s from all %(tracks)s tracks. 1 would put what they played on "
        "top, 0 finds none of it; in brackets the bounds for 95 of 100 such groups of listeners.",
        held_out=grouped(comparison.n_held_out), listeners=grouped(comparison.n_listeners),
        k=comparison.k, tracks=grouped(comparison.n_tracks),
    )  # fmt: skip


def chance(p: float | None) -> str:
    """Whether a way is worse than the best one, by the p-value of the difference.

    >>> chance(None), chance(0.0004), chance(0.31)
    ('the best', 'yes (p = 0.000)', 'not sure (p = 0.310)')
    """
    if p is None:
        return _("the best")
    said = f"{p:.3f}"
    return _("yes (p = %(p)s)", p=said) if p < 0.05 else _("not sure (p = %(p)s)", p=said)


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
        third = name.removeprefix("popularity_lift_")
        return _("How much more popular than what is heard (%(third)s)", third=third)
    return _(_BEYOND[name]) if name in _BEYOND else name
