"""Words of the pages for those who look after the server. All functions are pure."""

import os
import re
from typing import NamedTuple

from segue.server.web.words import grouped, spoken_length
from segue.store.jobs import MAX_TRIES, Job

TABS = (
    ("/admin", "At a glance"),
    ("/admin/library", "Library"),
    ("/admin/jobs", "Jobs"),
    ("/admin/listeners", "Listeners"),
    ("/admin/models", "Models"),
    ("/admin/measures", "Measures"),
    ("/admin/settings", "Settings"),
    ("/admin/storage", "Storage"),
)


class TroubleWords(NamedTuple):
    """One kind of trouble: the tab, what it means and what to do, and what stands there without."""

    tab: str
    lead: str
    none: str


TROUBLES: dict[str, TroubleWords] = {
    "refused": TroubleWords(
        "Not usable",
        "These files lie in your folders and are no music that Segue can use. Mend or replace them "
        "and look through the folder again; Segue itself never changes a file.",
        "Every file in your folders is of use.",
    ),
    "unheard": TroubleWords(
        "Not heard",
        "These could not be listened to. They are in the library and may play, but Segue does not "
        "know how they sound.",
        "Nothing that was listened to made trouble.",
    ),
    "gone": TroubleWords(
        "Gone",
        "These files were here and are not any more. Their tracks are hidden and keep their "
        "listens: put a file back, under any name, and all of it is there again.",
        "No file is missing.",
    ),
    "copies": TroubleWords(
        "Twice",
        "One recording in several files: the same title and artist, and lengths within two "
        "seconds. A list holds it once in any case, so remove one only if you want the space.",
        "No recording is here twice.",
    ),
    "artist": TroubleWords(
        "No artist",
        "Without an artist a track is hard to find and stays alone. Write one into its tags and "
        "look through the folder again.",
        "Every track has an artist.",
    ),
    "year": TroubleWords(
        "No year",
        "Without a year a track is in no list of a time. Write one into its tags and look through "
        "the folder again.",
        "Every track has a year.",
    ),
    "genre": TroubleWords(
        "No genre",
        "Without a genre a track is known by its sound and its listeners alone. Write one into its "
        "tags and look through the folder again.",
        "Every track has a genre.",
    ),
    "cover": TroubleWords(
        "No cover",
        "These are shown with a drawn sleeve. A picture in the file, or a cover.jpg beside it, is "
        "taken at the next look through the folder.",
        "Every track has a cover.",
    ),
}

_TO_DO: tuple[tuple[str, str], ...] = (
    (r"in truth a file of type", "Give it the ending that it is, and it plays."),
    (r"is empty|cut off|only zeros|ends inside", "Copy it again from where it came from."),
    (r"no MP3 sound|no AAC sound|no sound|not believable|holds no sound",
     "There is nothing to play in it; remove it, or copy it again."),
    (r"not music", "It may stay where it is; Segue leaves it alone."),
    (r"tags or headers are damaged|tags claim|tags take more",
     "Write its tags anew with a tag editor, or copy it again."),
    (r"format is not known|first bytes", "Turn it into FLAC, MP3, Ogg, Opus, M4A or WAV."),
    (r"[Pp]ermission|may not|cannot open", "Give whoever runs Segue the right to read it."),
    (r"hung|crashed", "Play it in another program; if it plays there, please report the file."),
    (r"cannot decode|decode", "Its sound is damaged; copy it again."),
)  # fmt: skip


def to_do(problem: str) -> str:
    """What helps against a problem of a file; "" where the problem says all.

    >>> to_do("the file is empty"), to_do("something else")
    ('Copy it again from where it came from.', '')
    """
    return next((advice for pattern, advice in _TO_DO if re.search(pattern, problem)), "")


def shown_path(path: str) -> str:
    r"""A path as it can be shown; bytes that are no UTF-8 become a mark.

    >>> shown_path("/music/a\udcffb.mp3")
    '/music/a�b.mp3'
    """
    return os.fsencode(path).decode("utf-8", "replace")


def troubled(n: int) -> str:
    """How the library is, in a sentence.

    >>> troubled(0), troubled(1), troubled(1200)
    ('Your library is well', 'One file needs a look', '1,200 files need a look')
    """
    if not n:
        return "Your library is well"
    return "One file needs a look" if n == 1 else f"{grouped(n)} files need a look"


