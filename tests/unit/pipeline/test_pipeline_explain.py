import dataclasses

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.items import ReasonKind
from segue.data.query import Controls, Profile, Query
from segue.data.records import EventKind
from segue.models.base import Evidence, create
from segue.pipeline.build import build_list
from segue.pipeline.candidates import About, Blend, Source
from segue.pipeline.stations import Recipe
from segue.pipeline.words import added_words, away_words, fact_words, place_of, times_words
from support.pipeline_library import DAY, NOW, event, profile, table

OPEN = Controls(artist_gap=0, album_gap=0, variety=0.0)


def sentence(events):
    tracks = table()
    known = profile(events, tracks).known
    fact = fact_words(known, place_of(known, 0), "it")
    return None if fact is None else (fact[0].value, fact[1])


def test_the_strongest_fact_of_a_track_is_told():
    play, love = event("t0"), event("t0", EventKind.LOVE, 2)
    assert sentence([play]) == ("listened", "finished it")
    assert sentence([event("t0", played_s=60.0)]) == ("listened", "played it")
    assert sentence([event("t0", days_ago=d) for d in (1, 2)]) == ("listened", "finished it twice")
    assert sentence([play, event("t0", EventKind.RATE, value=5.0)]) == (
        "rated",
        "rated it five stars",
    )
    assert sentence([play, love]) == ("loved", "loved it")


def test_what_was_heard_is_said_to_sound_like_it():
    rng = np.random.default_rng(4)
    scene = np.arange(60) % 3
    heard = (3.0 * np.eye(3)[scene] + 0.1 * rng.normal(size=(60, 3))).astype(np.float32)
    tracks = dataclasses.replace(table(), vectors={"sound": heard})
    data = Dataset.from_csr(sparse.csr_matrix((1, 60), dtype=np.float32), tracks)
    source = Source("sound", create("sound", n_components=3).fit(data))
    recipe = Recipe(name="similar", title="", blend=(Blend("sound", about=About.SEEDS),))
    query = Query("similar", Profile.empty(), 5, OPEN, seeds={0: 1.0}, now=NOW)
    found = build_list(query, tracks, [source], recipe)
    assert {reason.text for track in found.tracks for reason in track.reasons} == {
        "Sounds like “Song 0” by Band 0"
    }
    assert all(int(track.track_id[1:]) % 3 == 0 for track in found.tracks)
    assert found.tracks[0].reasons[0].evidence_track_ids == ("t0",)


def test_a_love_that_was_taken_back_is_not_told():
    events = [event("t0"), event("t0", EventKind.LOVE, 5), event("t0", EventKind.UNLOVE, 4)]
    assert sentence(events) == ("listened", "finished it")


def test_nothing_good_is_told_of_a_track_that_was_skipped_disliked_or_rated_low():
    assert sentence([event("t0", EventKind.SKIP, played_s=3.0)]) is None
    assert sentence([event("t0"), event("t0", EventKind.DISLIKE)]) is None
    assert sentence([event("t0"), event("t0", EventKind.RATE, value=2.0)]) is None


def test_spans_are_rounded_down_so_that_no_sentence_says_more_than_happened():
    days = {59: "a month", 61: "two months", 6.9: "six days", 7: "a week", 800: "two years"}
    assert {d: away_words(d * DAY) for d in days} == days
    assert added_words(1.5 * DAY).endswith("the last seven days")
    assert added_words(40 * DAY) is None
    assert times_words(13) == " 13 times"


def explained(events, tracks, sources, blends, shares_terms=None, **values):
    if shares_terms is not None:
        sources = [dataclasses.replace(s, shares_terms=shares_terms) if s.name == "content" else s
                   for s in sources]  # fmt: skip
    recipe = Recipe(name="test", title="Test", blend=blends, fill=False)
    query = Query("test", profile(events, tracks), 20, OPEN, now=NOW, **values)
    return build_list(query, tracks, sources, recipe)


def test_a_track_of_the_taste_source_is_there_because_of_a_loved_one(library, sources):
    got = explained([event("t0", EventKind.LOVE)], library, sources, (Blend("taste"),))
    reasons = [track.reasons for track in got.tracks if track.track_id != "t0"]
    assert reasons
    for (reason,) in reasons:
        assert reason.text == "Because you loved “Song 0” by Band 0"
        assert reason.kind is ReasonKind.LOVED
        assert reason.evidence_track_ids == ("t0",)
        assert reason.weight == pytest.approx(1.0)


def test_content_reasons_name_the_terms_that_both_tracks_have(library, sources):
    got = explained([event("t0", EventKind.LOVE)], library, sources, (Blend("content"),))
    by_id = {track.track_id: track.reasons[0] for track in got.tracks}
    assert by_id["t3"].text == "Shares ambient and the 1990s with “Song 0” by Band 0"
    assert by_id["t3"].terms == ("ambient", "the 1990s")
    assert by_id["t3"].kind is ReasonKind.SIMILAR
    assert by_id["t9"].text == "Shares ambient with “Song 0” by Band 0"


