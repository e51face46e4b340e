import pytest

from segue.data.items import RankedList, RankedTrack, Reason, ReasonKind, StageReport
from segue.errors import ConflictError, InvalidInputError, NotFoundError, StoreError
from segue.store import blends as blends_module
from segue.store.accounts import NewAccount
from segue.store.blends import MAX_MEMBERS, Blends
from segue.store.consents import Consent, Consents
from segue.store.kept_lists import KeptLists
from segue.store.radio_sessions import MAX_KEPT, RadioSessions


@pytest.fixture
def eve(accounts):
    return accounts.create(NewAccount(name="Eve", password_hash=None), 1.0).id


def ranked(*ids):
    reason = Reason(kind=ReasonKind.LOVED, text="You loved “Ü”", weight=0.5, source="taste",
                    evidence_track_ids=("x",), terms=("dub",))  # fmt: skip
    tracks = tuple(
        RankedTrack(track_id=i, score=0.25, reasons=(reason,), source_scores={"taste": 1.0})
        for i in ids
    )
    stage = StageReport(stage="filters", n_in=9, n_out=2, removed={"disliked": 7})
    return RankedList("discover", tracks, (stage,), None, "v1", "Discover", ("s",))


def test_a_list_comes_back_as_it_was_kept(db, listener):
    kept = KeptLists(db)
    lists = [ranked("a", "b"), ranked("c")]
    assert kept.keep(listener, "discover", "2026-W02", lists, 1.0, "2026-W01") == lists
    assert kept.get(listener, "discover", "2026-W02") == lists
    assert kept.get(listener, "discover", "2026-W03") == []


def test_the_first_to_keep_a_period_wins_and_old_periods_are_forgotten(db, listener):
    kept = KeptLists(db)
    for week in ("2026-W01", "2026-W02", "2026-W03"):
        kept.keep(listener, "discover", week, [ranked(week)], 1.0, "2026-W00")
    assert kept.keep(listener, "discover", "2026-W03", [ranked("z")], 2.0, "2026-W00") == [
        ranked("2026-W03")
    ]
    assert kept.track_ids(listener, "discover", "2026-W01", "2026-W03") == {"2026-W01", "2026-W02"}
    kept.keep(listener, "discover", "2026-W04", [ranked("d")], 3.0, "2026-W03")
    assert kept.get(listener, "discover", "2026-W02") == []
    assert kept.get(listener, "discover", "2026-W03") == [ranked("2026-W03")]


def test_a_kept_list_that_cannot_be_read_is_an_error(db, listener):
    kept = KeptLists(db)
    kept.keep(listener, "discover", "2026-W02", [ranked("a")], 1.0, "")
    db.write(lambda c: c.exec_driver_sql("UPDATE kept_lists SET content = '{}'").rowcount)
    with pytest.raises(StoreError, match="cannot be read"):
        kept.get(listener, "discover", "2026-W02")


def test_nothing_is_allowed_until_it_is_said(db, listener, eve, accounts):
    consents = Consents(db)
    assert consents.of(listener) == frozenset()
    assert consents.who_gave(Consent.LIKE_MINDED) == []
    for _ in range(2):
        consents.give(listener, Consent.LIKE_MINDED, 1.0)
    consents.give(eve, Consent.LIKE_MINDED, 1.0)
    assert {name for _, name in consents.who_gave(Consent.LIKE_MINDED)} == {"Ada", "Eve"}
    accounts.disable(eve)
    assert consents.who_gave(Consent.LIKE_MINDED) == [(listener, "Ada")]
    consents.take_back(listener, Consent.LIKE_MINDED)
    assert consents.who_gave(Consent.LIKE_MINDED) == []
    with pytest.raises(NotFoundError):
        consents.give("nobody", Consent.LIKE_MINDED, 1.0)


def test_whoever_is_asked_counts_only_after_accepting(db, ids, listener, eve):
    blends = Blends(db, ids)
    made = blends.create(listener, " Us ", [eve, eve, listener], 1.0)
    assert made.name == "Us"
    assert [(m.name, m.has_accepted) for m in made.members] == [("Ada", True), ("Eve", False)]
    assert [m.has_accepted for m in blends.accept(eve, made.id, 2.0).members] == [True, True]
    assert blends.accept(eve, made.id, 3.0) == blends.get(listener, made.id)
    blends.leave(eve, made.id)
    assert blends.list_for(eve) == []
    with pytest.raises(NotFoundError):
        blends.get(eve, made.id)
    with pytest.raises(NotFoundError):
        blends.accept(eve, made.id, 4.0)
    blends.leave(listener, made.id)
    assert blends.list_for(listener) == []


def test_a_blend_has_bounds(db, listener, eve, monkeypatch):
    blends = Blends(db)
    with pytest.raises(InvalidInputError, match="1 to 11 other"):
        blends.create(listener, "Us", [], 1.0)
    with pytest.raises(InvalidInputError, match="other listeners"):
        blends.create(listener, "Us", [f"x{i}" for i in range(MAX_MEMBERS)], 1.0)
    with pytest.raises(InvalidInputError, match="letters"):
        blends.create(listener, " ", [eve], 1.0)
    with pytest.raises(NotFoundError):
        blends.create(listener, "Us", ["nobody"], 1.0)
    monkeypatch.setattr(blends_module, "MAX_BLENDS", 1)
    blends.create(listener, "Us", [eve], 1.0)
    with pytest.raises(ConflictError, match="already"):
        blends.create(listener, "Us", [eve], 1.0)


def test_sessions_are_their_listeners_own_and_the_oldest_is_forgotten(db, listener, eve):
    radios = RadioSessions(db)
    first = radios.create(listener, "first", 1.0)
    assert radios.get(listener, first) == "first"
    radios.change(listener, first, "changed", 2.0)
    assert radios.get(listener, first) == "changed"
    for act in (radios.get, lambda who, id_: radios.change(who, id_, "", 3.0)):
        with pytest.raises(NotFoundError, match="begin another"):
            act(eve, first)
    radios.delete(eve, first)
    assert radios.get(listener, first) == "changed"
    for number in range(MAX_KEPT):
        radios.create(listener, "", 10.0 + number)
    with pytest.raises(NotFoundError):
        radios.get(listener, first)
