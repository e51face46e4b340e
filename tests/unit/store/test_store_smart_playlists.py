import itertools

import pytest

from segue.data.records import EventKind
from segue.errors import InvalidInputError, NotFoundError
from segue.store.playlists import Playlists
from segue.store.smart_playlists import Rule, Rules, SmartPlaylists

DAY = 86_400.0
NOW = 1_000.0 * DAY
FACTS = (  # genre, artist, year, minutes, days since it was added
    ("Dub", "Ada", 1990, 3, 1),
    ("Dub", "Ada", 1995, 8, 40),
    ("Jazz", "Bo", 2001, 5, 400),
    ("Jazz", "Bo", None, 5, 400),
    ("Ambient", "Cy", 2010, 20, 5),
)
PLAYED = {0: (1, 2, 3), 1: (100,), 2: (10, 200), 4: (40,)}  # days ago
STARS = {0: 5, 1: 3, 2: 4}
LOVED = {0, 3}


@pytest.fixture
def library(scan, entry):
    ids = []
    for n, (genre, artist, year, minutes, added) in enumerate(FACTS):
        found = scan(
            entry(f"/m/{n}", f"T{n}", genres=(genre,), artists=(artist,), year=year,
                  duration_s=60.0 * minutes),
            now=NOW - added * DAY,
        )  # fmt: skip
        ids += found.added_track_ids
    return ids


@pytest.fixture
def smart(db, history, library, event):
    for n, days in PLAYED.items():
        history.append([event(track=library[n], at=NOW - d * DAY) for d in days])
    history.append([event(EventKind.LOVE, library[n], at=NOW - DAY) for n in LOVED])
    history.append([event(EventKind.RATE, library[n], at=NOW - DAY, value=float(s))
                    for n, s in STARS.items()])  # fmt: skip
    (gone,) = history.append([event(track=library[3], at=NOW - 2 * DAY)])
    history.retract(event().listener_id, gone.id, NOW)
    return SmartPlaylists(db)


def last_played(n):
    return min(PLAYED.get(n, (9e9,)))


HOLDS = {  # the slow twin of each rule, read from the facts above
    ("genre", "dub", ""): lambda n: FACTS[n][0] == "Dub",
    ("not_genre", "DUB", ""): lambda n: FACTS[n][0] != "Dub",
    ("artist", "bo", ""): lambda n: FACTS[n][1] == "Bo",
    ("years", "1995", "2001"): lambda n: FACTS[n][2] is not None and 1995 <= FACTS[n][2] <= 2001,
    ("years", "2000", ""): lambda n: FACTS[n][2] is not None and FACTS[n][2] >= 2000,
    ("loved", "", ""): lambda n: n in LOVED,
    ("stars", "4", ""): lambda n: STARS.get(n, 0) >= 4,
    ("played_within", "30", ""): lambda n: last_played(n) <= 30,
    ("not_played_for", "30", ""): lambda n: last_played(n) > 30,
    ("never_played", "", ""): lambda n: n not in PLAYED,
    ("plays", "2", ""): lambda n: len(PLAYED.get(n, ())) >= 2,
    ("added_within", "30", ""): lambda n: FACTS[n][4] <= 30,
    ("shorter", "6", ""): lambda n: FACTS[n][3] < 6,
    ("longer", "6", ""): lambda n: FACTS[n][3] > 6,
}


@pytest.mark.parametrize("rule", HOLDS, ids="-".join)
def test_a_rule_chooses_what_its_words_say(smart, library, listener, rule):
    what, value, until = rule
    rules = Rules(rules=(Rule(what=what, value=value, until=until),))
    chosen = smart.track_ids(listener, rules, NOW)
    assert chosen == [library[n] for n in range(len(FACTS)) if HOLDS[rule](n)]


def test_all_rules_must_hold(smart, library, listener):
    for (one, holds), (other, also) in itertools.product(HOLDS.items(), repeat=2):
        rules = Rules(rules=tuple(Rule(what=w, value=v, until=u) for w, v, u in (one, other)))
        wanted = [library[n] for n in range(len(FACTS)) if holds(n) and also(n)]
        assert smart.track_ids(listener, rules, NOW) == wanted


@pytest.mark.parametrize(
    ("sort", "key"),
    [
        ("newest", lambda n: FACTS[n][4]),
        ("oldest", lambda n: -FACTS[n][4]),
        ("most_played", lambda n: -len(PLAYED.get(n, ()))),
        ("least_played", lambda n: len(PLAYED.get(n, ()))),
        ("longest_ago", lambda n: -last_played(n)),
    ],
)
def test_the_order_is_the_one_asked_for_and_the_limit_comes_last(
    smart, library, listener, sort, key
):
    rules = Rules(rules=(Rule(what="longer", value="1"),), sort=sort)
    chosen = smart.track_ids(listener, rules, NOW)
    assert sorted(chosen) == sorted(library)
    keys = [key(library.index(id_)) for id_ in chosen]
    assert keys == sorted(keys)
    assert (
        smart.track_ids(listener, Rules(rules=rules.rules, sort=sort, limit=2), NOW) == (chosen[:2])
    )


def test_plays_and_marks_of_others_do_not_count(smart, library, accounts):
    from segue.store.accounts import NewAccount

    bo = accounts.create(NewAccount(name="Bo", password_hash=None), 1.0).id
    never = Rules(rules=(Rule(what="never_played"),))
    assert smart.track_ids(bo, never, NOW) == library
    assert smart.track_ids(bo, Rules(rules=(Rule(what="loved"),)), NOW) == []


def test_a_track_without_a_file_is_not_in_it(smart, library, listener, scan):
    scan(gone=["/m/0"])
    dub = Rules(rules=(Rule(what="genre", value="Dub"),))
    assert smart.track_ids(listener, dub, NOW) == [library[1]]


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (Rules(), "1 to 10 rules"),
        (Rules(rules=(Rule(what="loved"),) * 11), "1 to 10 rules"),
        (Rules(rules=(Rule(what="loved"),), limit=0), "limit"),
        (Rules(rules=(Rule(what="loved"),), limit=501), "limit"),
        (Rules(rules=(Rule(what="genre"),)), "needs a name"),
        (Rules(rules=(Rule(what="stars", value="6"),)), "1..5"),
        (Rules(rules=(Rule(what="plays", value="٣"),)), "whole number"),
        (Rules(rules=(Rule(what="years", value="2001", until="1999"),)), "first to the last"),
        (Rules(rules=(Rule(what="genre", value="x" * 101),)), "100 letters"),
    ],
)
def test_what_cannot_be_read_is_refused(smart, listener, rules, words):
    with pytest.raises(InvalidInputError, match=words):
        smart.track_ids(listener, rules, NOW)


def test_rules_are_kept_for_their_owner_alone(smart, db, ids, listener, accounts):
    store = Playlists(db, ids)
    made = store.create(listener, "Mine", NOW)
    assert smart.rules_of(made.id) is None
    rules = Rules(rules=(Rule(what="loved"),), sort="shuffled", limit=7)
    smart.keep(listener, made.id, rules, NOW)
    assert smart.rules_of(made.id) == rules
    assert smart.among([made.id, "other"]) == {made.id}
    with pytest.raises(NotFoundError):
        smart.keep("somebody", made.id, rules, NOW)
    store.delete(listener, made.id)
    assert smart.rules_of(made.id) is None
