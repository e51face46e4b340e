"""S6: from a like to the changed list, end to end over HTTP, and the longest waits around a swap.

One connection tells a love of a track and asks for the list of 50, for listeners in turn; the time
runs from the first byte of the event to the last of the list, and a list that is the one from
before the like is a failure. Then the same lists are asked for, one after the other, while the
published set is published again a few times: "still" is without that, "swap" in the second after
each.
"""

import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from benchmarks.lines import figure, progress
from benchmarks.speed.prepared import options, prepared
from benchmarks.speed.serving import served
from segue.training import artifacts

PATH = "/v1/recommendations/for_you?n=50"
TARGET_MS = 10.0
SWAP_S = 1.0  # the server looks four times a second, and reads a set of 100,000 tracks in less
VARIANT = itertools.count(1)


def likes(client: httpx.Client, n: int) -> list[float]:
    """Milliseconds of ``n`` likes, each to the changed list.

    Raises:
        SystemExit: A like changed nothing, or was refused.
    """
    shown = _ids(client.get(PATH))
    times: list[float] = []
    for number in range(n):
        track = shown[number % len(shown)]
        event = {"track_id": track, "kind": "love", "listened_at": time.time(),
                 "idempotency_key": f"s6-{time.time_ns()}"}  # fmt: skip
        start = time.perf_counter()
        stored = client.post("/v1/events", json={"events": [event]})
        answer = client.get(PATH)
        times.append(1e3 * (time.perf_counter() - start))
        if stored.raise_for_status().json()["stored"] != 1:
            raise SystemExit(f"a like was not stored: {stored.text}")
        after = answer.raise_for_status().json()["tracks"]
        if [row["track"]["id"] for row in after] == shown and not _is_loved(after, track):
            raise SystemExit(f"a like of {track} changed nothing")
        shown = [row["track"]["id"] for row in after]
    return times


def swaps(client: httpx.Client, models_dir: Path, n: int) -> tuple[list[float], list[float]]:
    """Milliseconds of lists while nothing is published, and in the second after each of ``n``."""
    version = artifacts.current_version(models_dir)
    if version is None:
        raise SystemExit("nothing is published")
    still = list(_asked(client, 2 * SWAP_S))
    swapped: list[float] = []
    for _ in range(n):
        publisher = threading.Thread(target=artifacts.publish, args=(models_dir, version))
        publisher.start()
        swapped += _asked(client, SWAP_S)
        publisher.join()
    return still, swapped


def _asked(client: httpx.Client, seconds: float) -> Iterator[float]:
    ends = time.perf_counter() + seconds
    while (start := time.perf_counter()) < ends:
        client.get(f"{PATH}&variety={0.3 + 1e-6 * next(VARIANT):.6f}").raise_for_status()
        yield 1e3 * (time.perf_counter() - start)


def _ids(answer: httpx.Response) -> list[str]:
    return [row["track"]["id"] for row in answer.raise_for_status().json()["tracks"]]


def _is_loved(rows: list[dict[str, Any]], track_id: str) -> bool:
    return any(row["loved"] for row in rows if row["track"]["id"] == track_id)


def main(argv: list[str] | None = None) -> None:
    """Figures of all likes together; the slowest of the lists around swaps."""
    given = options(__doc__, argv, each=20, swaps=5)
    times: list[float] = []
    with prepared(given) as (app, asking):
        tokens = [app.accounts.open_session(who) for who in asking[:10]]
        data_dir, models_dir = app.settings.data_dir, app.settings.models_dir
        app.close()
        with served(data_dir) as server:
            for token in tokens:
                headers = {"Authorization": f"Bearer {token}"}
                with httpx.Client(base_url=server.url, headers=headers, timeout=60) as client:
                    times += likes(client, given.each)
            headers = {"Authorization": f"Bearer {tokens[0]}"}
            with httpx.Client(base_url=server.url, headers=headers, timeout=60) as client:
                still, swapped = swaps(client, models_dir, given.swaps)
    data = f"synthetic {given.tracks} tracks, one connection"
    progress(f"{len(times)} likes, {len(still)} and {len(swapped)} lists")
    for name, percentile in (("p50", 50), ("p99", 99)):
        figure("S6", f"like to changed list {name}", float(np.percentile(times, percentile)), "ms",
               data=data, n=len(times), target=TARGET_MS if name == "p50" else None,
               better="lower")  # fmt: skip
    for name, found in (("still", still), ("swap", swapped)):
        for measure, percentile in (("p50", 50), ("p99", 99), ("longest", 100)):
            figure("S6", f"{name} list {measure}", float(np.percentile(found, percentile)), "ms",
                   data=data, n=len(found))  # fmt: skip


if __name__ == "__main__":
    main()
