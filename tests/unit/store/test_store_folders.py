"""What lies in a folder, against walking over all paths."""

from pathlib import Path

import numpy as np
import pytest

from segue.store import catalog_folders


def walked(paths, folder):
    """Names of folders and files by looking at every path."""
    below = [path[len(folder) + 1 :] for path in paths if path.startswith(folder + "/")]
    folders = {rest.split("/")[0] for rest in below if "/" in rest}
    return folders, {rest for rest in below if "/" not in rest}


@pytest.fixture
def fill(scan, entry):
    def run(paths):
        return dict(zip(paths, scan(*(entry(path) for path in paths)).added_track_ids, strict=True))

    return run


@pytest.mark.parametrize("look", [1, 3, 100])
def test_each_folder_holds_what_walking_over_all_paths_finds(catalog, fill, monkeypatch, look):
    monkeypatch.setattr(catalog_folders, "LOOK", look)
    rng = np.random.default_rng(4)
    names = ("a", "a b", "a-b", "A", "0", "Ärzte", "東京", "b\udcff", "~")
    paths = sorted({
        "/music/" + "/".join(rng.choice(names, rng.integers(1, 5))) + f"/{n}.mp3"
        for n in range(60)
    } | {"/music/top.mp3", "/music2.mp3"})  # fmt: skip
    ids = fill(paths)
    assert catalog.common_folder() == "/"
    folders = {str(Path(path).parent) for path in paths}
    for folder in folders | {"/music", "/music/none", "/mus"}:
        found = catalog.folder_content(folder)
        inner, files = walked(paths, folder.rstrip("/"))
        assert set(found.folders) == inner
        assert len(found.folders) == len(inner)
        assert set(found.track_ids) == {ids[f"{folder.rstrip('/')}/{name}"] for name in files}
        below = [ids[path] for path in paths if path.startswith(folder + "/")]
        assert set(catalog.tracks_below(folder, 500)) == (
            set(below) if folder != "/" else set(ids.values())
        )


def test_the_common_folder_is_the_deepest_that_holds_all(catalog, fill):
    assert catalog.common_folder() == ""
    fill(["/srv/music/A/1.mp3", "/srv/music/A/2.mp3"])
    assert catalog.common_folder() == "/srv/music/A"
    fill(["/srv/music/Ab/1.mp3"])
    assert catalog.common_folder() == "/srv/music"


def test_what_is_gone_or_could_not_be_read_is_in_no_folder(catalog, scan, entry, fill):
    ids = fill(["/m/a/1", "/m/a/2", "/m/b/3"])
    scan(entry("/m/c/4", problem="bad"), gone=["/m/b/3"])
    assert catalog.common_folder() == "/m/a"
    assert catalog.folder_content("/m").folders == ("a",)
    assert catalog.folder_content("/m/a").track_ids == (ids["/m/a/1"], ids["/m/a/2"])


def test_a_folder_of_more_than_one_answer_says_so(catalog, fill, monkeypatch):
    fill([f"/m/{n}" for n in range(9)])
    monkeypatch.setattr(catalog_folders, "LOOK", 2)
    monkeypatch.setattr(catalog_folders, "MOST_ENTRIES", 4)
    found = catalog.folder_content("/m")
    assert (len(found.track_ids), found.is_all) == (4, False)
