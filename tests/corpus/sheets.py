"""Workbooks made for people: titles over two rows, merged cells, several tables, hidden parts."""

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter

from tests.corpus.case import SALES, TITLES, Case, Sheet, workbook

_DAY = dt.date(2025, 3, 31)
_ROW = ["F1", _DAY, "P1", 2, 10.5]
_STORED = "F1|2025-03-31|P1|2|10.5"
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


def _mac(path: Path) -> None:
    with xlsxwriter.Workbook(path, {"date_1904": True}) as book:
        sheet = book.add_worksheet("Ventes")
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, TITLES)
        sheet.write_row(1, 0, _ROW[:1])
        sheet.write(1, 1, _DAY, day)
        sheet.write_row(1, 2, _ROW[2:])
        sheet.write_row(2, 0, ["F2", 45747 - 1462, "P1", 1, 1])


def _three_sheets(path: Path) -> None:
    book = openpyxl.Workbook()
    notes = book.active
    assert notes is not None
    notes.title = "Lisez-moi"
    notes.append(["Ce classeur contient les ventes."])
    for title, rows in (
        ("Ventes", [TITLES, _ROW]),
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
                [None, None, *_ROW],
                [],
                [None, None, "F2", *_ROW[1:]],
            ]
        ),
        [
            Sheet(
                [_STORED, "F2|2025-03-31|P1|2|10.5"],
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
                ["F1", _DAY, "P1", "Huile", "C1", "Épicerie", 2, 10.5],
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
            [["Ventes 2025"], TITLES, _ROW, ["F2", *_ROW[1:]], ["Prix hors taxes, en euros"]],
            _merged_title,
        ),
        [
            Sheet(
                [_STORED, "F2|2025-03-31|P1|2|10.5"],
                warnings={"missing_customer": 2, "notes_under_table": 1},
                notes=["row 5: “Prix hors taxes"],
            )
        ],
    ),
    Case(
        "an invoice merged over its lines; a merged quantity counts once",
        "merged.xlsx",
        workbook(
            [TITLES, _ROW, [None, None, "P2", None, 3], [None, None, "P3", 1, 4]], _merged_keys
        ),
        [
            Sheet(
                [_STORED, "F1|2025-03-31|P3|1|4"],
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
                [*_ROW, None, "P1", "Oil", "Extra"],
                ["F2", *_ROW[1:], None, "P2", "Soap", "Care"],
                ["F3", *_ROW[1:]],
            ]
        ),
        [
            Sheet(
                [_STORED, "F2|2025-03-31|P1|2|10.5", "F3|2025-03-31|P1|2|10.5"],
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
                _ROW,
                ["F2", *_ROW[1:], None, "Product code", "Product name", "Category"],
                ["F3", *_ROW[1:], None, "P1", "Oil", "Extra"],
            ]
        ),
        [
            Sheet(
                [_STORED, "F2|2025-03-31|P1|2|10.5", "F3|2025-03-31|P1|2|10.5"],
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
                _ROW,
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
            Sheet([_STORED], warnings={"missing_customer": 1, "blank_rows": 3}),
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
        workbook([TITLES, _ROW, [], TITLES, ["F2", *_ROW[1:]]]),
        [
            Sheet(
                [_STORED, "F2|2025-03-31|P1|2|10.5"],
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
                ["F1", None, _DAY, None, "P1", 2, None, 10.5],
            ]
        ),
        [Sheet([_STORED], warnings={"missing_customer": 1, "blank_rows": 1})],
    ),
    Case(
        "subtotals and totals in the middle and at the end",
        "totals.xlsx",
        workbook(
            [
                ["Customer", *TITLES],
                ["C1", *_ROW],
                ["C1", "Sous-total", None, None, 2, 21],
                ["C2", "F2", *_ROW[1:]],
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
        workbook([TITLES, _ROW, ["F2", *_ROW[1:]]], _hide),
        [
            Sheet(
                [_STORED, "F2|2025-03-31|P1|2|10.5"],
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
                [_STORED], name="Ventes", warnings={"missing_customer": 1, "sheet_passed_over": 2}
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
    Case(
        "the calendar of 1904, as a date and as a number",
        "mac.xlsx",
        _mac,
        [Sheet([_STORED, "F2|2025-03-31|P1|1|1"], warnings={"missing_customer": 2})],
    ),
    Case(
        "dates as dates, serial numbers and texts in one column",
        "serials.xlsx",
        workbook(
            [
                TITLES,
                _ROW,
                ["F2", 45747, "P1", 1, 1],
                ["F3", "31/03/2025", "P1", 1, 1],
                ["F4", "31 mars 2025", "P1", 1, 1],
            ]
        ),
        [
            Sheet(
                [f"F{n}|2025-03-31" for n in (1, 2, 3, 4)],
                fields=("invoice_id", "date"),
                warnings={"missing_customer": 4},
            )
        ],
    ),
    Case(
        "numbers as numbers and as French texts in one column",
        "numbers.xlsx",
        workbook(
            [TITLES, _ROW, ["F2", _DAY, "P1", "1 234,5", "(10,25)"], ["F3", _DAY, "P1", "1,250", 7]]
        ),
        [
            Sheet(
                ["F1|2|10.5", "F2|1234.5|-10.25", "F3|1.25|7"],
                fields=("invoice_id", "quantity", "unit_price"),
                warnings={"missing_customer": 3, "negative_price": 1},
            )
        ],
    ),
    Case(
        "error cells, in a column that is read and in one that is not",
        "errors.xlsx",
        workbook(
            [
                [*TITLES, "Remark"],
                [*_ROW, "#REF!"],
                ["F2", _DAY, "#N/A", 1, 1],
                ["F3", _DAY, "P1", "#DIV/0!", 1],
            ]
        ),
        [
            Sheet(
                [_STORED],
                reasons={"error_cell": 2},
                set_aside=[(3, "error_cell", "#N/A"), (4, "error_cell", "#DIV/0!")],
                warnings={"missing_customer": 1},
            )
        ],
    ),
    Case(
        "codes as numbers and as texts with leading zeros",
        "codes.xlsx",
        workbook([TITLES, [1001, _DAY, 3760123456789, 1, 1], ["0007", _DAY, "00076", 1, 1]]),
        [
            Sheet(
                ["1001|2025-03-31|3760123456789|1|1", "0007|2025-03-31|00076|1|1"],
                warnings={"missing_customer": 2},
            )
        ],
    ),
    Case(
        "yes and no in both languages",
        "consent.xlsx",
        workbook(
            [
                ["Customer code", "Customer name", "Consent"],
                ["C1", "A", "oui"],
                ["C2", "B", "No"],
                ["C3", "C", True],
                ["C4", "D", "vrai"],
                ["C5", "E", "maybe"],
            ]
        ),
        [
            Sheet(
                ["C1|True", "C2|False", "C3|True", "C4|True"],
                table="customers",
                fields=("customer_id", "consent"),
                reasons={"not_a_boolean": 1},
                set_aside=[(6, "not_a_boolean", "maybe")],
            )
        ],
    ),
    Case(
        "groups over groups over titles: three rows, the last of them the real ones",
        "groups.xlsx",
        workbook(
            [
                ["Document", None, "Article", None, None],
                ["Facture", None, "Fiche", "Valeurs", None],
                ["N°", "Date", "Code", "Qté", "PU HT"],
                ["F1", "2025-03-31", "P1", 2, 10.5],
                ["F1", "2025-03-31", "P2", 1, 4],
            ],
            lambda sheet: [sheet.merge_cells(c) for c in ("A1:B1", "C1:E1", "A2:B2", "D2:E2")],
        ),
        [
            Sheet(
                ["F1|2025-03-31|P1|2|10.5", "F1|2025-03-31|P2|1|4"],
                warnings={"missing_customer": 2},
                notes=["stand in 3 rows and were put together, as in “Document / Facture / N°”"],
            )
        ],
    ),
]
