"""Metric queries as SQL text: compiled once per shape, run with bound values."""

from core.repository.sql.compile import Condition, Group, Shape, compile_shape
from core.repository.sql.execute import run
from core.repository.sql.planner import Request, Statement, condition, plan

__all__ = [
    "Condition",
    "Group",
    "Request",
    "Shape",
    "Statement",
    "compile_shape",
    "condition",
    "plan",
    "run",
]
