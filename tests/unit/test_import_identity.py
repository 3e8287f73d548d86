"""Import and undo is as if nothing had been, imported twice is imported once: on every metric.

`PICHOLINE_EXAMPLES` says how many random workbooks are tried in each mode.
"""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest

from core.models.catalogue import METRICS
from core.models.query import MetricQuery
from core.models.schema import TABLES
from core.services.ingest import ImportOptions, Intake, Mapping
from tests.exact.keys import STOCK_KEYS
from tests.exact.questions import open_company
from tests.random_company import DAYS, FIRST
from tests.storehouse import Storehouse

TIMES = int(os.environ.get("PICHOLINE_EXAMPLES", "1"))
# The other modes are tried when more is asked for; sequences of all have a test of their own.
MODES = ("append", "upsert", "period", "replace")[: 2 if TIMES == 1 else 4]
LINES = 150
EVERYTHING = tuple(METRICS)
SOLD = tuple(key for key in METRICS if key not in STOCK_KEYS)
QUESTIONS = (
    MetricQuery(EVERYTHING, ()),
    MetricQuery(EVERYTHING, ("month",)),
    MetricQuery(EVERYTHING, ("product",)),
    MetricQuery(SOLD, ("country", "channel")),
)
Answers = list[list[dict[str, Any]]]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    found = Storehouse(tmp_path_factory.mktemp("identity") / "home")
    open_company(found, LINES)
    yield found
    found.close()


def answers(house: Storehouse) -> Answers:
    found = []
    for query in QUESTIONS:
        table = house.metrics.ask(query)
        rows = [*table.rows(), table.total or {}]
        found.append(sorted(rows, key=lambda row: str([row.get(name) for name in query.by])))
    return found


def rows_of(chance: Random) -> dict[str, list[dict[str, Any]]]:
    """Return rows for every table that a metric reads, about members old and new."""
    day = lambda: FIRST + timedelta(days=chance.randrange(DAYS + 40))  # noqa: E731
    product = lambda: f"P{chance.randrange(14)}"  # noqa: E731
    sales = []
    for number in range(6):
        head = {
            "invoice_id": f"N{number}", "date": day(), "country": chance.choice(["FR", "DE", "SE"]),
            "customer_id": f"c{chance.randrange(45)}", "channel": chance.choice(["web", "fair"]),
            "currency": chance.choice(["EUR", "USD"]),
        }  # fmt: skip
        sales += [
            {**head, "line_no": line, "product_id": product(),
             "quantity": chance.choice([-1, 1, 2.5, 7]), "unit_price": chance.randint(1, 90),
             "discount_rate": chance.choice([0, 0.1])}
            for line in (1, 2)
        ]  # fmt: skip
    return {
        "sales": sales,
        "purchases": [
            {"purchase_id": f"NB{n}", "date": day(), "supplier_id": "S1", "product_id": product(),
             "quantity": chance.randint(1, 50), "unit_cost": chance.randint(1, 30)}
            for n in range(4)
        ],
        "products": [
            {"product_id": product(), "name": f"New {n}", "category": "C2", "unit": "kg",
             "standard_cost": chance.randint(1, 9)}
            for n in range(2)
        ],
        "customers": [
            {"customer_id": f"c{chance.randrange(45)}", "name": "Epicerie", "segment": "large",
             "country": "FR"}
        ],
        "investments": [
            {"date": day(), "amount": chance.randint(10, 900), "kind": "campaign",
             "channel": "web"}
        ],
        "fx_rates": [
            {"currency": "USD", "date": FIRST + timedelta(days=chance.randrange(60)),
             "rate_to_base": 0.9}
        ],
        "stock_counts": [
            {"date": day(), "warehouse": "W9", "product_id": f"P{n}",
             "quantity": chance.randint(0, 40)}
            for n in range(3)
        ],
    }  # fmt: skip


def write(path: Path, tables: dict[str, list[dict[str, Any]]]) -> list[ImportOptions]:
    """Write one sheet for each table; return what is stated about each."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    stated = []
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        titles = list(rows[0])
        for row in (titles, *([row[title] for title in titles] for row in rows)):
            sheet.append(row)
        columns = {title: title for title in titles}
        stated.append(ImportOptions(sheet=name, mapping=Mapping(name, columns=columns)))
    book.save(path)
    return stated


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seed", range(TIMES))
def test_undo_takes_an_import_out_of_every_metric_and_twice_is_once(
    house: Storehouse, tmp_path: Path, mode: str, seed: int
) -> None:
    chance = Random(f"{mode} {seed}")
    intake = Intake(house.settings, house.catalogue, house.segments)
    path = tmp_path / "all.xlsx"
    tables = rows_of(chance)
    stated = write(path, tables)
    if mode != "append":  # of the sales; the other tables add
        stated[0] = ImportOptions(sheet="sales", mapping=stated[0].mapping, mode=mode)
    before = answers(house)
    reports = intake.run(path, stated)
    assert [report.table for report in reports] == list(tables)
    after = answers(house)
    assert touched(before, after) >= {"net_sales", "gross_margin", "average_inventory"}
    numbers = [report.import_id or 0 for report in reports if report.accepted]
    chance.shuffle(numbers)
    for number in numbers:
        intake.undo(number)
    assert answers(house) == before
    for number in reversed(numbers):
        intake.redo(number)
    assert answers(house) == after
    again = intake.run(path, [ImportOptions(sheet=s.sheet, mapping=s.mapping) for s in stated])
    assert sum(report.accepted for report in again if not TABLES[report.table].dimension) == 0
    assert answers(house) == after
    for report in [*again, *reports]:
        if report.accepted:
            intake.undo(report.import_id or 0)
    assert answers(house) == before


def touched(before: Answers, after: Answers) -> set[str]:
    """Return the metrics of the first question that differ, so that the test says something."""
    ((one,), (other,)) = before[0][-1:], after[0][-1:]
    return {key for key in EVERYTHING if one.get(key) != other.get(key)}
