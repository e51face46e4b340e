import sys

import numpy as np
import pytest
import qdrant_client

from segue.errors import FetchError, InvalidInputError, MissingExtraError
from segue.index.qdrant import QdrantIndex


@pytest.fixture
def server(monkeypatch):
    """One collection in memory that every client with an address sees, and what they asked for."""
    asked = []
    shared = qdrant_client.QdrantClient(location=":memory:")

    def connect(**options):
        asked.append(options)
        return shared

    monkeypatch.setattr(qdrant_client, "QdrantClient", connect)
    return asked


def test_a_server_keeps_the_collection_and_its_order(server):
    for _ in range(2):  # the second time nothing changes
        index = QdrantIndex(2, url="http://localhost:6333", api_key="secret")
        index.add(["b", "a"], np.eye(2), [{"genre": "jazz"}, {}])
    again = QdrantIndex(2, url="http://localhost:6333", api_key="secret")
    assert list(again.ids) == ["b", "a"]
    assert again.search(np.array([1.0, 0.0]), 5).ids == ("b", "a")
    assert again.search(np.array([1.0, 0.0]), 5, where={"genre": ["jazz"]}).ids == ("b",)
    assert server[0] == {"url": "http://localhost:6333", "api_key": "secret", "timeout": 30,
                         "check_compatibility": False}  # fmt: skip


def test_a_server_that_does_not_answer_is_a_fetch_error():
    url = "http://127.0.0.1:1"
    for call in (
        lambda: QdrantIndex(2, url=url, timeout_s=1),
        lambda: QdrantIndex.check(url, timeout_s=1),
        lambda: QdrantIndex.drop("segue", url, timeout_s=1),
    ):
        with pytest.raises(FetchError, match=f"{url} cannot be used"):
            call()


def test_a_collection_can_be_dropped(server):
    url = "http://localhost:6333"
    QdrantIndex(2, url=url).add(["a"], np.eye(2)[:1])
    QdrantIndex.drop("segue", url)
    assert list(QdrantIndex(2, url=url).ids) == []


def test_a_collection_of_other_vectors_is_refused(server):
    QdrantIndex(2, url="http://localhost:6333")
    with pytest.raises(InvalidInputError, match="has vectors of 2 by Dot, asked for 3"):
        QdrantIndex(3, url="http://localhost:6333")


def test_more_points_than_one_request_takes_are_all_there(monkeypatch):
    monkeypatch.setattr("segue.index.qdrant.BATCH", 7)
    index = QdrantIndex(3)
    vectors = np.random.default_rng(0).normal(size=(30, 3))
    index.add([f"v{i}" for i in range(30)], vectors)
    assert len(index.stored().ids) == 30
    assert len(index.search_batch(vectors, 30)) == 30
    assert index.remove([f"v{i}" for i in range(20)]) == 20
    assert len(index.search(vectors[0], 99)) == 10


def test_without_the_client_the_message_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "qdrant_client", None)
    with pytest.raises(MissingExtraError, match=r"segue\[qdrant\]"):
        QdrantIndex(2)
