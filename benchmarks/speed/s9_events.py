"""S9: imports of listens, and single listens that are on disk before they are answered."""

import csv
import json
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.lines import figure, progress
from benchmarks.speed.load import CONNECTIONS, Request, load
from benchmarks.speed.prepared import (
    SEED,
    Quiet,
    add_listeners,
    add_tracks,
    options,
    settings_in,
)
from benchmarks.speed.serving import served
from segue.bootstrap import App, build_app
from segue.data.records import Event, EventKind
from segue.services.history import NewEvent
from segue.services.importing.request import ImportRequest
from segue.store.accounts import Account
from segue.store.history import History
from segue.synthetic.listeners import make_catalogue

N_ROWS, BATCH, N_SINGLE, N_RUNS = 40_000, 1_000, 1_500, 3


def main(argv: list[str] | None = None) -> None:
    """Each figure is the best of three runs: others use the machine and its disk too."""
    given = options(__doc__, argv, tracks=10_000)
    with tempfile.TemporaryDirectory(prefix="segue-bench-") as folder:
        app = build_app(settings_in(Path(folder)))
        add_tracks(app, make_catalogue(given.tracks, SEED))
        who = add_listeners(app, CONNECTIONS)
        ids = list(app.catalog.track_table().ids)
        _tell("csv import", lambda run: _import(app, who[0], ids, run, Path(folder)), 20_000.0)
        _tell("append in batches of 1000", lambda run: _batches(app, who[1], ids, run), 20_000.0)
        _tell("single durable submits, 16 threads",
              lambda run: _singles(app, who, ids, run), 500.0)  # fmt: skip
        tokens = [app.accounts.open_session(one) for one in who]
        app.close()
        with served(Path(folder), pinned=False) as server:
            _tell("single durable submits, HTTP, 16 connections",
                  lambda run: _over_http(server.url, tokens, ids, run), 500.0)  # fmt: skip


def _tell(metric: str, measure: Callable[[int], float], target: float) -> None:
    rates = [measure(run) for run in range(N_RUNS)]
    progress(f"{metric}: {[round(rate) for rate in rates]} 1/s")
    figure("S9", metric, max(rates), "1/s", data="synthetic 10k tracks", n=N_RUNS, target=target)


def _import(app: App, who: Account, ids: list[str], run: int, folder: Path) -> float:
    path = folder / f"listens-{run}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["track_id", "listened_at", "played_s"])
        first = 1.5e9 + run * 1e7
        rows.writerows([ids[i % len(ids)], first + 100 * i, 200] for i in range(N_ROWS))
    started = time.perf_counter()
    report = app.imports.run_here(who.id, ImportRequest(paths=(str(path),)), Quiet())
    if report.stored != N_ROWS:
        raise SystemExit(f"{report.stored} of {N_ROWS} rows were stored: {report.problems[:3]}")
    return N_ROWS / (time.perf_counter() - started)


def _batches(app: App, who: Account, ids: list[str], run: int) -> float:
    history = History(app.database)
    events = [
        Event(listener_id=who.id, track_id=ids[i % len(ids)], kind=EventKind.PLAY,
              listened_at=1.5e9 + i, idempotency_key=f"{run}-{i}", played_s=200.0)
        for i in range(N_ROWS)
    ]  # fmt: skip
    started = time.perf_counter()
    for start in range(0, N_ROWS, BATCH):
        history.append(events[start : start + BATCH])
    return N_ROWS / (time.perf_counter() - started)


def _singles(app: App, who: list[Account], ids: list[str], run: int) -> float:
    each = N_SINGLE // len(who)

    def work(number: int) -> None:
        for i in range(each):
            event = NewEvent(track_id=ids[(number * each + i) % len(ids)], kind=EventKind.PLAY,
                             listened_at=1.6e9 + i, idempotency_key=f"single-{run}-{i}",
                             played_s=200.0)  # fmt: skip
            app.history.record(who[number].id, [event])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(who))]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return each * len(who) / (time.perf_counter() - started)


def _over_http(url: str, tokens: list[str], ids: list[str], run: int) -> float:
    requests = [
        Request("/v1/events", tokens[i % len(tokens)], "POST", json.dumps({"events": [{
            "track_id": ids[i % len(ids)], "kind": "play", "listened_at": 1.65e9 + i,
            "idempotency_key": f"http-{run}-{i}", "played_s": 200.0}]}))
        for i in range(20_000)
    ]  # fmt: skip
    result = load(url, requests, 5)
    if result.n_failed:
        raise SystemExit(f"{result.n_failed} of {result.n} submits failed")
    return result.per_s


if __name__ == "__main__":
    main()
