"""RADIO: skips of simulated listeners under a fixed radio and under radios that follow them.

The models learn from planted listeners (a softmax over a latent space); those who listen here are
of another family, see :mod:`segue.evaluation.simulator`. Sessions are paired: same listener, same
mood, same patience with each track. Intervals are over listeners.
"""

import argparse

import numpy as np

from benchmarks.lines import figure, progress
from segue.data.dataset import Dataset
from segue.data.vocabulary import Vocabulary
from segue.evaluation.intervals import paired_bootstrap
from segue.evaluation.radio_sessions import Radio, play
from segue.evaluation.simulator import Simulator
from segue.models.base import create
from segue.pipeline.stations import standard_sources
from segue.rng import derived_rng
from segue.synthetic.listeners import listen_columns, make_catalogue, make_listeners

SEED = 2027  # the variants were found with 2026
START, DAYS = 1_700_000_000.0, 120.0
N_TRACKS, N_TRAINING, N_LISTENERS, N_SESSIONS, LENGTH = 3_000, 300, 100, 2, 25
MODELS: dict[str, dict[str, object]] = {
    "edlae": {"n_neighbors": 200}, "content": {}, "popularity": {"half_life_days": 60.0},
}  # fmt: skip
RADIOS = (
    Radio("fixed"),
    Radio("profile follows", profile=True),
    Radio("finished seeds follow", finished=0.5),
    Radio("all seeds follow", finished=0.5, skipped=-0.5),
    Radio("profile and all seeds follow", profile=True, finished=0.5, skipped=-0.5),
)


def main(argv: list[str] | None = None) -> None:
    """Skip rate of each radio, and how much less it is than that of the fixed one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listeners", type=int, default=N_LISTENERS)
    given = parser.parse_args(argv)
    tracks = make_catalogue(N_TRACKS, seed=SEED)
    planted = make_listeners(tracks, N_TRAINING, seed=SEED)
    events = listen_columns(planted, tracks, START, DAYS, seed=SEED)
    names = Vocabulary(f"l{n}" for n in range(N_TRAINING))
    data = Dataset.from_events(tracks, names, events, float(events.listened_at.max()))
    models = {name: create(name, **params).fit(data) for name, params in MODELS.items()}
    sources = standard_sources(models, tracks)
    world = Simulator.of(tracks, given.listeners, SEED)
    rates: dict[str, list[float]] = {radio.name: [] for radio in RADIOS}
    for listener in range(given.listeners):
        for radio in RADIOS:
            skips = [
                skipped for number in range(N_SESSIONS)
                for skipped in play(radio, world.session(listener, number), tracks, sources,
                                    LENGTH, data.now)
            ]  # fmt: skip
            rates[radio.name].append(float(np.mean(skips)))
        progress(f"listener {listener + 1}: " + ", ".join(f"{r[-1]:.2f}" for r in rates.values()))
    text = f"{given.listeners} simulated listeners, {N_SESSIONS} sessions of {LENGTH}"
    fixed = np.array(rates["fixed"])
    for name, values in rates.items():
        own = np.array(values)
        figure("RADIO", f"skip rate, {name}", own.mean(), "share", data=text, n=given.listeners)
        if name != "fixed":
            gain = paired_bootstrap(fixed, own, derived_rng(SEED, "radio"))
            figure("RADIO", f"fewer skips than fixed, {name}", gain.difference, "share", data=text,
                   n=given.listeners, interval=(gain.low, gain.high))  # fmt: skip


if __name__ == "__main__":
    main()
