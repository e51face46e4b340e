"""A set is made ready before it is in service, so that nobody waits for what it needs."""

import gc
import sys

from segue.services import quiz
from segue.services.serving import ModelServer, yielding_often
from support.app import Watched


def test_a_published_set_is_prepared_while_the_one_before_serves(trained):
    models = trained.app.models
    before, seen = models.current(), []
    models.prepare_with(lambda coming: seen.append((coming, models.current())))
    trained.clock.now += 60.0
    trained.app.training.train(Watched())
    after = models.refresh()
    assert after is not before
    assert [(coming is after, serving is before) for coming, serving in seen] == [(True, True)]


def test_the_first_set_of_a_process_serves_before_what_a_list_does_without_is_ready(trained):
    models, seen = ModelServer(trained.app.settings.models_dir, trained.app.catalog), []
    models.prepare_with(seen.append)
    first = models.current()
    assert (first.version is not None, seen) == (True, [])
    models.finish()
    models.finish()
    assert seen == [first]


def test_who_reads_a_set_gives_way_to_requests_soon_and_only_then():
    usual = sys.getswitchinterval()
    with yielding_often():
        assert sys.getswitchinterval() < usual / 10
        assert not gc.isenabled()
    assert (sys.getswitchinterval(), gc.isenabled()) == (usual, True)


def test_the_bare_set_is_not_prepared(house):
    seen = []
    house.app.models.prepare_with(seen.append)
    assert house.app.models.refresh().version is None
    assert seen == []


def test_the_quiz_makes_no_board_in_a_request_and_keeps_that_of_the_set_before(
    trained, monkeypatch
):
    app, ada = trained.app, trained.id_of("ada")
    before = app.models.current()
    app.models.finish()
    trained.clock.now += 60.0
    app.training.train(Watched())
    after = app.models.refresh()

    def fail(_serving):
        raise AssertionError("a board was made in a request")

    monkeypatch.setattr(quiz, "make_board", fail)
    assert app.quiz.ask(ada).question is not None
    for serving in (before, after):
        assert app.quiz._board_of(serving) is app.quiz._board_of(serving)


def test_boards_of_sets_that_are_gone_are_let_go(trained):
    service, serving = trained.app.quiz, trained.app.models.current()
    boards = [service._board_of(serving)]
    for _ in range(2 * quiz.N_BOARDS):
        service.prepare(serving)
    boards.append(service._board_of(serving))
    assert boards[0] is not boards[1]
    assert len(service._boards) == quiz.N_BOARDS
