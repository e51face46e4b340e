"""The peers' own environment, made on demand, and one of them run as a child process.

Their pins (an older NumPy) do not fit those of Segue, so they never share a process with it.
Arrays cross as .npy and .npz files, the rest as JSON. ``python -m benchmarks.peers.env`` makes the
environment and prints for each peer its version or why it is absent.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.lines import progress

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".venv-peers"
REQUIREMENTS = ROOT / "requirements" / "peers.txt"
# import name -> distribution; RecTools brings implicit as pm-implicit
PEERS = {
    "implicit": "pm-implicit",
    "rectools": "rectools",
    "lenskit": "lenskit",
    "surprise": "scikit-surprise",
    "similaripy": "similaripy",
    "cornac": "cornac",
}
PROBE = "import {0}; from importlib.metadata import version; print(version('{1}'))"
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
                    "NUMBA_NUM_THREADS")  # fmt: skip


def made(folder: Path = FOLDER, requirements: Path = REQUIREMENTS) -> Path:
    """The Python of the environment, made first unless it was made from the same pins."""
    python, stamp = folder / "bin" / "python", folder / ".installed"
    wanted = requirements.read_text()
    if not (stamp.is_file() and stamp.read_text() == wanted):
        progress(f"making {folder.name} from {requirements.name}")
        venv.create(folder, with_pip=True, clear=True)
        reason = _install(python, requirements)
        if reason:
            progress(f"not all at once ({reason}); one by one")
            _install_each(python, wanted)
        stamp.write_text(wanted)
    return python


def versions(python: Path) -> dict[str, str]:
    """Version of each peer that can be imported; the others are named with the reason."""
    found = {}
    for module, distribution in PEERS.items():
        done = subprocess.run([str(python), "-c", PROBE.format(module, distribution)],
                              capture_output=True, text=True, check=False)  # fmt: skip
        if done.returncode:
            progress(f"peer {module} skipped: {_last_line(done.stderr)}")
        else:
            found[module] = _last_line(done.stdout)
    return found


def run_peer(
    python: Path, script: Path, job: Mapping[str, Any], n_threads: int = 2
) -> dict[str, Any]:
    """Run ``script JOB.json RESULT.json`` with the peers' Python and return what it wrote.

    Args:
        python: From :func:`made`.
        script: May import the peers and NumPy, not Segue.
        job: What JSON can hold; arrays as paths of .npy or .npz files.
        n_threads: For BLAS, OpenMP and numba.

    Raises:
        RuntimeError: The script failed; the message has the last line it said.
    """
    limits = dict.fromkeys(THREAD_VARIABLES, str(n_threads))
    with tempfile.TemporaryDirectory() as folder:
        asked, answered = Path(folder, "job.json"), Path(folder, "result.json")
        asked.write_text(json.dumps(job))
        done = subprocess.run([str(python), str(script), str(asked), str(answered)],
                              env=_without_ours(os.environ) | limits, stdout=sys.stderr,
                              stderr=subprocess.PIPE, text=True, check=False)  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{script.name} failed: {_last_line(done.stderr)}")
        return json.loads(answered.read_text())


def pins_of(text: str) -> list[str]:
    """The requirements of a pinned file, each with its hashes.

    >>> pins_of("a==1 \\\\\\n    --hash=sha256:0\\nb==2 \\\\\\n    --hash=sha256:1\\n")[1][:4]
    'b==2'
    """
    return [part for part in re.split(r"(?m)^(?=[A-Za-z0-9])", text) if "==" in part]


def _install(python: Path, requirements: Path, *options: str) -> str:
    """Why the installation failed, or an empty string."""
    done = subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--require-hashes",
                           "--disable-pip-version-check", *options, "-r", str(requirements)],
                          capture_output=True, text=True, check=False)  # fmt: skip
    return _last_line(done.stderr) if done.returncode else ""


def _install_each(python: Path, pins: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        one = Path(folder, "one.txt")
        for pin in pins_of(pins):
            one.write_text(pin)
            reason = _install(python, one, "--no-deps")
            if reason:
                progress(f"{pin.split()[0]} cannot be installed: {reason}")


def _without_ours(environment: Mapping[str, str]) -> dict[str, str]:
    """Without what would make the child import from this checkout."""
    return {name: value for name, value in environment.items() if name != "PYTHONPATH"}


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no message"


if __name__ == "__main__":
    print(json.dumps(versions(made())))
