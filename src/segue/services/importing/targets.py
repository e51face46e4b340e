"""Which artist or album a rule of our own export means: by its ids, else by its name.

The bands are those of tracks, with one difference: what is doubtful is not kept for a decision but
said, with the name that is nearest. A rule hides all of somebody's music without a word; one that
is wrong would not be missed, so it is made by hand, on the page of whom it is about.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from segue.data.imported import ImportedRule, KnownTarget
from segue.store.catalog import Catalog
from segue.text.matching import Band
from segue.text.named import artist_key
from segue.text.near_names import NearNames
from segue.text.normalise import bare_title, fold, performance

UNKNOWN = "nothing in the library has this name"


class Target(Struct, frozen=True, kw_only=True):
    """What a rule is about; ``id`` stands for something sure only where it is matched."""

    band: Band
    id: str = ""
    reason: str = ""


class TargetNames:
    """Finds artists and albums of the library, which is read when the first rule asks.

    Args:
        catalog: The library.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._artists: _Names | None = None
        self._albums: _Names | None = None

    def find(self, rule: ImportedRule) -> Target:
        """The artist or album that a rule is about."""
        if rule.scope == "artist":
            if self._artists is None:
                self._artists = _Names(self._catalog.known_artists(), artist_key)
            return self._artists.find(rule, next(iter(rule.track.artists), ""), ())
        if self._albums is None:
            self._albums = _Names(self._catalog.known_albums(), _album_key)
        return self._albums.find(rule, rule.track.album, rule.track.artists)


class _Names:
    """Things of one kind by their ids and names; ``key_of`` makes names equal that mean one."""

    def __init__(self, known: Iterable[KnownTarget], key_of: Callable[[str], str]) -> None:
        self._key_of = key_of
        self._ids: set[str] = set()
        self._by_mbid: dict[str, str] = {}
        self._by_key: dict[str, list[KnownTarget]] = defaultdict(list)
        self._near = NearNames()
        for one in known:
            self._ids.add(one.id)
            if one.mbid:
                self._by_mbid[one.mbid] = one.id
            key = key_of(one.name)
            if key not in self._by_key:
                self._near.add(key)
            self._by_key[key].append(one)

    def find(self, rule: ImportedRule, name: str, artists: Sequence[str]) -> Target:
        """By Segue's own id, by MusicBrainz', by the name with its artists."""
        id_ = rule.target_id if rule.target_id in self._ids else self._by_mbid.get(rule.mbid)
        if id_:
            return Target(band="matched", id=id_)
        if not name:
            return Target(band="unknown", reason=UNKNOWN)
        key = self._key_of(name)
        called_so = [one for one in self._by_key.get(key, ()) if _agree(one.artists, artists)]
        exactly = [one for one in called_so if fold(one.name) == fold(name)] or called_so
        if len(exactly) == 1:
            return Target(band="matched", id=exactly[0].id)
        near = exactly or [
            one for other in self._near.near(key) for one in self._by_key[other]
            if _agree(one.artists, artists)
        ]  # fmt: skip
        if not near:
            return Target(band="unknown", reason=UNKNOWN)
        return Target(
            band="doubtful",
            reason=f"may mean “{near[0].name}”, which is not sure; say it again on its page",
        )


def _album_key(title: str) -> str:
    """Editions of one album are one: who does not want it wants no remaster of it either."""
    return f"{bare_title(title)}|{performance(title)}"


def _agree(known: Sequence[str], said: Sequence[str]) -> bool:
    """Whether an album's artists may be those that are said; an artist has none."""
    if not known and not said:
        return True
    return not {artist_key(one) for one in known}.isdisjoint(artist_key(one) for one in said)
