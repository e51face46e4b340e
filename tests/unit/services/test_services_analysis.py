import numpy as np
import pytest

from segue.audio.vector import FEATURES, FEATURES_VERSION
from segue.audio.worker import Heard
from segue.services.analysis import AnalysisService
from segue.store.analyses import Analyses
from support.app import Watched


def answers(problem_at=()):
    """A listener that makes vectors up, in the order asked."""

    def listen(asks, workers, should_stop):
        for number, ask in enumerate(asks):
            if should_stop():
                return
            if number in problem_at:
                yield Heard(ask.path, problem="broken")
            else:
                vector = np.full(len(FEATURES), number, "<f4").tobytes()
                yield Heard(ask.path, version=FEATURES_VERSION, vector=vector)

    return listen


@pytest.fixture
def service(house):
    def make(**options):
        ticks = iter(range(10_000))
        given = {"listen": answers()} | options
        return AnalysisService(
            Analyses(house.app.database), 2, house.clock, lambda: float(next(ticks)), **given
        )

    return make


def test_every_track_is_heard_once_and_training_sees_it(service, house):
    report = service().run(Watched())
    n = report.heard
    assert n > 3
    assert (report.problems, report.left) == (0, 0)
    assert report.tracks_per_hour > 0
    assert service().run(Watched()).heard == 0
    vectors = house.app.training.dataset().tracks.vectors["sound"]
    assert vectors.shape[1] == len(FEATURES)
    assert np.isfinite(vectors).all(axis=1).sum() == n  # others have no file


def test_a_file_that_cannot_be_heard_is_named_and_the_rest_goes_on(service):
    report = service(listen=answers(problem_at={1})).run(Watched())
    assert report.problems == 1
    assert "broken" in report.warnings[0]
    assert service().counts().n_problems == 1


def test_what_was_heard_before_the_time_was_up_is_kept(service):
    first = service().run(Watched(), within_s=8.0)
    assert first.left > 0
    rest = service().run(Watched())
    assert rest.heard == first.left


def test_the_listener_is_told_in_words_how_far_it_is(service):
    watched = Watched()
    n = service().run(watched).heard
    messages = [message for _, _, message in watched.told]
    assert messages[-1] == f"We are listening to your music: {n} of {n}"
    assert any("left" in message for message in messages)


def test_asked_again_it_listens_to_what_was_heard_and_to_what_could_not_be(service):
    n = service(listen=answers(problem_at={0})).run(Watched()).heard + 1
    assert service().run(Watched()).heard == 0
    asked = []

    def listen(asks, workers, should_stop):
        asked.extend(asks)
        return answers()(asks, workers, should_stop)

    report = service(listen=listen).run(Watched(), full=True, again=True)
    assert (report.heard, report.problems) == (n, 0)
    assert all(ask.full for ask in asked)
    assert service().counts().n_problems == 0
