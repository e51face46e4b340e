"""A map in the plane that keeps neighbors together: t-SNE with forces from a grid.

van der Maaten & Hinton 2008 (JMLR 9), the repulsion interpolated from a grid by FFT after
Linderman et al. 2019, "Fast interpolation-based t-SNE" (doi:10.1038/s41592-018-0308-4), started
from the principal axes and with the learning rate of Kobak & Berens 2019
(doi:10.1038/s41467-019-13056-x). The affinities are alike for all nearest neighbors, which Böhm,
Berens & Kobak 2022 (JMLR 23(95)) found as good as those fitted to a perplexity.

A start from an earlier map moves as little of it as the new tracks need.
"""

from dataclasses import dataclass

import numpy as np
from scipy import fft, sparse
from scipy.linalg import orthogonal_procrustes

from segue.errors import InvalidInputError
from segue.types import CsrMatrix, FloatMatrix, FloatVector, IntVector

N_NEAREST = 15  # neighbors whose affinity counts
EARLY, EARLY_EXAGGERATION = 250, 12.0  # steps in which neighbors pull twelvefold: the whole unfolds
MAIN, MAIN_OF_MANY, MANY = 500, 300, 20_000  # steps after that, fewer for a large map
SETTLE = 100  # steps of a map that starts from an earlier one
START_SPREAD = 1e-4
FEWEST = 12  # with fewer points everything is near everything: principal axes serve
MIN_BOXES, MAX_BOXES = 20, 220  # of the grid on a side; a box is about as wide as the kernel
BOX_WIDTH = 1.5
EXACT_UP_TO = 2_000  # points up to which every pair is cheaper than the grid


@dataclass(frozen=True, slots=True)
class _Phase:
    """Steps with one exaggeration and one momentum."""

    n_steps: int
    exaggeration: float
    momentum: float


def lay_out(
    vectors: FloatMatrix, nearest: IntVector, start: FloatMatrix | None = None
) -> FloatMatrix:
    """Places in the plane, float32 (n, 2), around the origin; the same for the same arguments.

    Nothing is drawn. O(n k) a step and one FFT of the grid, which is some hundred nodes wide.

    Args:
        vectors: Unit rows, shape (n, d); only their principal axes are looked at.
        nearest: The nearest rows of each row, itself left out, int (n, k).
        start: An earlier map, shape (n, 2), NaN for points that were not on it. None, or fewer
            than three points on it: from the principal axes.

    Raises:
        InvalidInputError: Shapes do not agree.
    """
    n = len(vectors)
    if len(nearest) != n or (start is not None and start.shape != (n, 2)):
        raise InvalidInputError(
            f"nearest and start need {n} rows, got shapes {nearest.shape} and "
            f"{None if start is None else start.shape}"
        )
    axes = principal_axes(vectors)
    if n < FEWEST:
        return axes
    graph = affinities(nearest[:, :N_NEAREST])
    if start is None or np.isfinite(start).all(axis=1).sum() < 3:
        main = MAIN if n <= MANY else MAIN_OF_MANY
        phases = (_Phase(EARLY, EARLY_EXAGGERATION, 0.5), _Phase(main, 1.0, 0.8))
        return _descend(START_SPREAD * axes, graph, phases)
    begun = filled_start(start, nearest, axes)
    return aligned(_descend(begun, graph, (_Phase(SETTLE, 1.0, 0.5),)), start)


def principal_axes(vectors: FloatMatrix) -> FloatMatrix:
    """The two directions of greatest variance, scaled alike, the first to deviation 1; float32.

    Each points to the side where its greatest weight is positive, so that the signs are settled.
    """
    places = np.zeros((len(vectors), 2), np.float32)
    if len(vectors) < 2 or not vectors.shape[1]:
        return places
    centred = np.asarray(vectors, np.float64)
    centred = centred - centred.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    for axis, column in enumerate(directions.T[::-1][:2]):
        places[:, axis] = centred @ (column * np.sign(column[np.abs(column).argmax()]))
    spread = float(places[:, 0].std())
    return places / np.float32(spread) if spread > 1e-9 else np.zeros_like(places)


def affinities(nearest: IntVector) -> CsrMatrix:
    """``p_ij``: half for each of "j is near i" and "i is near j", scaled to sum 1; CSR float64.

    >>> affinities(np.array([[1], [0], [1]])).toarray().round(2).tolist()
    [[0.0, 0.33, 0.0], [0.33, 0.0, 0.17], [0.0, 0.17, 0.0]]
    """
    n, k = nearest.shape
    ones = np.ones(n * k)
    starts = np.arange(0, n * k + 1, k)
    near = sparse.csr_matrix((ones, nearest.ravel(), starts), shape=(n, n))
    near.sum_duplicates()
    return sparse.csr_matrix((near + near.T) / (2.0 * n * k))


