"""A company whose data grow import by import, beside one built as a whole."""

import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from core.models.catalogue import METRICS, Scored
from core.models.query import Compare, Filter, MetricQuery, Period, Top
from core.models.rfm import DEFAULT_RULES, SegmentRule
from core.repository.segment_rules import RuleStore
from core.repository.warehouse import Policy, Warehouse
from core.services.metric_stock import is_stocked
from core.services.metrics import Metrics
from core.settings import load_settings
from tests.storehouse import Storehouse, sale

START = date(2025, 1, 1)
GROWING = Policy(delta_from=0, share=1000.0)
WHOLE = Policy(delta_from=1_000_000_000)
ALL = tuple(key for key, m in METRICS.items() if not isinstance(m.formula, Scored))
LINES = tuple(key for key in ALL if not is_stocked(METRICS[key]))
OTHER_RULES = (
    SegmentRule("best", "Best", (3, 5), (3, 5)),
    SegmentRule("rest", "Rest"),
)


class Pair(Storehouse):
    """One home whose warehouse grows, beside one that is always built as a whole."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.warehouse.close()
        self.warehouse = Warehouse(self.settings, self.catalogue, self.segments, GROWING)
        self.metrics = Metrics(self.settings, self.catalogue, self.warehouse)
        beside = load_settings(
            home.parent / "whole", threads=2, database_url=self.settings.catalogue_url
        )
        beside.create_home()
        self.whole = Warehouse(beside, self.catalogue, self.segments, WHOLE)
        self.truth = Metrics(beside, self.catalogue, self.whole)

    def close(self) -> None:
        self.whole.close()
        super().close()

    def deltas(self) -> int:
        """Return the number of files on top of the base, for the data there are now."""
        self.warehouse.ensure()
        chain = self.warehouse.chain()
        assert chain is not None
        return chain.deltas

    def check(self) -> None:
        """Assert that both answer alike, and that every roll-up holds what the lines hold."""
        for query in questions():
            one, other = (m.ask(query, cached=False) for m in (self.metrics, self.truth))
            assert comparable(one.rows()) == comparable(other.rows()), query
            assert one.total == other.total, query
        assert self.warehouse.info().lines == self.whole.info().lines
        assert self.warehouse.info().scales == self.whole.info().scales
        for dimension in ("customer", "product", "rfm_segment"):
            found, wanted = (m.members(dimension) for m in (self.metrics, self.truth))
            assert sorted(map(str, found)) == sorted(map(str, wanted))


def questions() -> list[MetricQuery]:
    """Return questions that between them read every source and count every kind of thing."""
    whole = Period(START, START + timedelta(days=89))
    part = Period(START + timedelta(days=40), START + timedelta(days=70))
    return [
        MetricQuery(ALL, ("month",)),
        MetricQuery(LINES, ("country",), period=part, compare=Compare.PREVIOUS,
                    compared=Period(START + timedelta(days=9), START + timedelta(days=39))),
        MetricQuery(LINES, ("product",), period=whole),
        MetricQuery(LINES, ("customer",)),
        MetricQuery(LINES, ("rfm_segment",), period=whole),
        MetricQuery(LINES, ("category", "rfm_segment"), where=(Filter("country", ("FR",)),)),
        MetricQuery(LINES, ("cost_source", "line_kind")),
        MetricQuery(("orders", "customers", "products", "aov"), ("supplier", "day")),
        MetricQuery(("orders", "net_sales"), ("channel",), (Filter("category", ("Oil",)),)),
        MetricQuery(("net_sales", "orders"), ("product",), top=Top(2, "net_sales", others=True)),
        MetricQuery(("net_sales", "investment"), ("currency", "segment")),
    ]  # fmt: skip


def comparable(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Return rows in an order of their own: equal values may be listed in either order."""
    return sorted(str(sorted(row.items(), key=str)) for row in rows)


