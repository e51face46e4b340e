"""Many files read at once by worker processes that may hang or die without harm to the scan."""

# ruff: noqa: PTH120
# Paths stay strings here: a Path for each of a million files would cost more than its stat.

import os
import selectors
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice

import msgspec
from msgspec.structs import replace

from segue.child import write_frame
from segue.data.records import FileStat, ScannedFile
from segue.scanner.tags import read_file
from segue.scanner.worker import Chunk

CHUNK_FILES = 64
IN_PROCESS_FILES = 32  # fewer are read sooner than a worker starts
FILE_TIMEOUT_S = 20.0
START_TIMEOUT_S = 30.0  # on top, for the first file of a new worker
DEATHS_ALLOWED = 2
_POLL_S = 0.2
_PASSED_ON = ("PATH", "PYTHONPATH", "PYTHONHOME", "LANG", "LC_ALL", "TMPDIR")

_COMMAND = (sys.executable, "-P", "-m", "segue.scanner.worker")
_decode = msgspec.msgpack.Decoder(ScannedFile).decode
_encode = msgspec.msgpack.Encoder().encode


def read_many(
    stats: Iterable[FileStat],
    workers: int,
    should_stop: Callable[[], bool] | None = None,
    *,
    root: str | None = None,
    covers: Mapping[str, str] | None = None,
    file_timeout_s: float = FILE_TIMEOUT_S,
    command: tuple[str, ...] = _COMMAND,
) -> Iterator[ScannedFile]:
    """Read files in any order; each is answered once, with tags or with a problem.

    A file during which a worker hangs is a problem at once; one during which it dies is tried
    again, and is a problem after the second death. At most one chunk of 64 files is in flight for
    each worker, and nothing runs ahead of a slow caller by more than that.

    Args:
        stats: the files; consumed as the work goes on.
        workers: number of processes; 0 reads in this process, and so do a few files.
        should_stop: asked between files; True ends the reading.
        root: the music folder, see :func:`segue.scanner.tags.read_file`.
        covers: folder -> image, from the walk; None looks into each folder (in process only).
        file_timeout_s: wall-clock time for one file.
        command: the worker program; tests put a bad one here.
    """
    stop = should_stop or (lambda: False)
    source = iter(stats)
    first = list(islice(source, IN_PROCESS_FILES + 1))
    if workers <= 0 or len(first) <= IN_PROCESS_FILES or sys.platform == "win32":
        for stat in chain(first, source):
            if stop():
                return
            yield read_file(stat, root=root, covers=covers)
        return
    pool = _Pool(chain(first, source), workers, root, file_timeout_s, command)
    try:
        while not stop() and not pool.is_done():
            for file in pool.collect():
                yield _with_cover(file, covers)
    finally:
        pool.close()


def _with_cover(file: ScannedFile, covers: Mapping[str, str] | None) -> ScannedFile:
    if not covers or file.tags is None:
        return file
    cover = covers.get(os.path.dirname(file.stat.path))
    return replace(file, cover_path=cover) if cover else file


class _Worker:
    """One child process, the files it still owes, and how long it has kept us waiting."""

    def __init__(self, command: tuple[str, ...]) -> None:
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**environment, "PYTHONUTF8": "1"},
        )
        assert self.process.stdin
        assert self.process.stdout
        self.stdin, self.stdout = self.process.stdin, self.process.stdout
        self.owed: deque[FileStat] = deque()
        self.waited_s = -START_TIMEOUT_S
        self._buffer = bytearray()

    def send(self, stats: list[FileStat], root: str | None) -> bool:
        """Hand over a chunk; False when the worker is dead."""
        self.owed.extend(stats)
        try:
            write_frame(self.stdin, _encode(Chunk(stats, root)))
        except OSError:
            return False
        return True

    def receive(self) -> list[ScannedFile] | None:
        """Files answered so far; None when the worker closed its end: it died."""
        data = os.read(self.stdout.fileno(), 1 << 18)
        if not data:
            return None
        self._buffer += data
        files: list[ScannedFile] = []
        start = 0
        while len(self._buffer) - start >= 4:
            end = start + 4 + int.from_bytes(self._buffer[start : start + 4], "big")
            if len(self._buffer) < end:
                break
            files.append(_decode(self._buffer[start + 4 : end]))
            self.owed.popleft()
            start = end
        del self._buffer[:start]
        self.waited_s = 0.0
        return files

    def kill(self) -> None:
        """End the process and give its pipes back."""
        self.process.kill()
        self.process.wait()
        self.stdout.close()
        try:
            self.stdin.close()
        except OSError:
            return  # what was still to be sent has no reader


