"""Churn with contracts: a table says who left; columns of any kind say why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.services.methods.churn.columns import Columns, Encoder
from core.services.methods.churn.reasons import gathered
from core.services.methods.churn.scores import Labels, Numbers
from core.services.methods.churn.splines import SplineLogit
from core.services.methods.churn.trees import Trees, TreeSettings, check_enough

SETTINGS = TreeSettings(rounds=300)
MODELS = ("trees", "logit")
FOLDS = 5


@dataclass(frozen=True)
class ContractModel:
    """Trees on the columns of a table.

    Attributes:
        encoder: how columns become numbers.
        trees: the model.
    """

    encoder: Encoder
    trees: Trees

    @classmethod
    def fit(
        cls, columns: Columns, left: Labels, settings: TreeSettings = SETTINGS
    ) -> "ContractModel":
        """Fit on all rows.

        Args:
            columns: values per key, shape (rows,) each; numbers with NaN or texts.
            left: who left, shape (rows,).
            settings: how the trees are grown.

        Raises:
            CannotLearnError: too few rows, or nearly all left or stayed.
        """
        encoder = Encoder.of(columns)
        return cls(encoder, Trees.fit(encoder.names, encoder.matrix(columns), left, settings))

    def probability(self, columns: Columns) -> Numbers:
        """Return the probability of leaving, shape (rows,)."""
        return self.trees.probability(self.encoder.matrix(columns))

    def contributions(self, columns: Columns) -> Numbers:
        """Return what each column adds to the log-odds, shape (rows, `encoder.owners`)."""
        found = self.trees.contributions(self.encoder.matrix(columns))
        return gathered(found, self.encoder.owner, len(self.encoder.owners))

    def as_dict(self) -> dict[str, Any]:
        """Return what JSON can carry."""
        return {"encoder": self.encoder.as_dict(), "trees": self.trees.as_dict()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "ContractModel":
        """Return the model `as_dict` described."""
        return cls(Encoder.from_dict(data["encoder"]), Trees.from_dict(data["trees"]))


@dataclass(frozen=True)
class _Part:
    """Rows to learn from and rows to answer for."""

    learn: Numbers
    left: Labels
    answer: Numbers


def _by_trees(part: _Part, names: tuple[str, ...], settings: TreeSettings) -> Numbers:
    return Trees.fit(names, part.learn, part.left, settings).probability(part.answer)


def _by_logit(part: _Part, _names: tuple[str, ...], _settings: TreeSettings) -> Numbers:
    return SplineLogit.fit(part.learn, part.left).probability(part.answer)


_FITS: Mapping[str, Callable[[_Part, tuple[str, ...], TreeSettings], Numbers]] = {
    "trees": _by_trees,
    "logit": _by_logit,
}


def out_of_fold(
    columns: Columns,
    left: Labels,
    model: str = "trees",
    settings: TreeSettings = SETTINGS,
    folds: int = FOLDS,
) -> Numbers:
    """Return for every row the probability by a model that never saw it, shape (rows,).

    Columns are looked at anew in each fold: not even the list of texts comes from the rows to be
    answered.

    Args:
        columns: values per key, shape (rows,) each.
        left: who left, shape (rows,).
        model: "trees", or "logit" for logistic regression on splines.
        settings: how the trees are grown; its seed also shuffles the rows.
        folds: number of parts; each holds its share of those who left.

    Raises:
        CannotLearnError: too few rows, or nearly all left or stayed.
    """
    from sklearn.model_selection import StratifiedKFold

    check_enough(left)
    found = np.empty(len(left))
    split = StratifiedKFold(folds, shuffle=True, random_state=settings.seed)
    for learn, answer in split.split(np.zeros(len(left)), left):
        seen = {key: values[learn] for key, values in columns.items()}
        encoder = Encoder.of(seen)
        asked = {key: values[answer] for key, values in columns.items()}
        part = _Part(encoder.matrix(seen), left[learn], encoder.matrix(asked))
        found[answer] = _FITS[model](part, encoder.names, settings)
    return found
