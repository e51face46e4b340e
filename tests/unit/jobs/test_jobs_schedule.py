from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.jobs.schedule import daily_due, latest

MOMENTS = st.integers(978_300_000, 2_114_300_000)  # from 2001 to 2036


def at(day, hour, minute=0):
    return datetime.fromisoformat(f"2026-11-{day:02}T{hour:02}:{minute:02}").timestamp()


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (at(26, 5), at(27, 3, 59), False),  # done yesterday after the hour, today's is to come
        (at(26, 5), at(27, 4), True),
        (at(27, 4), at(27, 4, 1), False),  # done on the hour
        (at(27, 3, 59), at(27, 4, 1), True),  # done just before: what came since is news
        (at(20, 5), at(27, 2), True),  # the machine was off for a week
        (None, at(27, 2), True),
    ],
)
def test_a_day_is_due_once_its_hour_has_passed(last, now, due):
    assert daily_due(4, last, now) is due


@given(MOMENTS, st.integers(0, 23))
def test_the_latest_hour_is_on_the_clock_and_within_a_day(now, hour):
    found = latest(hour, now)
    shown = datetime.fromtimestamp(found, UTC).astimezone()
    assert found <= now
    assert now - found < timedelta(days=1, hours=2).total_seconds()  # clocks change in some places
    assert (shown.minute, shown.second, shown.microsecond) == (0, 0, 0)
