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
from core.repository.warehouse.stage import SourceFile, load, stage

_MANY = 50_000_000  # above so many lines costs, which rest on all history, are left out
# What stock, and with it the average cost, is made of: little of each line of all history.
_MOVING = ("product_id", "date", "line_kind", "quantity")


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
        today = _sold_ever(connection, files)
        histories = stage(connection, files, base_currency, sales=days, today=today)
        number_keys(connection)
        margin, source = "NULL", "sale"
        if costs:
            _averages(connection, base_currency)
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


def _sold_ever(connection: duckdb.DuckDBPyConnection, files: Sequence[SourceFile]) -> date | None:
    """Create `sold_ever`, what was sold of each product on each day; return the last day.

    Costs of a month rest on all that was bought and sold before; its other lines do not.
    """
    load(connection, files, ("sales",), columns=_MOVING)
    connection.execute(
        "CREATE TEMP TABLE sold_ever AS SELECT product_id, date, line_kind, "
        "sum(quantity) AS quantity FROM s_sales GROUP BY ALL"
    )
    # Read to the end: what follows would stumble over an open result.
    ((last,),) = connection.execute("SELECT max(date) FROM sold_ever").fetchall()
    return last


def _averages(connection: duckdb.DuckDBPyConnection, base_currency: str) -> None:
    """Create the average costs by what was ever sold, while `s_sales` holds some days only."""
    connection.execute("ALTER TABLE s_sales RENAME TO s_days")
    connection.execute("ALTER TABLE sold_ever RENAME TO s_sales")
    stage_averages(connection, base_currency)
    connection.execute("DROP TABLE s_sales")
    connection.execute("ALTER TABLE s_days RENAME TO s_sales")


def affordable(lines: int) -> bool:
    """Whether so many sales lines are few enough for costs to be worked out while one waits."""
    return lines <= _MANY
