"""Which track of the library a row from elsewhere means, and how sure that is.

Ids decide first. Then candidates are gathered by the bare title, by artists spelled nearly alike
and by the album, and each is compared by title, artist, album and length (record linkage after
Fellegi and Sunter 1969, doi:10.1080/01621459.1969.10501049, the weights by logistic regression:
:mod:`segue.text.match_weights`). What is nearly as good as the best takes confidence away, unless
it is a version of the same recording.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct

from segue.data.imported import KnownTrack, NamedTrack
from segue.text.match_weights import Comparison, compared, confidence_of
from segue.text.named import Spelled, near_spellings, other_readings, spelled
from segue.text.near_names import NearNames

Band = Literal["matched", "doubtful", "unknown"]
Scheme = Literal["mbid", "isrc", "spotify"]

MATCHED_FROM = 0.90  # of the rows above, see docs/matching.md, fewer than one in a hundred is wrong
DOUBTFUL_FROM = 0.40
BY_ID = 1.0
CONTRADICTED_ID = 0.6  # the id is known, the title and the artist say something else
MAX_CANDIDATES = 400
MAX_REMEMBERED = 200_000  # rows: a history names the same track again and again


class Match(Struct, frozen=True, kw_only=True):
    """What a row means; ``track_id`` is the best guess and None where there is none at all."""

    track_id: str | None
    confidence: float  # 0..1
    reason: str  # in words, for somebody who decides about a doubtful one

    @property
    def band(self) -> Band:
        """What is matched is taken, what is doubtful asked about, the rest is another track."""
        if self.track_id is None or self.confidence < DOUBTFUL_FROM:
            return "unknown"
        return "matched" if self.confidence >= MATCHED_FROM else "doubtful"


NO_MATCH = Match(track_id=None, confidence=0.0, reason="nothing in the library is like it")


class MatchIndex:
    """A library in which named tracks are looked up; about 1 kB a track.

    >>> index = MatchIndex([KnownTrack(id="t1", title="Jóga", artists=("Björk",))])
    >>> index.find(NamedTrack(title="Joga (Remastered)", artists=("Bjork",))).track_id
    't1'
    """

    def __init__(self, tracks: Iterable[KnownTrack] = ()) -> None:
        self._tracks: list[KnownTrack] = []
        self._spelled: list[Spelled] = []
        self._by_own_id: dict[str, int] = {}
        self._by_id: dict[tuple[str, str], list[int]] = {}
        self._by_name: dict[str, list[int]] = {}
        self._by_artist: dict[str, list[int]] = {}
        self._artists = NearNames()
        self._found: OrderedDict[NamedTrack, Match] = OrderedDict()
        for track in tracks:
            self.add(track)

    def __len__(self) -> int:
        return len(self._tracks)

    def add(self, track: KnownTrack) -> None:
        """Take in one more track; rows that were unknown until now may mean it."""
        row = len(self._tracks)
        form = spelled(track.title, track.artists, track.album)
        self._tracks.append(track)
        self._spelled.append(form)
        self._by_own_id[track.id] = row
        for scheme, value in track.ids:
            self._by_id.setdefault((scheme, value.casefold()), []).append(row)
        self._by_name.setdefault(form.name, []).append(row)
        for artist in form.artists:
            if artist not in self._by_artist:
                self._artists.add(artist)
            self._by_artist.setdefault(artist, []).append(row)
        self._found.clear()

    def find(self, named: NamedTrack) -> Match:
        """The track that a row means; the same row is looked up once."""
        known = self._found.get(named)
        if known is None:
            known = self._look_up(named)
            self._found[named] = known
            if len(self._found) > MAX_REMEMBERED:
                self._found.popitem(last=False)
        return known

    def candidate_ids(self, named: NamedTrack) -> list[str]:
        """Ids of the tracks that a row is compared with, of all its readings."""
        found = [row for _, form in other_readings(named) for row in self._candidates(form)]
        return [self._tracks[row].id for row in dict.fromkeys(found)]

    def _look_up(self, named: NamedTrack) -> Match:
        own = self._by_own_id.get(named.track_id) if named.track_id else None
        if own is not None:
            return self._by(own, "by Segue's own id", BY_ID)
        readings = other_readings(named)
        best = max(
            (self._by_words(reading, form) for reading, form in readings),
            key=lambda match: match.confidence,
            default=NO_MATCH,
        )
        by_id = self._by_ids(named, best)
        return by_id if by_id is not None and by_id.confidence >= best.confidence else best

    def _by_ids(self, named: NamedTrack, by_words: Match) -> Match | None:
        ids: Sequence[tuple[Scheme, str]] = (
            ("mbid", named.recording_mbid), ("isrc", named.isrc), ("spotify", named.spotify_id),
        )  # fmt: skip
        for scheme, value in ids:
            rows = self._by_id.get((scheme, value.casefold()), []) if value else []
            if not rows:
                continue
            own = [row for row in rows if self._tracks[row].id == by_words.track_id]
            if own:
                return self._by(own[0], f"by its {scheme} id", BY_ID)
            form = spelled(named.title, named.artists, named.album)
            likeliest = max(rows, key=lambda row: self._confidence(named, form, row))
            agrees = not named.title or self._agrees(named, form, likeliest)
            why = f"by its {scheme} id" + ("" if agrees else ", but the names differ")
            return self._by(likeliest, why, BY_ID if agrees else CONTRADICTED_ID)
        return None

    def _by(self, row: int, reason: str, confidence: float) -> Match:
        return Match(track_id=self._tracks[row].id, confidence=confidence, reason=reason)

    def _by_words(self, named: NamedTrack, form: Spelled) -> Match:
        if not form.name:
            return NO_MATCH
        scored = [
            (-self._confidence(named, form, row), self._tracks[row].id, row)
            for row in self._candidates(form)
        ]  # fmt: skip
        if not scored:
            return NO_MATCH
        scored.sort()  # of equals the lowest id, in whatever order they were added
        confidence, best = -scored[0][0], scored[0][2]
        rival = next((-c for c, _, row in scored[1:] if self._rivals(form, best, row)), 0.0)
        if rival > 0:  # two different recordings that fit alike: neither is sure
            confidence *= confidence / (confidence + max(0.0, rival - 0.5 * confidence))
        words = self._comparison(named, form, best).in_words()
        return Match(
            track_id=self._tracks[best].id, confidence=round(confidence, 4), reason=words
        )  # fmt: skip

    def _candidates(self, form: Spelled) -> list[int]:
        rows = dict.fromkeys(self._by_name.get(form.name, [])[:MAX_CANDIDATES])
        if form.artists and any(self._shares_artist(form, row) for row in rows):
            return list(rows)  # what is only spelled nearly so is another track
        for artist in form.artists[:3]:
            exact = self._by_artist.get(artist, ())
            rows.update(dict.fromkeys(near_spellings(form, exact, self._spelled)))
        if not any(self._shares_artist(form, row) for row in rows):
            for artist in form.artists[:2]:
                for near in self._artists.near(artist):
                    of_near = self._by_artist.get(near, ())
                    rows.update(dict.fromkeys(near_spellings(form, of_near, self._spelled)))
        return list(rows)[: 2 * MAX_CANDIDATES]

    def _shares_artist(self, form: Spelled, row: int) -> bool:
        return not form.artists or not set(form.artists).isdisjoint(self._spelled[row].artists)

    def _comparison(self, named: NamedTrack, form: Spelled, row: int) -> Comparison:
        track = self._tracks[row]
        return compared(form, self._spelled[row], named.duration_s, track.duration_s)

    def _confidence(self, named: NamedTrack, form: Spelled, row: int) -> float:
        return confidence_of(self._comparison(named, form, row))

    def _agrees(self, named: NamedTrack, form: Spelled, row: int) -> bool:
        found = self._comparison(named, form, row)
        return found.title >= 0.5 or (found.artist or 0.0) >= 0.5

    def _rivals(self, form: Spelled, best: int, row: int) -> bool:
        """Whether a row may be meant as well as the best: not where only the best is called so."""
        is_called_so = form.name == self._spelled[best].name
        return not self._one_recording(best, row) and not (
            is_called_so and form.name != self._spelled[row].name
        )

    def _one_recording(self, row_a: int, row_b: int) -> bool:
        a, b = self._spelled[row_a], self._spelled[row_b]
        return a.name == b.name and a.mark == b.mark and a.artists[:1] == b.artists[:1]
