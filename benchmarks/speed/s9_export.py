"""S9: an export of gigabytes, in the shape of Spotify's: how much memory its import takes.

A zip of JSON files of 50 MB each, as Spotify cuts them, unpacked 5 GB together. A run may be
stopped after some minutes: what memory it takes shows long before.
"""

import json
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path

from benchmarks.lines import figure, progress
from benchmarks.speed.prepared import options, with_nothing_heard
from benchmarks.speed.s9_history import CHUNK, Said, peak_mb, rows
from segue.errors import JobCancelledError
from segue.services.importing.request import ImportRequest

FILE_BYTES = 50_000_000


def main(argv: list[str] | None = None) -> None:
    """One import of the export, or of as much of it as the time allows."""
    given = options(__doc__, argv, tracks=20_000, gb=5.0, minutes=0.0)
    with with_nothing_heard(given) as (app, who, known):
        path = app.settings.data_dir / "my_spotify_data.zip"
        n_rows = _write(path, known, int(given.gb * 1e9))
        progress(f"{n_rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB packed")
        before, started = peak_mb(), time.perf_counter()
        said = Said(given.minutes * 60.0)
        try:
            app.imports.run_here(who.id, ImportRequest(paths=(str(path),)), said)
        except JobCancelledError:
            progress("stopped: the time is over")
        took_s, report = time.perf_counter() - started, app.imports.list(who.id)[0].report
    progress(f"{report.rows:,} rows in {took_s:,.0f} s; {before:.0f} MB before")
    if report.refused or report.problems:
        raise SystemExit(f"rows were refused: {report.problems[:3]}")
    data = f"Spotify export of {given.gb:g} GB in a zip, {report.rows:,} of {n_rows:,} rows"
    figure("S9", "history import", report.rows / took_s, "1/s", data=data, n=1)
    figure("S9", "history import, peak memory", peak_mb(), "MB", data=data, n=1)


def _write(path: Path, known: list[tuple[str, str]], size_bytes: int) -> int:
    """Files until their sizes add up; how many rows they hold."""
    records = _records(known)
    n_rows = written = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in count():
            if written >= size_bytes:
                return n_rows
            name = f"Spotify Extended Streaming History/Streaming_History_Audio_{number:03}.json"
            with archive.open(name, "w") as file:
                begun = written
                while written - begun < min(FILE_BYTES, size_bytes - begun):
                    some = ",\n".join(islice(records, 1_000)).encode()
                    written += file.write(b",\n" if written > begun else b"[") + file.write(some)
                    n_rows += 1_000
                file.write(b"]")
    return n_rows


def _records(known: list[tuple[str, str]]) -> Iterator[str]:
    for start in count(step=CHUNK):
        for title, artist, at, played_ms in rows(known, start, CHUNK):
            yield json.dumps({
                "ts": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "platform": "android", "ms_played": played_ms, "conn_country": "SE",
                "ip_addr": "192.0.2.7", "master_metadata_track_name": title,
                "master_metadata_album_artist_name": artist,
                "master_metadata_album_album_name": f"Album of {artist}",
                "spotify_track_uri": None, "episode_name": None, "episode_show_name": None,
                "spotify_episode_uri": None, "audiobook_title": None, "audiobook_uri": None,
                "audiobook_chapter_uri": None, "audiobook_chapter_title": None,
                "reason_start": "trackdone", "reason_end": "trackdone", "shuffle": True,
                "skipped": False, "offline": False, "offline_timestamp": None,
                "incognito_mode": False,
            })  # fmt: skip


if __name__ == "__main__":
    main()
