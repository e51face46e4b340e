"""Events of a batch as they came: each is decoded alone, so a malformed one stops no other."""

from typing import Any

import msgspec
from litestar.openapi.spec import Schema
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition

from segue.services.history import NewEvent


class SentEvent:
    """One element of a batch, JSON already, a :class:`NewEvent` perhaps."""

    __slots__ = ("content",)

    def __init__(self, content: object) -> None:
        self.content = content

    def decoded(self) -> NewEvent | str:
        """The event, or why it is none."""
        try:
            return msgspec.convert(self.content, NewEvent)
        except msgspec.ValidationError as error:
            return str(error)


class SentEventSchema(OpenAPISchemaPlugin):
    """Shows a sent event in the API's document as what it should be."""

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        """Whether it is a sent event."""
        return value is SentEvent

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:
        """The schema of :class:`NewEvent`."""
        del field_definition
        return schema_creator.for_field_definition(FieldDefinition.from_annotation(NewEvent))


def is_sent_event(kind: Any) -> bool:
    """Whether the application's decoder below is meant."""
    return kind is SentEvent


def decode_sent_event(_kind: Any, content: Any) -> SentEvent:
    """Litestar ``type_decoders`` entry."""
    return SentEvent(content)
