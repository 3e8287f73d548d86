"""Files that say from when their rows are valid: read in both languages, kept side by side."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from core.models.query import MetricQuery
from core.models.schema import TABLES
from core.repository.warehouse import Warehouse
from core.services.metrics import Metrics
from tests.unit.ingest_home import Desk, line, write_csv, write_xlsx

ENGLISH = ("Product code", "Product name", "Category", "Valid from")
FRENCH = ("Code article", "Désignation", "Famille", "Valable à partir du")
ROWS: list[list[Any]] = [
    ["P1", "Huile", "Oil", None], ["P1", None, "Gifts", "01/04/2025"],
    ["P2", "Savon", "Soap", "15/03/2025"],
]  # fmt: skip
CLIENTS = ("Code client", "Raison sociale", "Segment", "Date d'effet")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path / "home", threads=2)
    yield found
    found.close()


def split(desk: Desk, dimension: str) -> dict[Any, Any]:
    warehouse = Warehouse(desk.settings, desk.catalogue, desk.segments)
    metrics = Metrics(desk.settings, desk.catalogue, warehouse)
    rows = metrics.ask(MetricQuery(("net_sales",), (dimension,))).rows()
    warehouse.close()
    return {row[dimension]: row["net_sales"] for row in rows}


@pytest.mark.parametrize("headers", [ENGLISH, FRENCH])
def test_rows_of_one_product_stand_side_by_side(
    desk: Desk, tmp_path: Path, headers: tuple[str, ...]
) -> None:
    path = write_csv(tmp_path / "produits.csv", ROWS, headers)
    report = desk.run(path)
    assert (report.accepted, report.already_there) == (3, 0)
    assert "valid_from" in TABLES["products"].natural_key
    assert desk.column("valid_from", "products") == [None, date(2025, 4, 1), date(2025, 3, 15)]
    again = desk.run(path)
    assert (again.accepted, again.already_there) == (0, 3)
    more = [*ROWS, ["P1", None, "Bulk", "01/05/2025"], ["P1", None, "Presents", "01/04/2025"]]
    longer = desk.run(write_csv(tmp_path / "plus.csv", more, headers))
    # The row of 1 April came with another category later in the file: it updates that day.
    assert (longer.accepted, longer.already_there) == (3, 2)


def test_a_day_that_cannot_be_read_costs_the_row_not_the_history(
    desk: Desk, tmp_path: Path
) -> None:
    rows = [*ROWS, ["P1", None, "Wrong", "soon"]]
    report = desk.run(write_csv(tmp_path / "produits.csv", rows, ENGLISH))
    assert (report.accepted, report.quarantined) == (3, 1)


def test_a_book_of_master_data_and_sales_answers_by_then_and_today(
    desk: Desk, tmp_path: Path
) -> None:
    desk.run(write_csv(tmp_path / "produits.csv", ROWS, FRENCH))
    clients = [["C1", "Un", "Shop", "01/01/2025"], ["C1", "Un", "Chain", "01/04/2025"]]
    assert desk.run(write_csv(tmp_path / "clients.csv", clients, CLIENTS)).accepted == 2
    days = ("2025-03-31", "2025-04-01", "2025-04-02")
    sold = [line(n, Date=day) for n, day in enumerate(days)]
    sold.append(line(9, Date="2025-03-14", **{"Product code": "P2", "Customer": None}))
    desk.run(write_xlsx(tmp_path / "ventes.xlsx", sold))
    assert split(desk, "category_then") == {"Oil": 21, "Gifts": 42, None: 21}
    assert split(desk, "category") == {"Gifts": 63, "Soap": 21}
    assert split(desk, "segment_then") == {"Shop": 21, "Chain": 42, None: 21}
    assert split(desk, "segment") == {"Chain": 63, None: 21}


def test_segments_written_before_there_were_days(desk: Desk, tmp_path: Path) -> None:
    """A home of an earlier version: its segments lack the column, alone and beside new ones."""
    report = desk.run(write_csv(tmp_path / "produits.csv", [ROWS[0][:3]], FRENCH[:3]))
    (old,) = (desk.segments.path(s.file) for s in desk.catalogue.visible_segments("products"))
    pq.write_table(pq.read_table(old).drop_columns(["valid_from"]), old)
    desk.run(write_xlsx(tmp_path / "ventes.xlsx", [line(1), line(2, Date="2025-04-01")]))
    assert split(desk, "category_then") == {"Oil": 42}
    new = desk.run(write_csv(tmp_path / "suite.csv", ROWS[:2], FRENCH))
    assert (new.accepted, new.already_there) == (1, 1)
    assert split(desk, "category_then") == {"Oil": 21, "Gifts": 21}
    desk.intake.undo(new.import_id or 0)
    assert split(desk, "category_then") == {"Oil": 42}
    desk.intake.redo(new.import_id or 0)
    assert split(desk, "category_then") == {"Oil": 21, "Gifts": 21}
    assert report.accepted == 1


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (("01/01/2025", "01/04/2025"), (date(2025, 1, 1), date(2025, 4, 1))),
        (("10/01/2024", "04/01/2025"), (date(2024, 10, 1), date(2025, 4, 1))),
        (("01/12/2024", "01/01/2099"), (date(2024, 12, 1), date(2099, 1, 1))),
        # Neither order makes all of them first days of months.
        (("05/04/2025", "01/01/2099"), (date(2025, 4, 5), date(2099, 1, 1))),
        (("15/04/2024", "01/05/2025"), (date(2024, 4, 15), date(2025, 5, 1))),
    ],
)
def test_changes_are_dated_by_first_days_of_months(
    desk: Desk, tmp_path: Path, written: tuple[str, str], read: tuple[date, date]
) -> None:
    rows = [["C1", "Un", "Shop", written[0]], ["C1", "Un", "Chain", written[1]]]
    desk.run(write_csv(tmp_path / "clients.csv", rows, CLIENTS))
    assert desk.column("valid_from", "customers") == list(read)
