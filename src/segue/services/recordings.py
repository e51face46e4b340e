"""Finds tracks that hold one recording, whatever their tags and their length: by fingerprints."""

from collections.abc import Set

import numpy as np

from segue.audio.fingerprint import FINGERPRINT_VERSION
from segue.log import get_logger
from segue.models.cut_versions import cut_version_pairs
from segue.models.versions import joined
from segue.services.analysis import AnalysisReport, AnalysisService, Task
from segue.services.library import Progress
from segue.store.recordings import Recordings
from segue.types import IntVector

KIND = "fingerprint"
FINGERPRINTS = Task(KIND, FINGERPRINT_VERSION, "fingerprint", "We are comparing recordings")

_log = get_logger("recordings")


class RecordingService:
    """The groups of one library.

    Args:
        analysis: Listens for fingerprints.
        recordings: Where groups are kept.
    """

    def __init__(self, analysis: AnalysisService, recordings: Recordings) -> None:
        self._analysis = analysis
        self._recordings = recordings
        self.has_changed = False  # whether the last run found other groups than there were

    def run(self, progress: Progress, *, within_s: float | None = None) -> AnalysisReport:
        """Take the fingerprints that are missing, and group all tracks anew when all are there.

        Args:
            progress: Told in words how far it is.
            within_s: Stop after so long; None goes on.

        Raises:
            JobCancelledError: Somebody asked to stop; what was heard stays.
        """
        report = self._analysis.run(progress, within_s=within_s)
        self.has_changed = False
        if not report.left:
            self.has_changed = self.group()
        return report

    def group(self) -> bool:
        """Group all tracks by the fingerprints there are; whether anything changed.

        Tracks that were told apart are in no group together, unless a third one joins them.
        """
        prints = self._recordings.fingerprints(KIND, FINGERPRINT_VERSION)
        pairs = cut_version_pairs(list(prints.values()))
        groups = groups_of(
            list(prints), without(list(prints), pairs, self._recordings.told_apart())
        )
        changed = self._recordings.replace(groups)
        if changed:
            _log.info("recordings grouped", tracks=len(groups), groups=len(set(groups.values())))
        return changed


def groups_of(track_ids: list[str], pairs: IntVector) -> dict[str, str]:
    """The group of each track that stands in a pair, under the smallest id of all it is joined to.

    Args:
        track_ids: Ascending.
        pairs: Rows of them, int (n_pairs, 2).

    >>> groups_of(["a", "b", "c", "d"], np.array([[1, 3]]))
    {'b': 'b', 'd': 'b'}
    """
    group = joined(np.arange(len(track_ids)), pairs)
    return {track_ids[row]: track_ids[int(group[row])] for row in np.unique(pairs).tolist()}


def without(track_ids: list[str], pairs: IntVector, apart: Set[tuple[str, str]]) -> IntVector:
    """Pairs of rows (n_pairs, 2) less those of tracks that were told apart, in either order.

    >>> without(["a", "b", "c"], np.array([[0, 1], [1, 2]]), {("b", "a")}).tolist()
    [[1, 2]]
    """
    kept = [
        (track_ids[a], track_ids[b]) not in apart and (track_ids[b], track_ids[a]) not in apart
        for a, b in pairs.tolist()
    ]
    return pairs[np.array(kept, bool)]
