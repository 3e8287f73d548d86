"""What the parts of an expression are: numbers, texts, days or conditions."""

from datetime import date
from decimal import Decimal

from core.i18n import N_, msg
from core.i18n import Message as Text
from core.models.quality import ColumnOf, Computed, Today, Tree, Type, Value, Written
from core.models.schema import TABLES, Kind

from .words import Word, wrong

_NAMES: dict[Type, str] = {
    "number": N_("a number"),
    "text": N_("a text"),
    "date": N_("a day"),
    "truth": N_("a condition"),
}
_KINDS: dict[Kind, Type] = {
    Kind.ID: "text",
    Kind.TEXT: "text",
    Kind.CURRENCY: "text",
    Kind.COUNTRY: "text",
    Kind.DATE: "date",
    Kind.MONTH: "date",
    Kind.BOOLEAN: "truth",
}


def type_of(tree: Tree, table: str) -> Type:
    """Return what a part of an expression is."""
    if isinstance(tree, ColumnOf):
        return _KINDS.get(TABLES[table].field(tree.field).kind, "number")
    if isinstance(tree, Today):
        return "date"
    if isinstance(tree, Value):
        return _value_type(tree.value)
    if isinstance(tree, Computed):
        left, right = type_of(tree.left, table), type_of(tree.right, table)
        return "date" if left == "date" and right == "number" else "number"
    return "truth"


def _value_type(value: Written) -> Type:
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, Decimal):
        return "number"
    return "date" if isinstance(value, date) else "text"


def fitted(left: Tree, right: Tree, table: str, at: Word) -> tuple[Tree, Tree]:
    """Return two sides that can be compared: what was written takes the type of the column.

    Raises:
        PicholineError: one is a number and the other a text, say.
    """
    types = type_of(left, table), type_of(right, table)
    if types[0] == types[1]:
        return left, right
    if isinstance(right, Value) and (taken := _taken(right, types[0])):
        return left, taken
    if isinstance(left, Value) and (taken := _taken(left, types[1])):
        return taken, right
    raise wrong(
        at.place,
        msg("{left} cannot be compared with {right}.",
            left=Text(_NAMES[types[0]]), right=Text(_NAMES[types[1]])),
    )  # fmt: skip


def _taken(stated: Value, wanted: Type) -> Value | None:
    """Return a written value as another type: codes of digits are texts, days stand in quotes."""
    value = stated.value
    if wanted == "text" and isinstance(value, Decimal):
        return Value(format(value, "f"))
    if wanted == "date" and isinstance(value, str):
        try:
            return Value(date.fromisoformat(value))
        except ValueError:
            return None
    return None
