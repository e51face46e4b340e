"""Many moments on the clock and in the calendar of a time zone, as columns."""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

import numpy as np

from segue.types import FloatVector, IntVector

DAY_S = 86_400


class Zoned(NamedTuple):
    """Where moments lie, each int64 of shape (n,).

    ``day`` and ``month`` count from 1970-01-01 and 1970-01, ``weekday`` from Monday.
    """

    hour: IntVector
    weekday: IntVector
    day: IntVector
    month: IntVector


def zoned(at: FloatVector, zone: tzinfo) -> Zoned:
    """Moments (Unix s) on the clock of a zone.

    The offset of a zone is asked for once a day, and for every moment of a day in which it changes:
    twenty years have seven thousand days, however many plays they have.
    """
    seconds = np.floor(at).astype(np.int64)
    utc_day, of_day = np.unique(seconds // DAY_S, return_inverse=True)
    offset_of = _offsets(zone)
    begin, end = (
        np.array([offset_of(float(day * DAY_S)) for day in utc_day + after], np.int64)
        for after in (0, 1)
    )
    offset = begin[of_day]
    changing = np.flatnonzero((begin != end)[of_day])
    offset[changing] = [offset_of(float(one)) for one in seconds[changing]]
    local = seconds + offset
    day = local // DAY_S
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return Zoned(local // 3600 % 24, (day + 3) % 7, day, month)  # 1970 began on a Thursday


def _offsets(zone: tzinfo) -> Callable[[float], int]:
    def offset_of(at: float) -> int:
        offset = datetime.fromtimestamp(at, zone).utcoffset() or timedelta()
        return int(offset.total_seconds())

    return offset_of
