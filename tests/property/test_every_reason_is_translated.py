"""Every sentence that the pipeline can say is known to the pages: none mixes languages."""

import ast
import dataclasses
import re
from pathlib import Path

import msgspec
import numpy as np
import pytest

import segue
from segue.data.affect import MOODS
from segue.data.query import Query
from segue.data.records import EventKind
from segue.models.moods import FACT_WORDS
from segue.pipeline.build import build_list
from segue.pipeline.stations import BLEND, RECIPES
from segue.server.web.language import speaking
from segue.server.web.problem_patterns import PROBLEM_PATTERNS
from segue.server.web.reason_patterns import REASON_PATTERNS, WORDS
from segue.server.web.sentences import known, told
from segue.server.web.words import sentence, titled
from segue.services.requests import ENDS, FALLBACK_WORDS, INSTEAD
from support.pipeline_library import (
    NOW,
    event,
    fitted_sources,
    group_for,
    needed,
    profile,
    stocked,
    table,
    words_for,
)

LIBRARY = table(90, n_artists=30)
SOURCES = fitted_sources(LIBRARY)
KINDS = list(EventKind)
RANKED = [recipe for recipe in (*RECIPES, BLEND) if recipe.needs != "path"]
# Titles that are names: of genres, moods, blends and mixes.
NAMED = {"genre", "mood", "blend", "daily_mix", "ask"}


def made(recipe, seed):
    rng = np.random.default_rng(seed)
    events = [
        event(
            f"t{rng.integers(len(LIBRARY))}", KINDS[rng.integers(len(KINDS))],
            float(rng.uniform(0, 600)), value=float(rng.integers(1, 6)),
            played_s=float(rng.uniform(0, 200)),
        )
        for _ in range(60)
    ]  # fmt: skip
    listener = profile(events, LIBRARY)
    controls, seeds = needed(recipe)
    query = Query(
        recipe.name, listener, 30, msgspec.structs.replace(controls), seeds, now=NOW, seed=seed,
        blocked=np.zeros(len(LIBRARY), bool), group=group_for(recipe, listener), name="A list",
        asked=words_for(recipe),
    )  # fmt: skip
    tracks = stocked(recipe, dataclasses.replace(LIBRARY))
    return build_list(query, tracks, SOURCES, recipe)


@pytest.mark.parametrize("recipe", RANKED, ids=lambda recipe: recipe.name)
def test_every_reason_and_title_of_every_station_is_known(recipe):
    said = set()
    for seed in range(8):
        got = made(recipe, seed)
        said |= {reason.text for track in got.tracks for reason in track.reasons}
        said |= {got.title} - ({got.title} if recipe.name in NAMED else set())
    assert said
    assert [text for text in said if not known(text)] == []
    with speaking("de"):
        assert [text for text in said if told(text) == text] == []


def test_every_word_for_a_list_that_is_not_as_asked_for_is_known():
    said = [
        *FALLBACK_WORDS.values(),
        *ENDS.values(),
        *(recipe.empty for recipe in RECIPES if recipe.empty),
    ]
    for instead in INSTEAD.values():
        said += [
            f"No track that may play here is known to suit “calm” yet, so {instead}",
            f"Nothing here answers “rain”, so {instead}",
        ]
    assert [text for text in said if not known(text)] == []


