"""Compiled loops of the map layout: pull along a graph, and charges to a grid and back.

What runs in several threads writes each row once, so that their number changes nothing.
"""

from numba import njit, prange

from segue.types import FloatMatrix, FloatVector, IntVector

N_CHARGES = 3  # 1, x and y


def _pull(
    places: FloatMatrix,
    starts: IntVector,
    columns: IntVector,
    values: FloatVector,
    out: FloatMatrix,
) -> None:
    """Write ``sum_j p_ij (y_i - y_j) / (1 + |y_i - y_j|^2)`` of each row.

    Args:
        places: float64, shape (n, 2).
        starts, columns, values: The graph p as CSR, float64.
        out: float64, shape (n, 2), overwritten.
    """
    for i in prange(len(places)):
        x, y = places[i, 0], places[i, 1]
        gx = gy = 0.0
        for at in range(starts[i], starts[i + 1]):
            dx, dy = x - places[columns[at], 0], y - places[columns[at], 1]
            force = values[at] / (1.0 + dx * dx + dy * dy)
            gx += force * dx
            gy += force * dy
        out[i, 0], out[i, 1] = gx, gy


@njit(cache=True)
def _weights(position: float, n_nodes: int) -> tuple[int, float, float, float]:
    """The box of three nodes that a position (in nodes) lies in, and the Lagrange weights."""
    first = 3 * min(max(int(position // 3), 0), n_nodes // 3 - 1)
    v = position - first - 0.5
    return first, (v - 1.0) * (v - 2.0) / 2.0, -v * (v - 2.0), v * (v - 1.0) / 2.0


@njit(cache=True)
def to_grid(places: FloatMatrix, low: FloatVector, spacing: float, grid: FloatMatrix) -> None:
    """Add the charges 1, x and y of each point to the nine nodes of its box.

    Args:
        places: float64, shape (n, 2).
        low: Lower corner of the grid, shape (2,).
        spacing: Between nodes; the first stands half of it above ``low``.
        grid: float32, shape (3, n_nodes, n_nodes), of zeros; n_nodes a multiple of three.
    """
    n_nodes = grid.shape[1]
    for i in range(len(places)):
        x, y = places[i, 0], places[i, 1]
        a, a0, a1, a2 = _weights((x - low[0]) / spacing, n_nodes)
        b, b0, b1, b2 = _weights((y - low[1]) / spacing, n_nodes)
        along, across = (a0, a1, a2), (b0, b1, b2)
        for p in range(3):
            for q in range(3):
                weight = along[p] * across[q]
                grid[0, a + p, b + q] += weight
                grid[1, a + p, b + q] += weight * x
                grid[2, a + p, b + q] += weight * y


@njit(cache=True, parallel=True)
def from_grid(
    places: FloatMatrix, low: FloatVector, spacing: float, grid: FloatMatrix, out: FloatMatrix
) -> None:
    """Read potentials at each point, with the weights of :func:`to_grid`.

    Args:
        places, low, spacing: As there.
        grid: Shape (n_potentials, n_nodes, n_nodes).
        out: float64, shape (n, n_potentials), overwritten.
    """
    n_nodes = grid.shape[1]
    for i in prange(len(places)):
        a, a0, a1, a2 = _weights((places[i, 0] - low[0]) / spacing, n_nodes)
        b, b0, b1, b2 = _weights((places[i, 1] - low[1]) / spacing, n_nodes)
        along, across = (a0, a1, a2), (b0, b1, b2)
        for c in range(len(grid)):
            total = 0.0
            for p in range(3):
                for q in range(3):
                    total += along[p] * across[q] * grid[c, a + p, b + q]
            out[i, c] = total


def _push(places: FloatMatrix, out: FloatMatrix) -> None:
    """Every pair: ``sum_j q_ij^2 (y_i - y_j)`` and ``sum_j q_ij``, ``q = 1 / (1 + distance^2)``.

    ``out``: float64, shape (n, 3), overwritten: x and y of the first, then the second, i left out.
    """
    for i in prange(len(places)):
        x, y = places[i, 0], places[i, 1]
        gx = gy = z = 0.0
        for j in range(len(places)):
            dx, dy = x - places[j, 0], y - places[j, 1]
            q = 1.0 / (1.0 + dx * dx + dy * dy)
            z += q
            gx += q * q * dx
            gy += q * q * dy
        out[i, 0], out[i, 1], out[i, 2] = gx, gy, z - 1.0


# threads cost more than they give where a step takes microseconds
pull, pull_alone = njit(cache=True, parallel=True)(_pull), njit(cache=True)(_pull)
push_alone = njit(cache=True)(_push)