class History:
    """What a company imports, one file after the other."""

    def __init__(self, house: Pair, seed: int) -> None:
        self.house = house
        self.random = random.Random(seed)
        self.imports: list[int] = []
        self.undone: list[int] = []
        self.orders: list[dict[str, Any]] = []
        self.today = 30

    def day(self, late: int = 0) -> date:
        return START + timedelta(days=max(0, self.today - self.random.randint(-3, 5 + late)))

    def order(self, **more: Any) -> list[Any]:
        pick = self.random
        head = {
            "order_id": f"O{len(self.orders)}",
            "date": self.day(),
            "customer_id": pick.choice([None, *(f"C{i}" for i in range(12))]),
            "country": pick.choice(["FR", "DE", None]),
            "channel": pick.choice(["shop", "web"]),
            "currency": pick.choice([None, "EUR", "USD"]),
        }
        head = {**head, **more}
        self.orders.append(head)
        return [self.line(head) for _ in range(pick.randint(1, 3))]

    def line(self, head: dict[str, Any], sign: int = 1) -> Any:
        pick = self.random
        values: dict[str, Any] = {
            **head,
            "unit_cost": pick.choice([None, None, 3.1]),
            "line_kind": pick.choice(["product"] * 5 + ["postage", "sample"]),
            "freight_out": pick.choice([None, 0.5]),
            "discount_rate": pick.choice([None, 0.1]),
        }
        day = values.pop("date").isoformat()
        quantity = sign * pick.randint(1, 9)
        price = pick.randint(100, 999) / 100
        return sale(f"I{head['order_id']}", day, f"P{pick.randrange(5)}", quantity, price, **values)

    def add(self, table: str, rows: Sequence[Any], **more: Any) -> None:
        self.imports.append(self.house.add(table, rows, **more))

    def new_orders(self) -> None:
        self.today += self.random.randint(0, 9)
        self.add("sales", [line for _ in range(8) for line in self.order()])

    def continued_orders(self) -> None:
        heads = self.random.sample(self.orders, min(4, len(self.orders)))
        changed = {"channel": "web"} if self.random.random() < 0.5 else {}
        self.add("sales", [self.line({**head, **changed}) for head in heads])

    def returns(self) -> None:
        heads = self.random.sample(self.orders, min(4, len(self.orders)))
        late = [{**head, "date": self.day(late=25)} for head in heads]
        self.add("sales", [self.line(head, sign=-1) for head in late])

    def new_names(self) -> None:
        number = self.random.randrange(5, 9)
        self.add("products", [{"product_id": f"P{number}", "category": "Oil", "unit": "L"}])
        self.add("customers", [{"customer_id": f"C{number + 20}", "segment": "Shops"}])
        lines = self.order(customer_id=f"C{number + 20}")
        self.add("sales", [{**line, "product_id": f"P{number}"} for line in lines])

    def known_names(self) -> None:
        same = {"product_id": "P0", "name": "First", "category": "Oil", "supplier_id": "S"}
        other = {"product_id": "P1", "category": self.random.choice(["Oil", "Soap"])}
        self.add("products", [self.random.choice([same, other])], derived=True)
        self.add("customers", [{"customer_id": "C1", "country": "IT"}], derived=True)

    def purchases(self) -> None:
        day = START + timedelta(days=self.today + self.random.choice([-20, 1, 1, 1]))
        self.add("purchases", [
            {"purchase_id": f"B{len(self.imports)}", "date": day, "supplier_id": "S",
             "product_id": f"P{self.random.randrange(6)}", "quantity": 20, "unit_cost": 2.5}
        ])  # fmt: skip

    def investments(self) -> None:
        last = self.today + self.random.randint(-10, 10)
        base = {"amount": 100, "from_date": START + timedelta(days=last - 20),
                "to_date": START + timedelta(days=last)}  # fmt: skip
        self.add("investments", [
            {**base, "spread": "net_sales"},
            {**base, "spread": "net_sales", "channel": "web", "kind": "overhead"},
            {**base, "spread": "days", "country": "FR"},
        ])  # fmt: skip

    def rates(self) -> None:
        day = START + timedelta(days=self.random.choice([0, self.today + 4, self.today + 4]))
        rate = self.random.choice([0.9, 0.8])
        self.add("fx_rates", [{"date": day, "currency": "USD", "rate_to_base": rate}])

    def stock(self) -> None:
        self.add("stock_counts", [
            {"date": self.day(), "warehouse": "W", "product_id": f"P{i}", "quantity": 9 + i}
            for i in range(3)
        ])  # fmt: skip

    def undo(self) -> None:
        if self.imports:
            found = self.imports.pop(self.random.randrange(len(self.imports)))
            self.house.undo(found)
            self.undone.append(found)

    def redo(self) -> None:
        if self.undone:
            found = self.undone.pop()
            self.house.redo(found)
            self.imports.append(found)

    def rules(self) -> None:
        store = RuleStore(self.house.catalogue)
        store.save(DEFAULT_RULES if store.current() == OTHER_RULES else OTHER_RULES, "ann")


STEPS: tuple[Callable[[History], None], ...] = (
    History.new_orders, History.continued_orders, History.returns, History.new_names,
    History.known_names, History.purchases, History.investments, History.rates, History.stock,
    History.undo, History.redo, History.rules,
)  # fmt: skip


def begin(house: Pair, seed: int = 1) -> History:
    """Return a history that has begun with products, customers, purchases and orders."""
    history = History(house, seed)
    house.add("products", [
        {"product_id": f"P{i}", "name": f"Product {i}", "category": ["Oil", "Soap"][i % 2],
         "supplier_id": "S", "standard_cost": 2 + i, "unit": ["L", "kg", None][i % 3]}
        for i in range(4)
    ])  # fmt: skip
    house.add("customers", [{"customer_id": f"C{i}", "segment": f"G{i % 2}"} for i in range(9)])
    house.add("suppliers", [{"supplier_id": "S", "name": "Supplier"}])
    house.add("fx_rates", [{"date": START, "currency": "USD", "rate_to_base": 0.9}])
    house.add("purchases", [
        {"purchase_id": f"A{i}", "date": START + timedelta(days=9 * i), "supplier_id": "S",
         "product_id": f"P{i}", "quantity": 50, "unit_cost": 2 + i, "freight_in": 5}
        for i in range(3)
    ])  # fmt: skip
    house.add("sales", [line for _ in range(30) for line in history.order()])
    house.warehouse.ensure()
    return history
