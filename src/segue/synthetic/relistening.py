"""Which earlier play is played again: ACT-R base-level activation, drawn exactly without a loop.

Activation of track i is B_i = ln(sum over its plays j of age_j^-d) (Anderson & Schooler 1991; for
music Reiter-Haas et al., RecSys 2021). A softmax over B with temperature 1
gives track i the probability sum_j age_j^-d / total: it is the same as drawing one past *play* with
weight age^-d and repeating its track. So all relistens of a listener are pointers to earlier plays,
drawn at once, and tracks follow from chasing pointers.

Ages are counted between session starts, so nothing is repeated from within its own session; context
enters by drawing only from plays of the same mode of taste.
"""

import numpy as np

from segue.types import BoolVector, FloatMatrix, FloatVector, IntVector

_MAX_CELLS = 4_000_000  # rows times columns of one block: 32 MB


def draw_sources(
    session: IntVector,
    mode: IntVector,
    eligible: BoolVector,
    is_repeat: BoolVector,
    session_start: FloatVector,
    decay: float,
    rng: np.random.Generator,
) -> IntVector:
    """The earlier play that each repeat copies.

    Args:
        session: Session of each play, ascending, shape (n_plays,).
        mode: Mode of taste of each play.
        eligible: Plays that may be remembered.
        is_repeat: Plays that are to be relistens.
        session_start: Unix seconds of each session, strictly ascending.
        decay: ACT-R decay d >= 0.
        rng: Draws two numbers for every play.

    Returns:
        Rows of plays, shape (n_plays,); -1 where there is nothing to repeat or none is asked for.
    """
    source = np.full(len(session), -1, np.int64)
    u_session, u_play = rng.random((2, len(session)))
    for m in np.unique(mode[is_repeat]):
        past = np.flatnonzero(eligible & (mode == m))
        ask = np.flatnonzero(is_repeat & (mode == m))
        columns, first, count = np.unique(session[past], return_index=True, return_counts=True)
        if not len(columns):
            continue
        chosen = _draw_sessions(session[ask], columns, count, session_start, decay, u_session[ask])
        found = chosen >= 0
        within = np.floor(u_play[ask] * count[chosen]).astype(np.int64)
        source[ask[found]] = past[(first[chosen] + within)[found]]
    return source


def _draw_sessions(
    asking: IntVector,
    columns: IntVector,
    count: IntVector,
    session_start: FloatVector,
    decay: float,
    u: FloatVector,
) -> IntVector:
    """Position in ``columns`` for each asking play (its session), -1 where none is earlier."""
    rows, row_of = np.unique(asking, return_inverse=True)
    chosen = np.full(len(asking), -1, np.int64)
    block = max(_MAX_CELLS // len(columns), 1)
    for low in range(0, len(rows), block):
        here = rows[low : low + block]
        weight = session_weights(session_start, here, columns, count, decay)
        cumulative = np.cumsum(weight, axis=1)
        total = cumulative[:, -1]
        plays = np.flatnonzero((row_of >= low) & (row_of < low + len(here)))
        plays = plays[total[row_of[plays] - low] > 0]
        row = row_of[plays] - low
        # row r of the normalised table lies in r..r+1: one sorted search serves all rows
        table = cumulative / np.where(total > 0, total, 1.0)[:, None]
        flat = (table + np.arange(len(here))[:, None]).ravel()
        at = np.searchsorted(flat, row + u[plays], side="right")
        chosen[plays] = np.minimum(at - row * len(columns), len(columns) - 1)
    return chosen


def session_weights(
    session_start: FloatVector, rows: IntVector, columns: IntVector, count: IntVector, decay: float
) -> FloatMatrix:
    """Number times age^-d of session ``columns`` from ``rows``, 0 for later ones; ages in days."""
    age = (session_start[rows][:, None] - session_start[columns][None, :]) / 86_400.0
    earlier = columns[None, :] < rows[:, None]
    return np.where(earlier, np.where(earlier, age, 1.0) ** -decay * count, 0.0)


def origins(source: IntVector) -> IntVector:
    """The first play at the end of each chain of copies; pointer jumping, log(length) rounds.

    >>> origins(np.array([-1, 0, 1, -1])).tolist()
    [0, 0, 0, 3]
    """
    at = np.where(source < 0, np.arange(len(source)), source)
    while True:
        further = at[at]
        if np.array_equal(further, at):
            return at
        at = further
