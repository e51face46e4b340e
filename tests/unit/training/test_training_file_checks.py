"""What is found wrong with the files of a model set, and when they have to be read for it."""

import os

import numpy as np
import pytest

from segue.errors import ArtifactError
from segue.training import file_checks
from segue.training.file_checks import check_files, entries_of, find_damage, remember


@pytest.fixture
def version(tmp_path):
    """A large array, a small one, and a text, written and found right."""
    rng = np.random.default_rng(0)
    (tmp_path / "model").mkdir()
    np.save(tmp_path / "model" / "large.npy", rng.normal(size=40_000))
    np.save(tmp_path / "model" / "small.npy", rng.normal(size=40))
    (tmp_path / "words.json").write_text("{}")
    files = entries_of(tmp_path)
    remember(tmp_path, files)
    return tmp_path, files


def flip(path, at):
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


@pytest.fixture
def read_in_full(monkeypatch):
    """Names of the files that are read for their checksum."""
    names = []
    real = file_checks.sha256_of
    monkeypatch.setattr(
        file_checks, "sha256_of", lambda path: names.append(path.name) or real(path)
    )
    return names


def test_a_large_file_that_looks_as_it_did_is_not_read_again(version, read_in_full):
    folder, files = version
    check_files(folder, "v", files)
    assert sorted(read_in_full) == ["small.npy", "words.json"]
    check_files(folder, "v", files, thorough=True)
    assert "large.npy" in read_in_full


@pytest.mark.parametrize("name", ["model/large.npy", "model/small.npy", "words.json"])
def test_a_file_that_was_cut_or_is_missing_is_refused_without_reading_it(
    version, name, read_in_full
):
    folder, files = version
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[:-1])
    with pytest.raises(ArtifactError, match=f"{name} is missing or cut short"):
        check_files(folder, "v", files)
    (folder / name).unlink()
    with pytest.raises(ArtifactError, match=f"{name} is missing or cut short"):
        check_files(folder, "v", files)
    assert name.rpartition("/")[2] not in read_in_full


@pytest.mark.parametrize("at", [0, 60, 5_000, 320_000])
def test_a_byte_that_was_written_over_is_found_at_the_next_load(version, at):
    folder, files = version
    flip(folder / "model" / "large.npy", at)
    with pytest.raises(ArtifactError, match=r"model/large\.npy does not match its checksum"):
        check_files(folder, "v", files)


def test_setting_the_clock_of_a_file_back_does_not_hide_a_change(version):
    folder, files = version
    path = folder / "model" / "large.npy"
    before = path.stat()
    flip(path, 100_000)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(ArtifactError, match=r"large\.npy does not match"):
        check_files(folder, "v", files)


def rotten(folder, files, at):
    """A byte that changed by itself: the file looks as it did when it was found right."""
    path = folder / "model" / "large.npy"
    head = file_checks._read_seen(folder)["model/large.npy"].head_sha256
    flip(path, at)
    remember(folder, files)
    seen = file_checks._read_seen(folder)
    old = {"model/large.npy": file_checks.msgspec.structs.replace(
        seen["model/large.npy"], head_sha256=head)}  # fmt: skip
    (folder / file_checks.SEEN_FILE).write_bytes(file_checks.msgspec.json.encode(old))


def test_a_wrong_header_is_refused_even_where_the_disk_changed_it_by_itself(version):
    folder, files = version
    rotten(folder, files, 60)  # within the shape
    with pytest.raises(ArtifactError, match=r"large\.npy does not match"):
        check_files(folder, "v", files)


def test_a_byte_that_changed_by_itself_is_found_in_the_background(version):
    folder, files = version
    assert find_damage(folder, "v", files, lambda: True, 0.0) is None
    rotten(folder, files, 300_000)
    check_files(folder, "v", files)  # nothing tells, so it is taken
    damage = find_damage(folder, "v", files, lambda: True, 0.0)
    assert damage == "v/model/large.npy does not match its checksum any more"
    file_checks.forget(folder)
    with pytest.raises(ArtifactError, match=r"large\.npy does not match"):
        check_files(folder, "v", files)


def test_the_reader_in_the_background_stops_when_told_and_when_a_version_is_removed(version):
    folder, files = version
    flip(folder / "model" / "large.npy", 300_000)
    assert find_damage(folder, "v", files, lambda: False, 0.0) is None
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    assert find_damage(folder, "v", files, lambda: True, 0.0).startswith("v/model/large.npy cannot")
    folder.rmdir()
    assert find_damage(folder, "v", files, lambda: True, 0.0) is None


def test_a_copy_is_read_in_full_once(version, tmp_path_factory, read_in_full):
    folder, files = version
    other = tmp_path_factory.mktemp("copy")
    for name in files:
        (other / name).parent.mkdir(exist_ok=True)
        (other / name).write_bytes((folder / name).read_bytes())
    check_files(other, "v", files)
    assert "large.npy" in read_in_full
    read_in_full.clear()
    check_files(other, "v", files)
    assert "large.npy" not in read_in_full


def test_where_nothing_can_be_remembered_a_load_works_and_reads(version, read_in_full, monkeypatch):
    folder, files = version
    (folder / file_checks.SEEN_FILE).write_text("[")  # damaged: as if it were not there

    def fail(*_args, **_more):
        raise PermissionError("read-only")

    monkeypatch.setattr(file_checks.Path, "write_bytes", fail)
    for _ in range(2):
        check_files(folder, "v", files)
    assert read_in_full.count("large.npy") == 2
