"""S3: EASE on the most popular tracks of the large data, beside LAPACK alone on the same matrix.

The bare inversion is potrf and potri in float32, one triangle, in place. The fit is X'X, the
inversion, and both triangles ready to be read by rows. They take turns, the best of each counts.
"""

import time

import numpy as np
from scipy import sparse
from scipy.linalg import lapack

from benchmarks.lines import figure, progress
from benchmarks.speed.big_data import big_matrix, options, size_of
from segue.models.linear_solve import solve_dense
from segue.types import CsrMatrix

RIDGE = 200.0
TARGET_RATIO = 1.2


def most_popular(likes: CsrMatrix, n: int) -> CsrMatrix:
    """The columns with most entries, in their order."""
    count = np.bincount(likes.indices, minlength=likes.shape[1])
    return sparse.csr_matrix(likes[:, np.sort(np.argsort(-count, kind="stable")[:n])])


def gram_of(likes: CsrMatrix) -> np.ndarray:
    """X'X + ridge, dense float32 in the order of Fortran, block by block."""
    n = likes.shape[1]
    gram, columns = np.empty((n, n), np.float32, order="F"), likes.T.tocsr()
    for start in range(0, n, 1000):
        gram[:, start : start + 1000] = (columns[start : start + 1000] @ likes).toarray().T
    gram[np.diag_indices(n)] += np.float32(RIDGE)
    return gram


def lapack_seconds(likes: CsrMatrix) -> tuple[float, float]:
    """Seconds of potrf and potri, and of making the matrix before."""
    started = time.perf_counter()
    gram = gram_of(likes)
    made = time.perf_counter()
    factor, failed = lapack.spotrf(gram, lower=True, overwrite_a=True, clean=False)
    if not failed:
        _, failed = lapack.spotri(factor, lower=True, overwrite_c=True)
    if failed:
        raise SystemExit(f"LAPACK stopped at pivot {failed}")
    return time.perf_counter() - made, made - started


def main(argv: list[str] | None = None) -> None:
    parser = options(__doc__)
    parser.add_argument("--popular", type=int, default=20_000, help="tracks of the model")
    given = parser.parse_args(argv)
    size = size_of(given)
    likes = most_popular(big_matrix(given.work, size)[0], given.popular)
    ridge = np.full(likes.shape[1], RIDGE)
    fits: list[float] = []
    bare: list[float] = []
    grams: list[float] = []
    for _ in range(given.runs):
        started = time.perf_counter()
        solution = solve_dense(likes, ridge)
        fits.append(time.perf_counter() - started)
        del solution  # two such matrices at once are not needed
        inverted, made = lapack_seconds(likes)
        bare.append(inverted)
        grams.append(made)
        progress(f"fit {fits[-1]:.1f} s; LAPACK {inverted:.1f} s, X'X before it {made:.1f} s")
    data = f"{size}, {given.popular} most popular tracks"
    figure("S3", "ease fit", min(fits), "s", data=data, n=given.runs,
           target=TARGET_RATIO * min(bare), better="lower", peer="potrf+potri",
           peer_value=min(bare))  # fmt: skip
    figure("S3", "X'X by scipy in blocks", min(grams), "s", data=data, n=given.runs)


if __name__ == "__main__":
    main()
