"""What the page of imports says: where each service keeps the past, and what came of it."""

from typing import NamedTuple

from segue.server.web.language import _, each, grouped, later, ngettext
from segue.services.importing.report import ImportReport


class Door(NamedTuple):
    """Where a listener gets an export."""

    service: str
    how: str


DOORS: tuple[Door, ...] = (
    Door("Spotify", later("Account, then Privacy settings: ask for the extended streaming history. "
         "It comes by mail within days; until then, the account data will do.")),
    Door("ListenBrainz", later("Settings, Export data: a zip.")),
    Door("Last.fm", later("A CSV or JSON from any exporter of scrobbles.")),
    Door("Apple Music", later("privacy.apple.com: ask for a copy of “Apple Media Services”.")),
    Door("YouTube Music", later("takeout.google.com: only “YouTube”, and of it only the history.")),
    Door(later("iTunes, Music"), later("File, Library, Export Library: counts, stars and loves.")),
    Door(later("Navidrome, beets"), later("Their database file; stop the program first.")),
    Door("Segue", later("You, Privacy, “Take my data”: the whole zip, of this server or another.")),
    Door(later("Playlists"), later("M3U, PLS, XSPF and JSPF files.")),
    Door(later("Anything else"), later("A table (CSV) with a title, an artist and a time.")),
)  # fmt: skip

FIELD_WORDS: dict[str, str] = {
    "title": later("Title"),
    "artist": later("Artist"),
    "artists": later("Several artists"),
    "album": later("Record"),
    "listened_at": later("When"),
    "played_s": later("Seconds heard"),
    "played_ms": later("Milliseconds heard"),
    "n_plays": later("Number of plays"),
    "rating": later("Stars, 1 to 5"),
    "loved": later("Loved"),
    "playlist": later("Playlist"),
}


def report_words(report: ImportReport) -> str:
    """What came of an import, in a sentence or two.

    >>> report_words(ImportReport(rows=3, stored=2, repeated=1))
    '2 of 3 rows are new; 1 was known already.'
    >>> report_words(ImportReport(rows=2, stored=2, rules=2))
    '2 of 2 rows are new; 2 rules of what is never to be played.'
    """
    says = [
        _("%(stored)s of %(rows)s rows are new", stored=grouped(report.stored),
          rows=grouped(report.rows)),
        *(ngettext(one, many, n) for n, one, many in _more(report) if n),
    ]  # fmt: skip
    text = "; ".join(says) + "."
    if report.named:
        text += " " + ngettext(
            "%(n)s names music that is not in your library: it counts for your taste, "
            "and the wish list knows of it.",
            "%(n)s name music that is not in your library: it counts for your taste, "
            "and the wish list knows of it.",
            report.named,
        )
    return text


def _more(report: ImportReport) -> tuple[tuple[int, str, str], ...]:
    """What else came of the rows: how many, and the words for one and for many."""
    return (
        (report.repeated, *each("%(n)s was known already", "%(n)s were known already")),
        (report.doubtful, *each("%(n)s waits for you below", "%(n)s wait for you below")),
        (report.listed, *each("%(n)s entry of playlists", "%(n)s entries of playlists")),
        (report.rules, *each("%(n)s rule of what is never to be played",
                             "%(n)s rules of what is never to be played")),
        (report.said, *each("%(n)s thing you say of yourself",
                            "%(n)s things you say of yourself")),
        (report.no_music, *each("%(n)s was no music", "%(n)s were no music")),
        (report.not_taken, *each("%(n)s was left out", "%(n)s were left out")),
        (report.refused, *each("%(n)s could not be read", "%(n)s could not be read")),
    )  # fmt: skip
