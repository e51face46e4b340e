"""Load over HTTP with 16 connections: `wrk` on the other core, or asyncio where it is absent."""

import asyncio
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import httpx
import numpy as np
from msgspec import Struct

from benchmarks.speed.serving import has_two_cores

CONNECTIONS = 16
# Each request of the list in turn; at the end the counts, and the latency in microseconds.
_SCRIPT = """
local requests, number = %s, 0
request = function()
  number = number %% #requests + 1
  local r = requests[number]
  return wrk.format(r[1], r[2], {Authorization = r[3], ["Content-Type"] = "application/json"}, r[4])
end
done = function(summary, latency)
  io.write(string.format('\\nRESULT {"n":%%d,"s":%%f,"bad":%%d,"p99_ms":%%f}\\n', summary.requests,
    summary.duration / 1e6, summary.errors.status + summary.errors.connect + summary.errors.read +
    summary.errors.write + summary.errors.timeout, latency:percentile(99) / 1e3))
end
"""


class Request(Struct, frozen=True):
    """One request; ``token`` is that of a session."""

    path: str
    token: str
    method: str = "GET"
    body: str = ""


class Load(Struct, frozen=True):
    """What came of it: answers per second, 99th percentile (ms), answers in all, failed ones."""

    per_s: float
    p99_ms: float
    n: int
    n_failed: int


def load(url: str, requests: list[Request], seconds: float = 8.0) -> Load:
    """Send the requests in turn, over and over."""
    if shutil.which("wrk"):
        return _with_wrk(url, requests, seconds)
    return asyncio.run(_with_asyncio(url, requests, seconds))


def _with_wrk(url: str, requests: list[Request], seconds: float) -> Load:
    rows = ",".join(
        "{" + ",".join(json.dumps(text) for text in
                       (r.method, r.path, f"Bearer {r.token}", r.body)) + "}"
        for r in requests
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "load.lua"
        script.write_text(_SCRIPT % ("{" + rows + "}"), "utf-8")
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "-s", str(script), url]
        if has_two_cores():
            command = ["taskset", "-c", "1", *command]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    line = next(line for line in output.splitlines() if line.startswith("RESULT "))
    found = json.loads(line.removeprefix("RESULT "))
    return Load(found["n"] / found["s"], found["p99_ms"], found["n"], found["bad"])


async def _with_asyncio(url: str, requests: list[Request], seconds: float) -> Load:
    times: list[float] = []
    failed = 0
    ends = time.perf_counter() + seconds

    async def one(client: httpx.AsyncClient, offset: int) -> None:
        nonlocal failed
        number = offset
        while (start := time.perf_counter()) < ends:
            r = requests[number % len(requests)]
            number += CONNECTIONS
            answer = await client.request(r.method, r.path, content=r.body or None,
                                          headers={"Authorization": f"Bearer {r.token}",
                                                   "Content-Type": "application/json"})  # fmt: skip
            times.append(time.perf_counter() - start)
            failed += answer.is_error

    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        await asyncio.gather(*(one(client, i) for i in range(CONNECTIONS)))
    p99_ms = 1e3 * float(np.percentile(times, 99))
    return Load(len(times) / seconds, p99_ms, len(times), failed)
