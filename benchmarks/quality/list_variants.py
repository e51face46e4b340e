"""The lists that are compared: each source alone, both fusions, and each control taken away.

All of them come through the one pipeline. "plain" lists are what the order of the candidates gives
by itself; "as served" ones went through the stages that spread, mix and calibrate.
"""

import dataclasses
from dataclasses import dataclass

import msgspec
import numpy as np

from segue.data.dataset import TrackTable
from segue.data.query import Controls
from segue.pipeline.candidates import Blend
from segue.pipeline.controls import Heard
from segue.pipeline.stations import Recipe, station

PLAIN = Controls(variety=0.0, artist_gap=0, album_gap=0)


@dataclass(frozen=True)
class Variant:
    """One way to make a list.

    ``learned`` orders by the trees where there are any; ``versions`` lets every version of a
    recording in.
    """

    name: str
    recipe: Recipe
    controls: Controls
    learned: bool = False
    versions: bool = False

    def tracks_of(self, tracks: TrackTable) -> TrackTable:
        """The catalogue that it sees."""
        if not self.versions:
            return tracks
        every = np.arange(len(tracks), dtype=np.int32)
        return dataclasses.replace(tracks, recording_idx=every)


def plain(recipe: Recipe) -> Recipe:
    """A station without its own mix, genres and bounds of length; nothing fills it."""
    return msgspec.structs.replace(
        recipe, cold=(), fallback=(), familiar=None, calibrated=False, usual_length=False
    )


def sources_alone(name: str) -> list[Variant]:
    """Each source of a station by itself."""
    recipe = plain(station(name))
    return [
        Variant(f"{blend.source} alone",
                msgspec.structs.replace(recipe, blend=(Blend(blend.source),)), PLAIN, versions=True)
        for blend in recipe.blend
    ]  # fmt: skip


def fusions(name: str) -> list[Variant]:
    """Rank fusion and learned fusion, plain and as served."""
    recipe = station(name)
    return [
        Variant("rank fusion, plain", plain(recipe), PLAIN, versions=True),
        Variant("learned fusion, plain", plain(recipe), PLAIN, learned=True, versions=True),
        Variant("rank fusion, as served", recipe, Controls()),
        Variant("learned fusion, as served", recipe, Controls(), learned=True),
    ]


def ablations(name: str) -> list[Variant]:
    """The list as served with one stage or control taken away, or turned up."""
    recipe, change = station(name), msgspec.structs.replace
    found = [
        Variant("without artist spacing", recipe, Controls(artist_gap=0), learned=True),
        Variant("without album spacing", recipe, Controls(album_gap=0), learned=True),
        Variant("without variety", recipe, Controls(variety=0.0), learned=True),
        Variant("with variety 0.7", recipe, Controls(variety=0.7), learned=True),
        Variant("without calibrated genres", change(recipe, calibrated=False), Controls(),
                learned=True),
        Variant("with every version", recipe, Controls(), learned=True, versions=True),
    ]  # fmt: skip
    if recipe.heard is Heard.NEVER:
        return found
    return [
        *found,
        Variant("without a familiar mix", change(recipe, familiar=None), Controls(), learned=True),
        Variant("familiar 0", recipe, Controls(familiar=0.0), learned=True),
        Variant("familiar 0.7", recipe, Controls(familiar=0.7), learned=True),
        Variant("familiar 1", recipe, Controls(familiar=1.0), learned=True),
    ]


def variants(name: str) -> list[Variant]:
    """All of them, in the order of the table; ablations are compared with the list as served."""
    return [*sources_alone(name), *fusions(name), *ablations(name)]
