"""Which lists of a week are kept for it."""

import pytest

from segue.data.items import RankedList, RankedTrack
from segue.services import making
from segue.services.scheduled import MIN_LIKED

HOUR = 3_600.0


@pytest.mark.parametrize(("n_filled", "n_made"), [(0, 1), (2, 1), (3, 2), (6, 2)])
def test_a_list_that_taste_mostly_made_is_kept_for_its_week(trained, monkeypatch, n_filled, n_made):
    """Of six tracks; one of which a fallback gave half or more is made anew each time."""
    names = [f"Song {band}-{song}" for band in range(8) for song in range(6)]
    ids = [trained.track(name) for name in names[-6:]]
    for name in names[:MIN_LIKED]:
        trained.tell("ada", "love", name)
    made = []

    def build(*_args, **_more):
        places = [
            RankedTrack(track_id=id_, score=1.0, reasons=(), source_scores={},
                        filled_by="new" if at >= 6 - n_filled else None)
            for at, id_ in enumerate(ids)
        ]  # fmt: skip
        made.append(places)
        return RankedList("discover", tuple(places), (), "new" if n_filled else None)

    monkeypatch.setattr(making, "build", build)
    for _ in range(2):
        view = trained.app.recommend.list(trained.id_of("ada"), "discover", 6)
        assert [seen.track.id for seen in view.tracks] == ids
        trained.clock.now += HOUR
    assert len(made) == n_made
