"""Purchase models of customers without a contract: activity, orders and value to be expected."""

from core.services.methods.purchases.errors import ModelError
from core.services.methods.purchases.fitting import fit
from core.services.methods.purchases.holdout import (
    Bucket,
    HoldoutScores,
    by_frequency,
    capture,
    holdout_scores,
    tracking,
)
from core.services.methods.purchases.lifetime import (
    Customers,
    Horizon,
    clv,
    discounted_orders,
    monthly_expected,
)
from core.services.methods.purchases.model import MODELS, PurchaseModel
from core.services.methods.purchases.simulate import ClvDraws, clv_draws
from core.services.methods.purchases.value import ValueModel, fit_value

__all__ = [
    "MODELS",
    "Bucket",
    "ClvDraws",
    "Customers",
    "HoldoutScores",
    "Horizon",
    "ModelError",
    "PurchaseModel",
    "ValueModel",
    "by_frequency",
    "capture",
    "clv",
    "clv_draws",
    "discounted_orders",
    "fit",
    "fit_value",
    "holdout_scores",
    "monthly_expected",
    "tracking",
]
