import pytest

from segue.errors import JobCancelledError
from segue.jobs.progress import JobProgress


class Sink:
    def __init__(self) -> None:
        self.rows: list[tuple] = []
        self.cancel = False

    def progress(self, job_id, done, total, unit, message, now, worker=None):
        self.rows.append((done, total, unit, message))
        return self.cancel


def test_frequent_reports_are_written_now_and_then():
    sink, now = Sink(), [0.0]
    with JobProgress(sink, "j", "worker", lambda: now[0]) as progress:
        for done in range(100):
            now[0] += 0.01
            progress.report(done, 1_000, unit="files", message="Reading")
    assert 1 <= len(sink.rows) <= 4


def test_the_last_report_is_always_written():
    sink = Sink()
    with JobProgress(sink, "j", "worker", lambda: 0.0) as progress:
        progress.report(1, 10)
        progress.report(10, 10)
    assert sink.rows[-1][0] == 10


def test_a_cancel_raises_at_the_next_written_report():
    sink = Sink()
    with JobProgress(sink, "j", "worker", lambda: 0.0) as progress:
        progress.report(1, 10, message="a")
        sink.cancel = True
        with pytest.raises(JobCancelledError):
            progress.report(2, 10, message="b")
        assert progress.should_stop()
