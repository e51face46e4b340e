"""The best attainable ranking: what a recommender that knew the planted truth would reach.

Free picks are independent draws with a known probability for each track. Sorting by it maximises
the expected DCG at every cut-off (the probability ranking principle, Robertson 1977,
doi:10.1108/eb026647): exchanging two tracks that stand in the wrong order can only lose. No
recommender can do better in expectation on tracks that a listener has not heard before; what is
missing to 1 is luck: the listener drew only some of the tracks they would have liked. Two cautions:

* Tracks heard before must be left out (``known``): relistening follows memory, and play counts beat
  taste there. Album runs, too, follow the last track more than taste; set ``album_run_share`` to 0
  where exactness matters.
* Taste drifts: ``at`` should lie in the middle of the held-out time.
"""

import numpy as np

from segue.data.feedback import EventColumns
from segue.data.records import EVENT_CODE, EventKind
from segue.synthetic.taste import Listeners
from segue.types import BoolVector, FloatVector, IntVector


def best_attainable(
    listeners: Listeners,
    held_out: EventColumns,
    k: int,
    known: EventColumns | None = None,
    at: float | None = None,
) -> float:
    """NDCG@k of the ranking by planted utility, mean over listeners with a relevant track.

    Args:
        listeners: The planted truth.
        held_out: Events after the split; tracks with a play (not only skips) are relevant.
        k: Length of the lists, >= 1.
        known: Events before the split; their tracks are neither ranked nor relevant.
        at: Unix time (s) of the taste; the middle of ``held_out`` when None.

    Returns:
        0..1; NaN when nobody has a relevant track.
    """
    moment = at if at is not None else held_out_time(held_out)
    values = [
        ndcg_at_k(oracle_ranking(listeners, idx, moment, k, heard), relevant, k)
        for idx, relevant, heard in held_out_cases(held_out, known)
    ]
    return float(np.mean(values)) if values else float("nan")


def held_out_time(held_out: EventColumns) -> float:
    """The middle of the time of some events, Unix s; 0 when there are none."""
    if not len(held_out):
        return 0.0
    return float(held_out.listened_at.min() + held_out.listened_at.max()) / 2


def held_out_cases(
    held_out: EventColumns, known: EventColumns | None = None
) -> list[tuple[int, IntVector, IntVector]]:
    """Listener, relevant tracks and tracks heard before, for each listener with a relevant one.

    Tracks are ascending and unique. Relevant is a track with a play in ``held_out`` that is not
    among those heard before.
    """
    plays = held_out.take(held_out.kind == EVENT_CODE[EventKind.PLAY])
    heard_by = _tracks_by_listener(known) if known is not None else {}
    nothing = np.empty(0, np.int32)
    cases: list[tuple[int, IntVector, IntVector]] = []
    for idx, played in _tracks_by_listener(plays).items():
        heard = heard_by.get(idx, nothing)
        relevant = np.setdiff1d(played, heard)
        if len(relevant):
            cases.append((idx, relevant, heard))
    return cases


def _tracks_by_listener(events: EventColumns) -> dict[int, IntVector]:
    order = np.argsort(events.listener_idx, kind="stable")
    who, first = np.unique(events.listener_idx[order], return_index=True)
    groups = np.split(events.track_idx[order], first[1:])
    return {idx: np.unique(group) for idx, group in zip(who.tolist(), groups, strict=False)}


def oracle_ranking(
    listeners: Listeners, listener_idx: int, at: float, k: int, heard: IntVector
) -> IntVector:
    """The ``k`` best tracks by planted utility over all hours, without ``heard``."""
    utility = listeners.utility(listener_idx, at, any_hour=True)
    allowed = np.ones(len(utility), bool)
    allowed[heard] = False
    return _best(utility, allowed, k)


def _best(utility: FloatVector, allowed: BoolVector, k: int) -> IntVector:
    rows = np.flatnonzero(allowed)
    if k < len(rows):
        rows = rows[np.argpartition(-utility[rows], k)[:k]]
    return rows[np.argsort(-utility[rows], kind="stable")]


def ndcg_at_k(ranking: IntVector, relevant: IntVector, k: int) -> float:
    """Binary NDCG with discount 1/log2(rank + 1) (Järvelin & Kekäläinen 2002).

    >>> round(ndcg_at_k(np.array([5, 3, 1]), np.array([3]), k=3), 4)
    0.6309
    """
    discount = 1 / np.log2(np.arange(2, k + 2))
    hits = np.isin(ranking[:k], relevant)
    return float((discount[: len(hits)] * hits).sum() / discount[: min(k, len(relevant))].sum())
