"""What no event may say, whoever sends it: the last check before the database."""

import math
import re
from collections.abc import Sequence

from segue.data.records import Event, EventKind

MAX_KEY_LENGTH = 200
MAX_LABEL_LENGTH = 100
_CANNOT_BE_STORED = re.compile("[\\x00\\ud800-\\udfff]")


def flaws(batch: Sequence[Event]) -> list[str | None]:
    """A rule that each event breaks, in words; None for one that breaks none."""
    # nearly always all texts are plain, and one look at all of them tells it
    every = "".join(["".join(_texts(event)) for event in batch])
    is_plain = every.isascii() and every.isprintable()
    return [
        _flaw_of_lengths(event)
        or (None if is_plain else _flaw_of_letters(event))
        or _flaw_of_numbers(event)
        for event in batch
    ]


def _texts(event: Event) -> tuple[str, ...]:
    return event.listener_id, event.track_id, event.idempotency_key, event.source, event.client


def _flaw_of_lengths(event: Event) -> str | None:
    if not 0 < len(event.idempotency_key) <= MAX_KEY_LENGTH:
        return f"idempotency_key must have 1..{MAX_KEY_LENGTH} letters"
    if len(event.source) > MAX_LABEL_LENGTH or len(event.client) > MAX_LABEL_LENGTH:
        return f"source and client must have at most {MAX_LABEL_LENGTH} letters"
    return None


def _flaw_of_letters(event: Event) -> str | None:
    if _CANNOT_BE_STORED.search("".join(_texts(event))):
        return "ids, keys and labels must be text without NUL and lone surrogates"
    return None


def _flaw_of_numbers(event: Event) -> str | None:
    played_s, value = event.played_s, event.value
    if not math.isfinite(event.listened_at):
        return f"listened_at must be a Unix time in seconds, got {event.listened_at}"
    if played_s is not None and not 0 <= played_s < math.inf:
        return f"played_s must be a length in seconds >= 0, got {played_s}"
    if event.kind is EventKind.RATE and not 1 <= (value or 0) <= 5:
        return f"value of a rating must lie in 1..5, got {value}"
    if value is not None and not math.isfinite(value):
        return f"value must be a finite number, got {value}"
    return None
