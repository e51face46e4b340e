"""Words of the pages for those who look after the server. All functions are pure."""

import os
import re
from typing import NamedTuple

from segue.server.web.language import _, later, ngettext
from segue.server.web.words import grouped, spoken_length
from segue.store.jobs import MAX_TRIES, Job

TABS = (
    ("/admin", later("At a glance")),
    ("/admin/library", later("Library")),
    ("/admin/jobs", later("Jobs")),
    ("/admin/listeners", later("Listeners")),
    ("/admin/models", later("Models")),
    ("/admin/measures", later("Measures")),
    ("/admin/settings", later("Settings")),
    ("/admin/storage", later("Storage")),
)


class TroubleWords(NamedTuple):
    """One kind of trouble: the tab, what it means and what to do, and what stands there without."""

    tab: str
    lead: str
    none: str


TROUBLES: dict[str, TroubleWords] = {
    "refused": TroubleWords(
        later("Not usable"),
        later(
            "These files lie in your folders and are no music that Segue can use. Mend or replace "
            "them and look through the folder again; Segue itself never changes a file."
        ),
        later("Every file in your folders is of use."),
    ),
    "unheard": TroubleWords(
        later("Not heard"),
        later(
            "These could not be listened to. They are in the library and may play, but Segue does "
            "not know how they sound."
        ),
        later("Nothing that was listened to made trouble."),
    ),
    "gone": TroubleWords(
        later("Gone"),
        later(
            "These files were here and are not any more. Their tracks are hidden and keep their "
            "listens: put a file back, under any name, and all of it is there again."
        ),
        later("No file is missing."),
    ),
    "copies": TroubleWords(
        later("Twice"),
        later(
            "One recording in several files: the same title and artist, and lengths within two "
            "seconds. A list holds it once in any case, so remove one only if you want the space."
        ),
        later("No recording is here twice."),
    ),
    "alike": TroubleWords(
        later("Same sound"),
        later(
            "One recording by its sound: encoded again, cut or faded, whatever the tags say. Lists "
            "hold one of them. Where Segue is wrong, say so: it learns it with the next training."
        ),
        later("No two files sound like one recording."),
    ),
    "artist": TroubleWords(
        later("No artist"),
        later(
            "Without an artist a track is hard to find and stays alone. Write one into its tags "
            "and look through the folder again."
        ),
        later("Every track has an artist."),
    ),
    "year": TroubleWords(
        later("No year"),
        later(
            "Without a year a track is in no list of a time. Write one into its tags and look "
            "through the folder again."
        ),
        later("Every track has a year."),
    ),
    "genre": TroubleWords(
        later("No genre"),
        later(
            "Without a genre a track is known by its sound and its listeners alone. Write one into "
            "its tags and look through the folder again."
        ),
        later("Every track has a genre."),
    ),
    "cover": TroubleWords(
        later("No cover"),
        later(
            "These are shown with a drawn sleeve. A picture in the file, or a cover.jpg beside it, "
            "is taken at the next look through the folder."
        ),
        later("Every track has a cover."),
    ),
}

_TO_DO: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"in truth a file of type"),
     later("Give it the ending that it is, and it plays.")),
    (re.compile(r"is empty|cut off|only zeros|ends inside"),
     later("Copy it again from where it came from.")),
    (re.compile(r"no MP3 sound|no AAC sound|no sound|not believable|holds no sound"),
     later("There is nothing to play in it; remove it, or copy it again.")),
    (re.compile(r"not music"),
     later("It may stay where it is; Segue leaves it alone.")),
    (re.compile(r"tags or headers are damaged|tags claim|tags take more"),
     later("Write its tags anew with a tag editor, or copy it again.")),
    (re.compile(r"format is not known|first bytes"),
     later("Turn it into FLAC, MP3, Ogg, Opus, M4A or WAV.")),
    (re.compile(r"[Pp]ermission|may not|cannot open"),
     later("Give whoever runs Segue the right to read it.")),
    (re.compile(r"hung|crashed"),
     later("Play it in another program; if it plays there, please report the file.")),
    (re.compile(r"cannot decode|decode"),
     later("Its sound is damaged; copy it again.")),
)  # fmt: skip


def to_do(problem: str) -> str:
    """What helps against a problem of a file; "" where the problem says all.

    >>> to_do("the file is empty"), to_do("something else")
    ('Copy it again from where it came from.', '')
    """
    found = next((advice for pattern, advice in _TO_DO if pattern.search(problem)), None)
    return _(found) if found is not None else ""


def shown_path(path: str) -> str:
    r"""A path as it can be shown; bytes that are no UTF-8 become a mark.

    >>> shown_path("/music/a\udcffb.mp3")
    '/music/a�b.mp3'
    """
    return os.fsencode(path).decode("utf-8", "replace")


def troubled(n: int, n_playable: int) -> str:
    """How the library is, in a sentence.

    >>> troubled(0, 0), troubled(0, 8), troubled(1, 8), troubled(1200, 8)
    ('No music yet', 'Your library is well', 'One file needs a look', '1,200 files need a look')
    """
    if not n:
        return _("Your library is well") if n_playable else _("No music yet")
    return ngettext("One file needs a look", "%(n)s files need a look", n)


