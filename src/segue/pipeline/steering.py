"""A radio that listens back: what happened in a session moves its next tracks, and nothing else.

The seeds keep a session together; a track that was finished pulls the next ones towards it, an
early skip pushes them away, each less with every track that came after (Rocchio 1971, relevance
feedback, with forgetting). The long-term taste is left to :mod:`segue.data.feedback`.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from segue.data.feedback import DEFAULT_WEIGHTS
from segue.data.records import EventKind

Outcome = Literal["finished", "partial", "late_skip", "early_skip", "loved", "disliked"]

# pull of each outcome on the next track, in units of one seed; our own choice
PULL: Mapping[str, float] = {
    "loved": 1.0, "finished": 0.4, "partial": 0.15, "late_skip": -0.15, "early_skip": -0.6,
    "disliked": -1.0,
}  # fmt: skip
FORGET = 0.85  # of a pull that is left after each further track
LEAST = 0.05  # a weaker pull is forgotten
MAX_PLAYED = 1_000  # tracks that do not come again; the oldest may, after so many
MAX_STEERING = 12  # outcomes that still pull


class Happened(Struct, frozen=True):
    """What became of one track of the session."""

    track_id: str
    outcome: Outcome


class RadioState(Struct, frozen=True, kw_only=True):
    """All that a session knows; bounded, so that it can run for ever.

    ``given`` are tracks that were handed out, the oldest first; ``happened`` what still pulls, the
    newest last; ``settled`` tracks whose outcome is counted; ``since_event`` the newest event of
    the listener when it began.
    """

    station: str
    seeds: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    happened: tuple[Happened, ...] = ()
    settled: tuple[str, ...] = ()
    since_event: int = 0


def outcome_of(kind: EventKind, played_fraction: float | None) -> Outcome | None:
    """What an event says about a track in a session; None for what says nothing.

    The borders are those of the one table of feedback.

    >>> outcome_of(EventKind.SKIP, 0.1), outcome_of(EventKind.PLAY, None)
    ('early_skip', 'finished')
    """
    stated: dict[EventKind, Outcome] = {EventKind.LOVE: "loved", EventKind.DISLIKE: "disliked"}
    if kind in stated:
        return stated[kind]
    if kind is EventKind.SKIP:
        early = played_fraction is None or played_fraction < DEFAULT_WEIGHTS.heard_fraction
        return "early_skip" if early else "late_skip"
    if kind is EventKind.PLAY:
        whole = played_fraction is None or played_fraction >= DEFAULT_WEIGHTS.finished_fraction
        return "finished" if whole else "partial"
    return None


def after(state: RadioState, happened: Sequence[Happened]) -> RadioState:
    """The state when more has happened; what a track did is counted once, statements always."""
    settled = dict.fromkeys(state.settled)
    kept = list(state.happened)
    for one in happened:
        stated = one.outcome in ("loved", "disliked")
        if one in kept or (one.track_id in settled and not stated):
            continue
        settled[one.track_id] = None
        kept = [before for before in kept if before.track_id != one.track_id or not stated]
        kept.append(one)
    return msgspec.structs.replace(
        state,
        happened=tuple(kept[-MAX_STEERING:]),
        settled=tuple(settled)[-MAX_PLAYED:],
    )


def handed_out(state: RadioState, track_ids: Sequence[str]) -> RadioState:
    """The state when more tracks were given; none of them comes again in the session."""
    return msgspec.structs.replace(state, given=(*state.given, *track_ids)[-MAX_PLAYED:])


def pulls(happened: Sequence[Happened]) -> dict[str, float]:
    """The pull of each track on the next one: positive towards it, negative away from it.

    >>> pulls([Happened("a", "finished"), Happened("b", "early_skip")])
    {'a': 0.34, 'b': -0.6}
    """
    pulled: dict[str, float] = {}
    for age, one in enumerate(reversed(happened)):
        pull = PULL[one.outcome] * FORGET**age
        if abs(pull) >= LEAST:
            pulled[one.track_id] = pulled.get(one.track_id, 0.0) + pull
    return dict(reversed(pulled.items()))


def steered(seeds: Mapping[int, float], pulled: Mapping[int, float]) -> dict[int, float]:
    """Weights of rows: the seeds and what pulls, a row of both having the sum.

    A session with seeds keeps something to go towards: were nothing above zero left, the seeds
    weigh what they weighed at first.

    >>> steered({3: 1.0}, {3: -1.2, 5: -0.6})
    {3: 1.0, 5: -0.6}
    """
    weights = dict(seeds)
    for row, pull in pulled.items():
        weights[row] = weights.get(row, 0.0) + pull
    if seeds and not any(weight > 0 for weight in weights.values()):
        return {**weights, **seeds}
    return weights
