"""Blocking handlers on threads of the pool.

Litestar's own ``sync_to_thread`` wraps a handler once for every method of its path, so that one
which returns a ``Response`` hands out a coroutine in its place (seen in 2.25); this wraps once.
"""

from collections.abc import Callable, Coroutine
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar

import anyio.to_thread

P = ParamSpec("P")
T = TypeVar("T")


def in_thread(handler: Callable[P, T]) -> Callable[P, Coroutine[Any, Any, T]]:
    """The handler as a coroutine function that runs it on a thread; for what reads or waits."""

    @wraps(handler)
    async def run(*args: P.args, **kwargs: P.kwargs) -> T:
        return await on_thread(handler, *args, **kwargs)

    return run


async def on_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What the work returns, done on a thread; for handlers that are slow at some requests only."""
    return await anyio.to_thread.run_sync(partial(work, *args, **kwargs))
