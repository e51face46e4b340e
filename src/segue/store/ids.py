"""Random identifiers of 128 bits in 22 letters and digits: safe in URLs, file names and shells."""

import os
import string
from collections.abc import Callable
from typing import TypeAlias

IdFactory: TypeAlias = Callable[[], str]

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_LENGTH = 22  # 62 ** 22 > 2 ** 128


def new_id() -> str:
    """A new id; never the same twice (128 random bits from the operating system).

    >>> len(new_id()), new_id() == new_id()
    (22, False)
    """
    number = int.from_bytes(os.urandom(16), "big")
    letters: list[str] = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, 62)
        letters.append(_ALPHABET[digit])
    return "".join(letters)
