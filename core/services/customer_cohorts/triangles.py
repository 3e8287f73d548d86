"""The tables of retention: cohorts × ages, long and wide, and the curve over all cohorts."""

from typing import Any

import numpy as np

from core.i18n import N_, Message, msg
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.services.customer_cohorts.retention import (
    MEASURES,
    Cells,
    Floats,
    cell_intervals,
    cell_rates,
    retention_curve,
)
from core.services.customer_cohorts.words import (
    UNFINISHED,
    age_name,
    cohort_column,
    few,
    made,
)

_RATES = {
    "customers": N_("Retention of customers"),
    "net_sales": N_("Retention of net sales"),
    "gross_margin": N_("Retention of gross margin"),
}


def triangle_table(cells: Cells, grain: str) -> ResultTable:
    """Return one row per cohort and age that has begun: counts, amounts and their retention."""
    lows, highs = cell_intervals(cells)
    plain = {
        "cohort": cells.cohort.astype(object).tolist(),
        "customers": cells.size.tolist(),
        "age": cells.age.tolist(),
        "unfinished": [None if done else UNFINISHED for done in cells.finished.tolist()],
        "active": [int(n) for n in cells.values["active"].tolist()],
        "rate_customers": _known(cell_rates(cells, "customers")),
        "low": lows,
        "high": highs,
        "net_sales": _known(cells.values["net_sales"]),
        "rate_net_sales": _known(cell_rates(cells, "net_sales")),
        "gross_margin": _known(cells.values["gross_margin"]),
        "rate_gross_margin": _known(cell_rates(cells, "gross_margin")),
        "remark": [few(n) for n in cells.size.tolist()],
    }
    columns = (
        cohort_column(grain),
        Column("customers", msg(N_("Customers")), Format.INTEGER, "metric"),
        Column("age", msg(N_("Age")), Format.INTEGER, "dimension"),
        Column("unfinished", msg(N_("State")), Format.TEXT, "flag", translate=True),
        Column("active", msg(N_("Customers who bought")), Format.INTEGER, "metric"),
        _rate("customers"),
        Column("low", msg(N_("95% interval from")), Format.PERCENT, "metric"),
        Column("high", msg(N_("95% interval to")), Format.PERCENT, "metric"),
        Column("net_sales", msg(N_("Net sales")), Format.MONEY, "metric"),
        _rate("net_sales"),
        Column("gross_margin", msg(N_("Gross margin")), Format.MONEY, "metric"),
        _rate("gross_margin"),
        Column("remark", msg(N_("Remark")), Format.TEXT, "flag", translate=True),
    )
    keys = list(plain)
    rows = [dict(zip(keys, row, strict=True)) for row in zip(*plain.values(), strict=True)]
    return made(columns, rows)


def wide_tables(cells: Cells, grain: str) -> dict[str, ResultTable]:
    """Return a triangle per measure as `wide_<measure>`: a row per cohort, a column per age.

    Only finished cells are filled; the total is the average over the cohorts that have finished
    an age, weighted by what they began with.
    """
    return {f"wide_{measure}": _wide(cells, grain, measure) for measure in MEASURES}


def _wide(cells: Cells, grain: str, measure: str) -> ResultTable:
    unknown = _unknown(cells, measure)
    ages = range(1, max(int(cells.age.max()), 1) + 1)
    columns = (
        cohort_column(grain),
        Column("customers", msg(N_("Customers")), Format.INTEGER, "metric"),
        *(Column(f"age_{k}", age_name(grain, k), Format.PERCENT, "metric") for k in ages),
        Column("remark", msg(N_("Remark")), Format.TEXT, "flag", translate=True),
    )
    rows: dict[Any, dict[str, Any]] = {
        day: {"cohort": day, "customers": size, "remark": few(size)} for day, size in cells.cohorts
    }
    rates = _known(cell_rates(cells, measure))
    for day, age, done, rate in zip(
        cells.cohort.astype(object).tolist(),
        cells.age.tolist(),
        cells.finished.tolist(),
        rates,
        strict=True,
    ):
        if done and age:
            rows[day][f"age_{age}"] = rate
    points = retention_curve(cells, measure)
    total = {"customers": sum(size for _day, size in cells.cohorts)}
    if unknown:
        return made(columns, [], unknown)
    return made(
        columns, list(rows.values()), total=total | {f"age_{p.age}": p.rate for p in points}
    )


def curve_tables(cells: Cells, grain: str) -> dict[str, ResultTable]:
    """Return retention by age over all cohorts as `curve_<measure>`, with intervals."""
    young = msg(
        N_(
            "No cohort has finished a period after its first one yet: retention cannot be told. "
            "Choose a shorter period for the cohorts, or come back later."
        )
    )
    found: dict[str, ResultTable] = {}
    for measure in MEASURES:
        rows = [
            {
                "age": p.age,
                "rate": p.rate,
                "low": p.low,
                "high": p.high,
                "cohorts": p.cohorts,
                "customers": p.customers,
            }
            for p in retention_curve(cells, measure)
        ]
        columns = (
            Column("age", _age_header(grain), Format.INTEGER, "dimension"),
            Column("rate", Message(_RATES[measure]), Format.PERCENT, "metric"),
            Column("low", msg(N_("95% interval from")), Format.PERCENT, "metric"),
            Column("high", msg(N_("95% interval to")), Format.PERCENT, "metric"),
            Column("cohorts", msg(N_("Cohorts")), Format.INTEGER, "metric"),
            Column("customers", msg(N_("Customers")), Format.INTEGER, "metric"),
        )
        unknown = _unknown(cells, measure)
        told = unknown or (() if rows else (young,))
        found[f"curve_{measure}"] = made(columns, [] if unknown else rows, told)
    return found


def _unknown(cells: Cells, measure: str) -> tuple[Message, ...]:
    """Return why a measure has no retention at all, or nothing where it has."""
    if measure == "customers" or np.isfinite(cell_rates(cells, measure)).any():
        return ()
    if measure == "gross_margin" and not np.isfinite(cells.at_start(measure)).any():
        return (msg(N_("No cost is known for these sales: margins cannot be followed.")),)
    return (
        msg(
            N_(
                "The first purchases are worth nothing, or less: what came later cannot be "
                "compared with them."
            )
        ),
    )


def _age_header(grain: str) -> Message:
    if grain == "month":
        return msg(N_("Months after the first purchase"))
    if grain == "quarter":
        return msg(N_("Quarters after the first purchase"))
    return msg(N_("Campaigns after the first purchase"))


def _rate(measure: str) -> Column:
    return Column(f"rate_{measure}", Message(_RATES[measure]), Format.PERCENT, "metric")


def _known(values: Floats) -> list[float | None]:
    return [value if value == value else None for value in values.tolist()]  # noqa: PLR0124 - NaN