def filled_start(start: FloatMatrix, nearest: IntVector, axes: FloatMatrix) -> FloatMatrix:
    """An earlier map with each new point at the mean of its nearest that have a place.

    Points that are near only to new ones follow in two more rounds; those that no known point leads
    to stand where their principal axes point, at the scale of the map.
    """
    places = np.array(start, np.float64)
    for _ in range(3):
        known = np.isfinite(places[:, 0])
        new = np.flatnonzero(~known)
        leads = known[nearest[new]][:, :N_NEAREST]
        theirs = np.where(leads[:, :, np.newaxis], places[nearest[new][:, :N_NEAREST]], 0.0)
        counts = leads.sum(axis=1)
        led = counts > 0
        places[new[led]] = theirs.sum(axis=1)[led] / counts[led, np.newaxis]
    known = np.isfinite(places[:, 0])
    spread, middle = places[known].std(axis=0), places[known].mean(axis=0)
    places[~known] = middle + spread * axes[~known]
    return places


def aligned(places: FloatMatrix, earlier: FloatMatrix) -> FloatMatrix:
    """A map turned, mirrored and shifted onto an earlier one by the points of both, float32.

    Orthogonal Procrustes (Schönemann 1966, doi:10.1007/BF02289451); distances stay as they are.
    """
    shared = np.isfinite(earlier).all(axis=1)
    mine, theirs = places[shared].mean(axis=0), earlier[shared].mean(axis=0)
    turn, _ = orthogonal_procrustes(places[shared] - mine, earlier[shared] - theirs)
    return ((places - mine) @ turn + theirs).astype(np.float32)


def _descend(start: FloatMatrix, graph: CsrMatrix, phases: tuple[_Phase, ...]) -> FloatMatrix:
    """Gradient descent with momentum and a gain for each coordinate, as in the paper of 2008."""
    from segue.models import layout_kernels as kernels

    places = np.array(start, np.float64, order="C")
    n = len(places)
    pull = kernels.pull_alone if n <= EXACT_UP_TO else kernels.pull
    speed, gains, attraction = np.zeros_like(places), np.ones_like(places), np.empty_like(places)
    for phase in phases:
        rate = max(n / phase.exaggeration / 4, 50.0)
        for _ in range(phase.n_steps):
            pull(places, graph.indptr, graph.indices, graph.data, attraction)
            gradient = 4 * (phase.exaggeration * attraction - repulsion(places))
            same = (gradient > 0) == (speed > 0)
            gains = np.maximum(np.where(same, gains * 0.8, gains + 0.2), 0.01)
            speed = phase.momentum * speed - rate * gains * gradient
            places += speed
            places -= places.mean(axis=0)
    return places.astype(np.float32)


def repulsion(places: FloatMatrix) -> FloatMatrix:
    """``sum_j q_ij^2 (y_i - y_j) / Z`` with ``q_ij = 1 / (1 + |y_i - y_j|^2)``, Z the sum of q.

    Every pair in a small map, interpolated from a grid in a large one; float64 (n, 2).
    """
    from segue.models.layout_kernels import push_alone

    if len(places) > EXACT_UP_TO:
        return repulsion_by_grid(places)
    sums = np.empty((len(places), 3))
    push_alone(places, sums)
    return sums[:, :2] / max(float(sums[:, 2].sum()), 1e-12)


def repulsion_by_grid(places: FloatMatrix) -> FloatMatrix:
    """The same within a few per cent, interpolated from a grid of three nodes a box."""
    from segue.models.layout_kernels import N_CHARGES, from_grid, to_grid

    low = places.min(axis=0)
    extent = max(float((places.max(axis=0) - low).max()), 1e-9)
    n_boxes = int(np.clip(np.ceil(extent / BOX_WIDTH), MIN_BOXES, MAX_BOXES))
    spacing = extent / (3 * n_boxes)
    grid = np.zeros((N_CHARGES, 3 * n_boxes, 3 * n_boxes), np.float32)
    to_grid(places, low, spacing, grid)
    potential = np.empty((len(places), N_CHARGES + 1))
    from_grid(places, low, spacing, _convolved(grid, spacing), potential)
    z = max(float(potential[:, 3].sum()) - len(places), 1e-12)
    return (places * potential[:, :1] - potential[:, 1:3]) / z


def _convolved(grid: FloatMatrix, spacing: float) -> FloatMatrix:
    """The charges with the kernel ``q^2`` of the distances between nodes, and the first with q."""
    n_nodes = grid.shape[1]
    length = fft.next_fast_len(2 * n_nodes - 1, real=True)
    steps = np.minimum(np.arange(length), length - np.arange(length)) * spacing
    squares: FloatVector = np.square(steps, dtype=np.float32)
    kernel = 1 / (1 + squares[:, np.newaxis] + squares[np.newaxis])
    shape = (length, length)
    charges = fft.rfft2(grid, shape, workers=-1)
    kernels = fft.rfft2(np.stack([kernel * kernel, kernel]), workers=-1)
    spectrum = np.concatenate([charges * kernels[0], charges[:1] * kernels[1]])
    return fft.irfft2(spectrum, shape, workers=-1)[:, :n_nodes, :n_nodes]
