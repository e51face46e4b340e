"""Plain words and forms for pages: lengths, counts, names, sentences, progress. All are pure."""

import math
import re
import time
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

import msgspec
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from segue.data.records import Credit
from segue.server.web.language import _, grouped, later, spoken
from segue.server.web.lengths import spoken_length
from segue.server.web.sentences import told
from segue.services.views import TrackView
from segue.store.jobs import Job

_QUOTED = re.compile(r"[“„]([^“”„]+)[”“]")  # English and German
JOB_WORDS = {
    "scan": later("We are looking through your music"),
    "train": later("We are learning from what you play"),
    "demo": later("We are making a small library for you"),
    "analyse": later("We are listening to your music"),
    "forget": later("We are learning anew without someone who left"),
    "evaluate": later("We are measuring how good the lists are"),
}
# Jobs of several steps: each says for itself how far it is, where the job as a whole cannot.
TELL_THEMSELVES = frozenset({"analyse"})


def clock(duration_s: float | None) -> str:
    """A length as on a sleeve; empty when it is not known.

    >>> clock(61.7), clock(3700), clock(None)
    ('1:02', '1:01:40', '')
    """
    if duration_s is None or not math.isfinite(duration_s) or duration_s < 0:
        return ""
    minutes, seconds = divmod(round(duration_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def size_words(n_bytes: float) -> str:
    """A size as a person says it.

    >>> size_words(0), size_words(2_300), size_words(4_200_000), size_words(1.53e9)
    ('1 kB', '2 kB', '4.2 MB', '1.5 GB')
    """
    if n_bytes < 1e6:
        return f"{grouped(max(1, round(n_bytes / 1e3)))} kB"
    size, unit = (n_bytes / 1e6, "MB") if n_bytes < 1e9 else (n_bytes / 1e9, "GB")
    return f"{format_decimal(size, format='#,##0.0', locale=spoken())} {unit}"


def names(artists: Sequence[Credit]) -> str:
    """Names of a credit, in its order.

    >>> names([Credit("a", "Sigrid"), Credit("b", "Moss")])
    'Sigrid, Moss'
    """
    return ", ".join(artist.name for artist in artists) or _("Unknown artist")


def titled(text: str) -> Markup:
    """A heading in which “quoted” titles stand in italics instead; the rest is escaped.

    >>> titled("Because you loved “Low & Slow”")
    Markup('Because you loved <em dir="auto">Low &amp; Slow</em>')
    """
    return _titled(told(text))


def _titled(text: str) -> Markup:
    return Markup(_QUOTED.sub(r'<em dir="auto">\1</em>', str(escape(text))))  # noqa: S704  escaped


def sentence(text: str) -> Markup:
    """A reason as a sentence: capital, full stop, quoted titles in italics.

    >>> sentence("you loved “Moss”")
    Markup('You loved <em dir="auto">Moss</em>.')
    """
    return _titled(whole(text))


def whole(text: str) -> str:
    """A text in the language of the page with a capital and a full stop.

    >>> whole("there is no such track")
    'There is no such track.'
    """
    text = told(text.strip())
    begun = text[:1].upper() + text[1:]
    return begun if begun.endswith((".", "!", "?", "…")) else f"{begun}."


def greeting(now: datetime) -> str:
    """What one says at this hour.

    >>> greeting(datetime(2026, 5, 1, 7)), greeting(datetime(2026, 5, 1, 23))
    ('Good morning', 'Good evening')
    """
    if 4 <= now.hour < 12:
        return _("Good morning")
    return _("Good afternoon") if 12 <= now.hour < 18 else _("Good evening")


def job_words(job: Job) -> str:
    """What a job is doing, how far it is, and about how long it still takes."""
    if job.kind in TELL_THEMSELVES and job.message:
        return told(job.message)
    known = JOB_WORDS.get(job.kind)
    what = _(known) if known else told(job.message) or _("We are at work")
    if not job.total:
        return f"{what} …"
    left_s = time_left_s(job, time.time())
    far = {"what": what, "done": grouped(job.done), "total": grouped(job.total)}
    if not left_s:
        return _("%(what)s: %(done)s of %(total)s", **far)
    left = spoken_length(left_s)
    return _("%(what)s: %(done)s of %(total)s, about %(left)s left", left=left, **far)


def progress_of(job: Job) -> tuple[int | None, int | None]:
    """How much is done of how much; nothing while the end is not known."""
    return (job.done, job.total) if job.total else (None, None)


def time_left_s(job: Job, now: float) -> float | None:
    """Seconds a job still takes at the speed so far; None while that says nothing."""
    if not job.total or not job.started_at or job.done < job.total / 50:
        return None
    return max(0.0, (now - job.started_at) * (job.total - job.done) / job.done)


def cover_url(cover_id: str | None, key: str, size_px: int) -> str:
    """Address of a cover, or of the drawn sleeve that stands for it."""
    if cover_id:
        return f"/v1/covers/{quote(cover_id, safe='')}/{size_px}"
    return f"/covers/drawn/{quote(key, safe='')}.svg"


def player_json(view: TrackView) -> str:
    """A track in the form of `static/js/tracks.js`, for a data attribute."""
    track = view.track
    fields = {
        "id": track.id,
        "title": track.title,
        "artists": track.artists,
        "album": track.album,
        "album_id": track.album_id,
        "cover_id": track.cover_id,
        "duration_s": track.duration_s,
        "gain_db": track.track_gain_db,
        "album_gain_db": track.album_gain_db,
        "peak": track.track_peak,
        "playable": track.has_file,
        "loved": view.loved,
        "disliked": view.disliked,
        "rating": view.rating,
    }
    return msgspec.json.encode(fields).decode()
