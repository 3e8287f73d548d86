"""Time until something happens, where for some it has not happened yet: curves and comparisons."""

from core.services.methods.survival.compare import LogRank, holm, log_rank
from core.services.methods.survival.curve import Curve, Estimate, kaplan_meier
from core.services.methods.survival.events import Spans, lapses, second_purchases

__all__ = [
    "Curve",
    "Estimate",
    "LogRank",
    "Spans",
    "holm",
    "kaplan_meier",
    "lapses",
    "log_rank",
    "second_purchases",
]
