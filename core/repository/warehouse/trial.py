"""What the headline numbers would be: sums by month of rows that are stored and rows that are not.

The same steps as a build, in memory and without its roll-ups: the sums are those the metrics
would answer, exchange rates, returns and moving average costs included.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

from core.repository.warehouse.costs import stage_averages
from core.repository.warehouse.keys import number_keys
from core.repository.warehouse.lines import create_lines, stage_flags, stage_sales
from core.repository.warehouse.stage import SourceFile, stage

_MANY = 1_000_000  # above so many lines costs, which rest on all history, are left out


@dataclass(frozen=True)
class MonthSums:
    """Sums of one month in base currency.

    Attributes:
        lines: sales lines.
        net_sales: of lines whose amount is known; None where no line's is.
        gross_margin: over product lines with a known cost; None where there is none, or where
            there are too many lines to work costs out quickly.
    """

    lines: int = 0
    net_sales: Decimal | None = None
    gross_margin: Decimal | None = None


def month_sums(
    files: Sequence[SourceFile],
    first: date,
    last: date,
    base_currency: str,
    config: Mapping[str, str | bool | int | float | list[str]],
    *,
    costs: bool,
) -> dict[date, MonthSums]:
    """Return the sums of every month with lines, by its first day.

    Args:
        files: segments of all tables, with what is hidden of them.
        first: first day of the first month.
        last: last day of the last month.
        base_currency: three letters.
        config: DuckDB's options.
        costs: work costs out too; see `affordable`.
    """
    if not any(file.table == "sales" for file in files):
        return {}
    days = f"f.date BETWEEN DATE '{first}' AND DATE '{last}'"
    stated = {**config, "preserve_insertion_order": "false"}
    with duckdb.connect(":memory:", config=stated) as connection:
        histories = stage(connection, files, base_currency, sales="" if costs else days)
        number_keys(connection)
        margin, source = "NULL", "sale"
        if costs:
            # Costs of a month rest on all that was bought and sold before; the lines do not.
            stage_averages(connection, base_currency)
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE s_sales AS SELECT * FROM s_sales f WHERE {days}"  # noqa: S608
            )
        stage_sales(connection, base_currency)
        if costs:
            stage_flags(connection, parent=False)
            create_lines(connection, histories.changed)
            margin, source = "sum(covered_net_sales - cogs)", "sold"
        rows = connection.execute(
            f"SELECT date_trunc('month', date)::DATE, count(*), sum(net_sales), {margin} "  # noqa: S608
            f"FROM {source} WHERE date BETWEEN $first AND $last GROUP BY 1 ORDER BY 1",
            {"first": first, "last": last},
        ).fetchall()
    return {month: MonthSums(lines, sales, earned) for month, lines, sales, earned in rows}


def affordable(lines: int) -> bool:
    """Whether so many sales lines are few enough for costs to be worked out while one waits."""
    return lines <= _MANY
