from datetime import UTC, datetime

import pytest
from huey.registry import Message

from segue.jobs.serializer import JsonSerializer


def test_a_message_comes_back_as_it_was():
    eta = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    message = Message("id", "run_job", eta, 0, 0, None, ["7"], {"a": 1}, None, None, None)
    serializer = JsonSerializer()
    again = serializer.deserialize(serializer.serialize(message))
    assert isinstance(again, Message)
    assert tuple(again) == tuple(message)


def test_what_travels_is_json_and_not_code():
    data = JsonSerializer().serialize(Message("id", "run_job", args=["7"]))
    assert data.startswith(b'{"message"')


def test_chained_tasks_are_refused():
    inner = Message("b", "x")
    with pytest.raises(TypeError, match="chained"):
        JsonSerializer().serialize(Message("a", "x", on_complete=inner))
