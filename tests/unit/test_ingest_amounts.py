"""Line amounts, discounts, VAT and margins become price, discount and cost; the net stays exact."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import PicholineError
from core.services.ingest import Mapping
from tests.unit.ingest_home import Desk, line, write_csv

SIX = Decimal("0.000001")
HEAD = ["Invoice", "Date", "Product code", "Quantity"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path / "home")
    yield found
    found.close()


def rows_of(cells: list[list[Any]]) -> list[list[Any]]:
    return [[f"F{n}", "2025-03-31", "P1", *row] for n, row in enumerate(cells)]


def net(row: dict[str, Any]) -> Decimal:
    """Return a line's signed net amount by the definitions: gross, less discount."""
    gross = abs(row["quantity"]) * row["unit_price"]
    gross = gross.quantize(SIX, ROUND_HALF_UP)
    discount = row["discount_amount"]
    if discount is None:
        discount = (gross * (row["discount_rate"] or 0)).quantize(SIX, ROUND_HALF_UP)
    if row["quantity"] < 0:
        return -(gross - abs(discount))
    return gross - discount


def test_line_amount_after_discount_and_profit(desk: Desk, tmp_path: Path) -> None:
    headers = [*HEAD, "Sales", "Discount", "Profit"]
    cells = [[3, "731.94", 0, "219.582"], [5, "957.5775", 0.45, "-383.031"], [7, 100, 0.2, 10]]
    desk.run(write_csv(tmp_path / "s.csv", rows_of(cells), headers, separator=","))
    found = desk.stored()
    assert [net(row) for row in found] == [Decimal("731.94"), Decimal("957.5775"), Decimal(100)]
    assert found[0]["unit_price"] == Decimal("243.98")
    assert found[1]["unit_price"] == Decimal("348.210")
    costs = [row["quantity"] * row["unit_cost"] for row in found]
    for cost, expected in zip(costs, ("512.358", "1340.6085", "90"), strict=True):
        assert abs(cost - Decimal(expected)) < Decimal("0.00001")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.decimals("-9999", "9999", places=2).filter(lambda q: abs(q) >= Decimal("0.01")),
            st.decimals("-99999", "99999", places=4),
            st.sampled_from(["0", "0.1", "0.45", "0.333", "1", ""]),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_the_net_amount_is_what_the_file_says(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[Decimal, Decimal, str]]
) -> None:
    folder = tmp_path_factory.mktemp("net")
    desk = Desk(folder / "home")
    headers = [*HEAD, "Line amount", "Discount rate"]
    desk.run(write_csv(folder / "s.csv", rows_of([list(row) for row in cells]), headers))
    found = desk.stored()
    assert [net(row) for row in found] == [amount for _, amount, _ in cells]
    for row in found:
        if row["quantity"] < 0 and row["discount_amount"] is not None:
            assert row["discount_amount"] >= 0
    desk.close()


def test_discounts_that_say_what_they_are(desk: Desk, tmp_path: Path) -> None:
    headers = [*HEAD, "Unit price", "Discount amount"]
    desk.run(write_csv(tmp_path / "a.csv", rows_of([[2, 10, 5]]), headers))
    assert net(desk.stored()[0]) == 15


def test_a_discount_that_may_be_either_is_refused(desk: Desk, tmp_path: Path) -> None:
    headers = [*HEAD, "Unit price", "Remise"]
    path = write_csv(tmp_path / "a.csv", rows_of([[2, 10, 5], [1, 10, 20]]), headers)
    with pytest.raises(PicholineError) as caught:
        desk.run(path)
    assert caught.value.code == "mapping.discount"
    stated = Mapping("sales", columns={"invoice_id": "Invoice", "date": "Date",
                     "product_id": "Product code", "quantity": "Quantity",
                     "unit_price": "Unit price", "discount_rate": "Remise"})  # fmt: skip
    report = desk.run(path, mapping=stated)
    assert report.warnings["percent_assumed"] == 2
    assert [net(row) for row in desk.stored()] == [19, 8]


@pytest.mark.parametrize(("amounts", "rate"), [(("19", "8"), "0.05"), (("15", "-10"), None)])
def test_the_line_amount_shows_what_a_discount_is(
    desk: Desk, tmp_path: Path, amounts: tuple[str, str], rate: str | None
) -> None:
    headers = [*HEAD, "Unit price", "Discount", "Line amount"]
    cells = [[2, 10, 5, amounts[0]], [1, 10, 20, amounts[1]]]
    report = desk.run(write_csv(tmp_path / "a.csv", rows_of(cells), headers))
    assert "amount_differs" not in report.warnings
    assert desk.column("discount_rate")[0] == (None if rate is None else Decimal(rate))
    assert [net(row) for row in desk.stored()] == [Decimal(amount) for amount in amounts]


