"""Boosted regression trees over plain arrays: scores and what each group of features added.

Evaluation is QuickScorer (Lucchese et al., SIGIR 2015): every split that sends a row to the right
strikes the leaves on its left out, and the leftmost leaf that is left is the one reached. All
candidates go through all trees in one pass over the features, without a compiled kernel. What a
leaf owes to each feature is known beforehand: along the path from the root every split adds the
change of the mean value below it (Saabas 2014, "Interpreting random forests"), so contributions
and the bias add up to the score exactly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segue.errors import ArtifactError, InvalidInputError
from segue.types import FloatMatrix, FloatVector, IntVector

MAX_LEAVES = 16  # of one tree: the leaves left are the bits of a uint16
_ALL = np.uint16(0xFFFF)
_LOWEST_BIT = np.array([(v & -v).bit_length() - 1 if v else 0 for v in range(1 << 16)], np.uint8)


@dataclass(frozen=True, slots=True)
class TreeEnsemble:
    """Trees as arrays; see :func:`from_nodes` for how they are made.

    Attributes:
        feature: Feature of each split, ascending, int16 (n_splits,).
        threshold: A row goes left where its value is <= this; ascending within a feature, float64.
        tree: Tree of each split, int32.
        struck: Leaves that are struck out when the row goes right, uint16.
        leaf_value: What a leaf adds, float64 (n_trees, 16).
        leaf_parts: The same by feature, float32 (n_trees, 16, n_features).
        bias: Sum of the trees' mean values.
    """

    feature: IntVector
    threshold: FloatVector
    tree: IntVector
    struck: NDArray[np.uint16]
    leaf_value: FloatMatrix
    leaf_parts: NDArray[np.float32]
    bias: float
    _tables: list[tuple[int, FloatVector, NDArray[np.uint16]]] = field(init=False)
    _by_tree: tuple[IntVector, IntVector, FloatVector, NDArray[np.uint32]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_tables", _tables_of(self))
        object.__setattr__(self, "_by_tree", _splits_by_tree(self))

    @property
    def n_trees(self) -> int:
        """Number of trees."""
        return len(self.leaf_value)

    @property
    def n_features(self) -> int:
        """Columns that a row must have."""
        return int(self.leaf_parts.shape[2])

    def predict(self, rows: FloatMatrix) -> FloatVector:
        """Sum of the values of the leaves reached, float64 (n_rows,).

        Args:
            rows: Shape (n_rows, n_features), finite.

        Raises:
            InvalidInputError: Another number of columns.
        """
        return self.value_of(self.leaves(rows))

    def value_of(self, leaves: IntVector) -> FloatVector:
        """Sum of the values of leaves given by :meth:`leaves`, float64 (n_rows,), tree by tree."""
        values = self.leaf_value[np.arange(self.n_trees)[:, np.newaxis], leaves.T]
        return np.ascontiguousarray(values).sum(axis=0)  # row after row, so in that order

    def leaves(self, rows: FloatMatrix) -> IntVector:
        """Leaf reached in each tree, uint8 (n_rows, n_trees), counted from the left.

        Args:
            rows: Shape (n_rows, n_features), finite.
        """
        if rows.ndim != 2 or rows.shape[1] != self.n_features:
            raise InvalidInputError(
                f"rows must have {self.n_features} columns, got shape {rows.shape}"
            )
        left = np.full((len(rows), self.n_trees), _ALL)
        for feature, thresholds, table in self._tables:
            left &= table[np.searchsorted(thresholds, rows[:, feature])]
        return _LOWEST_BIT[left]

    def place(self, rows: FloatMatrix, *, compiled: bool = False) -> tuple[IntVector, FloatVector]:
        """Leaves as of :meth:`leaves`, and scores as of :meth:`predict`.

        Args:
            rows: float32 (n_rows, n_features), finite; fastest when its columns are contiguous.
            compiled: Use the compiled loop: six times faster, and the compiler is loaded.
        """
        if not compiled:
            leaves = self.leaves(rows)
            return leaves, self.value_of(leaves)
        from segue.pipeline.trees_kernels import leaves_and_values

        columns = np.ascontiguousarray(rows.T, np.float32)
        leaves, values = leaves_and_values(columns, *self._by_tree, _LOWEST_BIT, self.leaf_value)
        return leaves.T, values

    def contributions(self, rows: FloatMatrix) -> FloatMatrix:
        """What each feature adds, (n_rows, n_features); with ``bias`` rows sum to ``predict``."""
        return self.sum_of(self.leaf_parts, self.leaves(rows))

    def sum_of(self, parts: NDArray[np.float32], leaves: IntVector) -> FloatMatrix:
        """Sums over the trees of ``parts`` (n_trees, 16, n) at the leaves, float64 (n_rows, n)."""
        return parts[np.arange(self.n_trees), leaves].sum(axis=1, dtype=np.float64)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """All state as arrays, for an artefact."""
        return {
            "feature": self.feature, "threshold": self.threshold, "tree": self.tree,
            "struck": self.struck, "leaf_value": self.leaf_value, "leaf_parts": self.leaf_parts,
            "bias": np.array([self.bias]),
        }  # fmt: skip

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "TreeEnsemble":
        """Restore :meth:`to_arrays`.

        Raises:
            ArtifactError: An array is missing or does not fit the others.
        """
        names = ("feature", "threshold", "tree", "struck", "leaf_value", "leaf_parts")
        try:
            parts = {name: np.asarray(arrays[name]) for name in names}
            return cls(**parts, bias=float(arrays["bias"][0]))
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise ArtifactError(f"the trees cannot be read: {error}") from error


def _tables_of(trees: TreeEnsemble) -> list[tuple[int, FloatVector, NDArray[np.uint16]]]:
    """For each feature its thresholds, and the leaves left after so many of them were passed."""
    tables: list[tuple[int, FloatVector, NDArray[np.uint16]]] = []
    for feature in np.unique(trees.feature).tolist():
        of_feature = np.flatnonzero(trees.feature == feature)
        table = np.full((len(of_feature) + 1, trees.n_trees), _ALL)
        for place, split in enumerate(of_feature, start=1):
            table[place] = table[place - 1]
            table[place, trees.tree[split]] &= ~trees.struck[split]
        tables.append((int(feature), np.asarray(trees.threshold[of_feature]), table))
    return tables


def _splits_by_tree(
    trees: TreeEnsemble,
) -> tuple[IntVector, IntVector, FloatVector, NDArray[np.uint32]]:
    """Where the splits of each tree begin; their features, thresholds and the leaves they keep.

    A float32 is above a threshold exactly when it is above the largest float32 not above that.
    """
    order = np.argsort(trees.tree, kind="stable")
    starts = np.searchsorted(trees.tree[order], np.arange(trees.n_trees + 1))
    limit = trees.threshold[order]
    single = limit.astype(np.float32)
    single = np.where(single > limit, np.nextafter(single, np.float32(-np.inf)), single)
    kept = (~trees.struck[order]).astype(np.uint32)
    return starts, np.asarray(trees.feature[order], np.int64), single, kept


@dataclass(frozen=True, slots=True)
class _Split:
    feature: int
    threshold: float
    tree: int
    struck: int


def from_nodes(roots: Sequence[Mapping[str, Any]], n_features: int) -> TreeEnsemble:
    """From the nested nodes of a LightGBM model (``tree_structure`` of each ``tree_info``).

    Args:
        roots: A split has ``split_feature``, ``threshold``, ``decision_type`` "<=",
            ``left_child`` and ``right_child``; a leaf has ``leaf_value`` and ``leaf_count``.
        n_features: Columns of the training rows.

    Raises:
        InvalidInputError: A tree has more than ``MAX_LEAVES`` leaves or another kind of split.
    """
    splits: list[_Split] = []
    value = np.zeros((len(roots), MAX_LEAVES))
    parts = np.zeros((len(roots), MAX_LEAVES, n_features), np.float32)
    bias = 0.0
    for tree, root in enumerate(roots):
        walk = _Walk(tree, value[tree], parts[tree], splits)
        bias += walk.visit(root, np.zeros(n_features))
    splits.sort(key=lambda split: (split.feature, split.threshold))
    return TreeEnsemble(
        np.array([s.feature for s in splits], np.int16),
        np.array([s.threshold for s in splits], np.float64),
        np.array([s.tree for s in splits], np.int32),
        np.array([s.struck for s in splits], np.uint16),
        value, parts, bias,
    )  # fmt: skip


class _Walk:
    """Numbers the leaves of one tree from the left and notes what each owes to which feature."""

    def __init__(
        self, tree: int, value: FloatVector, parts: FloatMatrix, splits: list[_Split]
    ) -> None:
        self._tree = tree
        self._value = value
        self._parts = parts
        self._splits = splits
        self._n_leaves = 0

    def visit(self, node: Mapping[str, Any], owed: FloatVector) -> float:
        """Walk a subtree; returns its mean value, weighted by training rows."""
        if "split_feature" not in node:
            return self._leaf(node, owed)
        if node["decision_type"] != "<=":
            raise InvalidInputError(f"splits must be '<=', got {node['decision_type']!r}")
        mean, first = mean_value(node)[0], self._n_leaves
        self._below(node, "left_child", mean, owed)
        struck = ((1 << self._n_leaves) - 1) ^ ((1 << first) - 1)  # the leaves of the left child
        self._below(node, "right_child", mean, owed)
        threshold = float(node["threshold"])
        self._splits.append(_Split(node["split_feature"], threshold, self._tree, struck))
        return mean

    def _below(self, node: Mapping[str, Any], name: str, mean: float, owed: FloatVector) -> None:
        step = owed.copy()
        step[node["split_feature"]] += mean_value(node[name])[0] - mean
        self.visit(node[name], step)

    def _leaf(self, node: Mapping[str, Any], owed: FloatVector) -> float:
        if self._n_leaves == MAX_LEAVES:
            raise InvalidInputError(f"a tree has more than {MAX_LEAVES} leaves")
        self._value[self._n_leaves] = node["leaf_value"]
        self._parts[self._n_leaves] = owed
        self._n_leaves += 1
        return float(node["leaf_value"])


def mean_value(node: Mapping[str, Any]) -> tuple[float, float]:
    """Mean of the leaves below a node, weighted by their training rows, and that weight."""
    if "split_feature" not in node:
        return float(node["leaf_value"]), max(float(node.get("leaf_count", 1)), 1.0)
    left, n_left = mean_value(node["left_child"])
    right, n_right = mean_value(node["right_child"])
    return (left * n_left + right * n_right) / (n_left + n_right), n_left + n_right
