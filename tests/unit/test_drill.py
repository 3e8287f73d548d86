"""Lines behind a cell: their sums and counts are the cell, for every metric and kind of cell."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import PicholineError
from core.models.catalogue import METRICS, Linear
from core.models.query import (
    NO_VALUE,
    Compare,
    Filter,
    Members,
    MetricQuery,
    Operator,
    Period,
    Scope,
    Top,
)
from core.repository.sql.lines import LineOrder
from core.services.drill import Drill
from core.services.metrics import OTHERS
from tests.storehouse import Storehouse, sale

LINES = 600
FIRST = date(2023, 11, 20)
DAYS = 480
ME = Scope()
ADDITIVE = [key for key, metric in METRICS.items() if isinstance(metric.formula, Linear)]
COUNTS = {"orders": "invoice", "customers": "customer", "products": "product"}
SPLITS = (
    (), ("country",), ("customer",), ("product", "channel"), ("month",), ("week", "country"),
    ("day",), ("campaign", "category"), ("supplier",), ("line_kind",), ("currency", "quarter"),
)  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    found = Storehouse(tmp_path_factory.mktemp("drill") / "home")
    chance = np.random.default_rng(5)

    def pick(*values: Any) -> Any:
        return values[int(chance.integers(0, len(values)))]

    orders = [
        {
            "customer_id": pick(*(f"c{i}" for i in range(12)), None),
            "country": pick("FR", "DE", "IT", None),
            "channel": pick("shop", "web"),
            "currency": pick("EUR", "EUR", "USD", "XYZ"),
            "day": (FIRST + timedelta(days=int(chance.integers(0, DAYS)))).isoformat(),
        }
        for _n in range(LINES // 3)
    ]
    rows = []
    for _n in range(LINES):
        number = int(chance.integers(0, len(orders)))
        order = dict(orders[number])
        rows.append(
            sale(
                f"i{number}", order.pop("day"), f"P{chance.integers(0, 8)}",
                int(chance.integers(-3, 12)), int(chance.integers(0, 4000)) / 100,
                **order,
                discount_rate=pick("0", "0.05", "0.2"),
                unit_cost=pick(None, f"{chance.integers(1, 2000) / 100:.2f}"),
                freight_out=pick(None, None, "1.25"),
                line_kind=pick(*["product"] * 8, "postage", "sample"),
            )
        )  # fmt: skip
    found.add("sales", rows)
    found.add("products", [
        {"product_id": f"P{i}", "name": f"Oil {i}", "category": f"C{i % 3}" if i % 3 else None,
         "supplier_id": f"S{i % 2}", "unit": "L" if i % 2 else "each"}
        for i in range(8)
    ])  # fmt: skip
    found.add("fx_rates", [
        {"currency": "USD", "date": FIRST + timedelta(days=d), "rate_to_base": f"0.9{d % 10}"}
        for d in range(0, DAYS, 30)
    ])  # fmt: skip
    found.add("investments", [
        {"from_date": date(2024, 2, 27), "to_date": date(2024, 3, 4), "amount": "100.01",
         "kind": "marketing", "country": "FR"},
        {"date": date(2024, 5, 2), "amount": "77.7", "kind": "fair", "product_id": "P3"},
        {"from_date": date(2024, 1, 1), "to_date": date(2024, 12, 31), "amount": "1000",
         "kind": "staff", "spread": "net_sales"},
    ])  # fmt: skip
    yield found
    found.close()


@pytest.fixture(scope="module")
def drill(house: Storehouse) -> Drill:
    return Drill(house.metrics, house.catalogue, house.settings.inbox)


def every_line(drill: Drill, query: MetricQuery, cell: Mapping[str, Any], **how: Any) -> Any:
    return drill.lines(query, cell, ME, limit=10_000, **how)


def cell_of(row: Mapping[str, Any], by: tuple[str, ...]) -> dict[str, str | None]:
    return {key: None if row[key] is None else str(row[key]) for key in by}


def added(rows: list[dict[str, Any]], key: str) -> Decimal:
    return sum((row[key] for row in rows if row[key] is not None), start=Decimal(0))


QUESTIONS = st.fixed_dictionaries(
    {
        "by": st.sampled_from(SPLITS),
        "where": st.sampled_from(
            (
                (),
                (Filter("country", ("FR", NO_VALUE)),),
                (Filter("line_kind", ("postage",), Operator.NOT_IN),),
                (Filter("channel", ("web",)), Filter("customer", ("c1",), Operator.NOT_IN)),
            )
        ),
        "period": st.sampled_from(
            (
                None,
                Period(date(2024, 3, 1), date(2024, 12, 10)),
                Period(date(2024, 2, 20), date(2024, 3, 20)),
                Period(date(2025, 2, 1), date(2025, 2, 28)),
            )
        ),
        "compare": st.sampled_from((None, Compare.YEAR, Compare.PREVIOUS)),
    }
)


@given(question=QUESTIONS, data=st.data())
@settings(max_examples=20, deadline=None)
def test_the_lines_add_up_to_the_cell(
    house: Storehouse, drill: Drill, question: dict[str, Any], data: st.DataObject
) -> None:
    query = MetricQuery(metrics=(*ADDITIVE, *COUNTS), **question)
    answer = house.metrics.ask(query)
    rows = [*answer.rows(), dict(answer.total or {})]
    place = data.draw(st.integers(0, len(rows) - 1))
    row = rows[place]
    cell = {} if place == len(rows) - 1 else cell_of(row, query.by)
    sides = ("asked", "compared") if answer.compared else ("asked",)
    side = data.draw(st.sampled_from(sides))
    suffix = "" if side == "asked" else "_compared"
    for key in data.draw(st.sets(st.sampled_from((*ADDITIVE, *COUNTS)), min_size=2, max_size=3)):
        one = MetricQuery(metrics=(key,), **question)
        found = every_line(drill, one, cell, side=side)
        lines = found.table.rows()
        shown = row.get(f"{key}{suffix}")
        assert len(lines) == found.total
        if key in COUNTS:
            keys = {line[COUNTS[key]] for line in lines}
            assert len(keys) == (shown or 0), (key, cell, side)
            continue
        if shown is None:  # mixed units, or costs without a margin: there is nothing to add up
            assert not found.value
            continue
        assert added(lines, key) == shown == (found.sums[key] or 0), (key, cell, side)
        assert found.value == shown or not lines


def test_ratios_show_the_lines_of_both_their_parts(house: Storehouse, drill: Drill) -> None:
    query = MetricQuery(metrics=("margin_rate", "cost_coverage", "return_rate"), by=("country",))
    for row in house.metrics.ask(query).rows():
        cell = cell_of(row, ("country",))
        covered = every_line(drill, MetricQuery(("margin_rate",)), cell).table.rows()
        assert {line["cost_source"] for line in covered} <= {"own", "average", "standard"}
        rate = added(covered, "gross_margin") / added(covered, "net_sales")
        assert float(rate) == pytest.approx(row["margin_rate"])
        products = every_line(drill, MetricQuery(("cost_coverage",)), cell).table.rows()
        assert {line["line_kind"] for line in products} == {"product"}
        share = added(covered, "net_sales") / added(products, "net_sales")
        assert float(share) == pytest.approx(row["cost_coverage"])
        sold = every_line(drill, MetricQuery(("return_rate",)), cell).table.rows()
        kept = added(sold, "gross_sales") - added(sold, "discounts")
        assert float(added(sold, "returns") / kept) == pytest.approx(row["return_rate"])


def test_returns_are_the_negative_lines_and_orders_the_sold_ones(drill: Drill) -> None:
    back = every_line(drill, MetricQuery(("returns",)), {}).table.rows()
    assert max(line["quantity"] for line in back) < 0
    sold = every_line(drill, MetricQuery(("orders",)), {}).table.rows()
    assert min(line["quantity"] for line in sold) > 0
    spent = every_line(drill, MetricQuery(("investment",)), {}).table.rows()
    assert {line["line_kind"] for line in spent} == {"investment"}


@pytest.mark.parametrize("by", [("product",), ("month", "product"), ("product", "channel")])
@pytest.mark.parametrize("side", ["asked", "compared"])
def test_others_are_all_but_the_members_shown(
    house: Storehouse, drill: Drill, by: tuple[str, ...], side: Any
) -> None:
    period = Period(date(2024, 7, 1), date(2024, 12, 31))
    query = MetricQuery(
        ("net_sales",),
        by=by,
        period=period,
        compare=Compare.PREVIOUS,
        top=Top(3, "net_sales", others=True),
    )
    suffix = "" if side == "asked" else "_compared"
    rows = [r for r in house.metrics.ask(query).rows() if OTHERS in r.values()]
    assert rows
    for row in rows:
        found = every_line(drill, query, cell_of(row, by), side=side)
        assert added(found.table.rows(), "net_sales") == (row[f"net_sales{suffix}"] or 0)
        assert (found.value or 0) == (row[f"net_sales{suffix}"] or 0)


@pytest.mark.parametrize(
    "members",
    [
        Members("customer", "net_sales", n=4),
        Members("customer", "net_sales", n=4, keep=False),
        Members("product", "margin_rate", n=2, lowest=True),
        Members("product", "net_sales", low=1e12),
    ],
)
@pytest.mark.parametrize("side", ["asked", "compared"])
def test_members_are_picked_for_the_question_not_for_the_cell(
    house: Storehouse, drill: Drill, members: Members, side: Any
) -> None:
    query = MetricQuery(
        ("net_sales",),
        by=("country",),
        period=Period(date(2024, 7, 1), date(2024, 12, 31)),
        compare=Compare.PREVIOUS,
        members=(members,),
    )
    suffix = "" if side == "asked" else "_compared"
    answer = house.metrics.ask(query)
    for row in [*answer.rows(), {"country": OTHERS, **(answer.total or {})}]:
        cell = {} if row["country"] == OTHERS else cell_of(row, ("country",))
        found = every_line(drill, query, cell, side=side)
        shown = row[f"net_sales{suffix}"]
        assert added(found.table.rows(), "net_sales") == (shown or 0)
        assert (found.value or 0) == (shown or 0)


def test_the_29th_of_february_stands_with_the_28th(tmp_path: Path) -> None:
    house = Storehouse(tmp_path / "home")
    days = ("2024-02-28", "2024-02-29", "2024-03-01", "2025-02-28", "2025-03-01")
    house.add("sales", [sale(day, day, "A", 1, 10 + i) for i, day in enumerate(days)])
    drill = Drill(house.metrics, house.catalogue, house.settings.inbox)
    period = Period(date(2025, 2, 1), date(2025, 3, 31))
    query = MetricQuery(("net_sales",), by=("day",), period=period, compare=Compare.YEAR)
    rows = {str(row["day"]): row for row in house.metrics.ask(query).rows()}
    found = every_line(drill, query, {"day": "2025-02-28"}, side="compared")
    assert [line["invoice"] for line in found.table.rows()] == ["2024-02-29", "2024-02-28"]
    assert found.value == rows["2025-02-28"]["net_sales_compared"] == Decimal(21)
    after = every_line(drill, query, {"day": "2025-03-01"}, side="compared")
    assert [line["invoice"] for line in after.table.rows()] == ["2024-03-01"]
    house.close()


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("column", ["net_sales", "customer", "day", "gross_margin", "row"])
def test_pages_make_up_the_whole_in_any_order(drill: Drill, column: str, descending: bool) -> None:
    order = LineOrder(column, descending)
    behind = drill.about(MetricQuery(("net_margin",)), {}, ME).behind
    whole = [row for table in drill.export(behind, ME, order=order) for row in table.rows()]
    values = [row[column] for row in whole]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=descending)
    assert values[len(known) :] == [None] * (len(values) - len(known))
    far = drill.page(behind, ME, order=order, offset=len(whole) - 30, limit=50).rows()
    assert far == whole[-30:]
    paged: list[dict[str, Any]] = []
    while len(paged) < len(whole):
        paged += drill.page(behind, ME, order=order, offset=len(paged), limit=97).rows()
    assert paged == whole
    assert drill.page(behind, ME, order=order, offset=len(whole), limit=10).rows() == []


def test_nobody_reaches_other_peoples_lines(house: Storehouse, drill: Drill) -> None:
    query = MetricQuery(("net_sales",), by=("country",))
    limited = Scope("anna", (Filter("country", ("FR",)),))
    own = house.metrics.ask(query, limited).total or {}
    for cell in ({}, {"country": "FR"}):
        found = drill.lines(query, cell, limited, limit=10_000)
        assert {line["country"] for line in found.table.rows()} == {"FR"}
        assert found.sums["net_sales"] == found.value == own["net_sales"]
    for cell in ({"country": "DE"}, {"country": None}):
        found = drill.lines(query, cell, limited)
        assert (found.total, found.table.data.num_rows) == (0, 0)
    # What one person has looked at before serves nobody else.
    assert every_line(drill, query, {"country": "DE"}).total > 0
    assert drill.lines(query, {"country": "DE"}, limited).total == 0
    everything = drill.about(query, {}, ME).behind
    exported = [r for table in drill.export(everything, limited) for r in table.rows()]
    assert {line["country"] for line in exported} == {"FR"}
    with pytest.raises(PicholineError) as refused:
        drill.source_row(1, "Sheet1", hidden_row(house, drill), limited)
    assert refused.value.code == "row.hidden"


def hidden_row(house: Storehouse, drill: Drill) -> int:
    german = every_line(drill, MetricQuery(("net_sales",)), {"country": "DE"}).table.rows()
    return int(german[0]["row"])


@pytest.mark.parametrize(
    ("query", "cell", "side", "code"),
    [
        (MetricQuery(("nothing",)), {}, "asked", "query.metric"),
        (MetricQuery(("net_sales",)), {"planet": "Mars"}, "asked", "query.dimension"),
        (MetricQuery(("net_sales",)), {"month": "soon"}, "asked", "filter.date"),
        (MetricQuery(("net_sales",)), {"product": OTHERS}, "asked", "drill.others"),
        (MetricQuery(("net_sales",)), {}, "compared", "drill.compared"),
        (MetricQuery(("net_sales",), compare=Compare.BUDGET), {}, "compared", "drill.budget"),
    ],
)
def test_cells_without_lines_say_why(
    drill: Drill, query: MetricQuery, cell: dict[str, str], side: Any, code: str
) -> None:
    with pytest.raises(PicholineError) as refused:
        drill.lines(query, cell, ME, side=side)
    assert refused.value.code == code


def test_a_column_nobody_has_is_no_order(drill: Drill) -> None:
    with pytest.raises(PicholineError, match="price"):
        drill.lines(MetricQuery(("net_sales",)), {}, ME, order=LineOrder("price"))


def test_lines_of_later_imports_join_those_before(tmp_path: Path) -> None:
    house = Storehouse(tmp_path / "home")
    drill = Drill(house.metrics, house.catalogue, house.settings.inbox)
    spread = {"amount": "90", "kind": "staff", "spread": "net_sales"}
    house.add("investments", [
        {"from_date": date(2025, 1, 1), "to_date": date(2025, 1, 31), **spread},
    ])  # fmt: skip
    days = ("2025-01-05", "2025-01-20", "2025-01-05")
    for place, day in enumerate(days):
        house.add("sales", [
            sale("1", "2025-01-05", "A", 1, 10, country="FR", line_no=10 * place + 1, unit_cost=4),
            sale(f"n{place}", day, f"P{place}", 2, 7, country="DE", unit_cost=3),
        ])  # fmt: skip
        query = MetricQuery(("net_margin", "orders", "net_sales"), by=("country",))
        answer = house.metrics.ask(query)
        for row in [*answer.rows(), {"country": OTHERS, **(answer.total or {})}]:
            cell = {} if row["country"] == OTHERS else cell_of(row, ("country",))
            for key in ("net_margin", "net_sales"):
                found = every_line(drill, MetricQuery((key,)), cell)
                assert added(found.table.rows(), key) == (row[key] or 0)
                assert len(found.table.rows()) == found.total
            orders = every_line(drill, MetricQuery(("orders",)), cell).table.rows()
            assert len({line["invoice"] for line in orders}) == row["orders"]
    house.close()
