"""What a page says of a job that runs: the step it is at, in the listener's language."""

import msgspec
import pytest

from segue.server.web.language import speaking
from segue.server.web.words import job_words
from segue.store.jobs import Job

ANALYSIS = Job(
    id="j", kind="analyse", params={}, state="running", n_tries=1, worker="w",
    lease_until=None, cancel_asked=False, done=51, total=1_213, unit="tracks",
    message="We are comparing recordings: 51 of 1,213, about 15 minutes left", error=None,
    created_at=0.0, started_at=1.0, finished_at=None,
)  # fmt: skip


def test_an_analysis_says_which_of_its_steps_it_is_at_and_how_long_that_one_takes():
    assert job_words(ANALYSIS) == (
        "We are comparing recordings: 51 of 1,213, about 15 minutes left"
    )


@pytest.mark.parametrize(
    ("message", "german"),
    [
        ("We are comparing recordings: 51 of 1,213, about 15 minutes left",
         "Wir vergleichen Aufnahmen: 51 von 1.213, noch etwa 15 Minuten"),
        ("We are listening to your music: 213 of 213", "Wir hören deine Musik an: 213 von 213"),
        ("We are listening to your music: 0 of 213", "Wir hören deine Musik an: 0 von 213"),
    ],
)  # fmt: skip
def test_it_says_so_in_german(message, german):
    with speaking("de"):
        assert job_words(msgspec.structs.replace(ANALYSIS, message=message)) == german


def test_a_step_without_words_of_its_own_is_told_by_what_the_job_is():
    assert job_words(msgspec.structs.replace(ANALYSIS, message="", total=None)) == (
        "We are listening to your music …"
    )
