"""The kind of every sales line: stated in the file, or recognised by its code."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.models.schema import LINE_KINDS

from .by_value import distinct
from .columns import TypedTable
from .vocabulary import LineRule, line_rules, plain, words

_GOODS = "product"


def set_line_kinds(table: TypedTable) -> None:
    """Fill `line_kind`: what the file states wins, the rules for codes decide the rest."""
    stated = table.columns.get("line_kind")
    ruled = _by_rule(table)
    if stated is None:
        table.columns["line_kind"] = ruled
        return
    found = distinct(stated)
    known = words("line_kind")
    meant = [
        known.get(plain(text)) or (text if text in LINE_KINDS else None)
        for text in found.values.to_pylist()
    ]
    unknown = np.array([kind is None for kind in meant], dtype=bool)
    table.warn_rows("unknown_line_kind", found.rows_of(unknown))
    table.columns["line_kind"] = pc.coalesce(found.spread(pa.array(meant, pa.string())), ruled)


def _by_rule(table: TypedTable) -> pa.Array:
    rules: dict[str, LineRule] = {rule.code: rule for rule in line_rules()}
    codes = table.columns["product_id"]
    kinds = pa.repeat(_GOODS, table.height)
    ruled = pc.is_in(codes, pa.array(list(rules), pa.string()))
    rows = np.flatnonzero(ruled.to_numpy(zero_copy_only=False))
    if len(rows):
        chosen = pa.array(rows)
        names = table.columns.get("product_name")
        found: list[str] = []
        described = [None] * len(rows) if names is None else names.take(chosen).to_pylist()
        for code, text in zip(codes.take(chosen).to_pylist(), described, strict=True):
            found.append(rules[code].kind if _applies(rules[code], text) else _GOODS)
        kinds = pc.replace_with_mask(kinds, ruled, pa.array(found, pa.string()))
    return kinds


def _applies(rule: LineRule, description: str | None) -> bool:
    """A description that names something else keeps the line a product."""
    if not rule.words or not description:
        return True
    text = plain(description)
    return any(word in text for word in rule.words)
