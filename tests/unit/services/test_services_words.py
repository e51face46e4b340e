"""Documents of tracks and their vectors: what is embedded, and when again."""

import dataclasses

import numpy as np
import pytest

from segue.services.words import WordService, documents_of
from segue.store.analyses import Analyses
from segue.store.lyrics import Lyrics, write_lyrics


class Letters:
    """An embedder that counts three letters, and remembers what it was given."""

    name, dim = "letters", 3

    def __init__(self):
        self.seen = []

    def embed(self, texts):
        self.seen += texts
        counts = [[text.count(letter) for letter in "aeo"] for text in texts]
        return np.array(counts, np.float32).reshape(-1, 3)


@pytest.fixture
def letters():
    return Letters()


@pytest.fixture
def service(house, letters):
    database = house.app.database
    return WordService(Lyrics(database), Analyses(database), lambda: letters, lambda: 1.0)


def test_a_document_holds_names_genres_year_and_lyrics(house):
    tracks = house.app.catalog.track_table()
    row = list(tracks.titles).index("Song 0-0")
    lyrics = [""] * len(tracks)
    lyrics[row] = "Down by the river"
    text = documents_of(tracks, lyrics)[row]
    genre = next(tracks.term_names[c] for c in tracks.terms[row].indices
                 if tracks.term_kinds[c] == "genre")  # fmt: skip
    for part in ("Song 0-0", "Band 0", genre, "Down by the river"):
        assert part in text


def test_vectors_stand_in_the_order_of_the_tracks(house, service, letters):
    tracks = house.app.catalog.track_table()
    documents = documents_of(tracks, [""] * len(tracks))
    got = service.vectors(tracks, documents)
    assert np.array_equal(got, Letters().embed(documents))


def test_only_new_and_changed_documents_are_embedded(house, service, letters):
    tracks = house.app.catalog.track_table()
    documents = documents_of(tracks, [""] * len(tracks))
    service.vectors(tracks, documents)
    assert len(letters.seen) == len(tracks)
    letters.seen.clear()
    service.vectors(tracks, documents)
    assert letters.seen == []
    documents[3] = "ooo"
    got = service.vectors(tracks, documents)
    assert letters.seen == ["ooo"]
    assert got[3].tolist() == [0, 0, 3]


def test_a_library_without_tracks_has_no_vectors(house, service):
    none = dataclasses.replace(house.app.catalog.track_table())
    empty = type(none).bare(())
    assert service.vectors(empty, []).shape == (0, 3)


def test_training_sees_lyrics_and_vectors_of_texts(house):
    tracks = house.app.catalog.track_table()
    house.app.database.write(lambda c: write_lyrics(c, {tracks.ids[0]: "sorrow and tears"}))
    vectors = house.app.training.dataset().tracks.vectors["text"]
    assert vectors.shape == (len(tracks), 256)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, rtol=1e-5)


def test_long_lyrics_are_kept_whole(house):
    track_id = house.track("Song 0-0")
    song = "\n".join(f"line {n} of a ballad without an end" for n in range(400))
    house.app.database.write(lambda c: write_lyrics(c, {track_id: song}))
    assert Lyrics(house.app.database).of([track_id]) == {track_id: song}
