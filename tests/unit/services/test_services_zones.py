"""Each listener has a clock of their own, with its summer time."""

import time
from datetime import UTC, datetime

import numpy as np
import pytest

from segue.data.clocks import utc_offset_s
from segue.data.query import Profile, Query
from segue.errors import ConfigurationError, InvalidInputError, NotFoundError
from segue.pipeline.ranking_features import CONTEXT, context_of
from segue.services.zones import CHECK_AGAIN_S, MachineZone, Zones, zone_named, zone_names
from segue.store.accounts import Accounts
from support.app import NOW, browser

BERLIN = "Europe/Berlin"


def at(*moment):
    return datetime(*moment, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("moment", "hours"),
    [((2026, 3, 29, 0, 59), 1), ((2026, 3, 29, 1, 0), 2),  # the clock goes from 2 to 3
     ((2026, 10, 25, 0, 59), 2), ((2026, 10, 25, 1, 0), 1)],
)  # fmt: skip
def test_summer_time_begins_and_ends_at_its_moment(moment, hours):
    assert utc_offset_s(zone_named(BERLIN), at(*moment)) == 3_600 * hours


def test_the_ranker_sees_the_hour_and_the_weekday_of_the_listener():
    saturday_in_auckland = at(2026, 11, 27, 12, 30)  # a Friday in UTC; 13 hours ahead there
    found = {}
    for name in ("Pacific/Auckland", "UTC"):
        offset_s = utc_offset_s(zone_named(name), saturday_in_auckland)
        query = Query("for_you", Profile.empty(), 1, now=saturday_in_auckland,
                      utc_offset_s=offset_s)  # fmt: skip
        found[name] = dict(zip(CONTEXT, context_of(query).tolist(), strict=True))
    assert (found["Pacific/Auckland"]["hour"], found["Pacific/Auckland"]["is_weekend"]) == (1, 1)
    assert (found["UTC"]["hour"], found["UTC"]["is_weekend"]) == (12, 0)


def test_the_zone_of_the_machine_has_its_summer_time(monkeypatch):
    monkeypatch.setenv("TZ", BERLIN)
    time.tzset()
    try:
        here, there = MachineZone(), zone_named(BERLIN)
        for moment in np.arange(at(2026, 1, 1), at(2027, 1, 1), 7 * 3_600.0).tolist():
            assert utc_offset_s(here, moment) == utc_offset_s(there, moment)
            local = datetime.fromtimestamp(moment, here)
            assert (local.hour, local.timestamp()) == (
                datetime.fromtimestamp(moment, there).hour, moment)  # fmt: skip
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "name", ["Mars/Base", "../etc/passwd", "/etc/localtime", "Europe", "x" * 99]
)
def test_a_zone_that_is_none_is_refused(name):
    with pytest.raises(InvalidInputError, match="Europe/Berlin"):
        zone_named(name)


def test_places_to_choose_from_are_zones():
    assert BERLIN in zone_names()
    assert all(zone_named(name) for name in zone_names()[::40])


@pytest.fixture
def zones(house):
    return Zones(Accounts(house.app.database), "Asia/Kolkata", house.clock)


def test_who_has_no_zone_has_that_of_the_server(house, zones):
    ada, bob = house.id_of("ada"), house.id_of("bob")
    zones.keep(ada, BERLIN)
    assert zones.of(ada) is zone_named(BERLIN)
    assert zones.of(bob) is zone_named("Asia/Kolkata")
    assert zones.of_all()[ada] is zones.of(ada)
    zones.keep(ada, "")
    assert zones.of(ada) is zones.default


def test_what_a_browser_reports_never_replaces_what_is_known(house, zones):
    ada = house.id_of("ada")
    assert zones.keep(ada, BERLIN, only_first=True) == BERLIN
    assert zones.keep(ada, "Asia/Tokyo", only_first=True) == BERLIN
    assert zones.of(ada) is zone_named(BERLIN)
    assert zones.keep(ada, "Asia/Tokyo") == "Asia/Tokyo"
    assert zones.of(ada) is zone_named("Asia/Tokyo")
    with pytest.raises(InvalidInputError):
        zones.keep(ada, "Mars/Base")
    with pytest.raises(NotFoundError):
        zones.keep("nobody", BERLIN)


def test_what_another_process_kept_is_seen_within_seconds(house, zones):
    ada = house.id_of("ada")
    zones.of(ada)
    Accounts(house.app.database).set_time_zone(ada, BERLIN)
    house.clock.now += CHECK_AGAIN_S
    assert zones.of(ada) is zone_named(BERLIN)


def test_a_name_that_is_a_zone_no_longer_is_the_servers(house, zones):
    ada = house.id_of("ada")
    Accounts(house.app.database).set_time_zone(ada, "Europe/Atlantis")
    assert zones.of(ada) is zones.default


def test_another_zone_makes_other_days_other_statistics_and_another_list(trained):
    app, ada = trained.app, trained.id_of("ada")
    app.own.zones.keep(ada, "UTC")
    trained.tell("ada", "play", "Song 0-0", played_s=100.0)
    hours = [app.own.statistics.of(ada, "all").by_hour.index(1)]
    moments, seeds = [app.recommend.moment(ada)], [app.recommend.asked(ada).seed]
    app.own.zones.keep(ada, "Pacific/Kiritimati")  # 14 hours ahead
    hours.append(app.own.statistics.of(ada, "all").by_hour.index(1))
    assert hours[1] == (hours[0] + 14) % 24
    moments.append(app.recommend.moment(ada))
    assert moments[0] is not moments[1]
    asked = app.recommend.asked(ada)
    assert asked.zone is zone_named("Pacific/Kiritimati")
    assert app.training.dataset().zones[ada] is asked.zone
    local = datetime.fromtimestamp(NOW, asked.zone)
    assert (asked.seed != seeds[0]) == (local.date() != datetime.fromtimestamp(NOW, UTC).date())


def test_a_server_with_a_zone_that_is_none_does_not_start(make_house):
    with pytest.raises((InvalidInputError, ConfigurationError), match="Europe/Berlin"):
        make_house(time_zone="Mars/Base")


def test_a_browser_tells_once_and_the_profile_page_has_the_choice(house):
    with browser(house, "ada") as client:
        assert 'data-module="zone"' in client.get("/you").text
        told = {"time_zone": BERLIN, "only_first": True}
        assert client.put("/v1/me/time-zone", json=told).json() == {"time_zone": BERLIN}
        assert client.get("/v1/me/time-zone").json() == {"time_zone": BERLIN}
        assert 'data-module="zone"' not in client.get("/you").text
        other = told | {"time_zone": "Asia/Tokyo"}
        assert client.put("/v1/me/time-zone", json=other).json() == {"time_zone": BERLIN}
        page = client.get("/you/profile").text
        assert f'<option value="{BERLIN}" selected' in page
        assert "America, Argentina, Buenos Aires" in page
        client.post("/you/time-zone", data={"time_zone": "Asia/Tokyo"})
        assert client.get("/v1/me/time-zone").json() == {"time_zone": "Asia/Tokyo"}
        wrong = client.put("/v1/me/time-zone", json={"time_zone": "Mars/Base"})
        assert (wrong.status_code, "Europe/Berlin" in wrong.text) == (400, True)