@pytest.mark.parametrize("name", ["taste", "content"])
def test_without_the_named_evidence_the_score_falls(library, sources, taste, name):
    model = next(source.model for source in sources if source.name == name)
    recipe = Recipe(name="test", title="", blend=(Blend(name),), fill=False)
    got = build_list(Query("test", taste, 20, OPEN, now=NOW), library, sources, recipe)
    weights = dict(zip(taste.track_idx.tolist(), taste.preference.tolist(), strict=True))
    before = model.score(model.fold_in(taste))
    n_checked = 0
    for track in got.tracks:
        for reason in track.reasons:
            row = library.ids.index(track.track_id)
            gone = {library.ids.index(i) for i in reason.evidence_track_ids}
            rest = Profile.from_weights({t: w for t, w in weights.items() if t not in gone})
            assert gone
            assert model.score(model.fold_in(rest))[row] < before[row]
            n_checked += 1
    assert n_checked >= 10


def test_the_weight_of_a_reason_is_its_part_of_the_fused_score(library, sources, taste):
    recipe = Recipe(name="test", title="", blend=(Blend("taste"), Blend("content")), fill=False)
    got = build_list(Query("test", taste, 20, OPEN, now=NOW), library, sources, recipe)
    models = {source.name: source.model for source in sources}
    for track in got.tracks:
        row = library.ids.index(track.track_id)
        assert sum(track.source_scores.values()) == pytest.approx(1.0)
        for reason in track.reasons:
            model = models[reason.source]
            evidence = {library.ids[e.track_idx]: e.contribution
                        for e in model.explain(taste, row, 99)}  # fmt: skip
            part = evidence[reason.evidence_track_ids[0]] / model.score(model.fold_in(taste))[row]
            wanted = track.source_scores[reason.source] * min(1.0, part)
            assert reason.weight == pytest.approx(wanted, rel=1e-4)


def test_the_reason_of_the_largest_share_comes_first(library, sources, taste):
    blends = (Blend("popularity", 0.1), Blend("taste", 2.0), Blend("content", 1.0))
    recipe = Recipe(name="test", title="", blend=blends, fill=False)
    got = build_list(Query("test", taste, 20, OPEN, now=NOW), library, sources, recipe)
    for track in got.tracks:
        order = [track.source_scores[reason.source] for reason in track.reasons]
        assert order == sorted(order, reverse=True)
        assert len({reason.text for reason in track.reasons}) == len(track.reasons) <= 3


def test_popularity_says_no_more_than_it_knows(library, sources):
    got = explained([], library, sources, (Blend("popularity"),))
    assert {r.text for t in got.tracks for r in t.reasons} == {"Popular with listeners here"}


def test_a_seed_without_events_is_named_without_a_claim_about_the_listener(library, sources):
    recipe = Recipe(name="test", title="", blend=(Blend("taste", 1.0, "seeds"),), fill=False)
    query = Query("test", Profile.empty(), 5, OPEN, seeds={0: 1.0}, now=NOW)
    texts = {r.text for t in build_list(query, library, sources, recipe).tracks for r in t.reasons}
    assert texts == {"Goes with “Song 0” by Band 0"}


class TermModel(type(create("content"))):
    """Content that gives its evidence as terms."""

    def explain_many(self, profile, track_idx, n=3):
        return [self.explain_terms(profile, int(row), n) for row in track_idx]


@pytest.mark.parametrize(("n_played", "words"), [(1, "You play"), (6, "You play a lot of")])
def test_a_term_is_told_only_as_far_as_the_listener_played_it(library, n_played, words):
    from segue.data.dataset import Dataset

    data = Dataset.from_csr(np.zeros((1, len(library))), library)
    model = TermModel(decade_weight=0.0, artist_weight=0.0).fit(data)
    recipe = Recipe(name="test", title="", blend=(Blend("content"),), fill=False)
    listener = profile([event(f"t{3 * i}") for i in range(n_played)], library)
    query = Query("test", listener, 5, OPEN, now=NOW)
    got = build_list(query, library, [Source("content", model)], recipe)
    assert {r.text for t in got.tracks for r in t.reasons} == {f"{words} ambient"}


def test_evidence_of_a_track_with_a_negative_preference_is_passed_over(library, sources):
    class Contrary(type(create("popularity"))):
        is_personal = True

        def explain(self, profile, track_idx, n=3):
            return [Evidence(1.0, 5), Evidence(0.5, 0)]

    model = Contrary().from_arrays(
        {"popularity": np.linspace(2, 1, len(library)).astype(np.float32), "genres": None}
    )
    listener = profile([event("t5", EventKind.SKIP, played_s=2.0), event("t0")], library)
    recipe = Recipe(name="test", title="", blend=(Blend("contrary"),), fill=False)
    query = Query("test", listener, 5, OPEN, now=NOW)
    got = build_list(query, library, [Source("contrary", model)], recipe)
    texts = {r.text for t in got.tracks for r in t.reasons if t.track_id != "t0"}
    assert texts == {"Because you finished “Song 0” by Band 0"}


def test_titles_stay_plain_text(sources):
    tracks = dataclasses.replace(table(), titles=["<b>{x}</b>"] * 60, artists=[""] * 60)
    recipe = Recipe(name="test", title="", blend=(Blend("taste"),), fill=False)
    query = Query("test", profile([event("t0")], tracks), 5, OPEN, now=NOW)
    got = build_list(query, tracks, sources, recipe)
    assert got.tracks[0].reasons[0].text == "Because you finished “<b>{x}</b>”"


def test_a_track_heard_before_is_not_said_to_be_like_itself(library, sources):
    events = [event("t0"), event("t0", EventKind.LOVE, 2)]
    got = explained(events, library, sources, (Blend("content"),))
    own = next(track for track in got.tracks if track.track_id == "t0")
    assert own.reasons[0].text == "You loved it"
    assert own.reasons[0].kind is ReasonKind.LOVED
