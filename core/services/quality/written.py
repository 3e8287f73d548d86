"""An expression as text again, with columns by their keys: the form that is stored and shown."""

from datetime import date
from decimal import Decimal

from core.models.quality import (
    Among,
    Between,
    ColumnOf,
    Compared,
    Computed,
    Condition,
    Holds,
    IsEmpty,
    Joined,
    Leaf,
    Not,
    Today,
    Tree,
    Value,
    Written,
)

_OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _ATOM = range(7)
_LEVELS = {"or": _OR, "and": _AND, "+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT}


def written(tree: Tree) -> str:
    """Return the text of a tree; reading it gives the same tree."""
    return _text(tree)[0]


def _text(tree: Tree) -> tuple[str, int]:
    """Return a text and how strongly its outermost sign binds."""
    if isinstance(tree, (Value, ColumnOf, Today)):
        return _leaf(tree), _ATOM
    if isinstance(tree, (Computed, Joined)):
        level = _LEVELS[tree.sign]
        left, right = _within(tree.left, level), _within(tree.right, level + 1)
        return f"{left} {tree.sign} {right}", level
    if isinstance(tree, Not):
        return _negated(tree.of)
    return _condition(tree, ""), _COMPARE


def _leaf(tree: Leaf) -> str:
    if isinstance(tree, ColumnOf):
        return tree.field
    return "today" if isinstance(tree, Today) else _value(tree.value)


def _negated(of: Tree) -> tuple[str, int]:
    if isinstance(of, (IsEmpty, Among, Between, Holds)):
        return _condition(of, "not "), _COMPARE
    return f"not {_within(of, _NOT)}", _NOT


def _condition(tree: Condition, negated: str) -> str:
    if isinstance(tree, Compared):
        return f"{_within(tree.left, _SUM)} {tree.sign} {_within(tree.right, _SUM)}"
    of = _within(tree.of, _SUM)
    if isinstance(tree, IsEmpty):
        return f"{of} is {negated}empty"
    if isinstance(tree, Among):
        return f"{of} {negated}in ({', '.join(_value(item.value) for item in tree.listed)})"
    if isinstance(tree, Between):
        return f"{of} {negated}between {_within(tree.low, _SUM)} and {_within(tree.high, _SUM)}"
    return f"{of} {negated}{tree.how} {_value(tree.text)}"


def _within(tree: Tree, level: int) -> str:
    text, own = _text(tree)
    return text if own >= level else f"({text})"


def _value(value: Written) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return f"“{value}”" if '"' in value else f'"{value}"'
