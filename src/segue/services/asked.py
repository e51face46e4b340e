"""Who asks for a list and what for: one moment of a listener, and one request."""

from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import NamedTuple

import numpy as np

from segue.data.leanings import Leanings
from segue.data.query import Controls, Profile
from segue.pipeline.kept import KeptScores
from segue.services.serving import Serving
from segue.types import BoolVector


@dataclass(frozen=True, slots=True)
class Asked:
    """One listener at one moment.

    ``blocked`` and ``hidden`` are masks of what is never to be played to them and of what has no
    file any more, ``away`` is either; all may be None. ``seed`` gives the draws of the day;
    ``revision`` and ``catalog`` are versions of the database and of the catalogue; ``kept`` is what
    the models of ``serving`` said of ``profile`` before;
    ``leanings`` are what the listener says of themselves; ``zone`` is that of their clock.
    """

    listener_id: str
    serving: Serving
    profile: Profile
    blocked: BoolVector | None
    hidden: BoolVector | None
    away: BoolVector | None
    now: float
    seed: int
    revision: int
    catalog: int
    kept: KeptScores
    leanings: Leanings | None = None
    zone: tzinfo = UTC


class Wanted(NamedTuple):
    """One request: see :meth:`segue.services.recommend.RecommendService.list`."""

    n: int
    seeds: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    controls: Controls = Controls()
    words: str = ""
    mix: int = 1
    week: str | None = None


def either(a: BoolVector | None, b: BoolVector | None) -> BoolVector | None:
    """Where one of two masks holds; None stands for nowhere."""
    if a is None or b is None:
        return b if a is None else a
    return np.logical_or(a, b)
