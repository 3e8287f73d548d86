"""Workbooks made for people: titles over two rows, merged cells, several tables, hidden parts."""

from pathlib import Path
from typing import Any

import openpyxl

from tests.corpus.case import DAY, ROW, SALES, STORED, TITLES, Case, Sheet, workbook

_PRODUCTS = ("product_id", "name", "category")


def _merged_groups(sheet: Any) -> None:
    for cells in ("A1:B1", "C1:D1", "E1:F1"):
        sheet.merge_cells(cells)


def _merged_keys(sheet: Any) -> None:
    for cells in ("A2:A4", "B2:B4", "D2:D3"):
        sheet.merge_cells(cells)


def _merged_title(sheet: Any) -> None:
    sheet.merge_cells("A1:E1")
    sheet.merge_cells("A5:E5")


def _hide(sheet: Any) -> None:
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["C"].hidden = True


def _three_sheets(path: Path) -> None:
    book = openpyxl.Workbook()
    notes = book.active
    assert notes is not None
    notes.title = "Lisez-moi"
    notes.append(["Ce classeur contient les ventes."])
    for title, rows in (
        ("Ventes", [TITLES, ROW]),
        ("Articles", [("Code article", "Désignation", "Famille"), ("P1", "Huile", "Extra")]),
    ):
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    book["Articles"].sheet_state = "hidden"
    book.create_sheet("Vide")
    book.save(path)


