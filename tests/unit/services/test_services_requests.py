"""What a listener is told of a list that is not as it was asked for."""

import pytest

from segue.data.items import RankedList, RankedTrack
from segue.pipeline.stations import STATIONS
from segue.services.requests import ENDS, FALLBACK_WORDS, fallback_words

DISCOVER = STATIONS["discover"]


def listed(n_own, n_filled, by="new"):
    places = [
        RankedTrack(track_id=str(at), score=1.0, reasons=(), source_scores={},
                    filled_by=None if at < n_own else by)
        for at in range(n_own + n_filled)
    ]  # fmt: skip
    return RankedList("discover", tuple(places), (), by if n_filled else None)


@pytest.mark.parametrize(
    ("n_own", "n_filled", "said"),
    [(9, 0, ""), (6, 4, ENDS["new"]), (5, 5, FALLBACK_WORDS["new"]), (0, 9, FALLBACK_WORDS["new"])],
)
def test_a_list_that_taste_mostly_made_is_not_called_the_newest(n_own, n_filled, said):
    assert fallback_words(listed(n_own, n_filled), DISCOVER, None, None) == said


def test_a_cold_start_is_said_whatever_fills_the_end():
    ranked = RankedList("discover", listed(3, 0).tracks, (), "cold_start")
    assert fallback_words(ranked, DISCOVER, None, None) == FALLBACK_WORDS["cold_start"]
