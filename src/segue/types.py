"""Array aliases with their shapes in the name, and the kinds of identifiers.

An ``..._id`` is a string that outlives every retraining; an ``..._idx`` is a row of one
:class:`~segue.data.vocabulary.Vocabulary` and means nothing outside the data set it came with.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

TrackId: TypeAlias = str
ListenerId: TypeAlias = str
ArtistId: TypeAlias = str
AlbumId: TypeAlias = str

FloatVector: TypeAlias = NDArray[np.floating[Any]]  # shape (n,)
FloatMatrix: TypeAlias = NDArray[np.floating[Any]]  # shape (n, m)
IntVector: TypeAlias = NDArray[np.integer[Any]]  # shape (n,)
BoolVector: TypeAlias = NDArray[np.bool_]  # shape (n,)
BoolMatrix: TypeAlias = NDArray[np.bool_]  # shape (n, m)
CsrMatrix: TypeAlias = (
    Any  # scipy.sparse.csr_matrix, shape (n_rows, n_columns); SciPy ships no types
)
