from segue.rng import derived_rng


def test_one_purpose_always_draws_the_same():
    assert derived_rng(1, "a", 2).random() == derived_rng(1, "a", 2).random()


def test_purposes_and_seeds_draw_apart():
    draws = {
        derived_rng(seed, *purpose).random()
        for seed in (1, 2)
        for purpose in (("a",), ("b",), ("a", 1), ("a", "1", ""), ("a1",))
    }
    assert len(draws) == 10
