"""What a list asks of an index: the tracks nearest to one vector, among those that are allowed."""

from typing import Protocol, runtime_checkable

from segue.types import BoolVector, FloatMatrix, FloatVector, IntVector


class Nearest(Protocol):
    """An index over the tracks of one model; made by services, which choose the engine."""

    def best(self, query: FloatVector, n: int, allowed: BoolVector) -> IntVector:
        """Rows of the ``n`` allowed tracks with the greatest product, best first.

        Args:
            query: In the space of :class:`Indexable`, shape (d,).
            n: >= 0; fewer come back where fewer are allowed and known.
            allowed: Mask (n_tracks,).
        """
        ...


@runtime_checkable
class Indexable(Protocol):
    """A model whose score is, but for a constant, the product of two vectors."""

    def index_mask(self) -> BoolVector:
        """The tracks that it knows, mask (n_tracks,)."""
        ...

    def index_rows(self) -> tuple[IntVector, FloatMatrix]:
        """The tracks that it knows, ascending, and their vectors, float32 (n, d)."""
        ...

    def index_query(self, representation: FloatVector) -> FloatVector:
        """The vector (d,) whose product with a track's orders as ``score(representation)``."""
        ...

    def index_direction(self, direction: FloatVector) -> FloatVector:
        """The vector (d,) whose product with a track's is the cosine with a direction."""
        ...
