from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from segue.data.items import RankedList, RankedTrack
from segue.data.query import Profile
from segue.data.records import EventKind
from segue.errors import InvalidInputError
from segue.pipeline.stations import STATIONS
from segue.services.scheduled import ScheduledLists, checked_week, still_allowed
from support.pipeline_library import event, profile, table

DISCOVER, MIX, FOR_YOU = STATIONS["discover"], STATIONS["daily_mix"], STATIONS["for_you"]
DAY = 86_400.0


class Memory:
    """A store in memory with the same questions."""

    def __init__(self):
        self.rows = {}

    def get(self, listener_id, station, period):
        return self.rows.get((listener_id, station, period), [])

    def keep(self, listener_id, station, period, lists, now, oldest):
        self.rows[listener_id, station, period] = lists
        self.rows = {key: value for key, value in self.rows.items() if key[2] >= oldest}
        return lists

    def track_ids(self, listener_id, station, first, before):
        return {
            track.track_id
            for (who, what, period), lists in self.rows.items()
            if (who, what) == (listener_id, station) and first <= period < before
            for ranked in lists
            for track in ranked.tracks
        }


def at(*moment, zone=UTC):
    return datetime(*moment, tzinfo=zone).timestamp()


def ranked(*ids):
    places = [RankedTrack(track_id=i, score=1.0, reasons=(), source_scores={}) for i in ids]
    return RankedList("discover", tuple(places), ())


def test_a_week_begins_on_monday_where_the_listener_is():
    berlin = timezone(timedelta(hours=1))
    here = ScheduledLists(Memory(), zone_of=lambda _: berlin)
    assert here.period_of(DISCOVER, "ada", at(2026, 11, 29, 22, 59)) == "2026-W48"
    assert here.period_of(DISCOVER, "ada", at(2026, 11, 29, 23, 0)) == "2026-W49"
    assert here.period_of(MIX, "ada", at(2026, 11, 29, 23, 0)) == "2026-11-30"
    assert here.period_of(FOR_YOU, "ada", at(2026, 11, 29)) == ""
    assert here.draw_seed("ada", at(2026, 11, 29, 22)) != here.draw_seed("ada", at(2026, 11, 30))
    assert here.draw_seed("ada", 0.0) != here.draw_seed("bob", 0.0)


def test_each_listener_has_days_of_their_own():
    zones = {"ada": ZoneInfo("Pacific/Auckland"), "bob": ZoneInfo("America/Los_Angeles")}
    lists = ScheduledLists(Memory(), zone_of=zones.__getitem__)
    now = at(2026, 11, 29, 12)
    assert lists.period_of(MIX, "ada", now) == "2026-11-30"
    assert lists.period_of(MIX, "bob", now) == "2026-11-29"
    assert lists.draw_seed("bob", now) == lists.draw_seed("bob", now + 19 * 3_600)
    assert lists.draw_seed("ada", now) != lists.draw_seed("ada", now + 23 * 3_600)


@pytest.mark.parametrize("weeks", [0, 1, 4])
def test_what_was_shown_is_named_for_as_many_weeks_as_are_set(weeks):
    lists = ScheduledLists(Memory(), repeat_weeks=weeks)
    start = at(2026, 12, 21, 12)  # the years in between have 53 weeks
    for week in range(7):
        seen = []

        def make(lately, week=week, seen=seen):
            seen.append(lately)
            return [ranked(f"w{week}")]

        for day in (0, 6):
            now = start + (7 * week + day) * DAY
            assert lists.of("ada", DISCOVER, now, make, lambda _: True) == [ranked(f"w{week}")]
        assert seen == [{f"w{n}" for n in range(max(0, week - weeks), week)}]


def test_a_list_that_does_not_hold_is_made_anew_each_time():
    lists = ScheduledLists(Memory())
    made = iter([[ranked("a")], [ranked("b")], []])
    for expected in ([ranked("a")], [ranked("b")], []):
        got = lists.of("ada", DISCOVER, 0.0, lambda _: next(made), lambda _: False)
        assert got == expected


def test_mixes_of_yesterday_are_forgotten_and_lists_of_a_year_are_not():
    memory = Memory()
    lists = ScheduledLists(memory)
    for day in range(3):
        lists.of("ada", MIX, day * DAY, lambda _: [ranked("a")], lambda _: True)
        lists.of("ada", DISCOVER, 7 * day * DAY, lambda _: [ranked("a")], lambda _: True)
    assert [key[2] for key in memory.rows if key[1] == "daily_mix"] == ["1970-01-03"]
    assert len([key for key in memory.rows if key[1] == "discover"]) == 3


def test_a_week_is_named_as_iso_names_it():
    assert checked_week("2026-W53") == "2026-W53"
    for wrong in ("2025-W53", "2026", "2026-W", "next"):
        with pytest.raises(InvalidInputError, match="2026-W48"):
            checked_week(wrong)
    with pytest.raises(InvalidInputError, match="no list of a week"):
        ScheduledLists(Memory()).of_week("ada", FOR_YOU, "2026-W01")


def test_what_is_disliked_or_banned_since_falls_out_and_what_is_unknown_stays():
    tracks = table()
    listener = profile([event("t1", EventKind.DISLIKE)], tracks)
    away = np.arange(60) == 2
    got = still_allowed(ranked("t0", "t1", "t2", "gone", "t59"), tracks, listener, away)
    assert [place.track_id for place in got.tracks] == ["t0", "gone", "t59"]
    whole = still_allowed(ranked("t0", "t2"), tracks, Profile.empty(), None)
    assert whole.tracks == ranked("t0", "t2").tracks
