"""What somebody types, understood for the pipeline, and its vector where there can be one."""

from collections.abc import Callable, Sequence

from segue.data.asked import AskedFor
from segue.text.query import in_english, understand
from segue.types import FloatMatrix, FloatVector

Embed = Callable[[Sequence[str]], FloatMatrix]


def request_of(words: str, embed: Embed | None) -> tuple[AskedFor | None, FloatVector | None]:
    """A request understood, and its vector where there is what embeds it; None for blanks."""
    if not words.strip():
        return None, None
    asked = understand(words)
    return asked, None if embed is None else embed([in_english(words)])[0]
