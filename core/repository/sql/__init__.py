"""Metric queries as SQL text: compiled once per shape, run with bound values."""

from core.repository.sql.columns import Condition, Group, condition
from core.repository.sql.compile import Shape, compile_shape
from core.repository.sql.execute import run
from core.repository.sql.planner import (
    Candidate,
    Explained,
    Request,
    Statement,
    explain,
    plan,
)
from core.repository.sql.scored import BUYERS, Score, known_of

__all__ = [
    "BUYERS",
    "Candidate",
    "Condition",
    "Explained",
    "Group",
    "Request",
    "Score",
    "Shape",
    "Statement",
    "compile_shape",
    "condition",
    "explain",
    "known_of",
    "plan",
    "run",
]