STARTS = (
    ("scan", "Look through the music"),
    ("analyse", "Listen to what is new"),
    ("train", "Learn from all listens"),
    ("evaluate", "Measure the lists"),
)
_JOB_NAMES = {
    "scan": "Looking through a folder",
    "analyse": "Listening to the music",
    "train": "Learning from all listens",
    "evaluate": "Measuring the lists",
    "demo": "Making a demo library",
    "import": "Bringing in somebody’s past",
    "catalogue": "Bringing in a catalogue",
    "forget": "Learning anew without someone who left",
}


def job_name(job: Job) -> str:
    """What a job is, whatever it is doing at the moment."""
    return _JOB_NAMES.get(job.kind, job.kind)


def job_folder(job: Job) -> str:
    """The folder that a job looks through; "" when it is of another kind."""
    return shown_path(str(job.params.get("folder", "")))


def tries(n: int) -> str:
    """Which try this is.

    >>> tries(1), tries(3)
    ('first try', 'try 3 of 3')
    """
    return "first try" if n <= 1 else f"try {n} of {MAX_TRIES}"


def took(duration_s: float) -> str:
    """How long a job ran.

    >>> took(3.2), took(2520.0)
    ('it took 3 seconds', 'it took 42 minutes')
    """
    if duration_s < 90:
        seconds = max(1, round(duration_s))
        return "it took one second" if seconds == 1 else f"it took {seconds} seconds"
    return f"it took {spoken_length(duration_s)}"


def counted(n: int, unit: str) -> str:
    """So many of something; units are plural words of the job itself.

    >>> counted(1200, "files")
    '1,200 files'
    """
    return f"{grouped(n)} {unit}".strip()


def invited_by(name: str) -> str:
    """Who asks somebody in."""
    return (
        f"{name} asks you in. Choose the name that others here know you by, and a password; your "
        "taste, your lists and your history belong to you."
    )


def password_rule(n: int) -> str:
    """How long a password must be."""
    return f"At least {n} characters; a few words you like are easy to keep."


def remove_words(name: str) -> str:
    """The button that removes an account."""
    return f"Remove {name} and everything of theirs"


SCORE_NOTE = (
    "The newest tenth of the listens was kept back, and each way was asked for them: 1 would put "
    "all of them on top of a list of twenty, 0 finds none (NDCG@20). In brackets: where the score "
    "would lie for 95 of 100 such groups of listeners."
)
_WAYS = {
    "popularity": "What is popular here",
    "content": "What its words and genres say",
    "edlae": "What goes together",
    "ease": "What goes together",
    "bridge": "What goes together, new music too",
    "als": "Hidden factors",
    "memory": "What comes back",
    "session_knn": "What follows what",
    "user_knn": "Listeners alike",
    "sound": "How it sounds",
    "knowledge": "What the listener says",
    "clusters": "Corners of a taste",
    "svd": "Stars",
    "learned_fusion": "All of it, weighed as learned",
    "rank_fusion": "All of it, added up",
}


def way_name(name: str) -> str:
    """What a model looks at, and its name.

    >>> way_name("edlae"), way_name("mine")
    ('What goes together (edlae)', 'mine')
    """
    return f"{_WAYS[name]} ({name})" if name in _WAYS else name


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
    return f"{value:.3f} ({interval[0]:.3f} to {interval[1]:.3f})"


def learned_from(n_events: int, n_listeners: int, n_tracks: int) -> str:
    """What a version learned from.

    >>> learned_from(1200, 3, 8600)
    'From 1,200 listens and marks of 3 listeners, over 8,600 tracks.'
    """
    if not n_events:
        return f"From {grouped(n_tracks)} tracks; nobody had listened yet."
    who = "one listener" if n_listeners == 1 else f"{grouped(n_listeners)} listeners"
    return f"From {grouped(n_events)} listens and marks of {who}, over {grouped(n_tracks)} tracks."


def learned_on(moment: str) -> str:
    """When the version in service was made."""
    return f"Learned on {moment}."


def playable(n: int) -> str:
    """How much there is to play."""
    return "One track can be played." if n == 1 else f"{grouped(n)} tracks can be played."
