"""Customers like no other, and what is unusual about each."""

import numpy as np
import pyarrow as pa

from core.i18n import N_, Message, msg, pack
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.services.customer_segments.groups import Groups
from core.services.customer_segments.people import People
from core.services.customer_segments.words import (
    LAST_YEAR,
    RFM_COLUMNS,
    count,
    made,
    money,
    names_of,
)


def outlier_reasons(people: People, groups: Groups, currency: str) -> dict[int, Message]:
    """Return why a customer is unlike all others, by position among the customers."""
    found = groups.outliers
    if found is None:
        return {}
    columns = {name: people.numbers(name) for name in ("recency", "frequency", "monetary")}
    usual = {name: float(np.nanmedian(values)) for name, values in columns.items()}
    reasons: dict[int, Message] = {}
    for place in np.flatnonzero(found.found).tolist():
        row = int(groups.rows[place])
        parts = [
            _reason(name, float(columns[name][row]), usual[name], currency)
            for name, _side in found.reasons(place)
        ]
        reasons[row] = _joined(parts)
    return reasons


def _reason(feature: str, value: float, usual: float, currency: str) -> Message:
    if feature == "monetary":
        return msg(
            "{value} per purchase day, usually {usual}",
            value=money(value, currency),
            usual=money(usual, currency),
        )
    text = (
        N_("last purchase {value} days ago, usually {usual}")
        if feature == "recency"
        else N_("{value} purchase days, usually {usual}")
    )
    return Message(text, {"value": count(round(value)), "usual": count(round(usual))})


def _joined(parts: list[Message]) -> Message:
    joined = parts[0]
    for part in parts[1:]:
        joined = msg("{one}; {other}", one=joined, other=part)
    return joined


def outliers(people: People, groups: Groups, reasons: dict[int, Message]) -> ResultTable:
    """Return the customers like no other, the farthest first."""
    found = groups.outliers
    if found is None:
        return made(_OUTLIER_COLUMNS, [], [groups.explained] if groups.explained else [])
    packed = {key: pack(name) for key, name in names_of(people.rules).items()}
    position = {int(row): place for place, row in enumerate(groups.rows.tolist())}
    order = sorted(reasons, key=lambda row: -float(found.distance[position[row]]))
    chosen = people.table.take(pa.array(order, pa.int64())).to_pylist()
    rows = [
        {
            **person,
            "segment_name": packed[person["segment"]],
            "reason": reasons[row],
            "distance": float(found.distance[position[row]]),
        }
        for row, person in zip(order, chosen, strict=True)
    ]
    if not rows:
        return made(_OUTLIER_COLUMNS, [], [msg("No customer is far from all others.")])
    return made(_OUTLIER_COLUMNS, rows)


_OUTLIER_COLUMNS = (
    Column("customer", msg(N_("Customer code")), Format.CODE, "dimension"),
    Column("customer_name", msg(N_("Customer")), Format.TEXT, "label"),
    Column("reason", msg(N_("Unusual because")), Format.TEXT, "label", translate=True),
    Column("segment_name", msg(N_("Segment")), Format.TEXT, "flag", translate=True),
    *RFM_COLUMNS,
    Column("net_sales", LAST_YEAR, Format.MONEY, "metric"),
    Column("distance", msg(N_("Distance from the usual")), Format.NUMBER, "metric"),
    Column("country", msg(N_("Country")), Format.COUNTRY, "dimension"),
    Column("channel", msg(N_("Channel")), Format.TEXT, "dimension"),
)
