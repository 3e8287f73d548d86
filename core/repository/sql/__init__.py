"""Metric queries as SQL text: compiled once per shape, run with bound values."""

from core.repository.sql.columns import Condition, Group, condition
from core.repository.sql.compile import DISTINCT_KEYS, Shape, compile_shape
from core.repository.sql.execute import run
from core.repository.sql.planner import (
    Explained,
    Statement,
    explain,
    plan,
)
from core.repository.sql.request import Request
from core.repository.sql.scored import BUYERS, Score, known_of
from core.repository.sql.sources import Candidate
from core.repository.sql.stock_records import recorded_stock, unrecorded_products
from core.repository.sql.stocked import STOCK_COLUMNS, STOCK_MEASURES
from core.repository.sql.worth import Worth, order_worth

__all__ = [
    "BUYERS",
    "DISTINCT_KEYS",
    "STOCK_COLUMNS",
    "STOCK_MEASURES",
    "Candidate",
    "Condition",
    "Explained",
    "Group",
    "Request",
    "Score",
    "Shape",
    "Statement",
    "Worth",
    "compile_shape",
    "condition",
    "explain",
    "known_of",
    "order_worth",
    "plan",
    "recorded_stock",
    "run",
    "unrecorded_products",
]
