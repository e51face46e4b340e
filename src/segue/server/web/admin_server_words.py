"""Words of the pages about the server itself: settings, storage, at a glance. All are pure."""

from typing import NamedTuple

from segue.server.web.language import _, later, ngettext
from segue.server.web.words import grouped
from segue.services.settings_list import SettingView, Value

SETTING_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (later("Where things are"), ("data_dir", "music_dirs")),
    (later("How the server is reached"),
     ("host", "port", "allow_remote", "allowed_hosts", "secure_cookie")),
    (later("Who may come in"), ("sign_up", "session_idle_days", "session_max_days", "login_tries")),
    (later("How hard it works"),
     ("scan_workers", "analysis_workers", "job_workers", "analyse_after_scan", "import_max_gb")),
    (later("When it learns"),
     ("retrain_after_events", "retrain_at_hour", "time_zone", "discover_repeat_weeks")),
    (later("Whether it asks others"),
     ("allow_outbound", "spotify_client_id", "spotify_client_secret", "spotify_url",
      "spotify_token_url", "listenbrainz_url", "listenbrainz_token")),
    (later("How it finds what is alike"),
     ("neighbor_index", "exact_neighbors_up_to", "qdrant_url", "qdrant_api_key",)),
    (later("What it writes down"), ("log_level", "log_form")),
)  # fmt: skip
_ORIGINS = {
    "standard": later("The standard value"),
    "file": later("From the settings file"),
    "variable": later("From a variable of the environment"),
    "flag": later("From the command line"),
}


class PartWords(NamedTuple):
    """A part of what is kept: its name, what it is, and what removing it does."""

    name: str
    what: str
    removing: str = ""


PARTS: dict[str, PartWords] = {
    "database": PartWords(
        later("Database"),
        later(
            "Accounts, history, playlists and the catalogue. It cannot be made again: "
            "keep a backup."
        ),
    ),
    "copies": PartWords(
        later("Copies from before updates"),
        later("A copy of the database is made before each update that changes its form."),
        later("You cannot go back to the version before the last update any more."),
    ),
    "sound": PartWords(
        later("What was heard"),
        later("How each track sounds, inside the database. Listening again would take hours."),
    ),
    "peaks": PartWords(
        later("Shapes of the seek bar"),
        later("Inside the database, made when a track is played first."),
        later(
            "They are made again as tracks are played; the database keeps the room for what comes."
        ),
    ),
    "models": PartWords(
        later("Models"),
        later(
            "What was learned, with the versions before it to go back to. "
            "Old ones go by themselves."
        ),
    ),
    "covers": PartWords(
        later("Covers"),
        later("Pictures in the sizes that pages show."),
        later("They are made again as they are looked at."),
    ),
    "uploads": PartWords(
        later("Files sent for imports"),
        later("They go by themselves when an import is done."),
    ),
    "fetched": PartWords(
        later("Answers of other services"),
        later("Kept by “segue fetch”, so that nothing is asked twice."),
        later("The next fetch asks for them again."),
    ),
    "demo": PartWords(
        later("Demo library"),
        later(
            "Music that Segue made to look around in. Its tracks are in the library, so delete the "
            "folder yourself if you no longer want them."
        ),
    ),
    "rest": PartWords(later("Everything else"), later("The job queue, reports, and small files.")),
}


def origin_words(view: SettingView) -> str:
    """Where a value comes from.

    >>> from segue.services.settings_list import settings_list
    >>> from segue.settings import Settings
    >>> origin_words(settings_list(Settings(data_dir="/tmp/x"))[3])
    'The standard value'
    """
    return _(_ORIGINS[view.origin])


def value_words(view: SettingView) -> str:
    """The value now; of a secret only whether there is one."""
    if view.kind == "secret":
        return _("Given, and not shown") if view.is_given else _("Not given")
    return _words(view.value)


def standard_words(view: SettingView) -> str:
    """The standard value."""
    if view.kind == "secret":
        return _("Not given")
    return _("Chosen by the machine") if view.standard is None else _words(view.standard)


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
        return ngettext("one track", "%(n)s tracks", n)
    return ngettext("one file", "%(n)s files", n)


def failed_words(n: int) -> str:
    """Jobs that failed lately."""
    if not n:
        return _("Nothing went wrong in the last week.")
    return ngettext(
        "One job did not work in the last week.", "%(n)s jobs did not work in the last week.", n
    )


def accounts_words(n: int, n_links: int) -> str:
    """How many can sign in, and how many were asked in.

    >>> accounts_words(1, 0), accounts_words(3, 1)
    ('One account can sign in.', 'Accounts that can sign in: 3. One link waits to be used.')
    """
    if not n_links:
        return ngettext("One account can sign in.", "%(n)s accounts can sign in.", n)
    return ngettext(
        "Accounts that can sign in: %(accounts)s. One link waits to be used.",
        "Accounts that can sign in: %(accounts)s. %(n)s links wait to be used.",
        n_links, accounts=grouped(n),
    )  # fmt: skip


def listens_words(n: int) -> str:
    """Listens from lists within four weeks."""
    if not n:
        return _("Nobody played from a list in the last four weeks.")
    return _("Listens from lists in the last four weeks: %(n)s.", n=grouped(n))


def folders_words(n: int) -> str:
    """Folders that are looked through."""
    if not n:
        return _("No folder of music is chosen yet.")
    return ngettext("One folder is looked through.", "%(n)s folders are looked through.", n)


def _words(value: Value) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, tuple):
        return ", ".join(value) or _("None")
    return str(value) if value not in ("", None) else _("None")
