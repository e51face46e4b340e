"""F29: stars predicted by our SVD and SVD++ and by Surprise's, on the same five folds.

Two sets of stars, as no public file of star ratings of music is at hand: the play counts of HetRec
Last.fm as each listener's own fifths (1 the least played, 5 the most), and the ratings of synthetic
listeners. Each pair is predicted once, by models that saw neither it nor that it was met. Surprise
(Hug 2020, doi:10.21105/joss.02174) runs in a Python of its own, ``--peer-python``; without one,
ours are measured alone. Each model has a grid of four, and takes what is best on a fifth of the
first fold's training ratings. Intervals: paired bootstrap over listeners of their mean errors.
"""

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import sparse

from benchmarks.lines import DATA_FOLDER, SKIPPED, figure, progress
from benchmarks.quality.q1_hetrec import read_columns
from segue.data.dataset import Dataset
from segue.data.feedback import preferences
from segue.data.vocabulary import Vocabulary
from segue.evaluation.intervals import paired_bootstrap
from segue.evaluation.ratings import mae, rmse
from segue.models.stars import StarsModel
from segue.models.svd import SVD
from segue.models.svdpp import SVDPlusPlus
from segue.rng import derived_rng
from segue.synthetic.activity import listen_columns
from segue.synthetic.taste import make_listeners
from segue.synthetic.track_table import make_catalogue
from segue.types import CsrMatrix, FloatVector, IntVector

N_FOLDS = 5
PEER = Path(__file__).with_name("surprise_peer.py")
OURS: dict[str, list[Callable[[], StarsModel]]] = {
    "biases": [
        lambda b=b, u=u: SVD(0, bias_regularization=b, listener_bias_regularization=u)
        for b, u in ((30.0, 30.0), (10.0, 60.0), (30.0, 60.0), (30.0, 120.0))
    ],
    "svd": [
        lambda r=r, u=u: SVD(16, r, 30.0, u)
        for r, u in ((10.0, 30.0), (10.0, 120.0), (15.0, 120.0), (20.0, 120.0))
    ],
    "svdpp": [
        lambda r=r, y=y: SVDPlusPlus(16, r, 30.0, 120.0, y)
        for r, y in ((10.0, 200.0), (20.0, 200.0), (20.0, 50.0), (30.0, 50.0))
    ],
}
# Surprise's own defaults come first
PEERS: dict[str, list[dict[str, object]]] = {
    "BaselineOnly": [
        {},
        {"bsl_options": {"method": "als", "reg_u": 60, "reg_i": 10}},
        {"bsl_options": {"method": "als", "reg_u": 60, "reg_i": 30}},
        {"bsl_options": {"method": "als", "reg_u": 120, "reg_i": 30}},
    ],
    "SVD": [{}, {"reg_all": 0.1}, {"reg_all": 0.2}, {"reg_all": 0.4}],
    "SVDpp": [{}, {"reg_all": 0.1}, {"reg_all": 0.2}, {"reg_all": 0.4}],
}


class Stars(NamedTuple):
    """Ratings as three columns, and all pairs that have an event."""

    listener: IntVector
    track: IntVector
    value: FloatVector
    met: CsrMatrix


class Outcome(NamedTuple):
    """Prediction of every rating, the seconds of the five fits, and what was chosen."""

    told: FloatVector
    fit_s: float
    chosen: str


def hetrec_stars(folder: Path) -> Stars:
    """Each listener's counts as fifths of their own; who counts fewer than five is left out."""
    listener, artist, count = read_columns(folder / "user_artists.dat", 3)
    rows = np.unique(listener, return_inverse=True)[1]
    columns = np.unique(artist, return_inverse=True)[1]
    order = np.lexsort((columns, count, rows))
    size = np.bincount(rows)
    place = np.empty(len(rows), np.int64)
    place[order] = np.arange(len(rows)) - (np.cumsum(size) - size)[rows[order]]
    value = 1.0 + np.floor(5 * (place + 0.5) / size[rows])
    kept = size[rows] >= N_FOLDS
    return stars_of(rows[kept], columns[kept], value[kept], (len(size), int(columns.max()) + 1))


def stars_of(
    rows: IntVector, columns: IntVector, value: FloatVector, shape: tuple[int, int]
) -> Stars:
    ones = np.ones(len(rows))
    return Stars(rows, columns, value, sparse.csr_matrix((ones, (rows, columns)), shape))


def synthetic_stars(n_listeners: int = 200, n_tracks: int = 1500) -> Stars:
    """The ratings of 120 days; plays without a rating are pairs that were met."""
    tracks = make_catalogue(n_tracks, seed=1)
    events = listen_columns(
        make_listeners(tracks, n_listeners, seed=1), tracks, start=1.7e9, days=120, seed=1
    )
    now = 1.7e9 + 120 * 86_400
    names = Vocabulary(str(row) for row in range(n_listeners))
    met = Dataset.from_events(tracks, names, events, now).interactions.user_items
    said = preferences(events, now)
    rated = ~np.isnan(said.rating)
    value = said.rating[rated].astype(np.float64)
    return Stars(said.listener_idx[rated], said.track_idx[rated], value, met)


def training_part(stars: Stars, keep: FloatVector) -> tuple[CsrMatrix, CsrMatrix]:
    """Ratings kept, and the pairs met without those that are not kept."""
    where = (stars.listener[keep], stars.track[keep])
    ratings = sparse.csr_matrix((stars.value[keep], where), stars.met.shape)
    gone = sparse.csr_matrix(
        (np.ones((~keep).sum()), (stars.listener[~keep], stars.track[~keep])), stars.met.shape
    )
    met = sparse.csr_matrix((stars.met != 0).astype(np.float64) - gone.multiply(stars.met != 0))
    met.eliminate_zeros()
    return ratings, met


