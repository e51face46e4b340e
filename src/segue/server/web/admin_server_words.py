"""Words of the pages about the server itself: settings, storage, at a glance. All are pure."""

from typing import NamedTuple

from segue.server.web.words import grouped
from segue.services.settings_list import SettingView, Value

SETTING_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Where things are", ("data_dir", "music_dirs")),
    ("How the server is reached",
     ("host", "port", "allow_remote", "allowed_hosts", "secure_cookie")),
    ("Who may come in", ("sign_up", "session_idle_days", "session_max_days", "login_tries")),
    ("How hard it works",
     ("scan_workers", "analysis_workers", "job_workers", "analyse_after_scan", "import_max_gb")),
    ("When it learns", ("retrain_after_events", "retrain_at_hour", "discover_repeat_weeks")),
    ("Whether it asks others",
     ("allow_outbound", "spotify_client_id", "spotify_client_secret", "spotify_url",
      "spotify_token_url", "listenbrainz_url", "listenbrainz_token")),
    ("What it writes down", ("log_level", "log_form")),
)  # fmt: skip
_ORIGINS = {
    "standard": "The standard value",
    "file": "From the settings file",
    "variable": "From a variable of the environment",
    "command line": "From the command line",
}


class PartWords(NamedTuple):
    """A part of what is kept: its name, what it is, and what removing it does."""

    name: str
    what: str
    removing: str = ""


PARTS: dict[str, PartWords] = {
    "database": PartWords(
        "Database",
        "Accounts, history, playlists and the catalogue. It cannot be made again: keep a backup.",
    ),
    "copies": PartWords(
        "Copies from before updates",
        "A copy of the database is made before each update that changes its form.",
        "You cannot go back to the version before the last update any more.",
    ),
    "sound": PartWords(
        "What was heard",
        "How each track sounds, inside the database. Listening again would take hours.",
    ),
    "peaks": PartWords(
        "Shapes of the seek bar",
        "Inside the database, made when a track is played first.",
        "They are made again as tracks are played; the database keeps the room for what comes.",
    ),
    "models": PartWords(
        "Models",
        "What was learned, with the versions before it to go back to. Old ones go by themselves.",
    ),
    "covers": PartWords(
        "Covers",
        "Pictures in the sizes that pages show.",
        "They are made again as they are looked at.",
    ),
    "uploads": PartWords(
        "Files sent for imports",
        "They go by themselves when an import is done.",
    ),
    "fetched": PartWords(
        "Answers of other services",
        "Kept by “segue fetch”, so that nothing is asked twice.",
        "The next fetch asks for them again.",
    ),
    "demo": PartWords(
        "Demo library",
        "Music that Segue made to look around in. Its tracks are in the library, so delete the "
        "folder yourself if you no longer want them.",
    ),
    "rest": PartWords("Everything else", "The job queue, reports, and small files."),
}


def plain(description: str) -> str:
    """A description without the marks of the documentation.

    >>> plain("Permit a `host` that others reach.")
    'Permit a host that others reach.'
    """
    return description.replace("`", "")


def origin_words(view: SettingView) -> str:
    """Where a value comes from.

    >>> from segue.services.settings_list import settings_list
    >>> from segue.settings import Settings
    >>> origin_words(settings_list(Settings(data_dir="/tmp/x"))[3])
    'The standard value'
    """
    return _ORIGINS[view.origin]


def value_words(view: SettingView) -> str:
    """The value now; of a secret only whether there is one."""
    if view.kind == "secret":
        return "Given, and not shown" if view.is_given else "Not given"
    return _words(view.value)


def standard_words(view: SettingView) -> str:
    """The standard value."""
    if view.kind == "secret":
        return "not given"
    return "chosen by the machine" if view.standard is None else _words(view.standard).lower()


def how_to(view: SettingView) -> str:
    """The line that changes it in the settings file."""
    examples = {"switch": "true", "number": "8", "list": '["…"]'}
    return f"{view.name} = {examples.get(view.kind, chr(34) + '…' + chr(34))}"


def files_words(n: int, *, inside: bool) -> str:
    """How many there are of a part.

    >>> files_words(1, inside=False), files_words(1200, inside=True)
    ('one file', '1,200 tracks')
    """
    if inside:
        return "one track" if n == 1 else f"{grouped(n)} tracks"
    return "one file" if n == 1 else f"{grouped(n)} files"


def failed_words(n: int) -> str:
    """Jobs that failed lately."""
    if not n:
        return "Nothing went wrong in the last week."
    return "One job did not work in the last week." if n == 1 else (
        f"{grouped(n)} jobs did not work in the last week."
    )  # fmt: skip


def accounts_words(n: int, n_links: int) -> str:
    """How many can sign in, and how many were asked in."""
    if not n_links:
        return "One account can sign in." if n == 1 else f"{grouped(n)} accounts can sign in."
    if n_links == 1:
        return f"Accounts that can sign in: {grouped(n)}. One link waits to be used."
    return f"Accounts that can sign in: {grouped(n)}. Links that wait to be used: {n_links}."


def listens_words(n: int) -> str:
    """Listens from lists within four weeks."""
    if not n:
        return "Nobody played from a list in the last four weeks."
    return f"Listens from lists in the last four weeks: {grouped(n)}."


def folders_words(n: int) -> str:
    """Folders that are looked through."""
    if not n:
        return "No folder of music is chosen yet."
    return "One folder is looked through." if n == 1 else f"{n} folders are looked through."


def _words(value: Value) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, tuple):
        return ", ".join(value) or "None"
    return str(value) if value not in ("", None) else "None"
