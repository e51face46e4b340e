"""A server that speaks MongoDB's wire protocol, with its data in memory."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def mongo_server(folder: Path) -> Iterator[str]:
    """The address of a server of one's own."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    arguments = ["--db", "memory", "-p", str(port), "--log-file", "/dev/null",
                 "--pid-file", str(folder / "pid")]  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-c", "from nx_27017.nx_27017 import main; main()", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"mongodb://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait(10)
