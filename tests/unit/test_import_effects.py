"""What a preview says of the numbers, and of rows that are stored otherwise: worked out by hand."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.models.query import MetricQuery, Period
from core.repository.warehouse.prepare import duckdb_config
from core.repository.warehouse.stage import SourceFile
from core.repository.warehouse.trial import month_sums
from core.services.ingest import ImportOptions
from core.services.ingest.consequences import Preview
from tests.desk import demo_application
from tests.unit.ingest_home import HEADERS, Desk, line, write_csv

COSTED = (*HEADERS, "Unit cost")
BOUGHT = ("Purchase order", "Date", "Supplier code", "Product code", "Quantity", "Unit cost")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path / "home")
    yield found
    found.close()


def sold(number: int, quantity: float, cost: float | str = 4, **more: Any) -> list[Any]:
    """Return a line at 10.50 with its unit cost."""
    return [*line(number, Quantity=quantity, **more), cost]


def look(desk: Desk, path: Path, **stated: Any) -> Preview:
    return desk.intake.look(path, ImportOptions(**stated))


def months(preview: Preview) -> list[tuple[str, str | None, str | None, str | None, str | None]]:
    """Return month, net sales before and after, gross margin before and after."""
    assert preview.effect is not None
    return [
        (m["month"][:7], m["before"]["net_sales"], m["after"]["net_sales"],
         m["before"]["gross_margin"], m["after"]["gross_margin"])
        for m in preview.effect.as_dict()["months"]
    ]  # fmt: skip


def test_a_first_file_with_a_return(desk: Desk, tmp_path: Path) -> None:
    rows = [sold(1, 10), sold(2, -2), sold(3, 1, Date="2025-04-02", **{"Product code": "P2"})]
    found = look(desk, write_csv(tmp_path / "a.csv", rows, COSTED))
    # March: 8 pieces at 10.50 that cost 4; April: one.
    assert months(found) == [
        ("2025-03", None, "84", None, "52"),
        ("2025-04", None, "10.5", None, "6.5"),
    ]
    assert found.effect is not None
    assert (found.effect.customers, found.effect.products) == (1, 2)
    assert desk.catalogue.imports() == []
    assert desk.segment_files() == []
    assert list(desk.settings.cache.glob("tmp*")) == []


def test_only_months_that_change_are_told(desk: Desk, tmp_path: Path) -> None:
    desk.run(write_csv(tmp_path / "a.csv", [sold(1, 10), sold(2, 1, Date="2025-01-02")], COSTED))
    more = [sold(1, 10), sold(3, 2)]
    found = look(desk, write_csv(tmp_path / "b.csv", more, COSTED))
    assert months(found) == [("2025-03", "105", "126", "65", "78")]
    assert found.effect is not None
    assert (found.effect.customers, found.effect.products) == (0, 0)
    again = look(desk, write_csv(tmp_path / "c.csv", [sold(1, 10)], COSTED))
    assert again.effect is None


def test_a_period_and_the_whole_table(desk: Desk, tmp_path: Path) -> None:
    april = {"Date": "2025-04-02"}
    desk.run(write_csv(tmp_path / "a.csv", [sold(1, 10), sold(2, 1, **april)], COSTED))
    path = write_csv(tmp_path / "b.csv", [sold(5, 4)], COSTED)
    assert months(look(desk, path, mode="period")) == [("2025-03", "105", "42", "65", "26")]
    assert months(look(desk, path, replace=True)) == [
        ("2025-03", "105", "42", "65", "26"),
        ("2025-04", "10.5", None, "6.5", None),
    ]


def test_foreign_money_and_bought_goods(desk: Desk, tmp_path: Path) -> None:
    """A purchase changes the margin of sales whose cost is the moving average."""
    rates = [["2025-03-01", "USD", 0.5]]
    desk.run(write_csv(tmp_path / "r.csv", rates, ("Date", "Currency", "Rate to base")),
             table="fx_rates")  # fmt: skip
    head = (*HEADERS, "Currency")
    rows = [[*line(1, Quantity=10), "EUR"], [*line(2, Quantity=10), "USD"]]
    path = write_csv(tmp_path / "s.csv", rows, head)
    # 105 and 105 dollars at 0.5; nobody knows a cost yet.
    assert months(look(desk, path)) == [("2025-03", None, "157.5", None, None)]
    desk.run(path)
    bought = [["B1", "2025-03-02", "S1", "P1", 100, 3]]
    found = look(desk, write_csv(tmp_path / "p.csv", bought, BOUGHT))
    assert months(found) == [("2025-03", "157.5", "157.5", None, "97.5")]


def test_a_corrected_delivery_beside_what_is_stored(desk: Desk, tmp_path: Path) -> None:
    stored = [sold(1, 10), sold(1, 2, **{"Product code": "P2"}), sold(2, 1), sold(9, 1)]
    desk.run(write_csv(tmp_path / "a.csv", stored, COSTED))
    new = [sold(1, 12), sold(1, 3, **{"Product code": "P7"}), sold(2, 1), sold(3, 1)]
    path = write_csv(tmp_path / "b.csv", new, COSTED)
    found = look(desk, path)
    told = found.sheets[0].differences
    assert told is not None
    counts = {name: told[name] for name in told if name not in {"rows", "effect"}}
    assert counts == {
        "documents": 3, "stored": 2, "differing": 1, "added": 1, "changed": 1, "removed": 1,
    }  # fmt: skip
    shown = [(row["kind"], row["row"], row["changes"].get("quantity")) for row in told["rows"]]
    assert shown == [
        ("changed", 2, ["10", "12"]), ("removed", None, ["2", None]), ("added", 3, [None, "3"]),
    ]  # fmt: skip
    assert told["rows"][0]["key"] == {"invoice_id": "F001"}
    # Kept: only invoice 3 is new. Taken: invoice 1 has 15 pieces instead of 12.
    assert months(found) == [("2025-03", "147", "157.5", "91", "97.5")]
    (month,) = told["effect"]["months"]
    assert (month["after"]["net_sales"], month["after"]["gross_margin"]) == ("189", "117")
    taken = look(desk, path, mode="upsert")
    assert months(taken) == [("2025-03", "147", "189", "91", "117")]
    assert (taken.sheets[0].accepted, taken.sheets[0].already_there) == (3, 1)
    desk.run(path, mode="upsert")
    after = look(desk, path)
    assert after.effect is None
    assert after.sheets[0].differences is not None
    assert after.sheets[0].differences["differing"] == 0


def test_a_bad_row_keeps_its_invoice_out_of_what_is_taken(desk: Desk, tmp_path: Path) -> None:
    desk.run(write_csv(tmp_path / "a.csv", [sold(1, 10), sold(2, 1)], COSTED))
    new = [sold(1, 12), sold(1, "two"), sold(2, 5)]  # type: ignore[arg-type]
    path = write_csv(tmp_path / "b.csv", new, COSTED)
    told = look(desk, path).sheets[0].differences
    assert told is not None
    (month,) = told["effect"]["months"]
    assert month["after"]["net_sales"] == "157.5"  # 10 stored and 5 new pieces
    assert months(look(desk, path, mode="upsert")) == [
        ("2025-03", "115.5", "157.5", "71.5", "97.5")
    ]


def test_payments_and_numbered_lines(desk: Desk, tmp_path: Path) -> None:
    headers = ("Payment id", "Payment date", "Amount", "Currency")
    desk.run(write_csv(tmp_path / "p.csv", [["A", "2025-03-31", 5, "EUR"]], headers))
    found = look(desk, write_csv(tmp_path / "q.csv", [["A", "2025-03-31", 6, "EUR"]], headers))
    assert found.effect is None
    told = found.sheets[0].differences
    assert told is not None
    assert [row["changes"] for row in told["rows"]] == [{"amount": ["5", "6"]}]
    numbered = ("Line no", *COSTED)
    desk.run(write_csv(tmp_path / "n.csv", [[1, *sold(1, 1)], [2, *sold(1, 2)]], numbered))
    moved = [[1, *sold(1, 1, **{"Product code": "P5"})], [2, *sold(1, 2)], [2, *sold(1, 2)]]
    told = look(desk, write_csv(tmp_path / "m.csv", moved, numbered)).sheets[0].differences
    assert told is not None
    assert [(row["kind"], row["changes"]) for row in told["rows"]] == [
        ("changed", {"product_id": ["P1", "P5"]})
    ]


def test_a_file_read_again_is_compared_without_its_import(desk: Desk, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [sold(1, 10)], COSTED)
    first = desk.run(path).import_id or 0
    found = look(desk, path, instead_of=first)
    assert (found.sheets[0].accepted, found.sheets[0].already_there) == (1, 0)
    assert months(found) == []
    second = desk.run(path, instead_of=first)
    assert second.accepted == 1
    assert [record.status.value for record in desk.catalogue.imports()] == ["committed", "undone"]
    assert len(desk.stored()) == 1


def test_the_sums_are_those_of_the_metrics(tmp_path: Path) -> None:
    """Costs rest on all that was ever bought and sold; the lines of one month are read."""
    application = demo_application(tmp_path / "home", 3_000)
    catalogue, segments = application.catalogue, application.segments
    files = [
        SourceFile(s.table_name, segments.path(s.file), s.id or 0, s.import_id, s.derived)
        for s in catalogue.visible_segments()
    ]
    first, last = date(2025, 1, 1), date(2025, 3, 31)
    config = duckdb_config(application.settings)
    found = month_sums(files, first, last, "EUR", config, costs=True)
    asked = MetricQuery(("net_sales", "gross_margin"), ("month",), period=Period(first, last))
    table = application.metrics.ask(asked)
    known = {row["month"]: (row["net_sales"], row["gross_margin"]) for row in table.rows()}
    assert len(known) == 3
    for month, (net_sales, margin) in known.items():
        day = date.fromisoformat(str(month)[:10])
        assert (found[day].net_sales, found[day].gross_margin) == (net_sales, margin)
    application.close()
