"""S9: how fast exports are read into rows, and how much memory that takes."""

import json
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.lines import figure, progress
from segue.sources.members import open_export
from segue.sources.registry import recognised

N_ROWS, N_RUNS, START = 200_000, 3, 1_500_000_000
TARGET = 20_000.0  # rows in a second, of tables


def _table(n: int) -> Iterator[str]:
    yield "artist,track,album,uts,ms_played\n"
    for i in range(n):
        at = START + 200 * i
        yield f'"Artist {i % 977}, Jr.",Träck {i % 9973},Album {i % 4001},{at},180000\n'


def _lastfm(n: int) -> Iterator[str]:
    yield "uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid\n"
    for i in range(n):
        yield f'"{START + 200 * i}","x","Artist {i % 977}","","Album","","Träck {i % 9973}",""\n'


def _spotify(n: int) -> Iterator[str]:
    for i in range(n):
        row = {
            "ts": f"{datetime.fromtimestamp(START + 200 * i, UTC):%Y-%m-%dT%H:%M:%SZ}",
            "platform": "android", "ms_played": 180_000, "conn_country": "NO", "ip_addr": "",
            "master_metadata_track_name": f"Träck {i % 9973}",
            "master_metadata_album_artist_name": f"Artist {i % 977}",
            "master_metadata_album_album_name": f"Album {i % 4001}",
            "spotify_track_uri": f"spotify:track:{i % 9973:022d}", "episode_name": None,
            "episode_show_name": None, "spotify_episode_uri": None, "audiobook_title": None,
            "reason_start": "trackdone", "reason_end": "trackdone", "shuffle": True,
            "skipped": False, "offline": False, "offline_timestamp": None, "incognito_mode": False,
        }  # fmt: skip
        yield ("[" if i == 0 else ",\n") + json.dumps(row, ensure_ascii=False)
    yield "]"


def _listenbrainz(n: int) -> Iterator[str]:
    for i in range(n):
        said = {"track_name": f"Träck {i % 9973}", "artist_name": f"Artist {i % 977}",
                "release_name": "Album", "additional_info": {"duration_ms": 180_000}}  # fmt: skip
        yield json.dumps({"listened_at": START + 200 * i, "track_metadata": said}) + "\n"


KINDS: dict[str, Callable[[int], Iterator[str]]] = {
    "table, CSV": _table,
    "Last.fm, CSV": _lastfm,
    "Spotify, extended": _spotify,
    "ListenBrainz": _listenbrainz,
}


def main(argv: list[str] | None = None) -> None:
    """The best of three runs: others use the machine, too. An argument is the number of rows."""
    n_rows = int(argv[0]) if argv else N_ROWS
    with tempfile.TemporaryDirectory(prefix="segue-bench-") as folder:
        for kind, make in KINDS.items():
            path = Path(folder) / "export"
            with path.open("w", encoding="utf-8") as file:
                file.writelines(make(n_rows))
            rates = [_rate(path, n_rows) for _ in range(N_RUNS)]
            size_mb = path.stat().st_size / 1e6
            progress(f"{kind}: {[round(rate) for rate in rates]} 1/s, {size_mb:.0f} MB")
            figure("S9", f"rows read, {kind}", max(rates), "1/s", data=f"synthetic {n_rows} rows",
                   n=N_RUNS, target=TARGET)  # fmt: skip
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figure("S9", "peak memory of reading", peak_mb, "MiB", data=f"synthetic {n_rows} rows",
           n=1, better="lower")  # fmt: skip


def _rate(path: Path, n_rows: int) -> float:
    with open_export(path) as export:
        (one,), _ = recognised(export.members)
        started = time.perf_counter()
        n_read = sum(1 for _ in one.source.read(one.member))
        took = time.perf_counter() - started
    if n_read != n_rows:
        raise AssertionError(f"{n_read} of {n_rows} rows were read")
    return n_rows / took


if __name__ == "__main__":
    main()