def test_a_line_amount_that_contradicts_the_price_is_said(desk: Desk, tmp_path: Path) -> None:
    headers = [*HEAD, "Unit price", "Line amount"]
    report = desk.run(write_csv(tmp_path / "a.csv", rows_of([[2, 10, 20], [2, 10, 18]]), headers))
    assert report.warnings["amount_differs"] == 1


def test_vat_is_taken_out(desk: Desk, tmp_path: Path) -> None:
    headers = [*HEAD, "Prix unitaire TTC", "Taux TVA"]
    cells = [[1, 12, "20 %"], [1, "10,55", "5,5 %"], [1, 12, ""]]
    report = desk.run(write_csv(tmp_path / "a.csv", rows_of(cells), headers))
    assert desk.column("unit_price") == [10, 10]
    assert report.reasons == {"vat_missing": 1}
    assert desk.quarantined(report)[0]["_column"] == "Prix unitaire TTC (E)"


def test_a_rate_for_the_whole_file(desk: Desk, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [line(1, **{"Unit price": 12})])
    desk.run(path, prices_include_vat=True, vat_rate=0.2)
    assert desk.column("unit_price") == [10]
    assert desk.column("vat_rate") == [Decimal("0.2")]


def test_an_amount_without_quantity_is_set_aside(desk: Desk, tmp_path: Path) -> None:
    headers = [*HEAD, "Line amount"]
    report = desk.run(write_csv(tmp_path / "a.csv", rows_of([[0, 5], [0, 0], [1, 5]]), headers))
    assert report.reasons == {"quantity_zero_amount": 1}
    assert report.accepted == 2


@pytest.mark.parametrize(
    ("code", "description", "kind"),
    [
        ("POST", "POSTAGE", "postage"),
        ("POST", None, "postage"),
        ("POSTCARD", "Card", "product"),
        ("post", "Card", "product"),
        ("D", "Discount", "adjustment"),
        ("D", "Dessert wine", "product"),
        ("M", "Manual", "adjustment"),
        ("m", "Manual", "adjustment"),
        ("S", "SAMPLES", "sample"),
        ("S", "Soap", "product"),
        ("C2", "CARRIAGE", "postage"),
        ("C2", "Candle", "product"),
        ("DOT", "DOTCOM POSTAGE", "postage"),
        ("BANK CHARGES", "Bank Charges", "fee"),
        ("AMAZONFEE", "AMAZON FEE", "fee"),
        ("CRUK", "CRUK Commission", "fee"),
        ("B", "Adjust bad debt", "adjustment"),
        ("PADS", "PADS TO MATCH ALL CUSHIONS", "sample"),
        ("DCGSSGIRL", "GIRLS PARTY BAG", "product"),
        ("gift_0001_20", "Gift Voucher £20.00", "product"),
        ("22423", "REGENCY CAKESTAND", "product"),
        ("FDP", "Frais de port", "postage"),
    ],
)
def test_kinds_of_lines(
    desk: Desk, tmp_path: Path, code: str, description: str | None, kind: str
) -> None:
    headers = [*HEAD, "Unit price", "Description"]
    rows = [["F1", "2025-03-31", code, 1, 5, description]]
    desk.run(write_csv(tmp_path / "a.csv", rows, headers))
    assert desk.column("line_kind") == [kind]


def test_a_stated_kind_wins_and_an_unknown_one_is_said(desk: Desk, tmp_path: Path) -> None:
    headers = [*HEAD, "Unit price", "Line kind"]
    rows = [["F1", "2025-03-31", "POST", 1, 5, kind] for kind in ("produit", "", "strange")]
    report = desk.run(write_csv(tmp_path / "a.csv", rows, headers))
    assert desk.column("line_kind") == ["product", "postage", "postage"]
    assert report.warnings["unknown_line_kind"] == 1


def test_products_and_customers_are_derived_from_sales(desk: Desk, tmp_path: Path) -> None:
    headers = [*HEAD, "Unit price", "Description", "Category", "Customer code", "Customer name"]
    named = [("P1", "Oil", "A"), ("P1", "Oil", "A"), ("P1", "oil??", "B"), ("P2", "b", None),
             ("P2", "a", None), ("P3", None, None), ("POST", "Postage", None)]  # fmt: skip
    rows = [["F1", "2025-03-31", code, 1, 5, name, category, "C1", "Épicerie"]
            for code, name, category in named]  # fmt: skip
    desk.run(write_csv(tmp_path / "a.csv", rows, headers))
    products = {
        row["product_id"]: (row["name"], row["category"]) for row in desk.stored("products")
    }
    assert products == {"P1": ("Oil", "A"), "P2": ("a", None), "P3": (None, None)}
    assert desk.column("name", "customers") == ["Épicerie"]
    segments = desk.catalogue.visible_segments()
    assert {s.table_name: s.derived for s in segments} == {
        "sales": False, "products": True, "customers": True,
    }  # fmt: skip
    desk.intake.undo(1)
    assert desk.catalogue.visible_segments() == []
