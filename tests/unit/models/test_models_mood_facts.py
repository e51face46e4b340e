import numpy as np
import pytest

from segue.models.moods import TrackMoods


@pytest.mark.parametrize(
    ("valence", "arousal", "said"),
    [(0.1, -0.8, ["still"]), (0.6, -0.8, ["bright in mood", "still"]), (0.1, -0.1, [])],
)
def test_a_track_near_the_middle_is_called_neither_one_nor_the_other(valence, arousal, said):
    facts = {"valence": np.array([valence]), "arousal": np.array([arousal])}
    found = TrackMoods(facts, [frozenset()]).facts_of("calm", 0)
    assert sorted(fact.text for fact in found) == said
