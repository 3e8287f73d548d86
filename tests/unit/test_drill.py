"""Lines behind a cell: their sums and counts are the cell, for every metric and kind of cell."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import PicholineError
from core.models.catalogue import METRICS, Distinct, Linear
from core.models.query import NO_VALUE, Compare, Filter, MetricQuery, Operator, Period, Scope, Top
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
                int(chance.integers(-3, 12)), f"{chance.integers(0, 4000) / 100:.2f}",
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
@settings(max_examples=40, deadline=None)
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
    for key in (*ADDITIVE, *COUNTS):
        one = MetricQuery(metrics=(key,), **question)
        found = every_line(drill, one, cell, side=side)
        lines = found.table.rows()
        shown = row.get(f"{key}{suffix}")
        assert len(lines) == found.total
        if key in COUNTS:
            keys = {line[COUNTS[key]] for line in lines}
            assert len(keys) == (shown or 0), (key, cell, side)
            continue
        if key in ("units", "weight_kg") and shown is None:
            continue  # kinds of unit mix: the lines are there, their sum means nothing
        assert added(lines, key) == (shown or 0), (key, cell, side)
        assert (found.sums[key] or 0) == (shown or 0)
        assert found.value == shown or not shown
