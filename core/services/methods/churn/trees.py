"""Boosted trees that answer probabilities, explain them, and travel as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.i18n import N_, Message, msg
from core.services.methods.churn.scores import Labels, Numbers

if TYPE_CHECKING:
    import xgboost

MIN_ROWS = 200
MIN_OF_EACH = 30
_THREADS = 1


class CannotLearnError(Exception):
    """There is too little to learn from; the message says what is missing."""

    def __init__(self, message: Message) -> None:
        """Keep the message; it is translated when shown."""
        super().__init__(message.text)
        self.message = message


@dataclass(frozen=True)
class TreeSettings:
    """How trees are grown.

    Shallow trees in small steps on random halves: what is learnt from noise stays little. There
    are no class weights: they would bend the probabilities.

    Attributes:
        rounds: number of trees.
        depth: of each tree.
        rate: learning rate.
        rows: share of the rows drawn for each tree.
        columns: share of the features drawn for each tree.
        leaf: smallest sum of p(1 − p) in a leaf.
        threads: more are faster on an idle machine only. Trees this shallow wait for each other
            hundreds of times, which takes several times as long where other work is going on.
        seed: of the draws.
    """

    rounds: int
    depth: int = 3
    rate: float = 0.03
    rows: float = 0.5
    columns: float = 0.5
    leaf: float = 5.0
    threads: int = _THREADS
    seed: int = 0


@dataclass(frozen=True)
class Trees:
    """A fitted model.

    Attributes:
        features: keys of the columns, in order.
        source: the model as xgboost's own JSON.
    """

    features: tuple[str, ...]
    source: str

    @classmethod
    def fit(
        cls, features: tuple[str, ...], values: Numbers, left: Labels, settings: TreeSettings
    ) -> "Trees":
        """Grow trees by logistic loss.

        Args:
            features: keys of the columns.
            values: shape (rows, features); NaN where unknown.
            left: shape (rows,).
            settings: how to grow.

        Raises:
            CannotLearnError: fewer than 200 rows or 30 of either class.
        """
        import xgboost

        check_enough(left)
        data = xgboost.QuantileDMatrix(
            values.astype(np.float32), label=left.astype(np.float32), nthread=settings.threads
        )
        booster = xgboost.train(
            {
                "objective": "binary:logistic",
                "max_depth": settings.depth,
                "eta": settings.rate,
                "subsample": settings.rows,
                "colsample_bytree": settings.columns,
                "min_child_weight": settings.leaf,
                "nthread": settings.threads,
                "seed": settings.seed,
                "tree_method": "hist",
            },
            data,
            settings.rounds,
        )
        return cls(features, booster.save_raw("json").decode())

    @cached_property
    def _booster(self) -> "xgboost.Booster":
        import xgboost

        return xgboost.Booster({"nthread": _THREADS}, model_file=bytearray(self.source.encode()))

    def log_odds(self, values: Numbers) -> Numbers:
        """Return the log-odds of leaving, shape (rows,)."""
        return self._predict(values, output_margin=True)

    def probability(self, values: Numbers) -> Numbers:
        """Return the probability of leaving, shape (rows,)."""
        return self._predict(values)

    def contributions(self, values: Numbers) -> Numbers:
        """Return what each feature adds to the log-odds (SHAP values), shape (rows, features).

        Their sum is the log-odds less those of an average row.
        """
        return self._predict(values, pred_contribs=True)[:, :-1]

    def _predict(self, values: Numbers, **how: bool) -> Numbers:
        import xgboost

        data = xgboost.DMatrix(values.astype(np.float32), nthread=_THREADS)
        return np.asarray(self._booster.predict(data, **how), dtype=np.float64)

    def as_dict(self) -> dict[str, Any]:
        """Return what JSON can carry."""
        return {"features": list(self.features), "source": self.source}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Trees":
        """Return the model `as_dict` described."""
        return cls(tuple(data["features"]), str(data["source"]))


def check_enough(left: Labels) -> None:
    """Raise CannotLearnError where there are too few rows, or too few of one class."""
    gone = int(left.sum())
    stayed = len(left) - gone
    if len(left) < MIN_ROWS:
        raise CannotLearnError(
            msg(
                N_("A model needs at least {least} customers to learn from; there are {rows}."),
                least=MIN_ROWS,
                rows=len(left),
            )
        )
    if min(gone, stayed) < MIN_OF_EACH:
        raise CannotLearnError(
            msg(
                N_(
                    "A model needs at least {least} customers who left and {least} who stayed; "
                    "{gone} left and {stayed} stayed."
                ),
                least=MIN_OF_EACH,
                gone=gone,
                stayed=stayed,
            )
        )


def sigmoid(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 ÷ (1 + exp(−log-odds)), without overflow."""
    return 0.5 * (1 + np.tanh(log_odds / 2))
