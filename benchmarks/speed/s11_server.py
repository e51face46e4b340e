"""S11: `segue serve`: time to its first answer and first list, and its memory when idle.

"ready cpu" is the processor time of the server up to its first answer, which says more where others
use the machine too. On a library of a million tracks the targets are others.

Resident memory is what stands in the target. It counts pages of mapped files that were touched,
which the system takes back when it needs room and which processes share: "anonymous" is what only
this process can give up, "proportional" (PSS) counts a page that n processes share as an n-th.
"""

import time
from pathlib import Path

import httpx
import psutil

from benchmarks.lines import figure
from benchmarks.speed.prepared import options, prepared
from benchmarks.speed.serving import served

SETTLE_S = 6.0
N_RUNS = 3
MB = 1e6
READY_S = {10_000: 2.0, 1_000_000: 10.0}
IDLE_MB = {10_000: 200.0, 1_000_000: 1_500.0}


def main(argv: list[str] | None = None) -> None:
    """Times are the best of three starts: others use the machine too."""
    given = options(__doc__, argv, tracks=10_000, listeners=300)
    with prepared(given) as (app, asking):
        token = app.accounts.open_session(asking[0])
        data_dir = app.settings.data_dir
        app.close()
        ready: list[float] = []
        cpu: list[float] = []
        first_list: list[float] = []
        web_mb = worker_mb = 0.0
        parts: dict[str, float] = {}
        for _ in range(N_RUNS):
            with served(data_dir, worker=True, pinned=False) as server:
                spent = psutil.Process(server.pid).cpu_times()
                cpu.append(spent.user + spent.system)
                asked = time.perf_counter()
                answer = httpx.get(f"{server.url}/v1/recommendations/for_you", timeout=60,
                                   headers={"Authorization": f"Bearer {token}"})  # fmt: skip
                answer.raise_for_status()
                ready.append(server.ready_s)
                first_list.append(server.ready_s + time.perf_counter() - asked)
                time.sleep(SETTLE_S)
                web = psutil.Process(server.pid)
                web_mb = web.memory_info().rss / MB
                parts = parts_of(server.pid)
                worker_mb = (
                    sum(child.memory_info().rss for child in web.children(recursive=True)) / MB
                )
    data = f"synthetic {given.tracks} tracks" + (f", {given.events} events" if given.events else "")
    for metric, times in (("ready", ready), ("first list", first_list)):
        figure("S11", metric, min(times), "s", data=data, n=N_RUNS,
               target=READY_S.get(given.tracks), better="lower")  # fmt: skip
    figure("S11", "ready cpu", min(cpu), "s", data=data, n=N_RUNS)
    figure("S11", "web process resident", web_mb, "MB", data=data, n=1)
    for name, value in parts.items():
        figure("S11", f"web process {name}", value, "MB", data=data, n=1)
    figure("S11", "worker resident", worker_mb, "MB", data=data, n=1)
    figure("S11", "resident memory idle", web_mb + worker_mb, "MB", data=data, n=1,
           target=IDLE_MB.get(given.tracks), better="lower")  # fmt: skip


def parts_of(pid: int) -> dict[str, float]:
    """Anonymous and proportional memory of a process (MB); nothing where no system says."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8")
    except OSError:
        return {}
    kib = {words[0]: float(words[1]) for line in text.splitlines()[1:] if (words := line.split())}
    names = {"anonymous": "Anonymous:", "proportional": "Pss:"}
    return {name: kib[key] * 1024 / MB for name, key in names.items()}


if __name__ == "__main__":
    main()
