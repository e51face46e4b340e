import time
from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest

from segue.audio.vector import FEATURES_VERSION
from segue.data.records import EventKind, TrackTags
from segue.errors import ArtifactError, JobCancelledError, NotFoundError
from segue.services import serving
from segue.services.analysis import sound_columns
from segue.services.retraining import RetrainNightly
from segue.services.serving import ModelServer
from segue.store.analyses import Analyses, Analysis
from segue.store.catalog_records import TrackEntry
from segue.training import artifacts
from segue.training.local import TrainingPlan
from support.app import NOW, Watched, add_listeners_with_taste


def train(house):
    house.clock.now += 60.0
    return house.app.training.train(Watched())


def current(house):
    return artifacts.current_version(house.app.settings.models_dir)


@pytest.fixture
def server(trained):
    """A server of the same folder with its own state, as another process has one."""
    return ModelServer(trained.app.settings.models_dir, trained.app.catalog, lambda: 0.0)


def test_training_publishes_with_scores_on_the_newest_listens(house):
    add_listeners_with_taste(house)
    manifest = train(house)
    assert current(house) == manifest.version
    assert manifest.n_listeners == 24
    assert manifest.n_events == 24 * 40
    assert manifest.data_until <= NOW
    assert set(manifest.models) == set(TrainingPlan().models) - {"sound", "svd"}  # unheard, unrated
    assert manifest.scores["collective.ndcg@20"] > 2 * manifest.scores["popularity.ndcg@20"]
    assert all(0 <= score <= 1 for score in manifest.scores.values())


def test_with_few_listeners_there_are_no_scores_and_a_note_says_so(house):
    add_listeners_with_taste(house, n=4)
    manifest = train(house)
    assert manifest.scores == {}
    assert "fewer than 20" in manifest.notes[0]
    assert current(house) == manifest.version


def test_with_no_listens_and_with_no_tracks_a_set_is_published_still(house, tmp_path):
    assert train(house).models == ("popularity", "content", "alike", "knowledge")
    from segue.bootstrap import build_app
    from support.app import Clock, House, settings_for

    app = build_app(settings_for(tmp_path / "empty"), Clock(), purpose="test")
    manifest = train(House(app, app.training._clock, tmp_path))
    assert manifest.n_tracks == 0
    assert app.recommend._server.current() is not None
    app.close()


def test_a_much_worse_set_is_kept_back_and_a_person_may_publish_it(trained, monkeypatch):
    from segue.services import training
    from segue.training.local import train_set

    before = current(trained)

    def much_worse(*args):
        fitted = train_set(*args)
        for name in fitted.scores:
            fitted.scores[name] *= 0.5
        return fitted

    monkeypatch.setattr(training, "train_set", much_worse)
    kept_back = train(trained)
    assert current(trained) == before
    assert kept_back.version in artifacts.versions(trained.app.settings.models_dir)
    trained.app.training.publish(kept_back.version)
    assert current(trained) == kept_back.version


def test_a_slightly_worse_set_is_published(trained, monkeypatch):
    from segue.services import training
    from segue.training.local import train_set

    def slightly_worse(*args):
        fitted = train_set(*args)
        for name in fitted.scores:
            fitted.scores[name] *= 0.95
        return fitted

    monkeypatch.setattr(training, "train_set", slightly_worse)
    assert train(trained).version == current(trained)


def test_rollback_puts_the_version_before_back(trained):
    first, second = current(trained), train(trained).version
    assert current(trained) == second
    assert trained.app.training.rollback() == first
    assert current(trained) == first
    with pytest.raises(NotFoundError):
        trained.app.training.rollback()
    live = {m.version: is_live for m, is_live in trained.app.training.manifests()}
    assert live == {first: True, second: False}


def test_there_is_nothing_to_roll_back_to_before_the_first_set(house):
    with pytest.raises(NotFoundError):
        house.app.training.rollback()
    assert house.app.training.manifests() == []


@pytest.mark.parametrize("version", ["", "nothing", "..", "../models", "%"])
def test_publishing_what_is_not_there_changes_nothing(trained, version):
    before = current(trained)
    with pytest.raises(NotFoundError):
        trained.app.training.publish(version)
    assert current(trained) == before


def test_only_the_newest_versions_are_kept(trained):
    made = [train(trained).version for _ in range(4)]
    assert artifacts.versions(trained.app.settings.models_dir) == made[-3:]


