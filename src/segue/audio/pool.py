"""Many files listened to by worker processes that may hang or die without harm to the rest."""

import os
import selectors
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from queue import Empty, Queue
from typing import IO

import msgspec

from segue.audio.worker import WHOLE_FILE_FACTOR, Ask, Heard
from segue.child import write_frame

FILE_TIMEOUT_S = 180.0
START_TIMEOUT_S = 120.0  # kernels are compiled at the very first start
RECYCLE_AFTER_FILES = 200  # what leaks in a decoder is given back
DEATHS_ALLOWED = 2  # a second chance for a file that was in hand when a worker died
_PASSED_ON = ("PATH", "PYTHONPATH", "PYTHONHOME", "LANG", "LC_ALL", "TMPDIR", "HOME",
              "NUMBA_CACHE_DIR")  # fmt: skip
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
_COMMAND = (sys.executable, "-P", "-m", "segue.audio.worker")
PEAKS_COMMAND = (*_COMMAND, "--peaks-only")


def listen_to_many(
    asks: Iterable[Ask],
    workers: int,
    should_stop: Callable[[], bool] | None = None,
    *,
    file_timeout_s: float = FILE_TIMEOUT_S,
    command: tuple[str, ...] = _COMMAND,
) -> Iterator[Heard]:
    """Listen to files in any order; each is answered once, with a vector or with a problem.

    Args:
        asks: The files; at most one a worker is taken ahead.
        workers: Number of processes >= 1, each with one thread and low priority.
        should_stop: Asked between answers; True ends the listening.
        file_timeout_s: Wall-clock time for one file; five times as much for one read whole.
        command: The worker program; tests put a bad one here.
    """
    stop = should_stop or (lambda: False)
    source, answers = _Source(asks), Queue[Heard | None](maxsize=2 * workers)
    threads = [
        threading.Thread(
            target=_serve, args=(source, answers, file_timeout_s, command), daemon=True
        )
        for _ in range(max(1, workers))
    ]
    for thread in threads:
        thread.start()
    left = len(threads)
    try:
        while left and not stop():
            try:
                answer = answers.get(timeout=0.2)
            except Empty:
                continue
            if answer is None:
                left -= 1
            else:
                yield answer
    finally:
        source.end()
        while left:  # let every thread put what it has in hand, and end
            left -= answers.get() is None


class _Source:
    """Files handed out one by one to any thread, until it is ended."""

    def __init__(self, asks: Iterable[Ask]) -> None:
        self._asks = iter(asks)
        self._lock = threading.Lock()
        self._is_over = False

    def next(self) -> Ask | None:
        """Another file, or None when there is none."""
        with self._lock:
            return None if self._is_over else next(self._asks, None)

    def end(self) -> None:
        """Hand out nothing more."""
        with self._lock:
            self._is_over = True


def _serve(
    source: _Source,
    answers: "Queue[Heard | None]",
    file_timeout_s: float,
    command: tuple[str, ...],
) -> None:
    """One worker process after another, until the files are gone."""
    child = _Child(command)
    try:
        while (ask := source.next()) is not None:
            answers.put(_answer(child, ask, file_timeout_s))
    finally:
        child.kill()
        answers.put(None)


def _answer(child: "_Child", ask: Ask, file_timeout_s: float) -> Heard:
    timeout_s = file_timeout_s * (WHOLE_FILE_FACTOR if ask.full else 1)
    for _ in range(DEATHS_ALLOWED):
        try:
            return child.ask(ask, timeout_s)
        except TimeoutError:
            child.kill()
            return Heard(ask.path, problem=f"listening to it hung for more than {timeout_s:g} s")
        except (OSError, EOFError, msgspec.DecodeError):
            child.kill()
    return Heard(ask.path, problem="listening to it crashed the listener twice")


class _Child:
    """A worker process that is started when needed, and again when it is gone."""

    def __init__(self, command: tuple[str, ...]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._n_files = 0

    def ask(self, ask: Ask, timeout_s: float) -> Heard:
        """One answer.

        Raises:
            TimeoutError: It did not come in time.
            OSError, EOFError, msgspec.DecodeError: The process died or talks nonsense.
        """
        if self._n_files >= RECYCLE_AFTER_FILES:
            self.kill()
        process = self._process or self._start()
        assert process.stdin
        assert process.stdout
        self._n_files += 1
        write_frame(process.stdin, msgspec.msgpack.encode(ask))
        return msgspec.msgpack.decode(_frame(process.stdout, timeout_s), type=Heard)

    def kill(self) -> None:
        """End the process and give its pipes back."""
        process, self._process, self._n_files = self._process, None, 0
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stdin):
            assert pipe
            try:
                pipe.close()
            except OSError:
                continue  # what was still to be sent has no reader

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={**environment, **_ONE_THREAD, "PYTHONUTF8": "1"},
        )
        assert self._process.stdout
        _frame(self._process.stdout, START_TIMEOUT_S)
        return self._process


def _frame(stdout: IO[bytes], timeout_s: float) -> bytes:
    with selectors.DefaultSelector() as selector:
        selector.register(stdout, selectors.EVENT_READ)
        size = int.from_bytes(_exactly(stdout, 4, selector, timeout_s), "big")
        return _exactly(stdout, size, selector, timeout_s)


def _exactly(
    stdout: IO[bytes], size: int, selector: selectors.BaseSelector, timeout_s: float
) -> bytes:
    data = bytearray()
    while len(data) < size:
        if not selector.select(timeout_s):
            raise TimeoutError
        part = os.read(stdout.fileno(), size - len(data))
        if not part:
            raise EOFError
        data += part
    return bytes(data)