class _Pool:
    """Workers kept busy; those that hang or die are replaced."""

    def __init__(
        self,
        source: Iterator[FileStat],
        workers: int,
        root: str | None,
        file_timeout_s: float,
        command: tuple[str, ...],
    ) -> None:
        self._source = source
        self._root = root
        self._file_timeout_s = file_timeout_s
        self._command = command
        self._again: deque[list[FileStat]] = deque()  # chunks left by a worker that died
        self._deaths: dict[str, int] = {}
        self._lost: list[ScannedFile] = []
        self._selector = selectors.DefaultSelector()
        self._workers: set[_Worker] = set()
        self._is_source_empty = False
        self._n_workers = workers

    def is_done(self) -> bool:
        """Whether every file has been answered."""
        self._feed()
        return not self._workers and not self._lost

    def collect(self) -> list[ScannedFile]:
        """Wait a moment and return what has been read."""
        files, self._lost = self._lost, []
        since = time.monotonic()
        ready = {key.data for key, _ in self._selector.select(0 if files else _POLL_S)}
        waited_s = time.monotonic() - since
        for worker in list(self._workers):
            if worker in ready:
                self._take(worker, files)
            else:
                # Only time spent waiting here counts: a slow caller is not a slow worker.
                worker.waited_s += waited_s
                if worker.waited_s > self._file_timeout_s:
                    limit = f"{self._file_timeout_s:g} s"
                    self._give_up(worker, f"reading it hung for more than {limit}", deaths=1)
        return files

    def close(self) -> None:
        """End all workers."""
        for worker in self._workers:
            worker.kill()
        self._workers.clear()
        self._selector.close()

    def _take(self, worker: _Worker, files: list[ScannedFile]) -> None:
        try:
            answered = worker.receive()
        except msgspec.DecodeError:
            answered = None
        if answered is None:
            reason = "reading it crashed the reader twice"
            self._give_up(worker, reason, deaths=DEATHS_ALLOWED)
            return
        files.extend(answered)

    def _give_up(self, worker: _Worker, reason: str, deaths: int) -> None:
        """Answer for or set aside the file in hand, and return its neighbours to the queue."""
        self._selector.unregister(worker.stdout)
        self._workers.discard(worker)
        worker.kill()
        if not worker.owed:
            return
        culprit = worker.owed.popleft()
        died = self._deaths.get(culprit.path, 0) + 1
        self._deaths[culprit.path] = died
        if worker.owed:
            self._again.append(list(worker.owed))
        if died >= deaths:
            self._lost.append(ScannedFile(stat=culprit, problem=reason))
        else:
            self._again.append([culprit])  # alone: if it kills again, nobody else is in the room

    def _feed(self) -> None:
        for worker in list(self._workers):
            if not worker.owed:
                self._give_chunk(worker)
        while len(self._workers) < self._n_workers and (chunk := self._next_chunk()):
            worker = _Worker(self._command)
            self._workers.add(worker)
            self._selector.register(worker.stdout, selectors.EVENT_READ, worker)
            self._send(worker, chunk)

    def _give_chunk(self, worker: _Worker) -> None:
        chunk = self._next_chunk()
        if chunk:
            self._send(worker, chunk)
        else:
            self._selector.unregister(worker.stdout)
            self._workers.discard(worker)
            worker.kill()

    def _send(self, worker: _Worker, chunk: list[FileStat]) -> None:
        if not worker.send(chunk, self._root):
            # Its end of the pipe is closed; the next look at its output finds it dead as well.
            worker.waited_s = 0.0

    def _next_chunk(self) -> list[FileStat]:
        if self._again:
            return self._again.popleft()
        return list(islice(self._source, CHUNK_FILES))