def test_every_mood_and_every_word_for_how_music_is_has_a_translation():
    assert set(MOODS) | {word for pair in FACT_WORDS.values() for word in pair} <= set(WORDS)


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("Because you loved “Moss” by Ada", "Weil du „Moss“ von Ada liebst"),
        ("Because you finished “A” by B twice", "Weil du „A“ von B zweimal zu Ende gehört hast"),
        ("Because you finished “A” three times", "Weil du „A“ drei Mal zu Ende gehört hast"),
        ("Because you rated “A” by B five stars", "Weil du „A“ von B fünf Sterne gegeben hast"),
        ("Because you loved “Step by Step” by By", "Weil du „Step by Step“ von By liebst"),
        (
            "Shares dub, drone and the 1970s with “A” by B",
            "Teilt dub, drone und die 1970er mit „A“ von B",
        ),
        ("Shares drum and bass with “A”", "Teilt drum and bass mit „A“"),
        ("You play a lot of the 1990s", "Du hörst viel aus den 1990ern"),
        ("You play a lot of ambient", "Du hörst viel ambient"),
        (
            "You loved it in March and have not played it since November 2023",
            "Seit März geliebt, zuletzt gehört im November 2023",
        ),
        (
            "You asked for calm; this is still and slow, and marked ambient",
            "ruhig gewünscht; das hier ist still und langsam, mit dem Tag ambient",
        ),
        (
            "Ambient, as you asked; from 1994; 120 beats a minute",
            "Ambient, wie gewünscht; von 1994; 120 Schläge pro Minute",
        ),
        ("Calm: acoustic, still; from 1994", "Ruhig: acoustic, still; von 1994"),
        ("Calm: acoustic and slow", "Ruhig: akustisch und langsam"),
        ("same title, artist spelled otherwise", "gleicher Titel, Künstler anders geschrieben"),
        ("For you and Ada", "Für dich und Ada"),
        (
            "About a third of the way from slow folk to “A” by B",
            "Etwa ein Drittel des Wegs von slow folk zu „A“ von B",
        ),
        ("“A” by B radio", "Radio zu „A“ von B"),
        (
            "Reading a.json: 1,240 rows, about 2 hours 30 minutes left",
            "a.json wird gelesen: 1.240 Zeilen, noch etwa 2 Stunden 30 Minuten",
        ),
        ("the rule “You love it” needs a name", "die Regel „Du liebst ihn“ braucht einen Namen"),
        ("Anything else stays, word by word", "Anything else stays, word by word"),
    ],
)
def test_a_sentence_is_said_in_german_and_stays_in_english(english, german):
    assert told(english) == english
    with speaking("de"):
        assert told(english) == german


def test_titles_stand_in_italics_in_either_language_and_are_escaped():
    assert titled("Because you loved “<b>” by A") == (
        'Because you loved <em dir="auto">&lt;b&gt;</em> by A'
    )
    with speaking("de"):
        assert sentence("You loved it") == "Du liebst es."
        assert sentence("You asked for calm, and this suits it").startswith("Ruhig gewünscht")
        assert titled("Because you loved “<b>” by A") == (
            'Weil du <em dir="auto">&lt;b&gt;</em> von A liebst'
        )


@pytest.mark.parametrize("hostile", ["%(track)s", "“" * 400, "Because you loved “%s” by %d",
                                     "; " * 400, "a and " * 200])  # fmt: skip
def test_text_that_looks_like_a_pattern_breaks_nothing(hostile):
    with speaking("de"):
        assert told(hostile)


def test_every_pattern_of_a_problem_is_one_that_a_floor_below_says():
    below = [p for p in Path(segue.__file__).parent.rglob("*.py") if "web" not in p.parts]
    trees = [ast.parse(path.read_text("utf-8")) for path in below]
    said = {_bare(text) for tree in trees for text in _texts(tree)}
    stale = [
        pattern for pattern in PROBLEM_PATTERNS
        if not any(_bare(form) in said for form in (pattern, pattern.removeprefix("it ")))
        and not pattern.startswith(
            ("too many", "the rule", "emotions", "tags", "Reading %", "We are ", "by its")
        )
    ]  # fmt: skip
    assert stale == ["choose an age from the list"]  # said by the pages themselves
    assert len(set(REASON_PATTERNS)) == len(REASON_PATTERNS)


def _texts(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(
                part.value if isinstance(part, ast.Constant) else "%(x)s" for part in node.values
            )


def _bare(text):
    """Words alone: what stands in placeholders differs."""
    return " ".join(re.sub(r"%\(\w+\)s", " ", text).split())
