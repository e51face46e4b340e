"""The taste quiz: which track to ask about next, so that the answer helps the list most.

Listeners of every kind stand for the new one: at first each is as likely, and every answer makes
those more likely who would have given it (Bayes). A list is worth what these listeners, by how
likely each is, would give its tracks. The next question is the one after which the best list is
expected to be worth most more than now: the value of sample information (Raiffa & Schlaifer 1961,
"Applied statistical decision theory"), times the chance that the track is known at all. Popularity,
uncertainty and diversity, the wishes of Rashid et al. 2002 (doi:10.1145/502716.502737), follow: an
answer that is certain, or was as good as given, changes no list. It is adaptive like the trees of
Golbandi, Koren & Lempel 2011 (doi:10.1145/1935826.1935910), with the same listeners as evidence,
but no tree has to be built.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from segue.data.dataset import TrackTable
from segue.pipeline.controls import USUAL_LENGTH_S
from segue.types import BoolVector, CsrMatrix, FloatMatrix, FloatVector, IntVector

MAX_QUESTIONS = 200  # tracks that may be asked about, the best known
MAX_KINDS = 256  # listeners or genres that stand for a new listener
MAX_CANDIDATES = 600  # tracks that a list is imagined from
LIST_LENGTH = 20
MAX_OF_ARTIST = 2
SURE = 0.95  # nobody is more certain to like a track than this, or a slip would be final
SHARPNESS = 1.5  # of a listener's own standard deviation of scores
LEAST_KNOWN = 0.02
GENRE_FAN, OTHERS_LIKE = 0.85, 0.25


@dataclass(frozen=True, slots=True)
class QuizBoard:
    """What may be asked, and who would like it.

    Attributes:
        track_idx: The tracks, int32 (n_questions,), the best known first.
        known: Chance that a new listener knows each, 0..1.
        likes: Chance that each kind of listener likes each, 0..1, (n_kinds, n_questions).
        worth: What each kind would give the tracks that a list may hold, >= 0, float32
            (n_kinds, n_candidates).
        prior: How likely each kind is before any answer, sums to 1.
    """

    track_idx: IntVector
    known: FloatVector
    likes: FloatMatrix
    worth: FloatMatrix
    prior: FloatVector

    def __len__(self) -> int:
        return len(self.track_idx)


def posterior(board: QuizBoard, stars: Mapping[int, float]) -> FloatVector:
    """How likely each kind of listener is after some answers, sums to 1.

    Stars are a vote: 5 is "like", 1 is "not", and 3 stands half for each. Tracks that are not on
    the board say nothing.

    Args:
        board: What may be asked.
        stars: Answers 1..5 by track row.
    """
    place_of = {row: place for place, row in enumerate(board.track_idx.tolist())}
    log = np.log(board.prior)
    for row, given in stars.items():
        if row in place_of:
            yes = (min(max(given, 1.0), 5.0) - 1.0) / 4.0
            like = board.likes[:, place_of[row]]
            log = log + yes * np.log(like) + (1.0 - yes) * np.log1p(-like)
    weights = np.exp(log - log.max())
    return weights / weights.sum()


def gain(board: QuizBoard, weights: FloatVector) -> FloatVector:
    """How much more the best list is expected to be worth after each answer, (n_questions,), >= 0.

    The chance of an answer times the worth of the best list after it is the worth of the best list
    under weights that are not made to sum to 1 again; so nothing is divided.
    """
    yes = (weights[:, np.newaxis] * board.likes).astype(np.float32)
    no = (weights[:, np.newaxis] * (1.0 - board.likes)).astype(np.float32)
    now = list_worth(weights[:, np.newaxis].astype(np.float32), board.worth)
    after = list_worth(yes, board.worth) + list_worth(no, board.worth)
    return np.maximum(after - now, 0.0)


def list_worth(weights: FloatMatrix, worth: FloatMatrix) -> FloatVector:
    """What the best list is worth under each column of weights, shape (n_columns,).

    >>> list_worth(np.array([[0.5], [0.5]]), np.array([[2.0, 0.0], [0.0, 4.0]])).tolist()
    [3.0]
    """
    expected = weights.T @ worth
    n = min(LIST_LENGTH, expected.shape[1])
    return np.partition(expected, expected.shape[1] - n, axis=1)[:, expected.shape[1] - n :].sum(
        axis=1, dtype=np.float64
    )


def next_question(
    board: QuizBoard, stars: Mapping[int, float], barred: BoolVector | None = None
) -> int | None:
    """The row of the track to ask about next, None when there is none left.

    Args:
        board: What may be asked.
        stars: Answers so far, by track row.
        barred: Mask (n_questions,) of what must not be asked: answered, not known, never to play.
    """
    worth = board.known * gain(board, posterior(board, stars))
    if barred is not None:
        worth = np.where(barred, -np.inf, worth)
    if not len(worth) or worth.max() == -np.inf:
        return None
    return int(board.track_idx[np.argmax(worth)])


def board_of_listeners(
    likes: CsrMatrix, rows: IntVector, scores: FloatMatrix, track_idx: IntVector
) -> QuizBoard:
    """A board on which real listeners stand for a new one.

    A listener is held to like what stands out in their own scores, and what they liked in fact.

    Args:
        likes: Signed preferences of all listeners, CSR (n_listeners, n_tracks).
        rows: The listeners who stand on the board, n_kinds of them.
        scores: What a model predicts for them of all tracks, shape (n_kinds, n_tracks).
        track_idx: The tracks to ask about, shape (n_questions,).
    """
    asked = scores[:, track_idx]
    spread = asked.std(axis=1, keepdims=True)
    z = (asked - asked.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1.0)
    chance = 1.0 / (1.0 + np.exp(-SHARPNESS * z))
    told = np.asarray(likes[rows][:, track_idx].toarray())
    chance = np.where(told > 0, SURE, np.where(told < 0, 1.0 - SURE, chance))
    n_with = np.bincount(np.asarray(likes.indices), minlength=int(likes.shape[1]))[track_idx]
    known = np.clip(n_with / max(int(likes.shape[0]), 1), LEAST_KNOWN, 1.0)
    best = np.argsort(-scores.mean(axis=0), kind="stable")[:MAX_CANDIDATES]
    return _board(track_idx, known, chance, np.maximum(scores[:, best], 0.0))


def board_of_genres(tracks: TrackTable, track_idx: IntVector) -> QuizBoard:
    """A board for a library that nobody has listened to yet: fans of each genre stand on it."""
    terms = tracks.terms[track_idx]
    genres = np.array([kind == "genre" for kind in tracks.term_kinds], bool)
    has = np.asarray(terms[:, np.flatnonzero(genres)].toarray()) > 0
    most = np.argsort(-has.sum(axis=0), kind="stable")[:MAX_KINDS]
    has = has[:, most[has.sum(axis=0)[most] > 0]]
    chance = np.where(has.T, GENRE_FAN, OTHERS_LIKE) if has.shape[1] else np.full(
        (1, len(track_idx)), 0.5
    )  # fmt: skip
    return _board(track_idx, np.ones(len(track_idx)), chance, chance)


def _board(
    track_idx: IntVector, known: FloatVector, chance: FloatMatrix, worth: FloatMatrix
) -> QuizBoard:
    likes = np.clip(np.asarray(chance, np.float64), 1.0 - SURE, SURE)
    prior = np.full(len(likes), 1.0 / max(len(likes), 1))
    return QuizBoard(
        track_idx.astype(np.int32), np.asarray(known, np.float64), likes,
        np.asarray(worth, np.float32), prior,
    )  # fmt: skip


def askable(tracks: TrackTable, best_first: IntVector) -> IntVector:
    """The tracks worth asking about: playable, of usual length, few of one artist, one recording.

    Args:
        tracks: The catalogue.
        best_first: Rows, the best known first.
    """
    length = np.nan_to_num(np.asarray(tracks.duration_s, np.float64), nan=USUAL_LENGTH_S[0])
    fine = tracks.owned & (length >= USUAL_LENGTH_S[0]) & (length <= USUAL_LENGTH_S[1])
    of_artist: dict[int, int] = {}
    recordings: set[int] = set()
    chosen: list[int] = []
    for row in best_first.tolist():
        artist, recording = int(tracks.artist_idx[row]), int(tracks.recording_idx[row])
        many = artist >= 0 and of_artist.get(artist, 0) >= MAX_OF_ARTIST
        if not fine[row] or many or recording in recordings:
            continue
        of_artist[artist] = of_artist.get(artist, 0) + 1
        recordings.add(recording)
        chosen.append(row)
        if len(chosen) == MAX_QUESTIONS:
            break
    return np.array(chosen, np.int32)
