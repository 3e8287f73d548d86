"""Ranges, texts and their spelling, against pandas."""

from collections.abc import Iterator
from datetime import date

import pandas as pd
import pytest

from core.errors import PicholineError
from core.i18n import use_language
from core.models.query import (
    NO_VALUE,
    Extra,
    Filter,
    Members,
    Operator,
    Threshold,
)  # fmt: skip
from core.models.query_text import (
    parse_extra,
    parse_having,
    parse_members,
    parse_where,
    split_list,
    where_text,
)  # fmt: skip
from tests.storehouse import Storehouse
from tests.unit.questions import NAMES, ask, make_lines, open_house, same


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    return make_lines()


@pytest.fixture(scope="module")
def house(lines: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    found = open_house(tmp_path_factory.mktemp("filters") / "home", lines)
    yield found
    found.close()


def net(house: Storehouse, text: str) -> float:
    total = ask(house, "net_sales", where=(parse_where(text),)).total or {}
    return float(total["net_sales"] or 0)


def of(lines: pd.DataFrame, kept: pd.Series) -> float:
    return lines.loc[kept, "net"].sum() / 100


def test_ranges(house: Storehouse, lines: pd.DataFrame) -> None:
    day = pd.to_datetime(lines["date"])
    for text, kept in (
        ("month=2024-02..2024-10", (day >= "2024-02-01") & (day < "2024-11-01")),
        ("month=2024-02-20..2024-10-01", (day >= "2024-02-01") & (day < "2024-11-01")),
        ("month=2024..2024", (day >= "2024-01-01") & (day < "2025-01-01")),
        ("day=2024-03-05..", day >= "2024-03-05"),
        ("day=..2024-02", day < "2024-03-01"),
        ("week=2024-03-06..2024-03-06", (day >= "2024-03-04") & (day < "2024-03-11")),
        ("campaign=2023/24..2023/24", (day >= "2023-10-01") & (day < "2024-10-01")),
        ("quarter=2024-05..2024-08", (day >= "2024-04-01") & (day < "2024-10-01")),
        ("country=E..FR", lines["country"].between("E", "FR")),
        ("product=..P3", lines["product_id"] <= "P3"),
    ):
        assert same(net(house, text), of(lines, kept)), text
    found = ask(house, "net_sales", by=("month",), where=(parse_where("month=2024-02..2024-03"),))
    assert [row["month"] for row in found.rows()] == [date(2024, 2, 1), date(2024, 3, 1)]


def test_texts_are_found_in_values_and_names(house: Storehouse, lines: pd.DataFrame) -> None:
    name = lines["product_id"].map(lambda key: NAMES[int(key[1:])])
    for text, kept in (
        ("product~huile", name.str.contains("uile")),
        ("product~ÉTÉ,BIDON", name.isin(["Coffret ÉTÉ", "Bidon"])),
        ("product~ete", name == "Coffret ÉTÉ"),
        ("product!~huile", ~name.str.contains("uile")),
        ("product~p3", lines["product_id"] == "P3"),
        ("country~allem", lines["country"] == "DE"),
        ("country~united k", lines["country"] == "GB"),
        ("country!~ital", lines["country"] != "IT"),
        ("category~c", lines["category"].notna()),
        ("category!~c", lines["category"].isna()),
    ):
        assert same(net(house, text), of(lines, kept)), text
    with_unknown = Filter("category", ("c1", NO_VALUE), Operator.CONTAINS)
    total = ask(house, "net_sales", where=(with_unknown,)).total or {}
    kept = lines["category"].isna() | (lines["category"] == "C1")
    assert same(total["net_sales"], of(lines, kept))


def test_segments_are_found_by_their_names_in_both_languages(house: Storehouse) -> None:
    by_segment = ask(house, "net_sales", by=("rfm_segment",)).rows()
    names = {r["rfm_segment"]: str(r["rfm_segment_name"]) for r in by_segment if r["rfm_segment"]}
    key = next(iter(names))
    expected = next(r["net_sales"] for r in by_segment if r["rfm_segment"] == key)
    for language in ("en", "fr"):
        with use_language(language):
            name = str(house.metrics.segment_names()[key])
        found = ask(house, "net_sales", by=("rfm_segment",),
                    where=(Filter("rfm_segment", (name,), Operator.CONTAINS),)).rows()  # fmt: skip
        assert expected in [r["net_sales"] for r in found if r["rfm_segment"] == key]


@pytest.mark.parametrize(
    ("chosen", "word"),
    [
        (Filter("month", ("2024-01",), Operator.BETWEEN), "two ends"),
        (Filter("month", ("2024-01", "2024-02", "2024-03"), Operator.BETWEEN), "two ends"),
        (Filter("country", ("", ""), Operator.BETWEEN), "two ends"),
        (Filter("month", ("2024-05", "2024-02"), Operator.BETWEEN), "before it begins"),
        (Filter("month", ("soon", ""), Operator.BETWEEN), "not a date"),
        (Filter("month", ("2024",), Operator.CONTAINS), "not searched"),
        (Filter("product", (" ",), Operator.CONTAINS), "no text"),
    ],
)
def test_what_cannot_be_filtered_is_refused(house: Storehouse, chosen: Filter, word: str) -> None:
    with pytest.raises(PicholineError, match=word) as error:
        ask(house, "net_sales", where=(chosen,))
    assert str(error.value.remedy)


FILTERS = [
    Filter("month", ("2025-01", "2025-06"), Operator.BETWEEN),
    Filter("month", ("", "2025-06"), Operator.BETWEEN),
    Filter("product", ("huile",), Operator.CONTAINS),
    Filter("product", ("a, b", 'say "x"', " c"), Operator.NOT_CONTAINS),
    Filter("product", ("A..B", "C~D"), Operator.IN),
    Filter("product", ("A..B",), Operator.NOT_IN),
    Filter("customer", (NO_VALUE,), Operator.NOT_IN),
]


@pytest.mark.parametrize("chosen", FILTERS)
def test_every_filter_can_be_spelt(chosen: Filter) -> None:
    assert parse_where(where_text(chosen)) == chosen


def test_spellings_are_read() -> None:
    assert split_list('a, "b, c",, d') == ("a", "b, c", "d")
    assert parse_members("customer: net_sales >= 1000") == Members(
        "customer", "net_sales", low=1000
    )
    assert parse_members("not product: lowest 5 margin_rate") == Members(
        "product", "margin_rate", 5, lowest=True, keep=False
    )
    assert parse_members("country: margin_rate = 10%..25%") == Members(
        "country", "margin_rate", low=0.1, high=0.25
    )
    assert parse_having("orders >= 5") == Threshold("orders", 5.0)
    below = parse_having("margin_rate < 10%")
    assert below.low is None
    assert below.high is not None
    assert 0.0999 < below.high < 0.1
    assert parse_extra("average", "net_sales:6") == Extra("average", "net_sales", window=6)
    assert parse_extra("share", "net_sales/country/channel").within == ("country", "channel")
    for wrong in ("country", "=FR", "month=1..2,3", "month!=1..2"):
        with pytest.raises(PicholineError):
            parse_where(wrong)
    for wrong in ("customer", "customer: best 3 net_sales", ": top 3 net_sales"):
        with pytest.raises(PicholineError):
            parse_members(wrong)
    with pytest.raises(PicholineError):
        parse_having("net_sales")
    with pytest.raises(PicholineError):
        parse_extra("rank", "net_sales:3")
