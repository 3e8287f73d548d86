"""Reading the expression of a rule into a tree; nothing of the text is ever run.

    condition := condition "or" condition | condition "and" condition | "not" condition
               | sum [= <> < <= > >=] sum | sum "is" ["not"] "empty" | sum ["not"] "in" (list)
               | sum ["not"] "between" sum "and" sum
               | column ["not"] "contains" | "starts with" | "ends with" "text"
    sum       := numbers, "texts", days, columns, today, with + - * / and parentheses

Every keyword is also known in French: et, ou, non, est vide, dans, entre … et, contient, commence
par, finit par, aujourd’hui.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from core.i18n import msg
from core.models.quality import (
    Among,
    Between,
    ColumnOf,
    Compared,
    Computed,
    Holds,
    IsEmpty,
    Joined,
    Not,
    Today,
    Tree,
    Value,
)
from core.models.schema import TABLES

from .types import fitted, type_of
from .words import Word, words_of, wrong

_MAX_DEPTH = 30
_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})


def parse(text: str, table: str) -> Tree:
    """Return the tree of an expression about the rows of a table.

    Raises:
        PicholineError: it cannot be read or compares what cannot be compared; says the place.
    """
    if not text.strip():
        raise wrong(0, msg("the expression is empty."))
    reader = _Reader(words_of(text, table), table)
    tree = reader.either(0)
    reader.expect("end")
    if type_of(tree, table) != "truth":
        raise wrong(len(text), msg("a comparison is missing, such as = or <."))
    if not columns_of(tree):
        raise wrong(0, msg("the expression names no column."))
    return tree


def columns_of(tree: Tree) -> tuple[str, ...]:
    """Return the columns an expression names, once each, in order."""
    if isinstance(tree, ColumnOf):
        return (tree.field,)
    if isinstance(tree, (Value, Today)):
        return ()
    if isinstance(tree, (Computed, Compared, Joined)):
        parts: tuple[Tree, ...] = (tree.left, tree.right)
    elif isinstance(tree, Between):
        parts = (tree.of, tree.low, tree.high)
    else:
        parts = (tree.of,)
    return tuple(dict.fromkeys(name for part in parts for name in columns_of(part)))


@dataclass
class _Reader:
    """Reads conditions from left to right."""

    words: Sequence[Word]
    table: str
    place: int = 0

    def either(self, depth: int) -> Tree:
        found = self._both(depth)
        while self._next.kind == "or":
            found = self._joined("or", found, self._take(), self._both(depth))
        return found

    def _both(self, depth: int) -> Tree:
        found = self._negated(depth)
        while self._next.kind == "and":
            found = self._joined("and", found, self._take(), self._negated(depth))
        return found

    def _joined(self, sign: Literal["and", "or"], left: Tree, at: Word, right: Tree) -> Tree:
        for side in (left, right):
            if type_of(side, self.table) != "truth":
                raise wrong(at.place, msg("“{text}” joins two conditions.", text=at.text))
        return Joined(sign, left, right)

    def _negated(self, depth: int) -> Tree:
        if self._next.kind != "not":
            return self._condition(depth)
        at = self._take()
        if depth > _MAX_DEPTH:
            raise self._too_deep(at)
        found = self._negated(depth + 1)
        if type_of(found, self.table) != "truth":
            raise wrong(at.place, msg("“{text}” needs a condition behind it.", text=at.text))
        return Not(found)

    def _condition(self, depth: int) -> Tree:
        left = self._sum(depth)
        at = self._next
        if at.kind in _COMPARISONS:
            self._take()
            right = self._sum(depth)
            left, right = fitted(left, right, self.table, at)
            return Compared(at.kind, left, right)
        if at.kind == "is":
            self._take()
            negated = self._skip("not")
            self.expect("empty")
            return Not(IsEmpty(left)) if negated else IsEmpty(left)
        negated = at.kind == "not" and self._skip("not")
        found = self._test(left, depth)
        if found is None:
            if negated:
                raise wrong(self._next.place, msg("“in”, “between” or “contains” is missing."))
            return left
        return Not(found) if negated else found

    def _test(self, left: Tree, depth: int) -> Tree | None:
        at = self._next
        if at.kind == "in":
            self._take()
            return Among(left, self._listed(left, at))
        if at.kind == "between":
            self._take()
            low = fitted(left, self._sum(depth), self.table, at)[1]
            self.expect("and")
            return Between(left, low, fitted(left, self._sum(depth), self.table, at)[1])
        if at.kind in {"contains", "starts", "ends"}:
            self._take()
            if at.kind != "contains":
                self.expect("with")
            if type_of(left, self.table) != "text":
                raise wrong(at.place, msg("“{text}” asks about a text.", text=at.text))
            how: dict[str, Literal["contains", "starts with", "ends with"]] = {
                "contains": "contains", "starts": "starts with", "ends": "ends with",
            }  # fmt: skip
            return Holds(left, how[at.kind], str(self.expect("text").value))
        return None

    def _listed(self, left: Tree, at: Word) -> tuple[Value, ...]:
        self.expect("(")
        found: list[Value] = []
        while True:
            item = fitted(left, self._value(0), self.table, at)[1]
            if not isinstance(item, Value):
                raise wrong(at.place, msg("a list holds numbers, texts or days only."))
            found.append(item)
            if not self._skip(","):
                self.expect(")")
                return tuple(found)

    def _sum(self, depth: int) -> Tree:
        found = self._product(depth)
        while self._next.kind in {"+", "-"}:
            at = self._take()
            found = self._computed(at, found, self._product(depth))
        return found

    def _product(self, depth: int) -> Tree:
        found = self._value(depth)
        while self._next.kind in {"*", "/"}:
            at = self._take()
            found = self._computed(at, found, self._value(depth))
        return found

    def _computed(self, at: Word, left: Tree, right: Tree) -> Tree:
        types = (type_of(left, self.table), type_of(right, self.table))
        days = at.kind in {"+", "-"} and types[0] == "date"
        if types == ("number", "number") or (days and types[1] == "number"):
            return Computed(at.kind, left, right)
        if at.kind == "-" and types == ("date", "date"):
            return Computed(at.kind, left, right)
        raise wrong(at.place, msg("“{text}” needs numbers on both sides.", text=at.text))

    def _value(self, depth: int) -> Tree:
        at = self._take()
        if depth > _MAX_DEPTH:
            raise self._too_deep(at)
        if at.kind == "(":
            found = self.either(depth + 1)
            self.expect(")")
            return found
        if at.kind == "-":
            return self._computed(at, Value(Decimal(0)), self._value(depth + 1))
        if (leaf := _leaf(at)) is not None:
            return leaf
        if at.kind == "end":
            raise wrong(at.place, msg("the expression ends where a column or value is missing."))
        raise wrong(at.place, msg("a column or value is missing before “{text}”.", text=at.text))

    def expect(self, kind: str) -> Word:
        at = self._take()
        if at.kind == kind:
            return at
        if kind == "end":
            raise wrong(at.place, msg("“and”, “or” or a sign is missing before “{text}”.",
                                      text=at.text))  # fmt: skip
        wanted = "“…”" if kind == "text" else kind
        raise wrong(at.place, msg("“{text}” is missing.", text=wanted))

    def _skip(self, kind: str) -> bool:
        if self._next.kind != kind:
            return False
        self._take()
        return True

    @property
    def _next(self) -> Word:
        return self.words[self.place]

    def _take(self) -> Word:
        found = self.words[self.place]
        self.place = min(self.place + 1, len(self.words) - 1)
        return found

    def _too_deep(self, at: Word) -> Exception:
        return wrong(at.place, msg("there are too many parentheses inside each other."))


def _leaf(at: Word) -> Tree | None:
    """Return a column, a written value or today; None for any other word."""
    if at.kind == "column":
        return ColumnOf(str(at.value))
    if at.kind in {"number", "text"} and at.value is not None:
        return Value(at.value)
    if at.kind == "day":
        return Value(_day(at))
    if at.kind == "today":
        return Today()
    return Value(at.kind == "true") if at.kind in {"true", "false"} else None


def _day(at: Word) -> date:
    try:
        return date.fromisoformat(str(at.value))
    except ValueError as error:
        raise wrong(at.place, msg("“{text}” is no day.", text=at.text)) from error


def first_column(tree: Tree, table: str) -> str:
    """Return the column to name as the cause: the first one; the table's first without any."""
    return next(iter(columns_of(tree)), TABLES[table].fields[0].key)
