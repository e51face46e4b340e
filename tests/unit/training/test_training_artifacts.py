import json
import shutil

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset
from segue.errors import ArtifactError
from segue.models.linear import EASE
from segue.training import artifacts
from segue.training.artifacts import Manifest, publish, read_version, write_version


def dataset() -> Dataset:
    likes = np.random.default_rng(3).integers(0, 2, (12, 6)).astype(np.float32)
    return Dataset.from_csr(sparse.csr_matrix(likes))


def manifest(version: str = "20260101T000000-aaaa", **scores: float) -> Manifest:
    return Manifest(
        version=version,
        code_version="0",
        created_at=1.0,
        n_tracks=6,
        n_listeners=12,
        n_events=0,
        data_until=0.0,
        models=("ease",),
        scores=scores,
    )


@pytest.fixture
def published(tmp_path):
    data = dataset()
    model = EASE(regularization=3.0).fit(data)
    write_version(tmp_path, manifest(), data.tracks, {"ease": model})
    publish(tmp_path, manifest().version)
    return tmp_path, data, model


def test_what_is_read_back_scores_the_same(published):
    folder, data, model = published
    again = read_version(folder, artifacts.current_version(folder))
    rows = data.interactions.user_items
    np.testing.assert_array_equal(again.models["ease"].score_batch(rows), model.score_batch(rows))
    assert list(again.tracks.ids) == list(data.tracks.ids)
    assert (again.tracks.terms != data.tracks.terms).nnz == 0


def test_a_cut_or_flipped_file_is_refused_and_named(published):
    folder, _, _ = published
    version = folder / manifest().version
    for path in [p for p in version.rglob("*") if p.is_file() and p.name != "manifest.json"]:
        original = path.read_bytes()
        for damaged in (original[:-1], bytes([original[0] ^ 1]) + original[1:]):
            path.write_bytes(damaged)
            with pytest.raises(ArtifactError, match=path.name):
                read_version(folder, manifest().version)
        path.write_bytes(original)
    read_version(folder, manifest().version)


def test_a_damaged_manifest_or_pointer_is_an_error_in_words(published):
    folder, _, _ = published
    (folder / manifest().version / "manifest.json").write_text("{")
    with pytest.raises(ArtifactError, match="cannot be read"):
        read_version(folder, manifest().version)
    (folder / "current.json").write_text("[]")
    with pytest.raises(ArtifactError, match=r"current\.json"):
        artifacts.current_version(folder)


def test_a_failed_write_leaves_nothing(tmp_path):
    class Breaks(EASE):
        def save(self, folder):
            raise OSError("disk full")

    data = dataset()
    with pytest.raises(OSError, match="disk full"):
        write_version(tmp_path, manifest(), data.tracks, {"ease": Breaks().fit(data)})
    assert list(tmp_path.iterdir()) == []


def test_only_a_complete_version_can_be_published(published):
    folder, _, _ = published
    with pytest.raises(ArtifactError):
        publish(folder, "20270101T000000-none")
    assert artifacts.current_version(folder) == manifest().version


def test_pruning_spares_the_newest_and_the_one_in_service(published):
    folder, data, model = published
    for month in range(2, 7):
        later = manifest(f"2026{month:02d}01T000000-aaaa")
        write_version(folder, later, data.tracks, {"ease": model})
    (folder / ".20260601T000000-aaaa.1234.part").mkdir()
    removed = artifacts.prune(folder, 2)
    assert artifacts.versions(folder) == [
        "20260101T000000-aaaa",
        "20260501T000000-aaaa",
        "20260601T000000-aaaa",
    ]
    assert len(removed) == 3
    assert not list(folder.glob(".*.part"))


def test_another_format_is_refused_by_number(published):
    folder, _, _ = published
    path = folder / manifest().version / "manifest.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"format": 99}))
    with pytest.raises(ArtifactError, match="format 99"):
        read_version(folder, manifest().version)


def test_the_pointer_stamp_moves_with_every_publish(published):
    folder, data, model = published
    before = artifacts.pointer_stamp(folder)
    later = manifest("20260201T000000-bbbb")
    write_version(folder, later, data.tracks, {"ease": model})
    assert artifacts.pointer_stamp(folder) == before
    publish(folder, later.version)
    assert artifacts.pointer_stamp(folder) != before
    shutil.rmtree(folder)
    assert artifacts.pointer_stamp(folder) == (0, 0)
