"""The same plays from every kind of frame, and every wrong frame said in words."""

import datetime as dt

import numpy as np
import pandas as pd
import polars as pl
import pytest

from segue.data.dataset import Dataset
from segue.errors import InvalidDataError

ROWS = {
    "who": ["ada", "bob", "ada", "ada", "cy"],
    "what": ["x", "x", "y", "x", "z"],
    "count": [2, 1, 4, 3, 0],
    "at": [5.0, 6.0, 7.0, 4.0, 3.0],
}
COLUMNS = {"listener": "who", "track": "what"}


@pytest.mark.parametrize(
    "kind", [pd.DataFrame, pl.DataFrame, dict], ids=["pandas", "polars", "dict"]
)
def test_every_kind_of_frame_gives_the_same_sums(kind):
    data = Dataset.from_frame(kind(ROWS), **COLUMNS, weight="count", listened_at="at")
    assert list(data.listeners) == ["ada", "bob", "cy"]
    assert list(data.tracks.ids) == ["x", "y", "z"]
    assert data.interactions.user_items.toarray().tolist() == [[5, 4, 0], [1, 0, 0], [0, 0, 0]]
    assert data.interactions.last_listened_at.tolist() == [5.0, 7.0, 6.0, 3.0]
    assert data.now == 7.0


def test_without_a_weight_rows_are_counted():
    data = Dataset.from_frame(pl.DataFrame(ROWS), **COLUMNS)
    assert data.interactions.user_items.toarray().tolist() == [[2, 1, 0], [1, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame], ids=["pandas", "polars"])
def test_whole_numbers_become_their_digits_and_dates_seconds(kind):
    day = dt.datetime(1970, 1, 2)  # noqa: DTZ001
    frame = kind({"who": [3, 10], "what": [-1, 2], "at": [day, day]})
    data = Dataset.from_frame(frame, **COLUMNS, listened_at="at")
    assert (list(data.listeners), list(data.tracks.ids)) == (["3", "10"], ["-1", "2"])
    assert data.now == 86_400.0


def wrong(**changed):
    return {**ROWS, **changed}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (wrong(who=["a", 1, "b", "c", "d"]), r"'who' .* row 1 holds 1 \(int\)"),
        (wrong(what=["a", "b", None, "c", "d"]), r"'what' .* row 2 holds None"),
        (wrong(what=[1, 2, True, 3, 4]), r"row 2 holds True"),
        (wrong(count=[1, -2, 1, -1, 1]), r"'count' must be at least 0, row 1 holds -2 \(2 such"),
        (wrong(count=[1, 1, float("nan"), 1, 1]), "'count' must be finite, row 2 holds nan"),
        (wrong(count=[1, 1, 1, float("inf"), 1]), "row 3 holds inf"),
        (wrong(count=["1", "many", "2", "2", "2"]), "'count' must hold numbers"),
        (wrong(at=[1, 2, 3, 4, float("nan")]), "'at' must be finite, row 4"),
        (wrong(what=["x"]), "'what' has 1 rows, 'who' has 5"),
        ({name: [] for name in ROWS}, "no row"),
        ({"who": ["a"], "song": ["x"]}, "no column 'what'; its columns are: 'who', 'song'"),
    ],
)
def test_a_wrong_frame_is_refused_with_what_is_wrong(rows, message):
    with pytest.raises(InvalidDataError, match=message):
        Dataset.from_frame(rows, **COLUMNS, weight="count", listened_at="at")


def test_fractions_and_missing_dates_are_no_ids_and_no_times():
    with pytest.raises(InvalidDataError, match="float64; missing ids"):
        Dataset.from_frame(pd.DataFrame(wrong(who=[1.0, 2, None, 3, 4])), **COLUMNS)
    late = pd.DataFrame({"who": ["a"], "what": ["x"], "at": [pd.NaT]})
    with pytest.raises(InvalidDataError, match="no time in row 0"):
        Dataset.from_frame(late, **COLUMNS, listened_at="at")
    twice = pd.DataFrame([["a", "b", "x"]], columns=["who", "who", "what"])
    with pytest.raises(InvalidDataError, match="stands in the frame 2 times"):
        Dataset.from_frame(twice, **COLUMNS)


def test_strings_of_numpy_are_ids():
    frame = {"who": np.array(["a", "b"]), "what": np.array(["x", "x"])}
    assert list(Dataset.from_frame(frame, **COLUMNS).listeners) == ["a", "b"]
