"""When bars are drawn, kept and drawn anew."""

import os
import threading

import pytest

from segue.audio.worker import Heard
from segue.errors import NotFoundError, ThrottledError
from segue.services import peaks as peaks_module
from segue.services.peaks import PeakService
from segue.store.analyses import Analyses


class Pencil:
    """A worker that remembers what it was asked, and draws the same for all."""

    def __init__(self, problem=None):
        self.asked = []
        self.problem = problem

    def __call__(self, asks):
        self.asked.extend(asks)
        bars = b"" if self.problem else bytes([0, 128, 255])
        return (Heard(ask.path, problem=self.problem, peaks=bars) for ask in asks)


def service(house, pencil):
    return PeakService(house.app.library, Analyses(house.app.database), house.clock, pencil)


def test_a_track_is_drawn_once_and_kept_for_the_next_start(house):
    pencil, track = Pencil(), house.track("Real Wav")
    assert service(house, pencil).of(track).peaks == [0, 128, 255]
    assert service(house, pencil).of(track).peaks == [0, 128, 255]
    assert [(ask.what, ask.path.endswith("Real Wav.wav")) for ask in pencil.asked] == [
        ("peaks", True)
    ]


def test_a_changed_file_is_drawn_anew(house, tmp_path):
    pencil, track = Pencil(), house.track("Real Wav")
    service(house, pencil).of(track)
    file = house.app.library.file_of(track)
    os.utime(file.path, ns=(1, file.modified_ns + 10**9))
    try:
        house.app.library.scan(house.music, Quiet())
        service(house, pencil).of(track)
    finally:
        os.utime(file.path, ns=(1, file.modified_ns))
    assert len(pencil.asked) == 2


class Quiet:
    def report(self, *args, **kwargs):
        pass

    def should_stop(self):
        return False


def test_a_file_that_cannot_be_decoded_has_no_bars_and_is_not_tried_again(house):
    pencil, track = Pencil("damaged"), house.track("Real Wav")
    assert service(house, pencil).of(track).peaks == []
    assert service(house, pencil).of(track).peaks == []
    assert len(pencil.asked) == 1


def test_a_track_without_a_file_is_not_found(house):
    with pytest.raises(NotFoundError):
        service(house, Pencil()).of(house.track("Wish"))


def test_who_asks_while_another_is_drawn_is_told_to_ask_again(house, monkeypatch):
    monkeypatch.setattr(peaks_module, "WAIT_S", 0.01)
    begun, may_end = threading.Event(), threading.Event()

    def slow(asks):
        begun.set()
        assert may_end.wait(20)
        return Pencil()(asks)

    busy = service(house, slow)
    first = threading.Thread(target=busy.of, args=(house.track("Real Wav"),))
    first.start()
    assert begun.wait(20)
    with pytest.raises(ThrottledError):
        busy.of(house.track("Real Ogg"))
    may_end.set()
    first.join()
    assert busy.of(house.track("Real Wav")).peaks == [0, 128, 255]


def test_bars_are_not_taken_for_sound_that_was_heard(house):
    service(house, Pencil()).of(house.track("Real Wav"))
    assert house.app.analysis.counts().n_heard == 0
