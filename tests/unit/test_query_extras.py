"""Shares, running totals, moving averages and ranks, against pandas."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import pandas as pd
import pytest

from core.errors import PicholineError
from core.models.formats import Format
from core.models.query import Compare, Extra, Filter, MetricQuery, Period, Top
from core.services.metrics import OTHERS
from tests.storehouse import Storehouse
from tests.unit.questions import ask, figures, make_lines, open_house, same, split

KEYS = ("net_sales", "margin_rate", "gross_margin")


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    return make_lines()


@pytest.fixture(scope="module")
def house(lines: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    found = open_house(tmp_path_factory.mktemp("extras") / "home", lines)
    yield found
    found.close()


def keyed(rows: Sequence[dict[str, Any]], by: Sequence[str]) -> dict[tuple[Any, ...], Any]:
    return {tuple(row[key] for key in by): row for row in rows}


@pytest.mark.parametrize("within", [(), ("country",), ("channel",)])
def test_shares(house: Storehouse, lines: pd.DataFrame, within: tuple[str, ...]) -> None:
    by = ("country", "channel")
    found = ask(house, "net_sales", by=by, extras=(Extra("share", "net_sales", within),))
    name = "_".join(["net_sales_share", *within])
    rows = keyed(found.rows(), by)
    assert rows.keys() == split(lines, by).keys()
    for key, part in split(lines, by).items():
        whole = lines
        for k in within:
            value = key[by.index(k)]
            whole = whole[whole[k].isna() if value is None else whole[k] == value]
        assert same(rows[key][name], part["net"].sum() / whole["net"].sum())
    assert (found.total or {})[name] == (None if within else 1.0)
    assert found.column(name).format is Format.PERCENT
    assert found.column(name).role == "extra"


def test_shares_of_a_top_list_are_shares_of_everything(
    house: Storehouse, lines: pd.DataFrame
) -> None:
    found = ask(house, "net_sales", by=("customer",), top=Top(3, "net_sales", others=True),
                extras=(Extra("share", "net_sales"), Extra("rank", "net_sales")))  # fmt: skip
    rows = found.rows()
    assert [row["net_sales_rank"] for row in rows] == [1, 2, 3, None]
    assert rows[-1]["customer"] == OTHERS
    assert same(sum(row["net_sales_share"] for row in rows), 1)
    best = lines[lines["customer_id"] == rows[0]["customer"]]["net"].sum()
    assert same(rows[0]["net_sales_share"], best / lines["net"].sum())


def test_no_total_no_share(house: Storehouse) -> None:
    nothing = (Filter("country", ("ZZ",)),)
    found = ask(house, "net_sales", where=nothing, extras=(Extra("share", "net_sales"),))
    assert found.rows() == [{"net_sales": None, "net_sales_share": None}]


@pytest.mark.parametrize("within", [(), ("year",), ("campaign",), ("quarter",)])
@pytest.mark.parametrize("by", [("month",), ("country", "month"), ("week",)])
def test_running_totals(
    house: Storehouse, lines: pd.DataFrame, by: tuple[str, ...], within: tuple[str, ...]
) -> None:
    if by == ("week",) and within:
        with pytest.raises(PicholineError, match="start anew"):
            ask(house, *KEYS, by=by, extras=(Extra("running", "net_sales", within),))
        return
    extras = tuple(Extra("running", key, within) for key in KEYS)
    found = ask(house, *KEYS, by=by, extras=extras)
    for key, part in split(lines, by).items():
        before = lines[lines[by[-1]] <= key[-1]]
        if len(by) > 1:
            before = before[before["country"].isna() if key[0] is None else
                            before["country"] == key[0]]  # fmt: skip
        for k in within:
            before = before[before[k] == part[k].iloc[0]]
        expected = figures(before)
        row = keyed(found.rows(), by)[key]
        for metric in KEYS:
            name = "_".join([metric, "running", *within])
            assert same(row[name], expected[metric]), (key, metric)
    assert (found.total or {})["_".join(["net_sales_running", *within])] is None


@pytest.mark.parametrize("window", [2, 4])
@pytest.mark.parametrize("by", [("month",), ("channel", "month"), ("week",)])
def test_moving_averages(
    house: Storehouse, lines: pd.DataFrame, by: tuple[str, ...], window: int
) -> None:
    period = Period(date(2023, 12, 4), date(2025, 1, 31))
    keys = (*KEYS, "customers")
    extras = tuple(Extra("average", key, (), window) for key in keys)
    found = keyed(ask(house, *keys, by=by, period=period, extras=extras).rows(), by)
    grain = by[-1]
    freq = "M" if grain == "month" else "W"
    number = {day: pd.Period(day, freq).ordinal for day in lines[grain].unique()}
    first = min(number.values())
    places = lines[grain].map(number)
    for key in split(lines, by):
        here = number[key[-1]]
        inside = (places > here - window) & (places <= here)
        if len(by) > 1:
            inside &= lines["channel"] == key[0]
        part = lines[inside]
        full = here - window + 1 >= first
        expected = figures(part)
        counts = [figures(p)["customers"] for p in split(part, (grain,)).values()]
        margin = expected["gross_margin"]
        wanted = {
            "net_sales": expected["net_sales"] / window,
            "gross_margin": None if margin is None else margin / window,
            "margin_rate": expected["margin_rate"],
            "customers": sum(counts) / window,
        }
        for metric, value in wanted.items():
            assert same(found[key][f"{metric}_average"], value if full else None), (key, metric)


@pytest.mark.parametrize("within", [(), ("country",)])
def test_ranks(house: Storehouse, lines: pd.DataFrame, within: tuple[str, ...]) -> None:
    by = ("country", "customer")
    metrics = ("orders", "margin_rate")
    extras = tuple(Extra("rank", key, within) for key in metrics)
    rows = keyed(ask(house, *metrics, by=by, extras=extras).rows(), by)
    groups = {key: figures(part) for key, part in split(lines, by).items()}
    for metric in metrics:
        name = "_".join([metric, "rank", *within])
        for key, values in groups.items():
            value = values[metric]
            rivals = [
                other[metric] for k, other in groups.items()
                if other[metric] is not None and (not within or k[0] == key[0])
            ]  # fmt: skip
            higher = value is not None and sum(r > value + 1e-12 for r in rivals)
            assert rows[key][name] == (None if value is None else higher + 1)
    assert len({row["orders_rank" + "".join(f"_{w}" for w in within)] for row in rows.values()}) > 2


def test_extras_stand_beside_a_comparison(house: Storehouse, lines: pd.DataFrame) -> None:
    period = Period(date(2024, 12, 1), date(2025, 1, 27))
    found = ask(house, "net_sales", by=("month",), period=period, compare=Compare.YEAR,
                extras=(Extra("running", "net_sales"), Extra("share", "net_sales")))  # fmt: skip
    keys = [c.key for c in found.columns if c.metric]
    assert keys == [
        "net_sales", "net_sales_compared", "net_sales_change", "net_sales_change_rate",
        "net_sales_running", "net_sales_share",
    ]  # fmt: skip
    part = lines[(lines["date"] >= period.start) & (lines["date"] <= period.end)]
    assert same(found.rows()[-1]["net_sales_running"], part["net"].sum() / 100)


def test_a_top_list_of_months_keeps_its_running_totals(
    house: Storehouse, lines: pd.DataFrame
) -> None:
    extras = (Extra("running", "net_sales"), Extra("rank", "net_sales"))
    every = keyed(ask(house, "net_sales", by=("month",), extras=extras).rows(), ("month",))
    best = ask(house, "net_sales", by=("month",), extras=extras, top=Top(3, "net_sales")).rows()
    assert sorted(row["net_sales_rank"] for row in best) == [1, 2, 3]
    assert all(row == every[(row["month"],)] for row in best)


@pytest.mark.parametrize(
    ("metrics", "by", "extra", "remedy"),
    [
        (("margin_rate",), ("country",), Extra("share", "margin_rate"), "gross_margin"),
        (("customers",), ("country",), Extra("share", "customers"), "net_sales"),
        (("net_sales",), ("country",), Extra("running", "net_sales"), "month, country"),
        (("customers",), ("month",), Extra("running", "customers"), "longer grain"),
        (("aov",), ("month",), Extra("average", "aov"), "net_sales"),
        (("net_sales",), ("month",), Extra("average", "net_sales", window=1), "from 2"),
        (("net_sales",), ("month",), Extra("share", "orders"), "net_sales, orders"),
        (("net_sales",), ("month",), Extra("rank", "net_sales", ("country",)), "month"),
        (("net_sales",), ("month",), Extra("running", "net_sales", ("month",)), "campaign"),
        (("net_sales",), ("month",), Extra("share", "net_saels"), "net_sales"),
    ],
)
def test_what_has_no_meaning_is_refused_with_the_nearest_valid_one(
    house: Storehouse, metrics: tuple[str, ...], by: tuple[str, ...], extra: Extra, remedy: str
) -> None:
    with pytest.raises(PicholineError) as error:
        house.metrics.ask(MetricQuery(metrics, by, extras=(extra,)))
    assert remedy in str(error.value.remedy)
