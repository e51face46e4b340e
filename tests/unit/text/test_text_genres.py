"""The tree of genres against the file it is read from and a plain search."""

from importlib.resources import files

import pytest

from segue.text.genres import GenreTree, genre_tree, spelling_key

SMALL = """
rock
  punk rock
    hardcore punk
  heavy metal
    death metal
jazz
  bebop
"""


@pytest.fixture
def small() -> GenreTree:
    return GenreTree.from_lines(SMALL.splitlines())


def test_the_tree_holds_every_line_of_its_file_and_names_its_licence():
    text = files("segue.text").joinpath("genre_tree.txt").read_text("utf-8")
    names = [ln.strip() for ln in text.splitlines() if ln.strip() and not ln.startswith("#")]
    tree = genre_tree()
    assert set(tree.parent_of) == set(names)
    assert len(names) > 700
    assert "Adrian Sampson" in text


def test_parents_and_children_say_the_same():
    tree = genre_tree()
    for name, parent in tree.parent_of.items():
        assert not parent or name in tree.children_of[parent]
        assert tree.name(name) is not None


def test_a_chain_of_parents_ends_at_the_top(small):
    assert small.ancestors("hardcore punk") == ("punk rock", "rock")
    assert small.ancestors("rock") == ()
    assert small.ancestors("polka") == ()


def test_siblings_share_a_parent(small):
    assert small.siblings("punk rock") == ("heavy metal",)
    assert small.siblings("rock") == ()


def test_distance_counts_steps_as_a_walk_along_the_edges_does(small):
    edges = {name: {p for p in (small.parent_of[name],) if p} for name in small.parent_of}
    for name in small.parent_of:
        edges[name] |= set(small.children_of[name])
    for start in small.parent_of:
        steps = {start: 0}
        layer = [start]
        while layer:
            following = [n for name in layer for n in edges[name] if n not in steps]
            steps |= dict.fromkeys(following, steps[layer[0]] + 1)
            layer = following
        for end in small.parent_of:
            assert small.distance(start, end) == steps.get(end)


def test_what_is_below_is_nearer_than_what_is_beside(small):
    assert small.related("punk rock") == {"heavy metal": 0.4, "hardcore punk": 0.7}
    assert small.related("death metal") == {"heavy metal": 0.5}
    assert small.related("rock")["death metal"] == 0.7
    assert small.related("polka") == {}


@pytest.mark.parametrize(
    ("spelling", "name"),
    [("Hip-Hop", "hip hop"), ("hiphop", "hip hop"), ("R&B", "r&b"), ("rnb", "r&b"),
     ("RnB", "r&b"), ("Rhythm and Blues", "r&b"), ("Drum & Bass", "drum and bass"),
     ("dnb", "drum and bass"), ("Metal", "heavy metal"), ("folk music", "folk"),
     ("rock 'n' roll", "rock and roll"), ("no such genre", None), ("", None)],
)  # fmt: skip
def test_spellings_fold_to_one_name(spelling, name):
    assert genre_tree().name(spelling) == name


def test_different_genres_keep_different_keys():
    keys = {spelling_key(name) for name in genre_tree().parent_of}
    assert len(keys) > 0.99 * len(genre_tree().parent_of)
