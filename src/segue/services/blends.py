"""Blends: one list for several listeners, fair to each, each track saying for whom it is."""

import time
from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from segue.data.items import RankedList, RankedTrack, Reason, ReasonKind
from segue.data.query import Controls
from segue.errors import ConflictError, NotFoundError
from segue.pipeline.blend import fair_choice, for_whom
from segue.pipeline.stations import BLEND
from segue.pipeline.words import joined
from segue.services.asked import Asked, Wanted, either
from segue.services.making import build
from segue.services.recommend import RecommendService
from segue.services.views import ListView
from segue.store.accounts import Accounts
from segue.store.blends import Blend, BlendMember, Blends
from segue.types import BoolVector, FloatMatrix, IntVector

BROUGHT = 200  # tracks that each member brings


class BlendService:
    """Blends of listeners who accepted.

    Args:
        blends: Who makes a list together.
        accounts: To invite by name.
        recommend: The moment of each member, and how a list is shown.
        clock: Unix time (s).
    """

    def __init__(
        self,
        blends: Blends,
        accounts: Accounts,
        recommend: RecommendService,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._blends = blends
        self._accounts = accounts
        self._recommend = recommend
        self._clock = clock

    def create(self, owner_id: str, name: str, invite: Sequence[str]) -> Blend:
        """Make a blend and ask others, by the names of their accounts.

        Raises:
            NotFoundError: No account of that name.
            InvalidInputError: No or too many others, or a name of wrong length.
            ConflictError: Too many blends already.
        """
        others: list[str] = []
        for one in invite:
            account = self._accounts.by_name(one)
            if account is None or account.is_disabled:
                raise NotFoundError(f"no account is called {one!r}")
            others.append(account.id)
        return self._blends.create(owner_id, name, others, self._clock())

    def of(self, listener_id: str) -> list[Blend]:
        """The blends to which a listener belongs or is asked."""
        return self._blends.list_for(listener_id)

    def accept(self, listener_id: str, blend_id: str) -> Blend:
        """Join a blend; one's taste counts in it from now on."""
        return self._blends.accept(listener_id, blend_id, self._clock())

    def leave(self, listener_id: str, blend_id: str) -> None:
        """Decline or leave; one's taste counts no longer."""
        self._blends.leave(listener_id, blend_id)

    def list(
        self, listener_id: str, blend_id: str, n: int = 50, controls: Controls | None = None
    ) -> ListView:
        """The list of a blend, made of those who accepted.

        What any of them never wants to hear is not in it.

        Raises:
            NotFoundError: No such blend, or not asked to it.
            ConflictError: The listener has not accepted, or nobody else has.
        """
        blend = self._blends.get(listener_id, blend_id)
        members = [member for member in blend.members if member.has_accepted]
        if listener_id not in {member.listener_id for member in members}:
            raise ConflictError("accept the invitation first")
        if len(members) < 2:
            raise ConflictError("nobody else has accepted yet; the list begins when they do")
        asked = [self._recommend.asked(member.listener_id) for member in members]
        wanted = Wanted(min(BROUGHT, 4 * n), controls=(controls or Controls()).check())
        lists = brought(asked, wanted)
        me = next(i for i, one in enumerate(members) if one.listener_id == listener_id)
        ranked = blended(asked[me], members, lists, n, wanted.controls, blend.name)
        return self._recommend.view(asked[me], ranked, BLEND)


def brought(asked: Sequence[Asked], wanted: Wanted) -> list[RankedList]:
    """What each member brings, without what any of them never wants to hear or dislikes."""
    away: BoolVector | None = None
    for one in asked:
        disliked = np.zeros(len(one.serving.tracks), bool)
        disliked[one.profile.known.track_idx[one.profile.known.disliked]] = True
        away = either(away, either(one.away, disliked))
    return [build(one, BLEND, wanted, away=away, name="Blend") for one in asked]


def blended(
    asked: Asked,
    members: Sequence[BlendMember],
    lists: Sequence[RankedList],
    n: int,
    controls: Controls,
    name: str,
) -> RankedList:
    """The fair list as one of the members sees it.

    Args:
        asked: The member who looks at it.
        members: All members, in the order of ``lists``.
        lists: What each brings.
        n: Wanted length.
        controls: Spacing of artists and albums.
        name: Its title.
    """
    tracks = asked.serving.tracks
    places = {p.track_id: p for ranked in lists for p in ranked.tracks}
    rows = np.array([tracks.ids.index(id_) for id_ in places], np.int64)
    utility = utilities(lists, list(places))
    spaced = _spacing(tracks.artist_idx[rows], tracks.album_idx[rows],
                      tracks.recording_idx[rows], controls)  # fmt: skip
    choice = fair_choice(utility, n, spaced)
    me = next(i for i, one in enumerate(members) if one.listener_id == asked.listener_id)
    own = {p.track_id: p for p in lists[me].tracks}
    ids = list(places)
    chosen = tuple(
        _told(places[ids[place]], own.get(ids[place]), utility[:, place], served, members, me)
        for place, served in zip(choice.places.tolist(), choice.served.tolist(), strict=True)
    )
    return RankedList(BLEND.name, chosen, lists[me].stages, None, asked.serving.version, name)


def utilities(lists: Sequence[RankedList], track_ids: Sequence[str]) -> FloatMatrix:
    """What each track is worth to each member, 0..1, (n_members, n_tracks).

    The place in a member's own list decides, so that scores of different listeners compare: 1 for
    the first, falling evenly to 0 behind the last.
    """
    worth = np.zeros((len(lists), len(track_ids)))
    column = {id_: place for place, id_ in enumerate(track_ids)}
    for member, ranked in enumerate(lists):
        for place, track in enumerate(ranked.tracks):
            worth[member, column[track.track_id]] = 1.0 - place / len(ranked.tracks)
    return worth


def _spacing(
    artist: IntVector, album: IntVector, recording: IntVector, controls: Controls
) -> Callable[[list[int]], BoolVector]:
    """Mask of what must not come next: too near to its artist or album, or there already."""

    def barred(taken: list[int]) -> BoolVector:
        mask = np.isin(recording, recording[taken])
        for labels, gap in ((artist, controls.artist_gap), (album, controls.album_gap)):
            near = labels[taken[len(taken) - min(gap, len(taken)) :]]
            mask |= np.isin(labels, near[near >= 0])
        return mask

    return barred


def _told(
    place: RankedTrack,
    own: RankedTrack | None,
    utility: FloatMatrix,
    served: int,
    members: Sequence[BlendMember],
    me: int,
) -> RankedTrack:
    """A track with for whom it is; why is told of one's own taste alone."""
    whom = for_whom(utility, served)
    names = ["you" if i == me else members[i].name for i in whom]
    share = float(utility[whom].sum() / max(utility.sum(), 1e-12))
    reason = Reason(kind=ReasonKind.TASTE, text=f"For {joined(names)}", weight=share,
                    source="blend")  # fmt: skip
    more = own.reasons if own is not None and me in whom else ()
    return msgspec.structs.replace(place, reasons=(reason, *more)[:3],
                                   source_scores={"blend": 1.0})  # fmt: skip
