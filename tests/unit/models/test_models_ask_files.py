"""What requests are answered from, written and read again."""

import dataclasses

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset, TrackTable
from segue.errors import ArtifactError
from segue.models.ask import AskIndex
from segue.models.ask_files import load_ask, save_ask

DOCUMENTS = ["Rainy Day. folk.", "Party Night. disco.", "", "Été. folk, calm."]
TERMS = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 0], [1, 0, 1]], np.float32)


def make(text=True):
    vectors = {"sound": np.array([[0.1], [0.9], [np.nan], [0.2]], np.float32)}
    if text:
        vectors["text"] = np.vstack([np.eye(3, dtype=np.float32), np.full((1, 3), np.nan)])
    tracks = dataclasses.replace(
        TrackTable.bare("abcd"), terms=sparse.csr_matrix(TERMS),
        term_names=["folk", "disco", "calm"], term_kinds=["genre", "genre", "tag"],
        year=np.array([1990, 1980, 0, 2000], np.int16), vectors=vectors,
    )  # fmt: skip
    data = Dataset.from_csr(sparse.csr_matrix((0, 4)), tracks)
    return tracks, AskIndex.fit(data, DOCUMENTS, sound_columns={"energy": 0})


@pytest.mark.parametrize("text", [True, False])
def test_what_is_read_answers_as_what_was_written(tmp_path, text):
    tracks, index = make(text)
    save_ask(index, tmp_path)
    again = load_ask(tmp_path, tracks)
    vector = np.array([0.2, 0.9, 0.1], np.float32) if text else None
    for words in ("folk", "rainy night", "été", "nothing of that"):
        one, other = index.search(words, vector), again.search(words, vector)
        assert one.tracks.track_idx.tolist() == other.tracks.track_idx.tolist()
        np.testing.assert_allclose(one.tracks.scores, other.tracks.scores, rtol=1e-6)
    for mood in ("calm", "party"):
        np.testing.assert_allclose(index.moods.score(mood), again.moods.score(mood), rtol=1e-5)


@pytest.mark.parametrize("name", ["ask.json", "words.data.npy", "facts.npy"])
def test_a_missing_or_cut_file_is_an_error_of_ours(tmp_path, name):
    tracks, index = make()
    save_ask(index, tmp_path)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:20])
    with pytest.raises(ArtifactError):
        load_ask(tmp_path, tracks)
    (tmp_path / name).unlink()
    with pytest.raises(ArtifactError):
        load_ask(tmp_path, tracks)


def test_an_index_of_another_catalogue_is_refused(tmp_path):
    _, index = make()
    save_ask(index, tmp_path)
    with pytest.raises(ArtifactError, match="4 tracks"):
        load_ask(tmp_path, TrackTable.bare("ab"))
