"""The list of customers: scores, segments on both days, group, what is unusual."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from core.i18n import N_, Message, msg, pack
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.services.customer_segments.people import People
from core.services.customer_segments.words import (
    LAST_YEAR,
    MARGIN_LAST_YEAR,
    RFM_COLUMNS,
    SALES_EVER,
    YEAR_BEFORE,
    arranged,
    names_of,
)


def customers(
    people: People, groups: Sequence[int | None], oddities: Mapping[int, Message]
) -> ResultTable:
    """Return every customer, the highest net sales first.

    Args:
        people: the customers.
        groups: number of the group of each, from 1; None without one.
        oddities: reasons of the outliers, by position.
    """
    packed = {key: pack(name) for key, name in names_of(people.rules).items()}
    table = people.table
    declared = {column.key for column in _CUSTOMER_COLUMNS}
    scores_ = zip(*(people.texts(name) for name in ("r", "f", "m")), strict=True)
    columns = {
        **{name: table.column(name) for name in table.column_names if name in declared},
        "segment_name": pa.array([packed[key] for key in people.texts("segment")]),
        "previous_name": pa.array([packed[key] for key in people.texts("previous")]),
        "scores": pa.array(["".join("–" if s is None else str(s) for s in row) for row in scores_]),
        "cluster": pa.array(groups, pa.int64()),
        "outlier": pa.array(
            [pack(oddities[i]) if i in oddities else None for i in range(people.count)],
            pa.string(),
        ),
    }
    order = np.argsort(-people.numbers("net_sales"), kind="stable")
    return arranged(_CUSTOMER_COLUMNS, pa.table(columns).take(pa.array(order)))


_CUSTOMER_COLUMNS = (
    Column("customer", msg(N_("Customer code")), Format.CODE, "dimension"),
    Column("customer_name", msg(N_("Customer")), Format.TEXT, "label"),
    Column("segment_name", msg(N_("Segment")), Format.TEXT, "flag", translate=True),
    Column("previous_name", msg(N_("Segment before")), Format.TEXT, "flag", translate=True),
    Column("scores", msg(N_("Scores R F M")), Format.CODE, "flag"),
    *RFM_COLUMNS,
    Column("net_sales", LAST_YEAR, Format.MONEY, "metric"),
    Column("gross_margin", MARGIN_LAST_YEAR, Format.MONEY, "metric"),
    Column("net_sales_before", YEAR_BEFORE, Format.MONEY, "metric"),
    Column("net_sales_ever", SALES_EVER, Format.MONEY, "metric"),
    Column("cluster", msg(N_("Group")), Format.INTEGER, "flag"),
    Column("outlier", msg(N_("Unusual because")), Format.TEXT, "flag", translate=True),
    Column("country", msg(N_("Country")), Format.COUNTRY, "dimension"),
    Column("channel", msg(N_("Channel")), Format.TEXT, "dimension"),
    Column("first_day", msg(N_("First purchase")), Format.DATE, "flag"),
    Column("last_day", msg(N_("Last purchase")), Format.DATE, "flag"),
    Column("r", msg(N_("Recency score")), Format.INTEGER, "flag"),
    Column("f", msg(N_("Frequency score")), Format.INTEGER, "flag"),
    Column("m", msg(N_("Amount score")), Format.INTEGER, "flag"),
)