def predict(make: Callable[[], StarsModel], stars: Stars, keep: FloatVector, ask: FloatVector):
    """Predictions of the pairs asked by a model of the pairs kept, and the seconds of its fit."""
    ratings, met = training_part(stars, keep)
    model = make()
    started = time.perf_counter()
    model.from_arrays({**model.learn(ratings, met), "error": np.zeros(4)})
    seconds = time.perf_counter() - started
    return model.predict_pairs(ratings, met, stars.listener[ask], stars.track[ask]), seconds


def measure_ours(name: str, stars: Stars, fold: IntVector, inner: FloatVector) -> Outcome:
    first = fold != 0
    errors = []
    for make in OURS[name]:
        told, _ = predict(make, stars, first & ~inner, first & inner)
        errors.append(rmse(told, stars.value[first & inner]))
    make = OURS[name][int(np.argmin(errors))]
    told, total = np.empty(len(fold)), 0.0
    for number in range(N_FOLDS):
        out = fold == number
        told[out], seconds = predict(make, stars, ~out, out)
        total += seconds
    return Outcome(told, total, str(make().get_params()))


def measure_peers(
    python: str, stars: Stars, fold: IntVector, inner: FloatVector
) -> dict[str, Outcome]:
    """The same by Surprise in a process of its own; arrays there and back as ``.npz``."""
    with tempfile.TemporaryDirectory() as folder:
        asked, answer = Path(folder) / "asked.npz", Path(folder) / "answer.npz"
        np.savez(asked, listener=stars.listener, track=stars.track, value=stars.value, fold=fold,
                 inner=inner, grids=np.array(json.dumps(PEERS)))  # fmt: skip
        subprocess.run([python, str(PEER), str(asked), str(answer)], check=True)
        with np.load(answer, allow_pickle=False) as found:
            return {
                name: Outcome(
                    found[f"{name}.told"],
                    float(found[f"{name}.fit_s"]),
                    str(found[f"{name}.chosen"]),
                )
                for name in PEERS
            }


RIVALS = {"biases": "BaselineOnly", "svd": "SVD", "svdpp": "SVDpp"}


def report(source: str, stars: Stars, outcomes: dict[str, Outcome]) -> None:
    for name, outcome in outcomes.items():
        progress(f"{source} {name} took {outcome.chosen}")
        rival = RIVALS.get(name, "")
        peer = outcomes.get(rival)
        values = {"rmse": (rmse, "stars"), "mae": (mae, "stars")}
        measured = [
            (f"{name} {metric}", lambda o, m=measure: m(o.told, stars.value), unit)
            for metric, (measure, unit) in values.items()
        ]
        measured.append((f"{name} fit, five folds", lambda o: o.fit_s, "s"))
        for metric, value, unit in measured:
            figure("F29", metric, value(outcome), unit, data=source, n=len(stars.value),
                   peer=f"surprise {rival}" if peer else None,
                   peer_value=value(peer) if peer else None)  # fmt: skip
        if peer is not None:
            compare(f"{source} {name} - {rival}", stars, outcome, peer)


def compare(what: str, stars: Stars, ours: Outcome, theirs: Outcome) -> None:
    for metric, power in (("squared", 2), ("absolute", 1)):
        first, second = (by_listener(o.told, stars, power) for o in (ours, theirs))
        gain = paired_bootstrap(first, second, derived_rng(0, "f29", "bootstrap"))
        bounds = f"{gain.difference:.4f}, 95 % {gain.low:.4f}..{gain.high:.4f}"
        progress(f"{what}, {metric} error of a listener: {bounds}")


def by_listener(told: FloatVector, stars: Stars, power: int) -> FloatVector:
    """Mean error to a power of each listener who rated."""
    n = np.bincount(stars.listener)
    error = np.bincount(stars.listener, np.abs(told - stars.value) ** power)
    return error[n > 0] / n[n > 0]


def run(source: str, stars: Stars, python: str | None) -> None:
    rng = derived_rng(29, "f29", source)
    fold = rng.permutation(len(stars.value)) % N_FOLDS
    inner = rng.random(len(stars.value)) < 1 / N_FOLDS
    mean = np.empty(len(fold))
    for number in range(N_FOLDS):
        mean[fold == number] = stars.value[fold != number].mean()
    outcomes = {"mean": Outcome(mean, 0.0, "nothing")}
    for name in OURS:
        outcomes[name] = measure_ours(name, stars, fold, inner)
        progress(f"{source} {name}: rmse {rmse(outcomes[name].told, stars.value):.4f}")
    if python is not None:
        outcomes |= measure_peers(python, stars, fold, inner)
    report(source, stars, outcomes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA_FOLDER, help="folder of data sets")
    parser.add_argument("--peer-python", help="a Python that can import surprise")
    arguments = parser.parse_args()
    python: str | None = arguments.peer_python
    if python is not None:
        command = [python, "-c", "import surprise"]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            progress(f"skipped: {python} cannot import surprise; pip install scikit-surprise there")
            raise SystemExit(SKIPPED)
    else:
        progress("Surprise is left out: no --peer-python with scikit-surprise was given")
    run("synthetic", synthetic_stars(), python)
    folder = arguments.data / "hetrec2011-lastfm"
    if folder.is_dir():
        run("hetrec2011-lastfm", hetrec_stars(folder), python)
    else:
        progress(f"HetRec is left out: no data in {folder}; give its parent with --data")


if __name__ == "__main__":
    main()
