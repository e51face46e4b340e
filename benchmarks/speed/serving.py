"""`segue serve` as a process of its own, on a prepared data folder, for figures over HTTP."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx


@dataclass(frozen=True, slots=True)
class Server:
    """Where it answers, its process id, and how long it took to its first answer (s)."""

    url: str
    pid: int
    ready_s: float


@contextmanager
def served(data_dir: Path, *, worker: bool = False, pinned: bool = True) -> Generator[Server]:
    """Start, wait for health, and end. ``pinned`` keeps the server on core 0."""
    port = _free_port()
    command = [sys.executable, "-m", "segue", "--data-dir", str(data_dir), "serve", "--no-scan",
               "--port", str(port), "--worker" if worker else "--no-worker"]  # fmt: skip
    if pinned and has_two_cores():
        command = ["taskset", "-c", "0", *command]
    environment = os.environ | {"SEGUE_LOG_LEVEL": "error",
                                "SEGUE_RETRAIN_AFTER_EVENTS": str(10**9)}  # fmt: skip
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed has its byte code
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, process)
        yield Server(url, process.pid, time.perf_counter() - started)
    finally:
        process.terminate()
        process.wait(20)


def has_two_cores() -> bool:
    """Whether client and server can each have a core of their own."""
    return shutil.which("taskset") is not None and len(os.sched_getaffinity(0)) > 1


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(6_000):
        if process.poll() is not None:
            raise SystemExit(f"segue serve ended with status {process.returncode}")
        try:
            if httpx.get(f"{url}/health", timeout=5).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.01)
    raise SystemExit("segue serve did not answer within a minute")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
