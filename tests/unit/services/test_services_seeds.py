import pytest

from segue.errors import InvalidInputError, NotFoundError
from segue.services.seeds import MAX_EXPANDED, weights_of
from segue.services.serving import Serving
from support.pipeline_library import fitted_sources, table

LIBRARY = table(n_artists=2)
SERVING = Serving("v", LIBRARY, fitted_sources(LIBRARY))
SMALL = Serving(None, table(), ())


def test_a_track_weighs_one_and_a_subtracted_one_minus_one():
    assert weights_of(["t3", "t1", "t3"], ["t2"], SMALL) == {3: 1.0, 1: 1.0, 2: -1.0}


def test_the_tracks_of_an_artist_or_album_share_one_weight():
    assert weights_of(["artist:a1"], ["album:l4"], SMALL) == {
        1: pytest.approx(1 / 3), 21: pytest.approx(1 / 3), 41: pytest.approx(1 / 3),
        4: -0.5, 44: -0.5,
    }  # fmt: skip


def test_of_many_tracks_the_most_played_stand_for_their_artist():
    got = weights_of(["artist:a0"], [], SERVING)
    model = next(source for source in SERVING.sources if source.name == "popularity")
    rank = {int(row): place for place, row in enumerate(model.best_first.track_idx)}
    best = sorted(range(0, 60, 2), key=lambda row: (rank.get(row, 999), row))[:MAX_EXPANDED]
    assert set(got) == set(best)
    assert sum(got.values()) == pytest.approx(1.0)


def test_what_is_not_there_or_makes_no_sense_is_said():
    for name in ("x", "artist:x", "album:"):
        with pytest.raises(NotFoundError, match="what the models know yet"):
            weights_of([name], [], SMALL)
    with pytest.raises(InvalidInputError, match="kind 'band'"):
        weights_of(["band:x"], [], SMALL)
    with pytest.raises(InvalidInputError, match="'t1' cannot be a seed and subtracted"):
        weights_of(["t1"], ["t1"], SMALL)
    with pytest.raises(InvalidInputError, match=r"at most 20 .* got 0 and 21"):
        weights_of([], [f"t{i}" for i in range(21)], SMALL)


def test_a_genre_is_a_seed_whatever_its_case_and_its_tracks_share_the_weight():
    got = weights_of(["genre:Trip Hop*3"], [], SERVING)
    assert len(got) == MAX_EXPANDED
    assert {row % 3 for row in got} == {1}
    assert sum(got.values()) == pytest.approx(3.0)
    with pytest.raises(NotFoundError, match="no genre 'polka'"):
        weights_of(["genre:polka"], [], SMALL)


def test_seeds_weigh_what_they_say():
    assert weights_of(["t3*0.5", "t1"], ["t2*2"], SMALL) == {3: 0.5, 1: 1.0, 2: -2.0}
    for weight in ("0", "-1", "101", "nan", "inf", "x", ""):
        with pytest.raises(InvalidInputError, match=r"lies in 0\.01\.\.100"):
            weights_of([f"t3*{weight}"], [], SMALL)
    with pytest.raises(InvalidInputError, match="'t1' cannot be a seed and subtracted"):
        weights_of(["t1*2"], ["t1*0.5"], SMALL)
