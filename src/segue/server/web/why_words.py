"""What the panel about a track says: where it comes from, and what may never be played."""

from collections.abc import Mapping

from segue.data.records import Track
from segue.server.web.language import _, grouped, later

# Sources of candidates, as a listener would call them; those of one name are added up.
SOURCE_WORDS: Mapping[str, str] = {
    "taste": later("What you play"),
    "together": later("What you play"),
    "factors": later("What you play"),
    "listeners": later("Listeners of like taste"),
    "like_minded": later("Listeners of like taste"),
    "session": later("What you played just now"),
    "memory": later("What you come back to"),
    "content": later("Its genres and tags"),
    "knowledge": later("Its genres and tags"),
    "own_words": later("What you say of yourself"),
    "sound": later("How it sounds"),
    "alike": later("How it sounds and what is written of it"),
    "mood": later("Its mood"),
    "ask": later("The words you asked with"),
    "clusters": later("Its place in your library"),
    "stars": later("Your stars"),
    "popularity": later("What others here play"),
    "new": later("New in the library"),
}
OTHER = later("The library")
LEAST_SHARE = 0.02


def source_rows(scores: Mapping[str, float]) -> list[tuple[str, float, str]]:
    """Shares of a place by source: words, share and percent, the largest first.

    >>> source_rows({"taste": 0.5, "sound": 0.5, "factors": 1.0})
    [('What you play', 0.75, '75 %'), ('How it sounds', 0.25, '25 %')]
    """
    sums: dict[str, float] = {}
    for name, score in scores.items():
        words = SOURCE_WORDS.get(name, OTHER)
        sums[words] = sums.get(words, 0.0) + max(0.0, score)
    total = sum(sums.values())
    if not total:
        return []
    rows = sorted(((score / total, words) for words, score in sums.items()), reverse=True)
    return [(_(words), share, percent(share)) for share, words in rows if share >= LEAST_SHARE]


def percent(share: float) -> str:
    """A share 0..1 in whole percent.

    >>> percent(0.254)
    '25 %'
    """
    return _("%(n)s %%", n=grouped(100 * share))


def never_choices(track: Track) -> list[tuple[str, str, str, str]]:
    """What of a track may be kept away: scope, id, name, and words for it."""
    choices = [("track", track.id, track.title, _("This track"))]
    choices += [("artist", one.id, one.name, _("This artist")) for one in track.artists]
    if track.album_id:
        choices.append(("album", track.album_id, track.album, _("This record")))
    return choices
