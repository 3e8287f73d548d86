"""Data-quality rules as SQL conditions on one row; every written value is bound, none is inlined.

A condition is true of a wrong row. A comparison with an empty cell is neither true nor false, so
that the row does not break the rule. Computed numbers are compared to six decimals.
"""

from datetime import date

from core.models.quality import (
    Among,
    Between,
    ColumnOf,
    Compared,
    Computed,
    Condition,
    IsEmpty,
    Joined,
    Not,
    Today,
    Tree,
    Value,
    Written,
)
from core.models.schema import ARROW_TYPES, TABLES, Kind

_DAYS = 1_000_000  # more days than a date can hold are cut to it
_DATED = {Kind.DATE, Kind.MONTH}


class Compiler:
    """Turns trees about the rows `r` of one table into SQL; keeps the values that are bound."""

    def __init__(self, table: str, today: date) -> None:
        """Compile for a table of the business schema."""
        self._fields = {field.key: field for field in TABLES[table].fields}
        self._today = today
        self.values: dict[str, Written] = {}

    def sql(self, tree: Tree) -> str:
        """Return the SQL of a tree."""
        if isinstance(tree, ColumnOf):
            return f'r."{self._fields[tree.field].key}"'
        if isinstance(tree, (Today, Value)):
            return self._bound(self._today if isinstance(tree, Today) else tree.value)
        if isinstance(tree, Computed):
            return self._computed(tree)
        if isinstance(tree, Joined):
            return f"({self.sql(tree.left)} {tree.sign.upper()} {self.sql(tree.right)})"
        if isinstance(tree, Not):
            return f"(NOT {self.sql(tree.of)})"
        return self._condition(tree)

    def _condition(self, tree: Condition) -> str:
        if isinstance(tree, Compared):
            left, right = self._rounded(tree.left, tree.right)
            return f"({left} {tree.sign} {right})"
        if isinstance(tree, IsEmpty):
            of = self.sql(tree.of)
            text = isinstance(tree.of, ColumnOf) and self._is_text(tree.of.field)
            return f"({of} IS NULL OR trim({of}) = '')" if text else f"({of} IS NULL)"
        if isinstance(tree, Among):
            of, *listed = self._rounded(tree.of, *tree.listed)
            return f"({of} IN ({', '.join(listed)}))"
        if isinstance(tree, Between):
            of, low, high = self._rounded(tree.of, tree.low, tree.high)
            return f"({of} BETWEEN {low} AND {high})"
        function = {"contains": "contains", "starts with": "starts_with"}.get(tree.how, "ends_with")
        of, text = self.sql(tree.of), self._bound(tree.text)
        return f"{function}(strip_accents(lower({of})), strip_accents(lower({text})))"

    def _is_text(self, key: str) -> bool:
        return str(ARROW_TYPES[self._fields[key].kind]) == "string"

    def _computed(self, tree: Computed) -> str:
        if self._is_day(tree):
            days = f"CAST(least(greatest({self.sql(tree.right)}, -{_DAYS}), {_DAYS}) AS INTEGER)"
            return f"({self.sql(tree.left)} {tree.sign} {days})"
        left, right = self.sql(tree.left), self.sql(tree.right)
        if self._is_day(tree.left):
            return f"({left} - {right})::DOUBLE"
        if tree.sign == "/":
            return f"({left}::DOUBLE / nullif({right}::DOUBLE, 0))"
        return f"({left}::DOUBLE {tree.sign} {right}::DOUBLE)"

    def _is_day(self, tree: Tree) -> bool:
        if isinstance(tree, ColumnOf):
            return self._fields[tree.field].kind in _DATED
        if isinstance(tree, Value):
            return isinstance(tree.value, date)
        if isinstance(tree, Computed):
            return self._is_day(tree.left) and not self._is_day(tree.right)
        return isinstance(tree, Today)

    def _rounded(self, *sides: Tree) -> list[str]:
        """Return the sides of a comparison; with a computed number all of them are rounded."""
        computed = any(isinstance(side, Computed) and not self._is_day(side) for side in sides)
        return [f"round(({self.sql(s)})::DOUBLE, 6)" if computed else self.sql(s) for s in sides]

    def _bound(self, value: Written) -> str:
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f"${name}"
