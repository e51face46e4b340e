"""S5: lists of 50 over HTTP with 16 connections, the server on one core and the client on another.

"different" asks every time for a list that was not asked before: the variety control differs a
little, so that the ranking of a moment ago is ordered anew; "filtered" differs in a filter, so that
it is ranked anew. "again" asks for the same list of the same listener, whose history has not
changed.
"""

from benchmarks.lines import figure, progress
from benchmarks.speed.load import Load, Request, load
from benchmarks.speed.prepared import options, prepared
from benchmarks.speed.serving import served

N_RUNS = 3
N_VARIANTS = 400  # of each listener's list: more than a server may remember
PATH = "/v1/recommendations/for_you?n=50"


def main(argv: list[str] | None = None) -> None:
    """The fastest of three runs is reported: others use the machine too."""
    given = options(__doc__, argv)
    with prepared(given) as (app, asking):
        tokens = [app.accounts.open_session(who) for who in asking]
        data_dir = app.settings.data_dir
        app.close()
        variants = [(i * 1e-6, token) for i in range(N_VARIANTS) for token in tokens]
        different = [Request(f"{PATH}&variety={0.3 + i:.6f}", token) for i, token in variants]
        filtered = [Request(f"{PATH}&min_duration_s={30 + i:.6f}", token) for i, token in variants]
        with served(data_dir) as server:
            load(server.url, different, 3)
            _tell("different", server.url, different, 500.0, given.tracks)
            _tell("filtered", server.url, filtered, 500.0, given.tracks)
            _tell("again", server.url, [Request(PATH, tokens[0])], 3_000.0, given.tracks)


def _tell(what: str, url: str, requests: list[Request], target: float, tracks: int) -> None:
    runs: list[Load] = [load(url, requests) for _ in range(N_RUNS)]
    progress(f"{what}: {[round(run.per_s) for run in runs]} lists/s")
    best = max(runs, key=lambda run: run.per_s)
    if best.n_failed:
        raise SystemExit(f"{best.n_failed} of {best.n} requests failed")
    data = f"synthetic {tracks} tracks, 16 connections, one core"
    figure("S5", f"{what} lists", best.per_s, "1/s", data=data, n=best.n, target=target)
    figure("S5", f"{what} p99", best.p99_ms, "ms", data=data, n=best.n, better="lower")


if __name__ == "__main__":
    main()
