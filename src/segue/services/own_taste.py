"""What the models make of one listener, in words and numbers that can be taken away."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from segue.data.query import Profile
from segue.models.base import Recommender
from segue.models.content import ContentKNN
from segue.models.factors import FactorModel
from segue.services.export_words import CONTENT_ABOUT, FACTORS_ABOUT
from segue.services.serving import Serving


def preferences(profile: Profile, serving: Serving) -> Iterator[dict[str, Any]]:
    """Each track with an event and how much it is liked, the most liked first."""
    tracks, known = serving.tracks, profile.known
    for place in np.argsort(-known.value, kind="stable").tolist():
        row = int(known.track_idx[place])
        yield {
            "track_id": tracks.ids[row],
            "title": tracks.titles[row],
            "artist": tracks.artists[row],
            "preference": round(float(known.value[place]), 4),
        }


def vectors(profile: Profile, serving: Serving) -> Iterator[dict[str, Any]]:
    """The listener as each model sees them that keeps a vector of listeners; zeros left out."""
    if profile.is_empty:
        return
    for source in serving.sources:
        model = source.model
        if isinstance(model, ContentKNN):
            yield {"model": model.name, "about": CONTENT_ABOUT,
                   "values": _named(model, profile, _terms(model, serving))}  # fmt: skip
        elif isinstance(model, FactorModel):
            names = [f"factor {i}" for i in range(1, model.item_factors.shape[1] + 1)]
            yield {"model": model.name, "about": FACTORS_ABOUT,
                   "values": _named(model, profile, names)}  # fmt: skip


def _terms(model: ContentKNN, serving: Serving) -> list[str]:
    """Names of the terms; those of the catalogue with their kind, which tells them apart."""
    names = [str(name) for name in model.to_arrays()["terms"]]
    if tuple(names) != tuple(serving.tracks.term_names):
        return names
    return [f"{kind}: {name}" for kind, name in zip(serving.tracks.term_kinds, names, strict=True)]


def _named(model: Recommender, profile: Profile, names: Sequence[str]) -> list[tuple[str, float]]:
    """Name and value of what is not zero, the largest first."""
    vector = np.asarray(model.fold_in(profile), np.float64)
    order: list[int] = np.argsort(-np.abs(vector), kind="stable").tolist()
    return [(str(names[i]), round(float(vector[i]), 6)) for i in order if vector[i]]
