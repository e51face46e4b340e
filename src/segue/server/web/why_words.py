"""What the panel about a track says: where it comes from, and what may never be played."""

from collections.abc import Mapping

from segue.data.records import Track

# Sources of candidates, as a listener would call them; those of one name are added up.
SOURCE_WORDS: Mapping[str, str] = {
    "taste": "What you play",
    "factors": "What you play",
    "listeners": "Listeners of like taste",
    "like_minded": "Listeners of like taste",
    "session": "What you played just now",
    "memory": "What you come back to",
    "content": "Its genres and tags",
    "knowledge": "Its genres and tags",
    "own_words": "What you say of yourself",
    "sound": "How it sounds",
    "mood": "Its mood",
    "ask": "The words you asked with",
    "clusters": "Its place in your library",
    "stars": "Your stars",
    "popularity": "What others here play",
    "new": "New in the library",
}
OTHER = "The library"
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
    return [(words, share, f"{share:.0%}".replace("%", " %"))
            for share, words in rows if share >= LEAST_SHARE]  # fmt: skip


def never_choices(track: Track) -> list[tuple[str, str, str, str]]:
    """What of a track may be kept away: scope, id, name, and words for it."""
    choices = [("track", track.id, track.title, "This track")]
    choices += [("artist", id_, name, "This artist") for id_, name in track.artists]
    if track.album_id:
        choices.append(("album", track.album_id, track.album, "This record"))
    return choices