CASES = [
    Case(
        "a logo, titles and blank rows and columns before the table",
        "logo.xlsx",
        workbook(
            [
                [],
                ["", "", "Maison Picholine"],
                ["", "", "Ventes"],
                [],
                [None, None, *TITLES],
                [None, None, *ROW],
                [],
                [None, None, "F2", *ROW[1:]],
            ]
        ),
        [
            Sheet(
                [STORED, "F2|2025-03-31|P1|2|10.5"],
                warnings={"missing_customer": 2, "blank_rows": 1},
            )
        ],
    ),
    Case(
        "group titles over the titles, merged",
        "groups.xlsx",
        workbook(
            [
                ["Facture", None, "Produit", None, "Client", None, "Quantité", "Prix unitaire"],
                ["Numéro", "Date", "Code", "Nom", "Code", "Nom", None, None],
                ["F1", DAY, "P1", "Huile", "C1", "Épicerie", 2, 10.5],
            ],
            _merged_groups,
        ),
        [
            Sheet(
                ["F1|2025-03-31|P1|2|10.5|C1"],
                fields=(*SALES, "customer_id"),
                notes=["as in “Facture / Numéro”"],
            )
        ],
        mapping={
            "table": "sales",
            "columns": {
                "invoice_id": "Facture / Numéro",
                "date": "Date",
                "product_id": "Produit / Code",
                "product_name": "Produit / Nom",
                "customer_id": "Client / Code",
                "customer_name": "Client / Nom",
                "quantity": "Quantité",
                "unit_price": "Prix unitaire",
            },
        },
    ),
    Case(
        "a title merged over the whole table is no group title",
        "title.xlsx",
        workbook(
            [["Ventes 2025"], TITLES, ROW, ["F2", *ROW[1:]], ["Prix hors taxes, en euros"]],
            _merged_title,
        ),
        [
            Sheet(
                [STORED, "F2|2025-03-31|P1|2|10.5"],
                warnings={"missing_customer": 2, "notes_under_table": 1},
                notes=["row 5: “Prix hors taxes"],
            )
        ],
    ),
    Case(
        "an invoice merged over its lines; a merged quantity counts once",
        "merged.xlsx",
        workbook(
            [TITLES, ROW, [None, None, "P2", None, 3], [None, None, "P3", 1, 4]], _merged_keys
        ),
        [
            Sheet(
                [STORED, "F1|2025-03-31|P3|1|4"],
                reasons={"required_missing": 1},
                set_aside=[(3, "required_missing", None)],
                warnings={"missing_customer": 2, "merged_cells": 4},
                notes=["Merged cells count for every row they cover: Invoice, Date."],
            )
        ],
    ),
    Case(
        "two tables side by side",
        "beside.xlsx",
        workbook(
            [
                [*TITLES, None, "Product code", "Product name", "Category"],
                [*ROW, None, "P1", "Oil", "Extra"],
                ["F2", *ROW[1:], None, "P2", "Soap", "Care"],
                ["F3", *ROW[1:]],
            ]
        ),
        [
            Sheet(
                [STORED, "F2|2025-03-31|P1|2|10.5", "F3|2025-03-31|P1|2|10.5"],
                name="Feuil1",
                warnings={"missing_customer": 3},
                notes=["rows 1 to 4, columns A to E"],
            ),
            Sheet(
                ["P1|Oil|Extra", "P2|Soap|Care"],
                name="Feuil1 (table 2)",
                table="products",
                fields=_PRODUCTS,
                notes=["rows 1 to 3, columns G to I"],
            ),
        ],
    ),
    Case(
        "two tables side by side that begin in different rows",
        "stairs.xlsx",
        workbook(
            [
                TITLES,
                ROW,
                ["F2", *ROW[1:], None, "Product code", "Product name", "Category"],
                ["F3", *ROW[1:], None, "P1", "Oil", "Extra"],
            ]
        ),
        [
            Sheet(
                [STORED, "F2|2025-03-31|P1|2|10.5", "F3|2025-03-31|P1|2|10.5"],
                warnings={"missing_customer": 3},
            ),
            Sheet(
                ["P1|Oil|Extra"],
                name="Feuil1 (table 2)",
                table="products",
                fields=_PRODUCTS,
                notes=["rows 3 to 4"],
            ),
        ],
    ),
    Case(
        "three tables one below the other, with titles of their own",
        "below.xlsx",
        workbook(
            [
                ["Sales"],
                TITLES,
                ROW,
                [],
                ["Products"],
                ["Product code", "Product name", "Category"],
                ["P1", "Oil", "Extra"],
                [],
                [],
                ["Customer code", "Customer name", "City"],
                ["C1", "Shop", "Lyon"],
                ["C2", "Deli", "Paris"],
            ]
        ),
        [
            Sheet([STORED], warnings={"missing_customer": 1, "blank_rows": 3}),
            Sheet(["P1|Oil|Extra"], name="Feuil1 (table 2)", table="products", fields=_PRODUCTS),
            Sheet(
                ["C1|Shop|Lyon", "C2|Deli|Paris"],
                name="Feuil1 (table 3)",
                table="customers",
                fields=("customer_id", "name", "city"),
                notes=["rows 10 to 12"],
            ),
        ],
    ),
    Case(
        "the same table again after a blank row is one table",
        "again.xlsx",
        workbook([TITLES, ROW, [], TITLES, ["F2", *ROW[1:]]]),
        [
            Sheet(
                [STORED, "F2|2025-03-31|P1|2|10.5"],
                warnings={"missing_customer": 2, "blank_rows": 1, "repeated_headers": 1},
            )
        ],
    ),
    Case(
        "blank spacer columns and rows inside the table",
        "spacers.xlsx",
        workbook(
            [
                ["Invoice", None, "Date", None, "Product code", "Quantity", None, "Unit price"],
                [],
                ["F1", None, DAY, None, "P1", 2, None, 10.5],
            ]
        ),
        [Sheet([STORED], warnings={"missing_customer": 1, "blank_rows": 1})],
    ),
    Case(
        "subtotals and totals in the middle and at the end",
        "totals.xlsx",
        workbook(
            [
                ["Customer", *TITLES],
                ["C1", *ROW],
                ["C1", "Sous-total", None, None, 2, 21],
                ["C2", "F2", *ROW[1:]],
                ["C2", "Sous-total", None, None, 2, 21],
                ["Total général", None, None, None, 4, 42],
            ]
        ),
        [
            Sheet(
                ["F1|2025-03-31|P1|2|10.5|C1", "F2|2025-03-31|P1|2|10.5|C2"],
                fields=(*SALES, "customer_id"),
                warnings={"total_rows": 3},
                notes=["row 3, 5–6"],
            )
        ],
    ),
    Case(
        "hidden rows and columns",
        "hidden.xlsx",
        workbook([TITLES, ROW, ["F2", *ROW[1:]]], _hide),
        [
            Sheet(
                [STORED, "F2|2025-03-31|P1|2|10.5"],
                warnings={"missing_customer": 2, "hidden_rows": 1, "hidden_columns": 1},
                notes=["Hidden rows were read like the others: 3", "others: Product code"],
            )
        ],
    ),
    Case(
        "a sheet of notes, a hidden sheet and an empty one",
        "sheets.xlsx",
        _three_sheets,
        [
            Sheet(
                [STORED], name="Ventes", warnings={"missing_customer": 1, "sheet_passed_over": 2}
            ),
            Sheet(
                ["P1|Huile|Extra"],
                name="Articles",
                table="products",
                fields=_PRODUCTS,
                warnings={"hidden_sheet": 1, "sheet_passed_over": 2},
                notes=["“Lisez-moi” holds no table", "“Vide” is empty"],
            ),
        ],
    ),
]
