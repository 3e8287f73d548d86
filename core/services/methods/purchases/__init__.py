"""Purchase models of customers without a contract: activity, orders and value to be expected."""

from core.services.methods.purchases.errors import ModelError
from core.services.methods.purchases.fitting import fit
from core.services.methods.purchases.model import MODELS, PurchaseModel
from core.services.methods.purchases.value import ValueModel, fit_value

__all__ = ["MODELS", "ModelError", "PurchaseModel", "ValueModel", "fit", "fit_value"]
