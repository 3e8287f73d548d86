"""The eight charts both peers draw, computed by pandas from lines held in memory.

As on the Overview: two sparklines of its key figures, months, categories, what drove the change,
countries, products, values of orders. The columns are those `bench_browser` writes.
"""

import os
from functools import cache

import pandas as pd
import plotly.express as px
import plotly.graph_objects as go

TOP = 10
_AMOUNTS = ["net_sales", "margin"]


@cache
def lines() -> pd.DataFrame:
    """Return the lines, read once."""
    frame = pd.read_parquet(os.environ["PICHOLINE_PEER_LINES"])
    frame["date"] = frame["date"].astype("datetime64[ns]")
    frame["month"] = frame["date"].dt.to_period("M").dt.to_timestamp()
    return frame


def countries() -> list[str]:
    """Return the countries, the largest first."""
    sums = lines().groupby("country", observed=True)["net_sales"].sum()
    return [str(name) for name in sums.sort_values(ascending=False).index]


def _last_year(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["date"] > frame["date"].max() - pd.DateOffset(years=1)]


def sparkline(frame: pd.DataFrame, amount: str) -> go.Figure:
    """Return one amount by month."""
    sums = frame.groupby("month", as_index=False)[amount].sum()
    return px.line(sums, x="month", y=amount)


def months(frame: pd.DataFrame) -> go.Figure:
    """Return net sales and margin by month."""
    sums = _last_year(frame).groupby("month", as_index=False)[_AMOUNTS].sum()
    return px.bar(sums, x="month", y=_AMOUNTS, barmode="group")


def split(frame: pd.DataFrame, column: str) -> go.Figure:
    """Return net sales and margin of the largest members."""
    sums = _last_year(frame).groupby(column, observed=True, as_index=False)[_AMOUNTS].sum()
    return px.bar(sums.nlargest(TOP, "net_sales"), x=_AMOUNTS, y=column, barmode="group")


def drivers(frame: pd.DataFrame) -> go.Figure:
    """Return by how much the countries' net sales differ from the year before."""
    end = frame["date"].max()
    middle, start = end - pd.DateOffset(years=1), end - pd.DateOffset(years=2)

    def sums(after: pd.Timestamp, until: pd.Timestamp) -> pd.Series:
        part = frame[(frame["date"] > after) & (frame["date"] <= until)]
        return part.groupby("category", observed=True)["net_sales"].sum()

    change = sums(middle, end).sub(sums(start, middle), fill_value=0).reset_index()
    return go.Figure(go.Waterfall(x=change["category"], y=change["net_sales"]))


def order_values(frame: pd.DataFrame) -> go.Figure:
    """Return how many orders are worth how much."""
    worth = _last_year(frame).groupby("order_key", as_index=False)["net_sales"].sum()
    return px.histogram(worth, x="net_sales", nbins=40)


CHARTS = {
    "sales": lambda frame: sparkline(frame, "net_sales"),
    "margin": lambda frame: sparkline(frame, "margin"),
    "months": months,
    "categories": lambda frame: split(frame, "category"),
    "drivers": drivers,
    "countries": lambda frame: split(frame, "country"),
    "products": lambda frame: split(frame, "product"),
    "order_values": order_values,
}
