"""Subtotals and pivots: every row and column is an answer of its own, against pandas."""

import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook

from core.errors import PicholineError
from core.i18n import use_language
from core.models.query import Compare, Extra, MetricQuery, Period, Threshold, Top
from core.services.export.context import make_context
from core.services.export.machine import csv_machine
from core.services.export.workbook import workbook
from core.services.metrics import OTHERS
from tests.storehouse import Storehouse
from tests.unit.questions import COLUMNS, ask, figures, make_lines, open_house, same, split

KEYS = ("net_sales", "margin_rate", "customers", "aov")


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    return make_lines()


@pytest.fixture(scope="module")
def house(lines: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    found = open_house(tmp_path_factory.mktemp("subtotals") / "home", lines)
    yield found
    found.close()


def narrowed(frame: pd.DataFrame, by: tuple[str, ...], key: tuple[Any, ...]) -> pd.DataFrame:
    for name, value in zip(by, key, strict=False):
        column = frame[COLUMNS[name]]
        frame = frame[column.isna() if value is None else column == value]
    return frame


@pytest.mark.parametrize(
    "by", [("country", "category"), ("month", "channel"), ("country", "category", "month")]
)
def test_subtotals_are_their_own(
    house: Storehouse, lines: pd.DataFrame, by: tuple[str, ...]
) -> None:
    rows = ask(house, *KEYS, by=by, subtotals=True).rows()
    expected = {
        (level, key): figures(part)
        for level in range(1, len(by) + 1)
        for key, part in split(lines, by[:level]).items()
    }
    found = {(r["depth"], tuple(r[k] for k in by[: r["depth"]])): r for r in rows}
    assert len(found) == len(rows)
    assert found.keys() == expected.keys()
    for name, row in found.items():
        for key in KEYS:
            assert same(row[key], expected[name][key]), (name, key)
        assert all(row[k] is None for k in by[row["depth"] :])
    # A subtotal stands right after the rows it is taken over.
    for place, row in enumerate(rows):
        if row["depth"] < len(by):
            prefix = [row[k] for k in by[: row["depth"]]]
            before = rows[place - 1]
            assert before["depth"] > row["depth"] or row["depth"] == len(by)
            assert [before[k] for k in by[: row["depth"]]] == prefix
    if by[0] == "month":
        months = [row["month"] for row in rows if row["depth"] == 1]
        assert months == sorted(months)
    else:
        sales = [row["net_sales"] for row in rows if row["depth"] == 1]
        assert sales == sorted(sales, reverse=True)


def test_subtotals_beside_top_threshold_and_shares(house: Storehouse, lines: pd.DataFrame) -> None:
    by = ("country", "customer")
    extras = (Extra("share", "net_sales", ("country",)), Extra("rank", "net_sales"))
    rows = ask(house, "net_sales", by=by, subtotals=True, extras=extras,
               top=Top(4, "net_sales", others=True)).rows()  # fmt: skip
    shown = {row["country"] for row in rows if row["depth"] == 2 and row["customer"] != OTHERS}
    assert {row["country"] for row in rows if row["depth"] == 1} == shown
    assert rows[-1]["customer"] == OTHERS
    countries = [row for row in rows if row["depth"] == 1]
    for row in countries:
        whole = narrowed(lines, ("country",), (row["country"],))
        assert same(row["net_sales"], whole["net"].sum() / 100)
        assert row["net_sales_share_country"] == 1.0
    ranked = sorted(countries, key=lambda row: row["net_sales_rank"])
    assert [r["net_sales"] for r in ranked] == sorted(
        (r["net_sales"] for r in ranked), reverse=True
    )
    few = ask(house, "net_sales", by=by, subtotals=True, having=(Threshold("net_sales", 900),))
    for row in few.rows():
        assert row["depth"] == 1 or row["net_sales"] >= 900


@pytest.mark.parametrize("subtotals", [False, True])
def test_pivots(house: Storehouse, lines: pd.DataFrame, *, subtotals: bool) -> None:
    by = ("country", "category", "channel")
    found = ask(house, *KEYS, by=by, pivot="channel", subtotals=subtotals)
    levels = (1, 2) if subtotals else (2,)
    rows = {(r.get("depth", 2), tuple(r[k] for k in by[: r.get("depth", 2)])): r
            for r in found.rows()}  # fmt: skip
    assert rows.keys() == {(level, key) for level in levels for key in split(lines, by[:level])}
    channels = sorted(lines["channel"].unique())
    for (level, key), row in rows.items():
        part = narrowed(lines, by[:level], key)
        for metric in KEYS:
            assert same(row[metric], figures(part)[metric])
            for channel in channels:
                cell = part[part["channel"] == channel]
                expected = figures(cell)[metric] if len(cell) else None
                assert same(row[f"{metric}[{channel}]"], expected), (key, channel, metric)
    assert found.total is not None
    for metric in KEYS:
        assert same(found.total[metric], figures(lines)[metric])
        for channel in channels:
            whole = figures(lines[lines["channel"] == channel])[metric]
            assert same(found.total[f"{metric}[{channel}]"], whole)
    heads = [c.key for c in found.columns if c.key.startswith("net_sales[")]
    sales = [found.total[key] for key in heads]
    assert sales == sorted(sales, reverse=True)


def test_a_pivot_of_months_with_top_rows_and_comparison(
    house: Storehouse, lines: pd.DataFrame
) -> None:
    period = Period(date(2024, 12, 1), date(2025, 1, 27))
    found = ask(house, "net_sales", by=("customer", "month"), pivot="month", period=period,
                compare=Compare.YEAR, top=Top(3, "net_sales", others=True))  # fmt: skip
    part = lines[(lines["date"] >= period.start) & (lines["date"] <= period.end)]
    best = part.groupby("customer_id", dropna=False)["net"].sum().nlargest(3)
    rows = found.rows()
    kept = [None if pd.isna(k) else k for k in best.index]
    assert [r["customer"] for r in rows] == [*kept, OTHERS]
    rest = part[~part["customer_id"].isin([k for k in kept if k]) &
                (part["customer_id"].notna() | (None not in kept))]  # fmt: skip
    december = rest[rest["month"] == date(2024, 12, 1)]
    assert same(rows[-1]["net_sales[2024-12-01]"], december["net"].sum() / 100)
    names = [str(c.name) for c in found.columns if c.key == "net_sales_compared[2024-12-01]"]
    assert names
    assert "2024" in names[0]


def test_a_top_list_may_keep_columns(house: Storehouse, lines: pd.DataFrame) -> None:
    found = ask(house, "net_sales", "customers", by=("month", "country"), pivot="country",
                top=Top(2, "net_sales", others=True))  # fmt: skip
    heads = [c.key for c in found.columns if c.key.startswith("net_sales[")]
    assert len(heads) == 3
    assert heads[-1] == f"net_sales[{OTHERS}]"
    countries = [head[10:-1] or None for head in heads[:2]]
    for row in found.rows():
        part = lines[lines["month"] == row["month"]]
        rest = part[[(c if isinstance(c, str) else None) not in countries
                     for c in part["country"]]]  # fmt: skip
        expected = figures(rest)["customers"] if len(rest) else None
        assert same(row[f"customers[{OTHERS}]"], expected)


def test_a_threshold_on_a_pivot_speaks_of_the_row(house: Storehouse, lines: pd.DataFrame) -> None:
    found = ask(house, "net_sales", by=("customer", "channel"), pivot="channel",
                having=(Threshold("net_sales", 3000),))  # fmt: skip
    expected = {k[0] for k, p in split(lines, ("customer",)).items() if p["net"].sum() >= 300_000}
    assert {row["customer"] for row in found.rows()} == expected


def test_files_name_subtotals_and_columns(house: Storehouse) -> None:
    found = ask(house, "net_sales", "orders", by=("country", "category", "channel"),
                pivot="channel", subtotals=True, extras=(Extra("rank", "net_sales"),))  # fmt: skip
    assert csv_machine(found).splitlines()[0].startswith("country,category,depth,net_sales,")
    with use_language("fr"):
        context = make_context(house.settings, house.metrics, found, ())
        book = load_workbook(io.BytesIO(workbook([("x", found)], context)))
    sheet = list(book.worksheets[0].values)
    assert "Level" not in sheet[0]
    assert len(sheet) == found.data.num_rows + 2
    assert any(str(name).startswith("agent") for name in sheet[0])
    columns = list(zip(*sheet, strict=True))
    category = next(c for c in columns if c[0] == "Catégorie")
    whole = sum(1 for row in found.rows() if row["depth"] == 1)
    assert sum(1 for cell in category if cell in ("Subtotal", "Sous-total")) == whole


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        ({"by": ("month",), "pivot": "country"}, "month, country"),
        ({"by": ("month", "customer"), "pivot": "custmoer"}, "customer"),
        ({"by": ("customer", "day"), "pivot": "day"}, "fewer metrics"),
        ({"by": ("month", "channel"), "pivot": "channel", "subtotals": True}, "leave the sub"),
        ({"by": ("month",), "top": Top(0, "net_sales")}, "one or more"),
        ({"by": ("month",), "having": (Threshold("net_sales"),)}, "net_sales >= 1000"),
    ],
)
def test_what_has_no_meaning_is_refused(
    house: Storehouse, options: dict[str, Any], remedy: str
) -> None:
    with pytest.raises(PicholineError) as error:
        house.metrics.ask(MetricQuery(("net_sales",), **options))
    assert remedy in str(error.value.remedy)
