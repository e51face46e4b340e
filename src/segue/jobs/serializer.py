"""Queue messages as JSON, since huey's own form is pickle, which is code and not data."""

from datetime import datetime
from typing import Any

import msgspec
from huey.registry import Message
from huey.serializer import Serializer

_TIME = "__time__"


class JsonSerializer(Serializer):  # pyright: ignore[reportUntypedBaseClass] (huey has no types)
    """Huey serializer for messages whose arguments are JSON values and whose ETAs are times.

    >>> serializer = JsonSerializer()
    >>> serializer.deserialize(serializer.serialize({"job": "7"}))
    {'job': '7'}
    """

    def _serialize(self, data: Any) -> bytes:
        if isinstance(data, Message):
            return msgspec.json.encode({"message": [_plain(field) for field in tuple(data)]})
        return msgspec.json.encode({"value": _plain(data)})

    def _deserialize(self, data: bytes) -> Any:
        content = msgspec.json.decode(data)
        if "message" in content:
            fields = [_rich(field) for field in content["message"]]
            return Message(*fields)
        return _rich(content["value"])


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {_TIME: value.isoformat()}
    if isinstance(value, Message):
        raise TypeError("chained tasks are not used and cannot be sent")
    return value


def _rich(value: Any) -> Any:
    if isinstance(value, dict) and _TIME in value:
        return datetime.fromisoformat(value[_TIME])  # pyright: ignore[reportUnknownArgumentType]
    return value  # pyright: ignore[reportUnknownVariableType]
