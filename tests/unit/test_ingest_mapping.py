"""Which table, which column is which field; mapping files; layouts that are remembered."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.errors import PicholineError
from core.models.schema import TABLES
from core.services.ingest import ImportOptions, Mapping
from core.services.ingest.matching import propose, signature
from core.services.ingest.raw import RawColumn, RawTable, column_letter
from core.services.ingest.targets import targets
from core.services.ingest.vocabulary import countries, line_rules, plain_header, titles, words
from tests.unit.ingest_home import HEADERS, Desk, line, write_csv, write_xlsx


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path / "home")
    yield found
    found.close()


def raw(headers: list[str], *rows: list[str]) -> RawTable:
    columns = [
        RawColumn(header, column_letter(place), pa.chunked_array([[row[place] for row in rows]]))
        if rows
        else RawColumn(header, column_letter(place), pa.chunked_array([pa.array([], pa.string())]))
        for place, header in enumerate(headers)
    ]
    return RawTable("Sheet1", columns, np.arange(2, 2 + len(rows)))


def best(
    headers: list[str], *rows: list[str], name: str = "file.csv"
) -> tuple[str, dict[str, str]]:
    table = raw(headers, *rows)
    proposal = propose(table, ("Sheet1", name))[0]
    return proposal.table, {m.field: table.headers[m.column] for m in proposal.matches}


def test_the_online_shop_by_its_titles_alone() -> None:
    titles_ = ["Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price",
               "Customer ID", "Country"]  # fmt: skip
    assert best(titles_) == (
        "sales",
        {
            "invoice_id": "Invoice", "product_id": "StockCode", "product_name": "Description",
            "quantity": "Quantity", "date": "InvoiceDate", "unit_price": "Price",
            "customer_id": "Customer ID", "country": "Country",
        },
    )  # fmt: skip


def test_the_superstore_by_its_titles_alone() -> None:
    titles_ = ["Row ID", "Order ID", "Order Date", "Ship Date", "Ship Mode", "Customer ID",
               "Customer Name", "Segment", "Country", "City", "State", "Postal Code", "Region",
               "Product ID", "Category", "Sub-Category", "Product Name", "Sales", "Quantity",
               "Discount", "Profit"]  # fmt: skip
    table, found = best(titles_)
    assert table == "sales"
    assert found == {
        "invoice_id": "Order ID", "date": "Order Date", "customer_id": "Customer ID",
        "customer_name": "Customer Name", "segment": "Segment", "country": "Country",
        "city": "City", "postcode": "Postal Code", "product_id": "Product ID",
        "category": "Category", "subcategory": "Sub-Category", "product_name": "Product Name",
        "line_amount": "Sales", "quantity": "Quantity", "discount": "Discount", "profit": "Profit",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "table"),
    [
        (["N° Facture", "Date Facture", "Réf. article", "Qté", "PU HT", "Code client"], "sales"),
        (["Ticket", "Jour", "Code article", "Quantité", "Montant TTC", "Taux TVA"], "sales"),
        (["Code article", "Désignation", "Famille", "Prix public"], "products"),
        (["Code client", "Raison sociale", "Ville", "Pays"], "customers"),
        (["Code fournisseur", "Raison sociale", "Pays", "Délai"], "suppliers"),
        (["N° bon de commande", "Date", "Code fournisseur", "Code article", "Quantité",
          "Prix d'achat"], "purchases"),
        (["Date", "Devise", "Cours"], "fx_rates"),
        (["Mois", "Indicateur", "Objectif"], "budgets"),
        (["Date", "Montant", "Type de dépense", "Pays"], "investments"),
        (["Du", "Au", "Montant", "Nature de dépense"], "investments"),
        (["Date", "Entrepôt", "Code article", "Quantité", "Type de mouvement"], "stock_moves"),
        (["Date d'inventaire", "Entrepôt", "Code article", "Stock"], "stock_counts"),
        (["Date de l'avis", "Produit", "Note", "Commentaire"], "reviews"),
        (["N° règlement", "Date de règlement", "Montant", "Mode de règlement"], "payments"),
        (["Relevé le", "Enseigne", "Article", "Prix relevé"], "competitor_prices"),
    ],
)  # fmt: skip
def test_every_table_is_recognised_by_french_titles(headers: list[str], table: str) -> None:
    assert best(headers)[0] == table


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_recognised_by_its_own_english_labels(table: str) -> None:
    fields = TABLES[table].fields
    labels = [field.label for field in fields]
    assert len(set(labels)) == len(labels)
    found, columns = best(labels)
    assert found == table
    assert {field.key for field in fields if field.required} <= columns.keys()


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("Price each (inc VAT)", "unit_price_incl_vat"),
        ("Unit price, VAT included", "unit_price_incl_vat"),
        ("PV TTC", "unit_price_incl_vat"),
        ("Prix de vente TVA comprise", "unit_price_incl_vat"),
        ("Total (incl. tax)", "line_amount_incl_vat"),
        ("Montant net TTC", "line_amount_incl_vat"),
        ("Prix unitaire HT", "unit_price"),
        ("Price each (excl. VAT)", "unit_price"),
        ("Total HT", "line_amount"),
    ],
)
def test_amounts_with_vat_are_not_taken_for_amounts_without(title: str, field: str) -> None:
    _table, found = best(["Invoice", "Date", "SKU", "Qty", title])
    assert {key: named for key, named in found.items() if named == title} == {field: title}


@pytest.mark.parametrize(
    ("titles_", "cells", "expected"),
    [
        # The name stands beside its code, under the plain word.
        (["Code client", "Client"], ["C1", "Épicerie Martin"],
         {"customer_id": "Code client", "customer_name": "Client"}),
        (["Client", "Code client"], ["Épicerie Martin", "C1"],
         {"customer_id": "Code client", "customer_name": "Client"}),
        # Alone, the plain word is what tells customers apart.
        (["Client"], ["Épicerie Martin"], {"customer_id": "Client"}),
        # A second code is no name.
        (["Code client", "Client"], ["C1", "411000"], {"customer_id": "Code client"}),
        # A bare name is that of the one that has none yet.
        (["Code client", "Nom", "Désignation"], ["C1", "Martin", "Huile"],
         {"customer_id": "Code client", "customer_name": "Nom", "product_name": "Désignation"}),
        (["Code client", "Nom"], ["C1", "Martin"], {"customer_id": "Code client"}),
    ],
)  # fmt: skip
def test_names_beside_codes(titles_: list[str], cells: list[str], expected: dict[str, str]) -> None:
    base = {
        "N° facture": "F1",
        "Date": "31/03/2025",
        "Référence": "P1",
        "Qté": "2",
        "PU HT": "3,50",
    }
    table, found = best([*base, *titles_], [*base.values(), *cells])
    named = ("customer_id", "customer_name", "product_name")
    assert (table, {key: found[key] for key in named if key in found}) == ("sales", expected)


def test_near_names_match_with_less_confidence_and_values_can_forbid_it() -> None:
    headers = ["Invoice", "Date", "Product code", "Quantitty", "Unit price"]
    table = raw(headers, ["F1", "2025-03-31", "P1", "2", "5"])
    proposal = propose(table, ())[0]
    match = {m.field: m for m in proposal.matches}["quantity"]
    assert 0.5 < match.confidence < 0.9
    words_ = raw(headers, ["F1", "2025-03-31", "P1", "two pieces", "5"])
    assert "quantity" in {field.key for field in propose(words_, (), "sales")[0].missing}


def test_a_list_of_dates_and_amounts_is_no_investment() -> None:
    table = raw(["Date", "Montant"], ["2025-03-31", "5"])
    assert propose(table, ())[0].missing
    assert not propose(table, (), "investments")[0].missing


def test_titles_are_compared_without_case_accents_units_and_humps() -> None:
    assert plain_header("InvoiceDate") == plain_header("invoice_date") == "invoice date"
    assert plain_header("Prix Unitaire HT (€)") == "prix unitaire ht"
    assert plain_header("N° Facture") == plain_header("n facture")
    assert plain_header("  Quantité  ") == "quantite"


def test_the_shipped_tables_hold_what_they_promise() -> None:
    for table, fields in titles().items():
        known = {key for name in TABLES for key in targets(name)}
        allowed = known if table == "common" else targets(table).keys()
        assert set(fields) <= set(allowed), table
    known = countries()
    for spelling, code in (("eire", "IE"), ("rsa", "ZA"), ("uk", "GB"), ("usa", "US"),
                           ("royaume uni", "GB"), ("namibia", "NA")):  # fmt: skip
        assert known[spelling] == code
    assert all(len(code) == 2 for code in known.values())
    kinds = {rule.kind for rule in line_rules()}
    assert kinds == {"postage", "fee", "adjustment", "sample"}
    assert len({rule.code for rule in line_rules()}) == len(line_rules())
    assert words("boolean")["oui"] == "yes"


def test_a_mapping_file_says_everything_and_comes_back_equal(tmp_path: Path) -> None:
    stated = Mapping(
        "sales",
        sheet='Ventes "2025"',
        header_row=3,
        columns={"invoice_id": "N° facture", "date": "Date\tde vente"},
        constants={"channel": "export"},
        decimal=",",
        date_order="dmy",
        prices_include_vat=True,
        vat_rate=0.055,
        currency="EUR",
    )
    path = tmp_path / "map.toml"
    path.write_text(stated.to_toml(), encoding="utf-8")
    assert Mapping.load(path) == stated
    assert Mapping.from_dict(stated.as_dict()) == stated


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("table = ", "mapping.unreadable"),
        ("", "mapping.invalid"),
        ('table = "sale"', "mapping.invalid"),
        ('table = "sales"\ncolour = "red"', "mapping.invalid"),
        ('table = "sales"\n[columns]\nprice_of = "x"', "mapping.invalid"),
        ('table = "sales"\ndecimal = ";"', "mapping.invalid"),
        ('table = "sales"\nvat_rate = 20', "mapping.invalid"),
        ('table = "sales"\ncolumns = "x"', "mapping.invalid"),
    ],
)
def test_mapping_files_that_cannot_be_meant(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "map.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PicholineError) as caught:
        Mapping.load(path)
    assert caught.value.code == code
    with pytest.raises(PicholineError):
        Mapping.load(tmp_path / "nowhere.toml")


def test_a_mapping_file_reads_what_no_name_tells(desk: Desk, tmp_path: Path) -> None:
    rows = [["Sales of March", *[""] * 5], ["x1", "31.03.2025", "P1", "1.234", "2", "note"]]
    path = write_csv(tmp_path / "plain.csv", rows, None)
    columns = {"invoice_id": "A", "date": "B", "product_id": "C", "unit_price": "D",
               "quantity": "E"}  # fmt: skip
    stated = Mapping(
        "sales",
        header_row=0,
        columns=columns,
        decimal=",",
        constants={"channel": "export", "country": "Italie"},
        currency="USD",
    )
    report = desk.run(path, mapping=stated)
    assert (report.read, report.accepted) == (2, 1)
    (row,) = desk.stored()
    assert (row["unit_price"], row["channel"], row["country"], row["currency"]) == (
        1234, "export", "IT", "USD",
    )  # fmt: skip
    assert row["_row"] == 2
    other = write_csv(tmp_path / "other.csv", [["2", "P1", "x", "3,5", "y", "z"]], None)
    with pytest.raises(PicholineError):  # another file without titles is another layout
        desk.run(other)


def test_a_mapping_that_names_no_column_of_the_sheet(desk: Desk, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [line(1)])
    fields = ("invoice_id", "date", "product_id", "quantity", "unit_price")
    names = ("Invoice", "Date", "Product code", "Quantity", "Prix")
    columns = dict(zip(fields, names, strict=True))
    with pytest.raises(PicholineError) as caught:
        desk.run(path, mapping=Mapping("sales", columns=columns))
    assert caught.value.code == "mapping.column"
    assert "Unit price" in str(caught.value.remedy)
    bad = Mapping("sales", columns={**columns, "unit_price": "Unit price"},
                  constants={"discount_rate": "much"})  # fmt: skip
    with pytest.raises(PicholineError) as caught:
        desk.run(path, mapping=bad)
    assert caught.value.code == "mapping.constant"


def test_a_layout_is_remembered_by_its_titles(desk: Desk, tmp_path: Path) -> None:
    headers = ["Beleg", "Tag", "Ware", "Menge", "Einzelpreis"]
    row = ["F1", "2025-03-31", "P1", 2, 5]
    first = write_csv(tmp_path / "a.csv", [row], headers)
    with pytest.raises(PicholineError):
        desk.run(first)
    columns = dict(zip(("invoice_id", "date", "product_id", "quantity", "unit_price"), headers,
                       strict=True))  # fmt: skip
    desk.run(first, mapping=Mapping("sales", columns=columns))
    again = write_csv(tmp_path / "b.csv", [["F2", *row[1:]]], headers)
    assert desk.run(again).accepted == 1
    assert desk.catalogue.layout(signature(headers)) is not None
    other = write_csv(tmp_path / "c.csv", [row], [*headers[:4], "Preis"])
    with pytest.raises(PicholineError):
        desk.run(other)


def test_a_dry_run_remembers_nothing(desk: Desk, tmp_path: Path) -> None:
    desk.run(write_csv(tmp_path / "a.csv", [line(1)]), dry_run=True)
    assert desk.catalogue.layout(signature(HEADERS)) is None


def test_options_contradict_each_other(tmp_path: Path) -> None:
    with pytest.raises(PicholineError):
        ImportOptions(table="nothing")
    with pytest.raises(PicholineError):
        ImportOptions(table="products", mapping=Mapping("sales"))
