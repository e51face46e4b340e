"""S12: from a fresh clone to a home page with explained music, and how large the installation is.

Clones this repository, so what is not committed is not measured. Packages come from the package
cache where it has them; it is run once, since it takes minutes.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import httpx

from benchmarks.lines import figure, progress

ROOT = Path(__file__).parents[2]
PASSWORD = "a long enough password"  # noqa: S105 - of an account that lives for this run
MB = 1e6


def main(argv: list[str] | None = None) -> None:
    """Three steps, each timed: environment, demo library, server with a first list."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8_765)
    port = parser.parse_args(argv).port
    with tempfile.TemporaryDirectory(prefix="segue-bench-") as folder:
        clone = Path(folder) / "segue"
        _run("git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone), at=ROOT)
        started = time.perf_counter()
        _run("scripts/setup.sh", "run", at=clone)
        installed_s = time.perf_counter() - started
        progress(f"installed after {installed_s:.1f} s")
        segue = (".venv/bin/segue", "--data-dir", "data")
        _run(*segue, "demo", "--password", PASSWORD, at=clone)
        demo_s = time.perf_counter() - started - installed_s
        progress(f"demo composed in {demo_s:.1f} s")
        _first_page(clone, [*segue, "serve", "--port", str(port)], f"http://127.0.0.1:{port}")
        page_s = time.perf_counter() - started
        size_mb = _size(clone / ".venv") / MB
    data = "fresh clone, demo library"
    figure("S12", "first explained page", page_s, "s", data=data, n=1, target=180.0, better="lower")
    figure("S12", "install", installed_s, "s", data=data, n=1)
    figure("S12", "demo", demo_s, "s", data=data, n=1)
    figure("S12", "installed size", size_mb, "MB", data=data, n=1, target=900.0, better="lower")


def _run(*command: str, at: Path) -> None:
    subprocess.run(command, cwd=at, check=True, stdout=subprocess.DEVNULL)


def _first_page(clone: Path, command: list[str], url: str) -> None:
    """Serve until the home page and a list with a reason on every track are there."""
    quiet = os.environ | {"SEGUE_LOG_LEVEL": "error"}
    server = subprocess.Popen(command, cwd=clone, env=quiet, stdout=subprocess.DEVNULL)
    try:
        with httpx.Client(base_url=url, timeout=30) as client:
            _wait(client, server)
            body = {"name": "demo", "password": PASSWORD}
            answer = client.post("/v1/session", content=json.dumps(body),
                                 headers={"Content-Type": "application/json"})  # fmt: skip
            answer.raise_for_status()
            client.get("/").raise_for_status()
            tracks = client.get("/v1/recommendations/for_you").raise_for_status().json()["tracks"]
            if not tracks or not all(track["reasons"] for track in tracks):
                raise SystemExit(f"{len(tracks)} tracks, not all with a reason")
    finally:
        server.terminate()
        server.wait(20)


def _wait(client: httpx.Client, server: "subprocess.Popen[bytes]") -> None:
    while server.poll() is None:
        try:
            client.get("/health").raise_for_status()
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"segue serve ended with status {server.returncode}")


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
