"""What a list says of how it was filled."""

import pytest

from segue.data.items import RankedList, RankedTrack, main_filler


def place(name, filled_by=None):
    return RankedTrack(track_id=name, score=1.0, reasons=(), source_scores={}, filled_by=filled_by)


LISTED = RankedList(
    "discover",
    (*map(place, "abc"), place("d", "new"), place("e", "shuffled"), place("f", "new")),
    (),
    "new",
)


def test_what_filled_most_of_a_list_is_named():
    assert main_filler(LISTED.tracks) == "new"
    assert main_filler(LISTED.tracks[:5]) == "new"  # both gave one, and this one is met first
    assert main_filler(LISTED.tracks[:3]) is None
    assert LISTED.filled_share == pytest.approx(0.5)


@pytest.mark.parametrize(("n", "said"), [(6, "new"), (5, "new"), (3, None), (0, None)])
def test_a_shortened_list_names_only_what_is_still_in_it(n, said):
    assert LISTED.of(LISTED.tracks[:n]).fallback == said


def test_what_is_said_of_the_whole_list_is_said_of_a_shorter_one():
    """A cold start or a lifted rule is no step that gave a place."""
    cold = RankedList("discover", LISTED.tracks[:3], (), "cold_start")
    assert cold.of(cold.tracks[:1]).fallback == "cold_start"


@pytest.mark.parametrize(("n", "at_its_end"), [(3, False), (4, True), (5, True), (6, False)])
def test_a_list_of_which_half_was_filled_is_not_filled_at_its_end_alone(n, at_its_end):
    assert LISTED.of(LISTED.tracks[:n]).is_filled_at_its_end is at_its_end


def test_a_list_of_nothing_is_filled_by_nothing():
    assert RankedList("discover", (), ()).filled_share == 0.0
