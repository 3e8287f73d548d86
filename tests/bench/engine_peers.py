"""The eight panels as pandas, polars and plain DuckDB SQL compute them from the lines in memory.

All hold the same columns: amounts as whole millionths and texts as categories, which favours
pandas and polars; the table of plain SQL holds decimals and texts.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from core.models.query import Period
from core.repository.warehouse import EDGES
from tests.bench.engine_panels import MICRO, TOP, Numbers, State

TEXTS = (
    "country", "channel", "segment", "category", "supplier_id", "product_id", "customer_id",
)  # fmt: skip
AMOUNTS = ("net_sales", "covered_net_sales", "cogs", "variable_costs")
COLUMNS = {"supplier": "supplier_id"}
SPLITS: Mapping[str, tuple[str, ...]] = {
    "countries": ("country",), "products": ("product_id",),
    "matrix": ("supplier_id", "category"), "channels": ("channel", "category"),
}  # fmt: skip


def load(
    cursor: duckdb.DuckDBPyConnection, threads: int
) -> tuple[pa.Table, duckdb.DuckDBPyConnection]:
    """Return the lines of a warehouse as Arrow, and as a table of an in-memory database."""
    plain = ", ".join(("date", *TEXTS, "order_key", "customer_key", "sold_lines", *AMOUNTS))
    memory = duckdb.connect(config={"threads": str(threads)})
    with TemporaryDirectory(prefix="picholine-bench-") as folder:
        file = Path(folder) / "lines.parquet"
        cursor.execute(
            f"COPY (SELECT {plain} FROM lines WHERE line_kind <> 'investment') TO '{file}'"
        )
        memory.execute(f"CREATE TABLE sales AS FROM '{file}'")
    micro = ", ".join(f"(coalesce({a}, 0) * {MICRO})::BIGINT AS {a}" for a in AMOUNTS)
    texts = ", ".join(f"coalesce({t}, '') AS {t}" for t in TEXTS)
    # Batch by batch and dictionary-encoded: the texts of fifty million lines would not fit.
    reader = memory.sql(
        f"SELECT date, {texts}, order_key, coalesce(customer_key, 0) AS customer_key, "
        f"sold_lines > 0 AS sold, {micro} FROM sales"
    ).to_arrow_reader(1_000_000)
    batches = []
    for batch in reader:
        table = pa.Table.from_batches([batch])
        for text in TEXTS:
            place = table.schema.get_field_index(text)
            table = table.set_column(place, text, table.column(text).dictionary_encode())
        batches.append(table)
    return pa.concat_tables(batches).unify_dictionaries().combine_chunks(), memory


def by_pandas(table: pa.Table) -> Callable[[State], Numbers]:
    """Return the page computed with pandas."""
    frame = table.to_pandas()
    frame["date"] = pd.to_datetime(frame["date"])

    def page(state: State) -> Numbers:
        whole = frame
        for one in state.where:
            whole = whole[whole[COLUMNS.get(one.dimension, one.dimension)].isin(one.values)]

        def part(period: Period) -> pd.DataFrame:
            days = (pd.Timestamp(period.start), pd.Timestamp(period.end))
            return whole[whole["date"].between(*days)]

        def tiles(lines: pd.DataFrame) -> list[int]:
            sold = lines[lines["sold"]]
            sums = [int(lines[a].sum()) for a in AMOUNTS]
            buyers = sold.loc[sold["customer_key"] > 0, "customer_key"].nunique()
            return _tiles(sums, sold["order_key"].nunique(), buyers)

        lines = part(state.period)
        sold = lines[lines["sold"]]
        found: dict[str, Any] = {"tiles": tiles(lines)}
        if state.compared:
            found["tiles"] += tiles(part(state.compared))
        months = lines["date"].dt.to_period("M")
        sums = lines.groupby(months)[list(AMOUNTS[:3])].sum()
        orders = sold.groupby(months.loc[sold.index])["order_key"].nunique()
        found["months"] = {
            f"{m}-01": [int(r[0]), int(r[1] - r[2]), int(orders.get(m, 0))]
            for m, r in zip(sums.index, sums.to_numpy(), strict=True)
        }
        for panel, by in SPLITS.items():
            sums = lines.groupby(list(by), observed=True)[list(AMOUNTS[:3])].sum()
            if panel == "products":
                sums = sums.nlargest(TOP, "net_sales")
            keys = ["|".join(k) if isinstance(k, tuple) else k for k in sums.index]
            found[panel] = {
                k: [int(r[0]), int(r[1] - r[2])] for k, r in zip(keys, sums.to_numpy(), strict=True)
            }
        top = lines.groupby("customer_id", observed=True)["net_sales"].sum().nlargest(TOP)
        theirs = sold[sold["customer_id"].isin(top.index)]
        counts = theirs.groupby("customer_id", observed=True)["order_key"].nunique()
        found["buyers"] = {k: [int(v), int(counts.get(k, 0))] for k, v in top.items()}
        worth = sold.groupby("order_key")["net_sales"].sum().to_numpy()
        found["values"] = _values(worth)
        return found

    return page


def by_polars(table: pa.Table) -> Callable[[State], Numbers]:
    """Return the page computed with polars: one lazy plan for each panel, collected together."""
    loaded = pl.from_arrow(table)
    assert isinstance(loaded, pl.DataFrame)
    frame = loaded.with_columns(pl.col(text).cast(pl.Categorical) for text in TEXTS)

    def page(state: State) -> Numbers:
        whole = frame.lazy()
        for one in state.where:
            column = COLUMNS.get(one.dimension, one.dimension)
            whole = whole.filter(pl.col(column).is_in(list(one.values)))

        def part(period: Period) -> pl.LazyFrame:
            return whole.filter(pl.col("date").is_between(period.start, period.end))

        def tiles(lines: pl.LazyFrame) -> pl.LazyFrame:
            buyers = pl.col("customer_key").filter(pl.col("sold") & (pl.col("customer_key") > 0))
            orders = pl.col("order_key").filter("sold").n_unique().alias("orders")
            return lines.select(pl.col(AMOUNTS).sum(), orders, buyers.n_unique().alias("buyers"))

        lines = part(state.period)
        sums = [pl.col(a).sum() for a in AMOUNTS[:3]]
        orders = pl.col("order_key").filter("sold").n_unique().alias("orders")
        plans = [
            tiles(lines),
            tiles(part(state.compared)) if state.compared else lines.head(0),
            lines.group_by(pl.col("date").dt.truncate("1mo")).agg(*sums, orders),
            *(lines.group_by(by).agg(*sums) for by in SPLITS.values()),
            lines.group_by("customer_id").agg(sums[0], orders),
            lines.filter("sold").group_by("order_key").agg(sums[0]),
        ]
        done = pl.collect_all(plans)
        found: dict[str, Any] = {"tiles": []}
        for frame_of in done[:2] if state.compared else done[:1]:
            *amounts, placed, buyers = frame_of.row(0)
            found["tiles"] += _tiles(amounts, placed, buyers)
        found["months"] = {str(r[0]): [r[1], r[2] - r[3], r[4]] for r in done[2].iter_rows()}
        for (panel, by), grouped in zip(SPLITS.items(), done[3:7], strict=True):
            rows = grouped.top_k(TOP, by="net_sales") if panel == "products" else grouped
            found[panel] = {
                "|".join(r[: len(by)]): [r[len(by)], r[len(by) + 1] - r[len(by) + 2]]
                for r in rows.iter_rows()
            }
        top = done[7].top_k(TOP, by="net_sales")
        found["buyers"] = {r[0]: [r[1], r[2]] for r in top.iter_rows()}
        found["values"] = _values(done[8]["net_sales"].to_numpy())
        return found

    return page


def by_sql(memory: duckdb.DuckDBPyConnection) -> Callable[[State], Numbers]:
    """Return the page computed with plain SQL on one table of lines."""
    sums = "sum(net_sales), sum(covered_net_sales), sum(cogs), sum(variable_costs)"
    orders = "count(DISTINCT order_key) FILTER (sold_lines > 0)"
    buyers = "count(DISTINCT customer_key) FILTER (sold_lines > 0)"

    def page(state: State) -> Numbers:
        chosen, values = "true", {}
        for i, one in enumerate(state.where):
            names = []
            for j, value in enumerate(one.values):
                values[f"f{i}_{j}"] = value
                names.append(f"$f{i}_{j}")
            chosen += f" AND {COLUMNS.get(one.dimension, one.dimension)} IN ({', '.join(names)})"

        def ask(select: str, end: str = "", period: Period = state.period) -> list[Any]:
            days = {"a": period.start, "b": period.end}
            text = f"SELECT {select} FROM sales WHERE date BETWEEN $a AND $b AND {chosen} {end}"
            return memory.execute(text, {**values, **days}).fetchall()

        found: dict[str, Any] = {"tiles": []}
        for period in (state.period, *([state.compared] if state.compared else [])):
            (row,) = ask(f"{sums}, {orders}, {buyers}", period=period)
            found["tiles"] += _tiles([_micro(v) for v in row[:4]], row[4], row[5])
        found["months"] = {
            str(r[0]): [_micro(r[1]), _micro(r[2]) - _micro(r[3]), r[5]]
            for r in ask(f"date_trunc('month', date)::DATE, {sums}, {orders}", "GROUP BY 1")
        }
        for panel, by in SPLITS.items():
            end = "GROUP BY ALL" + (f" ORDER BY 2 DESC LIMIT {TOP}" if panel == "products" else "")
            n = len(by)
            found[panel] = {
                "|".join(k or "" for k in r[:n]): [
                    _micro(r[n]),
                    _micro(r[n + 1]) - _micro(r[n + 2]),
                ]
                for r in ask(f"{', '.join(by)}, {sums}", end)
            }
        end = f"GROUP BY 1 ORDER BY 2 DESC LIMIT {TOP}"
        rows = ask(f"customer_id, sum(net_sales), {orders}", end)
        found["buyers"] = {r[0] or "": [_micro(r[1]), r[2]] for r in rows}
        text = (
            "SELECT len(list_filter($edges::BIGINT[], e -> e <= v)) AS step, count(*), sum(v) "
            "FROM (SELECT sum(net_sales) AS v FROM sales WHERE date BETWEEN $a AND $b AND "
            f"{chosen} AND sold_lines > 0 GROUP BY order_key) GROUP BY 1 ORDER BY 1"
        )
        text = text.replace(
            "len(list_filter($edges::BIGINT[], e -> e <= v))",
            "CASE " + " ".join(f"WHEN v < {e} THEN {i}" for i, e in enumerate(EDGES)) + " END",
        )
        days = {"a": state.period.start, "b": state.period.end}
        rows = memory.execute(text, {**values, **days}).fetchall()
        median = memory.execute(
            "SELECT quantile_cont(v, 0.5) FROM (SELECT sum(net_sales) AS v FROM sales WHERE "
            f"date BETWEEN $a AND $b AND {chosen} AND sold_lines > 0 GROUP BY order_key)",
            {**values, **days},
        ).fetchall()[0][0]
        steps = {r[0]: r for r in rows}
        shown = range(min(steps), max(steps) + 1)
        found["values"] = {
            "bins": [steps[s][1] if s in steps else 0 for s in shown],
            "sums": [_micro(steps[s][2]) if s in steps else 0 for s in shown],
            "median": _micro(median),
        }
        return found

    return page


def _tiles(sums: Any, orders: int, buyers: int) -> list[int]:
    net, covered, cogs, costs = (int(value) for value in sums)
    return [net, covered - cogs, covered - cogs - costs, int(orders), int(buyers)]


def _values(worth: np.ndarray[Any, Any]) -> dict[str, Any]:
    steps = np.searchsorted(np.array(EDGES) * MICRO, worth, side="right")
    counts = np.bincount(steps)
    sums = [int(worth[steps == step].sum()) for step in range(len(counts))]
    first = int(np.flatnonzero(counts)[0])
    return {
        "bins": counts[first:].tolist(), "sums": sums[first:], "median": int(np.median(worth)),
    }  # fmt: skip


def _micro(value: Any) -> int:
    return int((value or 0) * MICRO)
