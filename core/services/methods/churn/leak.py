"""Leaks: a column that alone tells who left was most likely written after they did."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.services.methods.churn.scores import Labels, auc

TOO_GOOD = 0.97
_FOLDS = 5


@dataclass(frozen=True)
class Leak:
    """A suspicious feature.

    Attributes:
        feature: its key.
        auc: of the feature alone, in the direction in which it is above .5.
    """

    feature: str
    auc: float


def find_leaks(
    columns: Mapping[str, NDArray[np.generic]], labels: Labels, limit: float = TOO_GOOD
) -> list[Leak]:
    """Return features that alone rank the leavers with an AUC of at least `limit`, worst first.

    Args:
        columns: values per feature, shape (n,): numbers (NaN where unknown) or texts.
        labels: who left, shape (n,).
        limit: from which on a feature is reported.
    """
    found = [Leak(key, feature_auc(values, labels)) for key, values in columns.items()]
    return sorted((leak for leak in found if leak.auc >= limit), key=lambda leak: -leak.auc)


def feature_auc(values: NDArray[np.generic], labels: Labels) -> float:
    """Return the AUC of one feature alone, in its better direction; .5 says nothing.

    Unknown numbers count once as the lowest and once as the highest: that a value is missing may
    be the leak. Texts are ranked by the share that left among *other* customers of the same text
    (five folds), so that a column of identifiers is no leak.
    """
    if not np.issubdtype(values.dtype, np.number) and values.dtype != np.bool_:
        return _auc(labels, _encoded(values, labels))
    numbers = values.astype(np.float64)
    if np.isnan(numbers).all():
        return 0.5
    missing, span = np.isnan(numbers), np.nanmax(numbers) - np.nanmin(numbers) + 1
    ends = (np.nanmin(numbers) - span, np.nanmax(numbers) + span)
    found = [_auc(labels, np.where(missing, end, numbers)) for end in ends]
    return max(max(one, 1 - one) for one in found)


def _auc(labels: Labels, score: NDArray[np.float64]) -> float:
    found = auc(labels, score)
    return 0.5 if found is None else found


def _encoded(values: NDArray[np.generic], labels: Labels) -> NDArray[np.float64]:
    _, group = np.unique(values.astype(str), return_inverse=True)
    fold = np.random.default_rng(0).integers(0, _FOLDS, len(values))
    encoded = np.empty(len(values))
    for number in range(_FOLDS):
        others = fold != number
        sizes = np.bincount(group[others], minlength=group.max() + 1)
        left = np.bincount(group[others], weights=labels[others], minlength=group.max() + 1)
        mean = labels[others].mean() if others.any() else 0.5
        share = np.where(sizes > 0, left / np.maximum(sizes, 1), mean)
        encoded[~others] = share[group[~others]]
    return encoded
