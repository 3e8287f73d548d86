"""Data-quality rules: what a rule looks for, how strict it is, and the tree of an expression."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal as OneOf

OWN = "own."  # what the codes of a company's own rules begin with


class Severity(StrEnum):
    """What happens to a row that breaks a rule."""

    BLOCK = "block"  # the whole import is refused
    QUARANTINE = "quarantine"  # the row is set aside
    WARN = "warn"  # the row is kept and counted


# Expressions ---------------------------------------------------------------------------------

Type = OneOf["number", "text", "date", "truth"]


Written = Decimal | str | date | bool


@dataclass(frozen=True)
class Value:
    """A number, text, day or truth that was written down."""

    value: Written


@dataclass(frozen=True)
class ColumnOf:
    """The value of a field of the row."""

    field: str


@dataclass(frozen=True)
class Today:
    """The day the rule is asked on, in the company's time zone."""


@dataclass(frozen=True)
class Computed:
    """Two values with `+`, `-`, `*` or `/` between them."""

    sign: str
    left: "Tree"
    right: "Tree"


@dataclass(frozen=True)
class Compared:
    """Two values with `=`, `<>`, `<`, `<=`, `>` or `>=` between them."""

    sign: str
    left: "Tree"
    right: "Tree"


@dataclass(frozen=True)
class IsEmpty:
    """Whether a cell holds nothing."""

    of: "Tree"


@dataclass(frozen=True)
class Among:
    """Whether a value is one of a list."""

    of: "Tree"
    listed: tuple[Value, ...]


@dataclass(frozen=True)
class Between:
    """Whether a value lies within two others, both included."""

    of: "Tree"
    low: "Tree"
    high: "Tree"


@dataclass(frozen=True)
class Holds:
    """Whether a text contains, starts with or ends with another; case and accents do not count."""

    of: "Tree"
    how: OneOf["contains", "starts with", "ends with"]
    text: str


@dataclass(frozen=True)
class Not:
    """The opposite of a condition."""

    of: "Tree"


@dataclass(frozen=True)
class Joined:
    """Two conditions with `and` or `or` between them."""

    sign: OneOf["and", "or"]
    left: "Tree"
    right: "Tree"


Leaf = Value | ColumnOf | Today
Condition = Compared | IsEmpty | Among | Between | Holds
Tree = Leaf | Computed | Condition | Not | Joined

# What a rule looks for -----------------------------------------------------------------------


@dataclass(frozen=True)
class Wrong:
    """Rows for which an expression is true."""

    tree: Tree


@dataclass(frozen=True)
class Unknown:
    """Rows whose code stands in no row of a dimension table."""

    column: str
    dimension: str


@dataclass(frozen=True)
class Outlier:
    """Rows whose value is far from what is usual for their product.

    Attributes:
        column: the value; only those other than zero are looked at, without their sign.
        per: columns whose equal values make one group.
        score: robust z-score from which a value is far.
        least: values a group needs to be judged.
        factor: how many times the median, or its inverse, a value must reach as well.
    """

    column: str
    per: tuple[str, ...]
    score: float
    least: int
    factor: float


@dataclass(frozen=True)
class Repeated:
    """Rows that repeat an earlier one of the same document in every column but some.

    Attributes:
        document: column that names the document.
        besides: columns that do not count.
    """

    document: str
    besides: tuple[str, ...] = ()


@dataclass(frozen=True)
class WithoutRate:
    """Rows in a foreign currency that has no rate on or before their day."""

    day: str


@dataclass(frozen=True)
class SoldAtLoss:
    """Sold lines whose cost, their own or the product's standard cost, is above their price."""


Test = Wrong | Unknown | Outlier | Repeated | WithoutRate | SoldAtLoss


@dataclass(frozen=True)
class Rule:
    """A rule in force, ready to be asked.

    Attributes:
        code: of the reason a row gets; stable.
        table: of the business schema.
        column: the field to name as the cause; "": the row as a whole.
        severity: what happens to a row that breaks it.
        test: what it looks for.
        own: titles of a company's own rule by language; empty for a shipped one.
        says: what is told of a row by language; empty for a shipped one.
    """

    code: str
    table: str
    column: str
    severity: Severity
    test: Test
    own: Mapping[str, str] = field(default_factory=dict)
    says: Mapping[str, str] = field(default_factory=dict)
