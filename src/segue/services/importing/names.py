"""Which track a row means: decided once for all rows that say the same, and kept.

What is sure is taken, what is doubtful waits for its listener, and what nothing in the library is
like becomes a track without a file, so that the taste counts and the wish list can speak of it.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from segue.data.imported import NamedTrack
from segue.data.records import TrackTags
from segue.services.importing.events import DIGEST_LETTERS, digest, words_key
from segue.services.importing.paths import PathIndex
from segue.store.catalog import Catalog
from segue.store.catalog_records import TrackEntry
from segue.store.import_doubts import Decision
from segue.store.import_names import ImportNames
from segue.text.matching import Match, MatchIndex
from segue.text.named import spelled
from segue.text.normalise import fold, recording_key, search_words

MAX_REMEMBERED = 200_000
NAMELESS = "neither a title with its artist nor an id that the library knows"


class Resolved(Struct, frozen=True):
    """What a row means. Only "matched" and "named" have a track; "named" is one without a file."""

    kind: Literal["matched", "named", "doubtful", "nameless"]
    track_id: str = ""
    match: Match | None = None


class TrackNames:
    """Finds or makes the track of every name in an import.

    Args:
        catalog: The library.
        names: What was decided before.
        decisions: What the listener decided about doubtful names, by the key of their words.
        now: Unix time (s) that new tracks are given.
    """

    def __init__(
        self, catalog: Catalog, names: ImportNames, decisions: Mapping[str, Decision], now: float
    ) -> None:
        self._catalog = catalog
        self._names = names
        self._decisions = decisions
        self._now = now
        self._found: OrderedDict[NamedTrack, Resolved] = OrderedDict()
        self._index: MatchIndex | None = None
        self._named_by_id: dict[tuple[str, str], str] = {}
        self._paths = PathIndex(())
        self._ids: set[str] = set()
        self.n_added = 0

    def resolve(self, rows: Iterable[NamedTrack]) -> dict[NamedTrack, Resolved]:
        """What each name means; new tracks and decisions are durable at return."""
        wanted = dict.fromkeys(rows)
        found = {named: one for named in wanted if (one := self._found.get(named)) is not None}
        missing = [named for named in wanted if named not in found]
        if missing:
            found |= self._decide(missing)
        for named, one in found.items():
            self._found[named] = one
            self._found.move_to_end(named)
        while len(self._found) > MAX_REMEMBERED:
            self._found.popitem(last=False)
        return found

    def _decide(self, missing: Sequence[NamedTrack]) -> dict[NamedTrack, Resolved]:
        keys = {named: name_key(named) for named in missing}
        known = self._names.known(list(set(keys.values())))
        tracks: dict[NamedTrack, str] = {}
        others: dict[NamedTrack, Resolved] = {}
        entries: dict[str, TrackEntry] = {}
        for named, key in keys.items():
            track_id = known.get(key)
            one = Resolved("matched", track_id) if track_id else self._look_up(named)
            if one.kind == "named" and one.track_id not in self._ids:
                entries.setdefault(one.track_id, entry_of_named(named))
            if one.track_id:
                tracks[named] = one.track_id
            else:
                others[named] = one
        self._add(entries)
        self._names.remember({keys[n]: id_ for n, id_ in tracks.items() if keys[n] not in known})
        owned = self._catalog.playable(set(tracks.values()))
        return others | {
            named: Resolved("matched" if id_ in owned else "named", id_)
            for named, id_ in tracks.items()
        }

    def _look_up(self, named: NamedTrack) -> Resolved:
        index = self._opened()
        own = named_id(named)
        if own in self._ids:
            return Resolved("named", own)  # the same words made this track before
        if is_named(named.track_id) and named.track_id in self._ids:
            return Resolved("named", named.track_id)  # our own export says which
        decision = self._decisions.get(words_key(named))
        if decision is not None and decision.state == "accepted":
            return Resolved("matched", decision.track_id)
        by_path = self._paths.find(named.path) if named.path else None
        if by_path is not None:
            return Resolved("matched", by_path)
        return self._by_words(named, own, index.find(named), is_refused=decision is not None)

    def _by_words(self, named: NamedTrack, own: str, match: Match, *, is_refused: bool) -> Resolved:
        if match.band == "matched" and match.track_id is not None:
            return Resolved("matched", match.track_id)
        before = [self._named_by_id[pair] for pair in ids_of(named) if pair in self._named_by_id]
        if before:
            return Resolved("named", before[0])
        if match.band == "doubtful" and not is_refused:
            return Resolved("doubtful", match=match)
        return Resolved("named", own) if own else Resolved("nameless")

    def _opened(self) -> MatchIndex:
        """The library as it is looked up in, read when the first name needs it.

        Tracks that imports named are found by exactly their words and ids alone: what a row means
        may not depend on which rows an interrupted import had done before.
        """
        if self._index is None:
            known = self._catalog.known_tracks()
            by_name = {track.id for track in known if is_named(track.id)}
            by_name -= self._catalog.playable(by_name)
            self._index = MatchIndex(track for track in known if track.id not in by_name)
            self._ids = {track.id for track in known}
            for track in known:
                if track.id in by_name:
                    self._named_by_id |= dict.fromkeys(track.ids, track.id)
            self._paths = PathIndex(self._catalog.known_paths())
        return self._index

    def _add(self, entries: Mapping[str, TrackEntry]) -> None:
        if not entries:
            return
        self._catalog.add_tracks(list(entries.values()), self._now)
        for id_, entry in entries.items():
            self._ids.add(id_)
            for pair in entry.external_ids:
                self._named_by_id.setdefault(pair, id_)
        self.n_added += len(entries)


def ids_of(named: NamedTrack) -> tuple[tuple[str, str], ...]:
    """(scheme, value) of the ids that a row says and that tracks are kept with."""
    pairs = (("mbid", named.recording_mbid), ("isrc", named.isrc), ("spotify", named.spotify_id))
    return tuple(pair for pair in pairs if pair[1])


def is_named(track_id: str) -> bool:
    """Whether an id is one of :func:`named_id`."""
    return len(track_id) == 1 + DIGEST_LETTERS and track_id.startswith("n")


def name_key(named: NamedTrack) -> str:
    """Equal for rows that say the same of their track, whatever its length is said to be."""
    ids = (named.track_id, named.recording_mbid, named.isrc, named.spotify_id, named.video_id)
    return digest("\x1f".join((words_key(named), *ids, named.path)))


def named_id(named: NamedTrack) -> str:
    """The id of the track without a file that these words make; empty when they are too few.

    It follows from the words alone: an import that was interrupted makes the same tracks again.
    Remasters, guests and articles make no difference; a live version is another track.

    >>> named_id(NamedTrack(title="Help! (Remaster)", artists=("The Beatles",))) == (
    ...     named_id(NamedTrack(title="help", artists=("Beatles",)))
    ... )
    True
    """
    if not named.title.strip() or not named.artists or not named.artists[0].strip():
        return ""
    form = spelled(named.title, named.artists[:1])
    artist = form.artists[0] if form.artists else fold(named.artists[0])
    return "n" + digest(f"{form.name}\x1f{form.mark}\x1f{artist}")


def entry_of_named(named: NamedTrack) -> TrackEntry:
    """The track without a file that a row with a title and an artist names."""
    tags = TrackTags(
        title=named.title,
        artists=named.artists,
        album=named.album,
        duration_s=named.duration_s,
        recording_mbid=named.recording_mbid or None,
        isrc=named.isrc or None,
    )
    return TrackEntry(
        tags=tags,
        recording_key=recording_key(named.title, named.artists, named.duration_s),
        search_words=search_words(named.title, named.artists, named.album),
        id=named_id(named),
        external_ids=ids_of(named),
    )
