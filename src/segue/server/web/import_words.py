"""What the page of imports says: where each service keeps the past, and what came of it."""

from typing import NamedTuple

from segue.services.importing.report import ImportReport


class Door(NamedTuple):
    """Where a listener gets an export."""

    service: str
    how: str


DOORS: tuple[Door, ...] = (
    Door("Spotify", "Account, then Privacy settings: ask for the extended streaming history. "
         "It comes by mail within days; until then, the account data will do."),
    Door("ListenBrainz", "Settings, Export data: a zip."),
    Door("Last.fm", "A CSV or JSON from any exporter of scrobbles."),
    Door("Apple Music", "privacy.apple.com: ask for a copy of “Apple Media Services”."),
    Door("YouTube Music", "takeout.google.com: only “YouTube”, and of it only the history."),
    Door("iTunes, Music", "File, Library, Export Library: counts, stars and loves."),
    Door("Navidrome, beets", "Their database file; stop the program first."),
    Door("Playlists", "M3U, PLS, XSPF and JSPF files."),
    Door("Anything else", "A table (CSV) with a title, an artist and a time."),
)  # fmt: skip

FIELD_WORDS: dict[str, str] = {
    "title": "Title", "artist": "Artist", "artists": "Several artists", "album": "Record",
    "listened_at": "When", "played_s": "Seconds heard", "played_ms": "Milliseconds heard",
    "n_plays": "Number of plays", "rating": "Stars, 1 to 5", "loved": "Loved",
    "playlist": "Playlist",
}  # fmt: skip


def report_words(report: ImportReport) -> str:
    """What came of an import, in a sentence or two.

    >>> report_words(ImportReport(rows=3, stored=2, repeated=1))
    '2 of 3 rows are new; 1 was known already.'
    """
    says = [f"{report.stored:,} of {report.rows:,} rows are new"]
    if report.repeated:
        says.append(f"{report.repeated:,} {_was(report.repeated)} known already")
    if report.doubtful:
        says.append(f"{report.doubtful:,} {_wait(report.doubtful)} for you below")
    if report.listed:
        says.append(f"{report.listed:,} entries of playlists")
    if report.left_out:
        says.append(f"{report.left_out:,} were no music")
    if report.refused:
        says.append(f"{report.refused:,} could not be read")
    text = "; ".join(says) + "."
    if report.named:
        text += (
            f" {report.named:,} name music that is not in your library: it counts for your taste, "
            "and the wish list knows of it."
        )
    return text


def _was(n: int) -> str:
    return "was" if n == 1 else "were"


def _wait(n: int) -> str:
    return "waits" if n == 1 else "wait"
