"""What lay in stock on every day, and what came in, in whole millionths."""

from datetime import date
from typing import Any

import pandas as pd

from tests import random_company as company
from tests.exact.costs import Averages
from tests.exact.keys import CENT, Row


def recorded_days() -> list[date]:
    """Return the days from the first to the last record of stock."""
    counts, moves = company.stock()
    days = [row["date"] for row in (*counts, *moves)]
    return list(pd.date_range(min(days), max(days)).date)


def item_days(averages: Averages) -> pd.DataFrame:
    """Return a row for each product, place and day with stock known, and one for each receipt.

    Columns beside the dimensions: `value` at cost (millionths), `level_days` and `out` (0 or 1),
    `received` (units), `came` (0 or 1), `unit`.
    """
    counts, moves = company.stock()
    items = sorted({(r["product_id"], r["warehouse"]) for r in (*counts, *moves)})
    return pd.DataFrame([
        row for product, place in items
        for row in _days_of(
            _of(counts, product, place), _of(moves, product, place), product, place, averages
        )
    ])  # fmt: skip


def _of(records: list[dict[str, Any]], product: str, place: str) -> list[dict[str, Any]]:
    return [r for r in records if (r["product_id"], r["warehouse"]) == (product, place)]


def _days_of(
    counts: list[dict[str, Any]], moves: list[dict[str, Any]], product: str, place: str,
    averages: Averages,
) -> list[Row]:  # fmt: skip
    about = company.products().set_index("product_id").loc[product].to_dict()
    key = {"product_id": product, "warehouse": place, **about}
    none = {"value": 0, "level_days": 0, "out": 0, "received": 0, "came": 0}
    counted = {r["date"]: r["quantity"] for r in counts}
    moved: dict[date, int] = {}
    for r in moves:
        moved[r["date"]] = moved.get(r["date"], 0) + r["quantity"]
    begin, first = min([*moved, *counted]), min(counted)
    level = counted[first] - sum(q for d, q in moved.items() if d <= first)
    rows: list[Row] = [
        {**key, **none, "date": r["date"], "received": r["quantity"], "came": 1}
        for r in moves if r["kind"] == "receipt"
    ]  # fmt: skip
    for day in recorded_days():
        level = counted.get(day, level + moved.get(day, 0))
        if day < begin:
            continue
        kept = max(level, 0)
        value = averages.cost(product, day, kept)
        if value is None:
            value = kept * about["standard_cents"] * CENT
        rows.append(
            {**key, **none, "date": day, "value": value, "level_days": 1, "out": int(kept == 0)}
        )
    return rows
