from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.services.zoned import zoned

# half an hour of summer time, none but an odd offset, a day that was left out, and the usual kind
ZONES = ("Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns",
         "Europe/Berlin", "Africa/Casablanca", "UTC")  # fmt: skip
FIRST, LAST = 946_684_800, 2_000_000_000  # 2000 to 2033


def one_by_one(at, zone):
    local = [datetime.fromtimestamp(one, zone) for one in at]
    return (
        [one.hour for one in local],
        [one.weekday() for one in local],
        [(one.date() - date(1970, 1, 1)).days for one in local],
        [(one.year - 1970) * 12 + one.month - 1 for one in local],
    )


@settings(deadline=None)
@given(st.lists(st.floats(FIRST, LAST), max_size=30), st.sampled_from(ZONES))
def test_moments_lie_where_the_standard_library_puts_them(at, name):
    found = zoned(np.array(at), ZoneInfo(name))
    assert tuple(column.tolist() for column in found) == one_by_one(at, ZoneInfo(name))


@pytest.mark.parametrize("name", ZONES)
def test_a_change_of_clocks_falls_on_its_very_quarter_of_an_hour(name):
    days = [(2011, 12, 29), (2025, 3, 30), (2025, 4, 5), (2025, 10, 4), (2025, 10, 25)]
    starts = [datetime(*day, tzinfo=ZoneInfo("UTC")).timestamp() for day in days]
    at = np.concatenate([start + 900.0 * np.arange(300) for start in starts])
    found = zoned(at, ZoneInfo(name))
    assert tuple(column.tolist() for column in found) == one_by_one(at, ZoneInfo(name))
