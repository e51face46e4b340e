"""Q-MATCH: how rightly rows from elsewhere find their track, on real names badly spelled.

The weights of the comparison are fitted (``--fit``) on the tracks of one half of the artists and
judged here on those of the other half. Precision is the share of what was taken that is right;
recall the share of what the library holds that was taken; both for the band "matched".
"""

import argparse
import time
import zlib
from pathlib import Path

import numpy as np

from benchmarks.lines import DATA_FOLDER, figure, progress, skip_unless
from benchmarks.quality.matching_data import Labelled, labelled_rows, read_tracks
from segue.data.imported import KnownTrack
from segue.evaluation.intervals import mean_bootstrap
from segue.rng import derived_rng
from segue.text.match_weights import FEATURES, compared, features_of
from segue.text.matching import DOUBTFUL_FROM, Match, MatchIndex
from segue.text.named import other_readings, spelled
from segue.types import BoolVector

ID, DATA = "Q-MATCH", "spotify-songs, badly spelled"
N_ROWS = 20_000


def halves(tracks: list[KnownTrack]) -> tuple[list[KnownTrack], list[KnownTrack]]:
    """Tracks to fit on and tracks to judge on: no artist is in both."""
    sides: tuple[list[KnownTrack], list[KnownTrack]] = ([], [])
    for track in tracks:
        sides[zlib.crc32(track.artists[0].casefold().encode()) % 2].append(track)
    return sides


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA_FOLDER, help="folder of data sets")
    parser.add_argument("--rows", type=int, default=N_ROWS)
    parser.add_argument("--fit", action="store_true", help="print weights fitted on the other half")
    parser.add_argument("--show", type=int, default=0, help="wrong answers to show")
    given = parser.parse_args()
    folder = given.data / "spotify-songs"
    skip_unless(folder)
    to_fit, to_judge = halves(read_tracks(folder))
    if given.fit:
        fit(to_fit, given.rows)
        return
    library, rows = labelled_rows(to_judge, given.rows, derived_rng(1, "matching", "judge"))
    index = MatchIndex(library)
    started = time.perf_counter()
    matches = [index.find(row.named) for row in rows]
    seconds = time.perf_counter() - started
    report(rows, matches)
    figure(ID, "distinct rows looked up", len(rows) / seconds, "1/s", data=DATA, n=len(rows))
    for row, match in wrong(rows, matches)[: given.show]:
        progress(f"{match.confidence} {row.named} -> {match.track_id}, right {set(row.answers)}")


def report(rows: list[Labelled], matches: list[Match]) -> None:
    right = np.array([m.track_id in r.answers for r, m in zip(rows, matches, strict=True)])
    there = np.array([bool(row.answers) for row in rows])
    bands = np.array([match.band for match in matches])
    taken, asked = bands == "matched", bands == "doubtful"
    share("precision of matched", right[taken], target=0.99)
    share("recall of matched", (taken & right)[there], target=0.90)
    share("found or asked about", ((taken | asked) & right)[there])
    share("doubtful, of all rows", asked)
    share("doubtful that are right", right[asked])
    share("unknown that are not there", ~there[bands == "unknown"])


def share(metric: str, values: BoolVector, target: float | None = None) -> None:
    rng = derived_rng(0, "matching", metric)
    found = mean_bootstrap(values.astype(np.float64), rng)
    figure(ID, metric, float(values.mean()), "share", data=DATA, n=len(values), target=target,
           interval=(found.low, found.high))  # fmt: skip


def wrong(rows: list[Labelled], matches: list[Match]) -> list[tuple[Labelled, Match]]:
    """What was taken though it is another track, then what is there and was not seen."""
    pairs = list(zip(rows, matches, strict=True))
    taken = [p for p in pairs if p[1].band == "matched" and p[1].track_id not in p[0].answers]
    return taken + [p for p in pairs if p[0].answers and p[1].confidence < DOUBTFUL_FROM]


def fit(tracks: list[KnownTrack], n_rows: int) -> None:
    """Logistic regression on the comparisons of rows with their candidates."""
    from sklearn.linear_model import LogisticRegression

    library, rows = labelled_rows(tracks, n_rows, derived_rng(0, "matching", "fit"))
    index = MatchIndex(library)
    by_id = {track.id: track for track in library}
    inputs, labels = [], []
    for row in rows:
        for named, form in other_readings(row.named):
            for track_id in index.candidate_ids(named):
                track = by_id[track_id]
                theirs = spelled(track.title, track.artists, track.album)
                found = compared(form, theirs, named.duration_s, track.duration_s)
                inputs.append(features_of(found))
                labels.append(track_id in row.answers)
    x, y = np.array(inputs), np.array(labels)
    progress(f"{len(y)} pairs, {y.sum()} of one track")
    model = LogisticRegression(C=10.0, fit_intercept=False, max_iter=2000).fit(x, y)
    for name, weight in zip(FEATURES, model.coef_[0], strict=True):
        progress(f"{name:20s} {weight:8.3f}")
    progress(", ".join(f"{weight:.3f}" for weight in model.coef_[0]))


if __name__ == "__main__":
    main()
