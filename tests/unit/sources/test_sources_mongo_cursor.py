"""A collection longer than one answer: the real client on the wire, cursors, errors on the way."""

import pytest

from segue.errors import InvalidInputError
from segue.sources import mongo
from support.mongo_wire import wire_server

N = 2 * mongo.BATCH + 17


@pytest.fixture
def wire():
    documents = [{"_id": n, "title": f"Song {n}", "artist": "Nadja"} for n in reversed(range(N))]
    with wire_server(documents) as server:
        yield server


def test_it_comes_batch_by_batch_in_order_of_its_ids(wire):
    with mongo.MongoTracks(wire.url, "music") as tracks:
        rows = tracks.rows()
        first = [next(rows) for _ in range(mongo.BATCH)]
        assert wire.sent == mongo.BATCH, "no more is held than one batch"
        found = first + list(rows)
    assert [row.external_id for row in found] == [f"int:{n}" for n in range(N)]
    assert [wire.asked.count(name) for name in ("find", "getMore")] == [1, 2]


def test_who_stops_early_lets_go_of_the_cursor(wire):
    with mongo.MongoTracks(wire.url, "music") as tracks:
        rows = tracks.rows()
        next(rows)
        rows.close()
    assert "getMore" not in wire.asked
    assert "killCursors" in wire.asked


@pytest.mark.parametrize("code", [43, 13, 11_600], ids=["gone", "not allowed", "going down"])
def test_an_error_on_the_way_is_said_after_the_rows_before(wire, code):
    wire.refuses["getMore"] = code
    with mongo.MongoTracks(wire.url, "music") as tracks:
        rows = tracks.rows()
        first = [next(rows) for _ in range(mongo.BATCH)]
        with pytest.raises(InvalidInputError, match="the collection cannot be read"):
            next(rows)
    assert first[-1].row == mongo.BATCH


def test_a_connection_that_is_cut_is_said(wire):
    wire.hangs_up.add("getMore")
    with mongo.MongoTracks(wire.url, "music") as tracks:
        rows = tracks.rows()
        with pytest.raises(InvalidInputError, match="the collection cannot be read"):
            list(rows)


def test_a_server_that_refuses_to_talk_cannot_be_used(wire):
    wire.refuses["ping"] = 18
    with pytest.raises(InvalidInputError, match="cannot be used"):
        mongo.MongoTracks(wire.url, "music")


def test_a_write_that_is_refused_is_said(wire):
    with (
        mongo.MongoTracks(wire.url, "music") as tracks,
        pytest.raises(InvalidInputError, match="the collection cannot be written"),
    ):
        tracks.write_features([("int:1", {"energy": 0.5})])
