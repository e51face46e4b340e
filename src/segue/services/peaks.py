"""Bars of the seek bar: drawn when somebody first plays a track, and kept beside the analysis.

Drawing reads all of a file, analysis only windows of it: in one pass with it, listening to a
library would take nearly twice as long, most of it for tracks that nobody looks at.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from segue.audio.pool import PEAKS_COMMAND, listen_to_many
from segue.audio.worker import Ask, Heard
from segue.errors import ThrottledError
from segue.services.library import LibraryService
from segue.store.analyses import Analyses, Analysis

KIND = "peaks"
VERSION = 1
WAIT_S = 10.0  # for a drawing that is under way

Draw = Callable[[Sequence[Ask]], Iterator[Heard]]


class Peaks(Struct, frozen=True, kw_only=True):
    """How loud a track is from its beginning to its end: parts of equal length, 0..255.

    ``peaks`` is empty for a file that cannot be decoded.
    """

    peaks: list[int]


def draw(asks: Sequence[Ask]) -> Iterator[Heard]:
    """Peaks of files by a worker process, which has hard limits."""
    return listen_to_many(asks, workers=1, command=PEAKS_COMMAND)


class PeakService:
    """The bars of each track that was ever played.

    Args:
        library: Where the files are.
        analyses: Where bars are kept.
        clock: Unix time (s).
        draw: The worker; tests may put another one here.
    """

    def __init__(
        self,
        library: LibraryService,
        analyses: Analyses,
        clock: Callable[[], float] = time.time,
        draw: Draw = draw,
    ) -> None:
        self._library = library
        self._analyses = analyses
        self._clock = clock
        self._draw = draw
        self._lock = threading.Lock()  # one drawing at a time: it is a core's work

    def of(self, track_id: str) -> Peaks:
        """The bars of a track; a second or two of work the first time, and when its file changed.

        Raises:
            NotFoundError: No such track, or it has no file.
            ThrottledError: Others are being drawn; ask again.
        """
        file = self._library.file_of(track_id)
        state = f"{file.size_bytes}-{file.modified_ns}"
        if (kept := self._kept(track_id, state)) is not None:
            return kept
        if not self._lock.acquire(timeout=WAIT_S):
            raise ThrottledError("another track is being drawn; ask again soon", WAIT_S)
        try:
            return self._kept(track_id, state) or self._drawn(track_id, file.path, state)
        finally:
            self._lock.release()

    def _kept(self, track_id: str, state: str) -> Peaks | None:
        found = self._analyses.get(KIND, VERSION, track_id)
        return Peaks(peaks=list(found.sketch)) if found and found.heard == state else None

    def _drawn(self, track_id: str, path: str, state: str) -> Peaks:
        (answer,) = self._draw([Ask(path, what="peaks")])
        found = Analysis(track_id=track_id, heard=state, analysed_at=self._clock(),
                         problem=answer.problem, sketch=answer.peaks)  # fmt: skip
        self._analyses.save(KIND, VERSION, [found])
        return Peaks(peaks=list(answer.peaks))
