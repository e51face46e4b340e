"""Which track a row of a catalogue means: by its ids first, else by its words if they are sure."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from segue.data.imported import CatalogueRow, KnownTrack
from segue.store.catalog_tags import MAX_NAME_LENGTH, MAX_NAMES
from segue.text.matching import MatchIndex
from segue.text.normalise import fold

CATALOGUE = "catalogue"  # scheme of a catalogue's own ids
_OWN = frozenset((CATALOGUE, "spotify"))  # of which a track of a catalogue has one only


class Found(Struct, frozen=True):
    """The track, if it is there; ``doubt`` says what it might be where that is not sure."""

    track_id: str | None
    doubt: str = ""


class CatalogueFinder:
    """A library in which rows are looked up; grows with what is added.

    Two rows with different ids of one catalogue are two tracks, however alike their words are:
    they join what is no part of that catalogue, never each other.

    Args:
        tracks: All that is known.
    """

    def __init__(self, tracks: Iterable[KnownTrack]) -> None:
        known = list(tracks)
        self._names: dict[str, tuple[str, str]] = {}
        self._by_words: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self._index = MatchIndex(known)
        self._by_id: dict[tuple[str, str], str] = {}
        self._own: dict[str, set[tuple[str, str]]] = {}
        for track in known:
            self._name(track.id, track.title, track.artists, track.album)
            self.learn(track.id, [pair for pair in track.ids if pair[0] in _OWN])

    def find(self, row: CatalogueRow, ids: Sequence[tuple[str, str]]) -> Found:
        """The track that a row with these ids means."""
        for pair in ids:
            if pair in self._by_id:
                return Found(self._by_id[pair])
        same = self._of_same_words(row, ids)
        if same is not None:
            return Found(same)
        match = self._index.find(row.track)
        if match.track_id is None or match.band == "unknown":
            return Found(None)
        if match.band == "matched":
            return Found(None if self._is_another(match.track_id, ids) else match.track_id)
        title, credit = self._names[match.track_id]
        words = f"it may be “{title}” by {credit or 'nobody named'}: {match.reason}"
        return Found(None, words)

    def add(self, track_id: str, row: CatalogueRow, ids: Sequence[tuple[str, str]]) -> None:
        """Take in a new track. One with ids is found by them, another one by its words."""
        self._name(track_id, row.track.title, row.track.artists, row.track.album)
        if ids:
            self.learn(track_id, ids)
            return
        self._index.add(
            KnownTrack(
                id=track_id,
                title=row.track.title,
                artists=row.track.artists,
                album=row.track.album,
                duration_s=row.track.duration_s,
            )
        )

    def learn(self, track_id: str, ids: Iterable[tuple[str, str]]) -> None:
        """Remember ids of a track."""
        for pair in ids:
            self._by_id.setdefault(pair, track_id)
            if pair[0] in _OWN:
                self._own.setdefault(track_id, set()).add(pair)

    def _name(self, track_id: str, title: str, artists: Sequence[str], album: str) -> None:
        self._names[track_id] = (title, ", ".join(artists))
        places = self._by_words.setdefault(_words(title, artists), [])
        places.append((track_id, fold(album[:MAX_NAME_LENGTH])))

    def _of_same_words(self, row: CatalogueRow, ids: Sequence[tuple[str, str]]) -> str | None:
        """The one track that is named in the very same words, if there is one."""
        track = row.track
        album = fold(track.album[:MAX_NAME_LENGTH])
        named = [
            (track_id, of)
            for track_id, of in self._by_words.get(_words(track.title, track.artists), ())
            if not self._is_another(track_id, ids)
        ]
        alike = [track_id for track_id, of in named if of == album]
        if alike:
            return alike[0]
        return named[0][0] if len(named) == 1 and not album and track.artists else None

    def _is_another(self, track_id: str, ids: Sequence[tuple[str, str]]) -> bool:
        """Whether the track has another id of a catalogue that the row has one of."""
        own = self._own.get(track_id, set())
        return any(
            _origin(mine) == _origin(theirs) and mine != theirs for mine in ids for theirs in own
        )


def _words(title: str, artists: Sequence[str]) -> tuple[str, str]:
    """A name as it is compared: cut where the store cuts it, folded."""
    return fold(title[:MAX_NAME_LENGTH]), "\x1f".join(
        fold(artist[:MAX_NAME_LENGTH]) for artist in artists[:MAX_NAMES]
    )


def _origin(pair: tuple[str, str]) -> str:
    """What gave an id: Spotify, or the named catalogue; "" for ids that several tracks share."""
    scheme, value = pair
    if scheme not in _OWN:
        return ""
    return scheme if scheme == "spotify" else f"{scheme} {value.partition(':')[0]}"
