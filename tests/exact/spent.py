"""Investments as lines of their own, shared out to the millionth."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from tests import random_company as company
from tests.exact.keys import MICRO
from tests.exact.sold import SUMS, dollar

Place = tuple[date, str | None]


def invested_lines(lines: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each day (and country) an investment is spread over.

    Args:
        lines: what was sold, with `net_sales` in millionths.
    """
    frames = [_invested(row, lines).astype(object) for row in company.investments()]
    frame = pd.concat(frames, ignore_index=True).reindex(columns=lines.columns)
    amounts = [*SUMS, "quantity"]
    # Whole numbers all along: a float would carry them too, but only up to 2**53.
    frame[amounts] = frame[amounts].where(frame[amounts].notna(), 0).astype(np.int64)
    return frame


def _invested(row: Mapping[str, Any], lines: pd.DataFrame) -> pd.DataFrame:
    about = company.products().set_index("product_id")
    product = row.get("product_id")
    known = about.loc[product] if product else {}
    overhead = row["kind"] == "overheads"
    shares = _shares(row, lines)
    micros = list(shares.values())
    attributes = ("subcategory", "brand", "grade", "origin", "supplier_id")
    days = [day for day, _ in shares]

    def then(attribute: str) -> list[Any]:
        return [company.then(product, attribute, known.get(attribute), day) for day in days]

    return pd.DataFrame({
        "category_then": row.get("category") or then("category"),
        "supplier_then": then("supplier_id"),
        "date": days, "country": [country for _, country in shares],
        "channel": row.get("channel"), "product_id": product,
        "category": row.get("category") or known.get("category"),
        **{key: known.get(key) for key in attributes},
        "currency": row.get("currency", "EUR"), "line_kind": "investment",
        "investment": 0 if overhead else micros, "overhead": micros if overhead else 0,
        "is_investment": int(not overhead), "is_overhead": int(overhead),
    })  # fmt: skip


def _shares(row: Mapping[str, Any], lines: pd.DataFrame) -> dict[Place, int]:
    """Return what falls on each day and country; the parts sum to the amount exactly."""
    tenths = dollar(row["from_date"]) if row.get("currency") == "USD" else 10
    micro = row["amount"] * tenths * MICRO // 10
    span = pd.date_range(row["from_date"], row["to_date"]).date
    if row.get("spread") != "net_sales":
        return _shared(micro, {(day, row.get("country")): 1 for day in span})
    inside = lines[lines["date"].isin(set(span))]
    if row.get("category"):
        inside = inside[inside["category"] == row["category"]]
    sold = inside.groupby(["date", "country"], dropna=False)["net_sales"].sum()
    weights = {
        (day, None if pd.isna(country) else country): int(net)
        for (day, country), net in sold.items()
    }
    return _shared(micro, {place: net for place, net in weights.items() if net > 0})


def _shared(micro: int, weights: Mapping[Place, int]) -> dict[Place, int]:
    """Give everyone the share rounded down, and one more to the largest remainders."""
    whole = sum(weights.values())
    parts = {place: divmod(micro * weight, whole) for place, weight in weights.items()}
    left = micro - sum(share for share, _ in parts.values())
    first = sorted(parts, key=lambda place: (-parts[place][1], place[0], str(place[1])))[:left]
    more = set(first)
    return {place: share + (place in more) for place, (share, _) in parts.items()}