STARTS = (
    ("scan", later("Look through the music")),
    ("analyse", later("Listen to what is new")),
    ("train", later("Learn from all listens")),
    ("evaluate", later("Measure the lists")),
)
_JOB_NAMES = {
    "scan": later("Looking through a folder"),
    "analyse": later("Listening to the music"),
    "train": later("Learning from all listens"),
    "evaluate": later("Measuring the lists"),
    "demo": later("Making a demo library"),
    "import": later("Bringing in somebody’s past"),
    "catalogue": later("Bringing in a catalogue"),
    "forget": later("Learning anew without someone who left"),
}
_UNITS = {
    "files": later("%(n)s files"),
    "tracks": later("%(n)s tracks"),
    "steps": later("%(n)s steps"),
    "models": later("%(n)s models"),
    "rows": later("%(n)s rows"),
}


def job_name(job: Job) -> str:
    """What a job is, whatever it is doing at the moment."""
    return _(_JOB_NAMES[job.kind]) if job.kind in _JOB_NAMES else job.kind


def job_folder(job: Job) -> str:
    """The folder that a job looks through; "" when it is of another kind."""
    return shown_path(str(job.params.get("folder", "")))


def tries(n: int) -> str:
    """Which try this is.

    >>> tries(1), tries(3)
    ('first try', 'try 3 of 3')
    """
    return _("first try") if n <= 1 else _("try %(n)s of %(most)s", n=n, most=MAX_TRIES)


def took(duration_s: float) -> str:
    """How long a job ran.

    >>> took(3.2), took(2520.0)
    ('it took 3 seconds', 'it took 42 minutes')
    """
    if duration_s < 90:
        seconds = max(1, round(duration_s))
        return ngettext("it took one second", "it took %(n)s seconds", seconds)
    return _("it took %(length)s", length=spoken_length(duration_s))


def counted(n: int, unit: str) -> str:
    """So many of something; units are plural words of the job itself.

    >>> counted(1200, "files")
    '1,200 files'
    """
    return _(_UNITS[unit], n=grouped(n)) if unit in _UNITS else f"{grouped(n)} {unit}".strip()


def remove_words(name: str) -> str:
    """The button that removes an account."""
    return _("Remove %(name)s and everything of theirs", name=name)


SCORE_NOTE = later(
    "The newest tenth of the listens was kept back, and each way was asked for them: 1 would put "
    "all of them on top of a list of twenty, 0 finds none (NDCG@20). In brackets: where the score "
    "would lie for 95 of 100 such groups of listeners."
)
_WAYS = {
    "popularity": later("What is popular here"),
    "content": later("What its words and genres say"),
    "collective": later("What goes together"),
    "edlae": later("What goes together"),
    "ease": later("What goes together"),
    "bridge": later("What goes together, new music too"),
    "als": later("Hidden factors"),
    "memory": later("What comes back"),
    "session_knn": later("What follows what"),
    "user_knn": later("Listeners alike"),
    "sound": later("How it sounds"),
    "knowledge": later("What the listener says"),
    "clusters": later("Corners of a taste"),
    "svd": later("Stars"),
    "alike": later("How it sounds and what is written of it"),
    "learned_fusion": later("All of it, weighed as learned"),
    "rank_fusion": later("All of it, added up"),
}


def way_name(name: str) -> str:
    """What a model looks at, and its name.

    >>> way_name("collective"), way_name("mine")
    ('What goes together (collective)', 'mine')
    """
    return f"{_(_WAYS[name])} ({name})" if name in _WAYS else name


def score_name(key: str) -> str:
    """The way of a score "<model>.<metric>"."""
    return way_name(key.partition(".")[0])


def score_words(value: float, interval: tuple[float, float] | None) -> str:
    """A score with its bounds where they were kept.

    >>> score_words(0.3123, (0.29, 0.33)), score_words(0.3, None)
    ('0.312 (0.290 to 0.330)', '0.300')
    """
    if interval is None:
        return f"{value:.3f}"
    score, low, high = (f"{one:.3f}" for one in (value, *interval))
    return _("%(score)s (%(low)s to %(high)s)", score=score, low=low, high=high)


def learned_from(n_events: int, n_listeners: int, n_tracks: int) -> str:
    """What a version learned from.

    >>> learned_from(1200, 3, 8600)
    'From 1,200 listens and marks of 3 listeners, over 8,600 tracks.'
    """
    if not n_events:
        return _("From %(n)s tracks; nobody had listened yet.", n=grouped(n_tracks))
    return ngettext(
        "From %(events)s listens and marks of one listener, over %(tracks)s tracks.",
        "From %(events)s listens and marks of %(n)s listeners, over %(tracks)s tracks.",
        n_listeners, events=grouped(n_events), tracks=grouped(n_tracks),
    )  # fmt: skip


def learned_on(moment: str) -> str:
    """When the version in service was made."""
    return _("Learned on %(moment)s.", moment=moment)


def playable(n: int) -> str:
    """How much there is to play."""
    return ngettext("One track can be played.", "%(n)s tracks can be played.", n)
