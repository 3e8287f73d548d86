"""The demo company's lines in a database of their own, and the truths planted in them."""

from functools import cache
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from core.services.demo import generate


def _moving_average(purchases: pd.DataFrame, leaving: pd.DataFrame) -> pd.DataFrame:
    """Perpetual weighted average of landed costs, event by event, per product."""
    rows = []
    outgoing = dict(iter(leaving.groupby("product_id")))
    for product, bought in purchases.groupby("product_id"):
        events = [(d, 0, q, v) for d, q, v in zip(bought.date, bought.q, bought.v, strict=True)]
        if product in outgoing:
            sold = outgoing[product]
            events += [(d, 1, q, 0.0) for d, q in zip(sold.date, sold.q, strict=True)]
        stock = average = 0.0
        for date, kind, quantity, value in sorted(events, key=lambda e: e[:2]):
            if kind:
                stock -= quantity
                continue
            kept = max(stock, 0.0)
            average = (kept * average + value) / (kept + quantity)
            stock = kept + quantity
            rows.append((product, date, average))
    return pd.DataFrame(rows, columns=["product_id", "date", "average"])


@cache
def planted() -> tuple[duckdb.DuckDBPyConnection, dict[str, Any]]:
    """Return the lines (`s` all, `m` products with cost and margin), and what was planted."""
    company = generate(200_000)
    con = duckdb.connect()
    con.register("raw_sales", pa.concat_tables(company.sales_batches()))
    for name, table in company.dimensions.items():
        con.register(name, table)
    con.execute("""
        create table s as
        select r.* exclude (quantity, unit_price, discount_rate, unit_cost, freight_out, fees),
               quantity::double as q, coalesce(f.rate_to_base::double, 1) as fx,
               unit_price::double * fx as price, discount_rate::double as discount,
               q * price * (1 - discount) as net, unit_cost::double * fx as own_cost,
               (freight_out::double + fees::double) * fx as selling
        from raw_sales r asof left join fx_rates f
          on r.currency = f.currency and r.date >= f.date;
        create table bought as
        select p.date, p.product_id, quantity::double as q, unit_cost::double as unit_cost,
               (unit_cost * q + freight_in::double + duty::double)
                 * coalesce(f.rate_to_base::double, 1) as v
        from purchases p asof left join fx_rates f
          on p.currency = f.currency and p.date >= f.date;
    """)
    leaving = con.execute("""select date, product_id, sum(q) as q from s
        where line_kind in ('product', 'sample') group by all""").df()
    con.register("average", _moving_average(con.execute("from bought").df(), leaving))
    con.execute("""
        create table m as
        select s.*, coalesce(own_cost, a.average, p.standard_cost::double) as cost,
               net - q * cost as margin, p.category
        from s asof left join average a on s.product_id = a.product_id and s.date >= a.date
        left join products p on s.product_id = p.product_id
        where line_kind = 'product'
    """)
    return con, company.truths
