import dataclasses

import numpy as np

from segue.data.query import Profile, Query
from segue.data.records import EventKind
from segue.services.like_minded import LikeMindedService, shared_tracks
from segue.services.serving import Serving
from segue.store.consents import Consent
from support.pipeline_library import NOW, event, profile, table

LIBRARY = table()
SERVING = Serving("v", LIBRARY, ())
LOVED = {"ada": (0, 3, 6, 9), "bob": (0, 3, 6, 12, 15), "cid": (0, 3, 18), "dan": (40, 41, 42)}


class Everyone:
    """Those who allow it, and the tastes of all."""

    def __init__(self, *allowed):
        self.allowed = allowed
        self.asked_about = set()

    def who_gave(self, what):
        assert what is Consent.LIKE_MINDED
        return [(name, name.capitalize()) for name in self.allowed]

    def of(self, listener_id, _serving):
        self.asked_about.add(listener_id)
        return profile(
            [event(f"t{row}", EventKind.LOVE) for row in LOVED[listener_id]], LIBRARY
        ), None


def source_for(*allowed):
    people = Everyone(*allowed)
    service = LikeMindedService(people, people, lambda: NOW)
    return people, service.source("ada", SERVING)


def query():
    mine, _ = Everyone().of("ada", SERVING)
    return Query("like_minded", mine, 10, now=NOW)


def test_only_those_who_allow_it_are_asked_about_named_or_used():
    people, source = source_for("ada", "bob")
    scores = source.model.score(query(), LIBRARY)
    assert set(np.flatnonzero(scores > 0)) == {0, 3, 6, 12, 15}
    assert people.asked_about == {"ada", "bob"}
    _, source = source_for("ada", "bob", "cid", "dan")
    assert set(np.flatnonzero(source.model.score(query(), LIBRARY) > 0)) == {0, 3, 6, 12, 15, 18}


def test_the_reason_names_who_loves_it_and_what_both_like():
    _, source = source_for("ada", "bob", "cid")
    _, text, own = source.model.reason(query(), LIBRARY, 12)
    assert text == "Bob loved it; you both like “Song 0” by Band 0 and “Song 3” by Band 3"
    assert not own
    assert source.model.evidence(query(), 12).tolist() == [0, 3]


def test_without_the_named_evidence_the_score_falls():
    _, source = source_for("ada", "bob", "cid")
    before = source.model.score(query(), LIBRARY)
    for row in (12, 15, 18):
        gone = source.model.evidence(query(), row)
        rest = query().profile.only(np.setdiff1d(query().profile.track_idx, gone))
        _, again = source_for("ada", "bob", "cid")
        after = again.model.score(dataclasses.replace(query(), profile=rest), LIBRARY)
        assert after[row] < before[row]


def test_shared_tracks_are_those_both_like_what_matters_most_to_both_first():
    a = Profile.from_weights({1: 3.0, 2: 0.5, 3: 1.0, 4: -1.0})
    b = Profile.from_weights({1: 2.0, 2: 9.0, 3: 1.5, 4: 1.0})
    assert shared_tracks(a, b).tolist() == [1, 3, 2]