def test_a_cancelled_training_publishes_nothing(trained):
    class Cancelled(Watched):
        def report(self, done, total=None, *, unit="", message=""):
            if message.startswith("Learning"):
                raise JobCancelledError("stop")

    before = artifacts.versions(trained.app.settings.models_dir)
    with pytest.raises(JobCancelledError):
        trained.app.training.train(Cancelled())
    assert artifacts.versions(trained.app.settings.models_dir) == before


def test_training_mends_a_damaged_pointer(trained):
    (trained.app.settings.models_dir / "current.json").write_text("{")
    manifest = train(trained)
    assert current(trained) == manifest.version


def test_a_running_server_picks_a_new_set_up_without_being_asked(trained, server):
    assert server.current().version == current(trained)
    new = train(trained).version
    assert server.current().version != new  # not looked yet
    assert server.refresh().version == new
    trained.app.training.rollback()
    assert server.refresh().version != new


def test_the_watcher_notices_a_new_set_by_itself(trained, server, monkeypatch):
    monkeypatch.setattr(serving, "WATCH_EVERY_S", 0.01)
    server.current()
    server.start_watching()
    try:
        new = train(trained).version
        deadline = time.monotonic() + 30
        while server.current().version != new:
            assert time.monotonic() < deadline
            server._stopping.wait(0.01)
    finally:
        server.stop_watching()


def _damage(trained, version):
    folder = trained.app.settings.models_dir / version
    victim = max((p for p in folder.rglob("*.npy")), key=lambda p: p.stat().st_size)
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 0xFF
    victim.write_bytes(content)


def test_a_damaged_set_is_refused_and_the_old_one_stays(trained, server):
    old = server.current().version
    new = train(trained).version
    _damage(trained, new)
    assert server.refresh().version == old
    with pytest.raises(ArtifactError):
        trained.app.training.publish(new)


def test_a_server_that_starts_on_a_damaged_set_serves_the_bare_library(trained, server):
    _damage(trained, current(trained))
    bare = server.current()
    assert bare.version is None
    assert len(bare.tracks) > 0
    assert server.refresh().version is None


def test_a_damaged_pointer_leaves_the_old_set_in_service(trained, server):
    old = server.current().version
    (trained.app.settings.models_dir / "current.json").write_text("[]")
    assert server.refresh().version == old


def test_a_track_whose_file_vanished_leaves_the_lists_before_the_next_training(trained):
    from segue.store.catalog_records import ScanBatch

    ada = trained.id_of("ada")
    popular = trained.app.recommend.list(ada, "popular", 200).tracks
    gone = next(v.track for v in popular if v.track.title.startswith("Song"))
    path = trained.app.library.file_of(gone.id).path
    trained.app.catalog.apply_scan(ScanBatch(gone=[path]), NOW)
    trained.app.models._hidden_checked_at = float("-inf")
    left = trained.app.recommend.list(ada, "popular", 200).tracks
    assert gone.id not in {view.track.id for view in left}
    assert len(left) == len(popular) - 1


def sketch_of(seed):
    rng = np.random.default_rng(seed)
    return (255 * rng.random((20, 12))).astype(np.uint8)


def heard(track_id, sketch, energy=0.5):
    vector = np.full(len(sound_columns()), 0.5, "<f4")
    vector[sound_columns()["energy"]] = energy
    return Analysis(track_id=track_id, heard="x", analysed_at=1.0, vector=vector.tobytes(),
                    sketch=sketch.tobytes())  # fmt: skip


def test_copies_of_one_recording_are_joined_by_sound_whatever_their_tags_say(house):
    tracks = house.app.catalog.track_table()
    usual_s = Counter(tracks.duration_s.tolist()).most_common(1)[0][0]
    close = np.flatnonzero(tracks.duration_s == usual_s).tolist()
    a, b, other = close[:3]
    analyses = Analyses(house.app.database)
    rows = ((a, sketch_of(1)), (b, sketch_of(1)), (other, sketch_of(2)))
    analyses.save("sound", FEATURES_VERSION, [heard(tracks.ids[row], s) for row, s in rows])
    assert [s is None for s in analyses.sketches("sound", tracks.ids)].count(False) == 3
    groups = house.app.training.dataset().tracks.recording_idx
    assert groups[a] == groups[b] != groups[other]
    n_before = len(np.unique(tracks.recording_idx))
    assert len(np.unique(groups)) == n_before - 1


