"""Whatever a disk holds, every file that goes to the workers gets one status."""

import pytest
from benchmarks.quality.ears_mutated import CHANGES, listened, mutated, originals, status_of

from segue.audio.worker import Ask, hear

N = 270


@pytest.mark.slow
def test_damaged_files_of_every_format_each_get_one_status(tmp_path):
    answers = list(listened(N, 2, tmp_path, seed=7))
    assert len({heard.path for _, _, heard in answers}) == len(answers) == N
    assert {suffix for suffix, _, _ in answers} == set(originals())
    for _, _, heard in answers:
        if heard.problem is not None:
            assert heard.vector + heard.sketch + heard.peaks == b""
    found = {status_of(heard) for _, _, heard in answers}
    assert {"heard", "refused with a reason"} <= found
    assert "failed unforeseen" not in found
    assert list(tmp_path.iterdir()) == []


def test_every_format_is_heard_before_it_is_damaged(tmp_path):
    for suffix, content in originals().items():
        path = tmp_path / f"a{suffix}"
        path.write_bytes(content)
        heard = hear(Ask(str(path)))
        assert heard.problem is None, suffix
        assert heard.vector


def test_mutations_are_many_and_the_same_for_a_seed():
    sounds = originals()
    made = [mutated(number, 3, sounds) for number in range(200)]
    assert made == [mutated(number, 3, sounds) for number in range(200)]
    assert {change for _, change, _ in made} == {c.__name__ for c in CHANGES} | {"other file"}
    damaged = sum(content != sounds[suffix] for suffix, _, content in made)
    assert damaged >= 190
