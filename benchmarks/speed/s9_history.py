"""S9: a long history imported whole: read, matched by name, stored; how fast, and in what memory.

The rows name tracks by title and artist, as other services do. Four in five plays are of tracks in
the library, the rest of music that it does not have; both are drawn with a heavy head.
"""

import csv
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.lines import figure, progress
from benchmarks.speed.prepared import SEED, options, with_nothing_heard
from segue.errors import JobCancelledError
from segue.rng import derived_rng
from segue.services.importing.request import ImportRequest

N_UNKNOWN, SHARE_KNOWN = 10_000, 0.8
START, STEP_S = 1_100_000_000, 65
CHUNK = 100_000
TARGET = 20_000.0


def main(argv: list[str] | None = None) -> None:
    """One import of all rows into an empty history."""
    given = options(__doc__, argv, tracks=20_000, rows=10_000_000)
    with with_nothing_heard(given) as (app, who, known):
        path = app.settings.data_dir / "history.csv"
        _write(path, known, given.rows)
        progress(f"{path.stat().st_size / 1e6:,.0f} MB written")
        before = peak_mb()
        started, cpu_s = time.perf_counter(), time.process_time()
        report = app.imports.run_here(who.id, ImportRequest(paths=(str(path),)), Said())
        took_s, cpu_s = time.perf_counter() - started, time.process_time() - cpu_s
        peak = peak_mb()
    if report.stored + report.repeated + report.doubtful != given.rows:
        raise SystemExit(f"rows were lost: {report.problems[:3]}")
    data = f"{given.rows:,} rows of named tracks, library of {given.tracks:,}"
    progress(f"{report.stored:,} stored, {report.repeated:,} repeated, {report.doubtful:,} "
             f"doubtful, {report.added:,} tracks by name; {before:.0f} MB before")  # fmt: skip
    figure("S9", "history import", given.rows / took_s, "1/s", data=data, n=1, target=TARGET)
    figure("S9", "history import, CPU", cpu_s / given.rows * 1e6, "us a row", data=data, n=1)
    figure("S9", "history import, peak memory", peak, "MB", data=data, n=1)


class Said:
    """Progress on standard error, now and then.

    Args:
        most_s: Stop after so many seconds, 0 for never.
    """

    def __init__(self, most_s: float = 0.0) -> None:
        self._next_s = 0.0
        self._ends_s = time.monotonic() + most_s if most_s else float("inf")

    def report(
        self, done: int, total: int | None = None, *, unit: str = "", message: str = ""
    ) -> None:
        """Say how far it is, every half a minute.

        Raises:
            JobCancelledError: The time is over.
        """
        del done, total, unit
        if time.monotonic() > self._ends_s:
            raise JobCancelledError("the time is over")
        if time.monotonic() >= self._next_s:
            self._next_s = time.monotonic() + 30.0
            progress(f"{message}; {peak_mb():.0f} MB")

    def should_stop(self) -> bool:
        """Never."""
        return False


def _write(path: Path, known: list[tuple[str, str]], n_rows: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["title", "artist", "listened_at", "ms_played"])
        for start in range(0, n_rows, CHUNK):
            writer.writerows(rows(known, start, min(CHUNK, n_rows - start)))


def rows(known: list[tuple[str, str]], start: int, n: int) -> Iterator[tuple[str, str, int, int]]:
    """Title, artist, start (Unix s) and milliseconds heard of listens from number ``start`` on."""
    rng = derived_rng(SEED, "history", str(start))
    unknown = [(f"Elsewhere {i}", f"Stranger {i % 997}") for i in range(N_UNKNOWN)]
    is_known = rng.random(n) < SHARE_KNOWN
    head = rng.random(n) ** 3  # a third of the plays are of a twenty-fifth of the tracks
    at = np.where(is_known, head * len(known), head * N_UNKNOWN).astype(np.int64)
    played_ms = rng.integers(5_000, 240_000, n)
    for i in range(n):
        title, artist = (known if is_known[i] else unknown)[at[i]]
        yield title, artist, START + STEP_S * (start + i), int(played_ms[i])


def peak_mb() -> float:
    """The most memory that this process had at once."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


if __name__ == "__main__":
    main()
