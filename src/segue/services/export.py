"""Everything about one listener as one archive, in open forms that our own sources read back.

It is written while it is sent: page by page from the store, so that a million listens need no more
memory than a thousand.
"""

import re
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import msgspec

from segue.data.imported import NamedTrack
from segue.errors import NotFoundError
from segue.services.export_lines import feedback_line, listen_line, other_mark_line, rule_of
from segue.services.export_words import README
from segue.services.own_taste import preferences, vectors
from segue.services.profiles import Profiles
from segue.services.serving import ModelServer
from segue.services.smart_playlists import SmartPlaylistService
from segue.services.zipping import Member, zipped
from segue.sources.jspf import write_jspf
from segue.store.accounts import Accounts
from segue.store.history import History
from segue.store.own_data import OwnData
from segue.store.own_words import OwnWordsStore
from segue.store.playlists import Playlists
from segue.store.statistics import Statistics

N_TOP = 200
# tables that have a file of their own; all others with rows of a listener go to other/
TOLD = frozenset({"accounts", "events", "retractions", "feedback_state", "never_play",
                  "playlists", "playlist_items", "playlist_rules", "own_words",
                  "consents"})  # fmt: skip


class ExportService:
    """Archives of all that is kept about a listener.

    Args:
        own: What is kept.
        accounts: Whose.
        own_words: What they said of themselves.
        playlists: Their lists.
        history: Never-play rules and plays.
        statistics: What they play most.
        profiles, models: What was worked out about them.
        smart: What playlists by rules hold today.
        clock: Unix time (s).
    """

    def __init__(
        self,
        own: OwnData,
        accounts: Accounts,
        own_words: OwnWordsStore,
        playlists: Playlists,
        history: History,
        statistics: Statistics,
        profiles: Profiles,
        models: ModelServer,
        smart: SmartPlaylistService,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._own = own
        self._accounts = accounts
        self._own_words = own_words
        self._playlists = playlists
        self._history = history
        self._statistics = statistics
        self._profiles = profiles
        self._models = models
        self._smart = smart
        self._clock = clock

    def archive(self, listener_id: str) -> Iterator[bytes]:
        """The bytes of the archive, piece by piece.

        Raises:
            NotFoundError: No such account, before the first piece.
        """
        account = self._accounts.get(listener_id)
        if account is None:
            raise NotFoundError(f"no account {listener_id!r}")
        now = self._clock()
        return zipped(self._members(listener_id, account.name, now), now)

    def file_name(self, listener_id: str) -> str:
        """What the archive is called, in letters that every file system takes."""
        account = self._accounts.get(listener_id)
        name = plain_name(account.name if account else "") or "listener"
        return f"segue-{name}-{_day(self._clock())}.zip"

    def _members(self, listener_id: str, name: str, now: float) -> Iterator[Member]:
        yield "README.txt", [README.format(name=name, day=_day(now)).encode()]
        yield from self._listens(listener_id)
        yield "feedback.jsonl", self._feedback(listener_id)
        yield from self._jspf(listener_id)
        yield "never_play.json", [_pretty(self._never_play(listener_id, now))]
        yield "events.jsonl", self._events(listener_id)
        yield "profile.json", [_pretty(self._profile(listener_id))]
        yield "consents.json", [_pretty(list(self._own.rows(listener_id, "consents")))]
        yield "taste/played.json", [_pretty(self._played(listener_id))]
        yield "taste/learned.json", self._learned(listener_id, now)
        for table in self._own.tables(listener_id):
            lines = _lines(() if table in TOLD else self._own.rows(listener_id, table))
            first = next(lines, None)
            if first is not None:
                yield f"other/{table}.jsonl", _chain(first, lines)

    def _listens(self, listener_id: str) -> Iterator[Member]:
        named = (
            (event, names.get(event.track_id, _unnamed(event.track_id)))
            for page in self._own.listens(listener_id)
            for names in (self._own.names([event.track_id for event in page]),)
            for event in page
        )
        for (year, month), rows in groupby(named, key=lambda pair: _month(pair[0].listened_at)):
            lines = _lines(listen_line(event, track) for event, track in rows)
            yield f"listens/{year}/{month}.jsonl", lines

    def _feedback(self, listener_id: str) -> Iterator[bytes]:
        for page in self._own.statements(listener_id):
            names = self._own.names([track_id for track_id, _ in page])
            yield from _lines(
                feedback_line(names.get(track_id, _unnamed(track_id)), state)
                for track_id, state in page
            )
        for page in self._own.other_marks(listener_id):
            names = self._own.names([event.track_id for event in page])
            yield from _lines(
                other_mark_line(event, names.get(event.track_id, _unnamed(event.track_id)))
                for event in page
            )

    def _never_play(self, listener_id: str, now: float) -> list[dict[str, Any]]:
        rules = self._history.never_played_targets(listener_id, now)
        ids = {scope: [one.target_id for one in rules if one.scope == scope]
               for scope in ("track", "artist", "album")}  # fmt: skip
        tracks = self._own.names(ids["track"])
        others = self._own.targets("artist", ids["artist"])
        others |= self._own.targets("album", ids["album"])
        return [rule_of(one, tracks.get(one.target_id), others.get(one.target_id)) for one in rules]

    def _jspf(self, listener_id: str) -> Iterator[Member]:
        mine = [p for p in self._playlists.list_for(listener_id) if p.account_id == listener_id]
        for number, playlist in enumerate(mine, start=1):
            ids = self._smart.track_ids(listener_id, playlist.id)
            names = self._own.names(ids)
            tracks = (names[id_] for id_ in ids if id_ in names)
            title = plain_name(playlist.name)[:60] or "playlist"
            rules = self._smart.rules_of(listener_id, playlist.id)
            told = None if rules is None else msgspec.to_builtins(rules)
            parts = (part.encode() for part in write_jspf(playlist.name, tracks, told))
            yield f"playlists/{number:03}-{title}.jspf", parts

    def _events(self, listener_id: str) -> Iterator[bytes]:
        for page in self._own.events(listener_id):
            yield from _lines(page)

    def _profile(self, listener_id: str) -> dict[str, Any]:
        account = self._accounts.get(listener_id)
        return {
            "id": listener_id,
            "name": account.name if account else "",
            "role": account.role if account else "",
            "language": account.language if account else "",
            "time_zone": account.time_zone if account else "",
            "created_at": account.created_at if account else None,
            "own_words": self._own_words.get(listener_id),
        }

    def _played(self, listener_id: str) -> dict[str, Any]:
        played = self._history.most_played(listener_id, N_TOP)
        names = self._own.names([one.track_id for one in played])
        tracks = [
            {"track_id": one.track_id, "title": names[one.track_id].title,
             "artists": names[one.track_id].artists, "n_plays": one.n_plays,
             "last_listened_at": one.last_listened_at}
            for one in played if one.track_id in names
        ]  # fmt: skip
        return {"tracks": tracks, "artists": self._statistics.top_artists(listener_id, N_TOP)}

    def _learned(self, listener_id: str, now: float) -> Iterator[bytes]:
        serving = self._models.current()
        profile, _ = self._profiles.of(listener_id, serving)
        head = _text({"model_version": serving.version, "made_at": now})[:-1]
        yield f'{head}, "tracks": ['.encode()
        yield from _listed(preferences(profile, serving))
        yield b'],\n"vectors": ['
        yield from _listed(vectors(profile, serving))
        yield b"]}\n"


def plain_name(text: str) -> str:
    """A name in ASCII letters, digits and hyphens, for names of files.

    >>> plain_name("Zoë's Ünruly/../list")
    'Zoe-s-Unruly-list'
    """
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", bare).strip("-")


def _unnamed(track_id: str) -> NamedTrack:
    return NamedTrack(track_id=track_id)


def _month(at: float) -> tuple[int, int]:
    moment = datetime.fromtimestamp(at, UTC)
    return moment.year, moment.month


def _day(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).date().isoformat()


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _pretty(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


def _lines(rows: Iterable[Any]) -> Iterator[bytes]:
    return (msgspec.json.encode(row) + b"\n" for row in rows)


def _listed(rows: Iterable[Any]) -> Iterator[bytes]:
    for number, row in enumerate(rows):
        yield (b",\n" if number else b"\n") + msgspec.json.encode(row)


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
