import json
import shutil
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset, TrackTable
from segue.data.packed_vocabulary import PackedVocabulary
from segue.data.vocabulary import Vocabulary
from segue.errors import ArtifactError
from segue.models.linear import EASE
from segue.training import artifacts, file_checks, track_files
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
    unsummed = ("manifest.json", "seen.json")
    for path in [p for p in version.rglob("*") if p.is_file() and p.name not in unsummed]:
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


def test_the_catalogue_comes_back_as_it_was(tmp_path):
    tracks = table_of_all_kinds()
    model = EASE(regularization=3.0).fit(Dataset.from_csr(sparse.csr_matrix((2, 6)), tracks))
    write_version(tmp_path, manifest(), tracks, {"ease": model})
    again = read_version(tmp_path, manifest().version).tracks
    assert_same_tracks(again, tracks)
    assert isinstance(again.ids, PackedVocabulary)


def test_a_set_of_an_earlier_release_is_read(tmp_path):
    """Its texts stood in one JSON file, its terms in an archive."""
    tracks = table_of_all_kinds()
    model = EASE(regularization=3.0).fit(Dataset.from_csr(sparse.csr_matrix((2, 6)), tracks))
    complete = write_version(tmp_path, manifest(), tracks, {"ease": model})
    version = tmp_path / complete.version
    folder = version / "tracks"
    for path in folder.iterdir():
        if "." in path.stem or path.suffix == ".json":
            path.unlink()
    texts = ("titles", "artists", "term_names", "term_kinds", "ids", "artist_ids", "album_ids")
    words = {name: list(getattr(tracks, name)) for name in texts}
    (folder / "words.json").write_text(json.dumps(words))
    sparse.save_npz(folder / "terms.npz", tracks.terms, compressed=False)
    for name in ("manifest.json", "seen.json"):
        (version / name).unlink()
    files = {name: {"size_bytes": one.size_bytes, "sha256": one.sha256}
             for name, one in file_checks.entries_of(version).items()}  # fmt: skip
    old = msgspec.to_builtins(complete) | {"files": files, "format": 1}
    (version / "manifest.json").write_text(json.dumps(old))
    for _ in range(2):  # the second time nothing large is read again
        assert_same_tracks(read_version(tmp_path, complete.version).tracks, tracks)
    assert list(track_files.read_ids(folder)) == list(tracks.ids)


def test_one_content_has_one_name_and_another_has_another(tmp_path):
    tracks = table_of_all_kinds()
    data = Dataset.from_csr(sparse.csr_matrix(np.eye(2, 6, dtype=np.float32)), tracks)
    names = []
    for number, regularization in enumerate((3.0, 3.0, 5.0)):
        model = EASE(regularization=regularization).fit(data)
        written = write_version(tmp_path, manifest(f"{number}"), tracks, {"ease": model})
        names.append(written.content_of("ease"))
    renamed = replace(tracks, ids=Vocabulary(f"other {row}" for row in range(6)))
    model = EASE(regularization=3.0).fit(data)
    names.append(
        write_version(tmp_path, manifest("9"), renamed, {"ease": model}).content_of("ease")
    )
    assert names[0] == names[1]
    assert len(set(names)) == 3


def table_of_all_kinds() -> TrackTable:
    """Six tracks with texts of every width, an empty one among them, and an album for some."""
    titles = ["", "Ä", "日本語", "a title", "🎵", "x" * 300]
    terms = sparse.csr_matrix(np.arange(12).reshape(6, 2) % 3 == 1, dtype=np.float32)
    return replace(
        TrackTable.bare(f"t{row}" for row in range(6)),
        titles=titles,
        artists=["Björk"] * 3 + [""] * 3,
        artist_ids=Vocabulary(["a-long-id", "b"]),
        artist_idx=np.array([0, 0, 0, 1, -1, -1], np.int32),
        year=np.array([0, 1990, 0, 2001, 5, 6], np.int16),
        owned=np.array([True, False] * 3),
        terms=terms,
        term_names=["rock", "sæglópur"],
        term_kinds=["genre", "tag"],
    )


def assert_same_tracks(again: TrackTable, tracks: TrackTable) -> None:
    for name in ("ids", "artist_ids", "album_ids", "titles", "artists", "term_names", "term_kinds"):
        assert list(getattr(again, name)) == list(getattr(tracks, name)), name
    for name in ("artist_idx", "album_idx", "recording_idx", "year", "duration_s", "added_at",
                 "owned", "explicit"):  # fmt: skip
        mine, its = getattr(again, name), getattr(tracks, name)
        np.testing.assert_array_equal(mine, its)
        assert mine.dtype == its.dtype, name
    np.testing.assert_array_equal(again.terms.toarray(), tracks.terms.toarray())