def test_moods_of_a_published_set_know_what_was_heard(house):
    tracks = house.app.catalog.track_table()
    found = [heard(id_, sketch_of(row), row / len(tracks)) for row, id_ in enumerate(tracks.ids)]
    Analyses(house.app.database).save("sound", FEATURES_VERSION, found)
    manifest = train(house)
    ask = artifacts.read_version(house.app.settings.models_dir, manifest.version).ask
    expected = np.arange(len(tracks)) / len(tracks)
    np.testing.assert_allclose(ask.moods.facts["energy"], expected, atol=1e-6)
    assert ask.vectors.shape == (len(tracks), 256)


def plan_with(**params):
    plan = TrainingPlan()
    plan.models["collective"] = {**plan.models["collective"], **params}
    return plan


def test_a_set_that_loses_on_the_same_slice_is_kept_back(house):
    """What is popular against what each likes: the same listeners, the same later listens."""
    add_listeners_with_taste(house)
    first = train(house)
    house.clock.now += 60.0
    poor = TrainingPlan(models={"popularity": {}})
    lost = house.app.training.train(Watched(), poor)
    assert current(house) == first.version
    assert "against the set in service: -" in lost.notes[-1]
    won = train(house)  # compared with the one in service, not with the one that was kept back
    assert current(house) == won.version


def test_a_set_with_other_parameters_that_does_not_lose_is_published(house):
    add_listeners_with_taste(house)
    train(house)
    house.clock.now += 60.0
    same = house.app.training.train(Watched(), plan_with(n_neighbors=199))
    assert "against the set in service" in same.notes[-1]
    assert current(house) == same.version
    assert same.params["collective"]["n_neighbors"] == 199


def test_there_is_news_after_an_event_and_after_a_scan_and_none_after_training(trained):
    training = trained.app.training
    train(trained)
    assert not training.has_news()
    track = trained.app.recommend.list(trained.id_of("ada"), "popular", 5).tracks[0].track
    trained.tell("ada", EventKind.LOVE, track.title)
    assert training.has_news()
    train(trained)
    assert not training.has_news()
    trained.app.catalog.add_tracks([TrackEntry(tags=TrackTags(title="One more"))], 1.0)
    assert training.has_news()


def nightly(trained, hour):
    asked = []

    class Queue:
        def submit(self, kind):
            asked.append(kind)

    return RetrainNightly(hour, trained.app.training, Queue(), trained.clock), asked


def test_the_nightly_training_waits_for_its_hour_and_for_news(trained):
    train(trained)
    hour = datetime.fromtimestamp(trained.clock.now + 7200.0, UTC).astimezone().hour
    retrain, asked = nightly(trained, hour)
    assert not retrain()  # neither
    trained.clock.now += 86_400.0
    assert not retrain()  # no news
    track = trained.app.recommend.list(trained.id_of("ada"), "popular", 5).tracks[0].track
    trained.tell("ada", EventKind.LOVE, track.title)
    assert retrain()
    assert not retrain()  # once a day, also where the training fails
    assert asked == ["train"]
    trained.clock.now += 86_400.0
    assert retrain()
    never, _ = nightly(trained, -1)
    assert not never()


def test_the_first_training_is_not_left_to_the_night(house):
    retrain, asked = nightly(house, 0)
    assert not retrain()
    assert asked == []


def test_one_version_is_shown_by_name_or_as_the_one_in_service(trained):
    first, second = current(trained), train(trained).version
    training = trained.app.training
    assert training.manifest() == (training.manifest(second)[0], True)
    assert training.manifest(first)[1] is False
    assert training.manifest()[0].data_from < training.manifest()[0].data_until
    with pytest.raises(NotFoundError):
        training.manifest("nothing")


def test_a_new_set_has_made_a_list_before_it_is_in_service(trained, server, monkeypatch):
    """What is compiled or mapped is loaded while the old set still answers."""
    old = server.current().version
    new = train(trained).version
    during = []
    make = serving.build_list

    def noted(*given, **more):
        during.append(server._serving.version)
        made = make(*given, **more)
        assert {"order", "rank", "explain"} <= {stage.stage for stage in made.stages}
        assert made.tracks
        return made

    monkeypatch.setattr(serving, "build_list", noted)
    assert server.refresh().version == new
    assert during
    assert set(during) == {old}


def test_no_request_waits_while_a_new_set_is_read(trained, server, monkeypatch):
    old = server.current()
    train(trained)
    asked = []
    read = artifacts.read_version

    def slow(*args, **more):
        asked.append(server.current())  # a request in the middle of the reading
        return read(*args, **more)

    monkeypatch.setattr(artifacts, "read_version", slow)
    assert server.refresh() is not old
    assert asked == [old]
