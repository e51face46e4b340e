"""Names that models make, in the language of the page."""

import itertools

import numpy as np
import pytest

from segue.models.cluster_names import TRAITS, ClusterFacts, distinct_names
from segue.pipeline.mixes import ADJECTIVES
from segue.server.web.language import speaking
from segue.server.web.music_names import COLOURS, music_name
from segue.server.web.reason_patterns import WORDS


@pytest.fixture
def german():
    with speaking("de"):
        yield


GERMAN = [
    ("Slow folk, 1970s", (), "Folk, langsam, 1970er"),
    ("Slow and dark rock", (), "Rock, langsam und dunkel"),
    ("Slow, dark and calm drum and bass", (), "Drum and bass, langsam, dunkel und ruhig"),
    ("Soft rock", (), "Soft rock"),
    ("Dark ambient & drone, 1990s", (), "Dark ambient & drone, 1990er"),
    ("Music", (), "Musik"),
    ("Fast music (2)", (), "Musik, schnell (2)"),
    ("Rock around Low", (), "Rock um Low"),
    ("Fast jazz around Iron and Wine, 2000s", ("Iron and Wine",),
     "Jazz, schnell um Iron and Wine, 2000er"),
    ("Dub around Low and Can", ("Low", "Can"), "Dub um Low und Can"),
    ("Melancholic folk and Anna Bell", ("Anna Bell",), "Folk, melancholisch und Anna Bell"),
    ("Drum and bass and Anna Bell", ("Anna Bell",), "Drum and bass und Anna Bell"),
    ("Iron and Wine and Low", ("Iron and Wine", "Low"), "Iron and Wine und Low"),
    ("Iron and Wine", ("Iron and Wine", "Wine"), "Iron and Wine"),
    ("Rock, 3", (), "Rock, 3"),
    ("Daily mix", (), "Tagesmix"),
    ("Mix 2", (), "Mix 2"),
    ("", (), ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "artists", "expected"), GERMAN)
def test_a_name_is_told_in_german(german, name, artists, expected):
    assert music_name(name, artists) == expected


@pytest.mark.parametrize("name", [name for name, _, _ in GERMAN])
def test_in_english_every_name_stays(name):
    assert music_name(name, ("Low", "Can")) == name


def test_every_word_that_models_say_of_music_is_known_here():
    said = {word for pair in TRAITS.values() for word in pair} | set(ADJECTIVES)
    assert said <= set(COLOURS) | set(WORDS)


def test_no_word_of_the_english_stays_in_a_name_of_any_cluster(german):
    words = sorted({word for pair in TRAITS.values() for word in pair})
    rng = np.random.default_rng(3)
    for traits in itertools.combinations(words, 2):
        facts = ClusterFacts(("polka",), tuple(rng.permutation(traits)), "1980s", ())
        (name,) = distinct_names([facts])
        said = music_name(name)
        assert said.startswith("Polka, ")
        assert said.endswith(", 1980er")
        assert not {word for word in traits if word in said.split(", ")[1].split()} - {
            "instrumental"
        }
