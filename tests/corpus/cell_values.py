"""Cells of workbooks as people fill them: dates, numbers, codes, errors, yes and no."""

from pathlib import Path
from typing import Any

import xlsxwriter

from tests.corpus.case import DAY, ROW, STORED, TITLES, Case, Sheet, workbook


def _mac(path: Path) -> None:
    with xlsxwriter.Workbook(path, {"date_1904": True}) as book:
        sheet = book.add_worksheet("Ventes")
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, TITLES)
        sheet.write_row(1, 0, ROW[:1])
        sheet.write(1, 1, DAY, day)
        sheet.write_row(1, 2, ROW[2:])
        sheet.write_row(2, 0, ["F2", 45747 - 1462, "P1", 1, 1])


def _merged_twice(sheet: Any) -> None:
    for cells in ("A1:B1", "C1:E1", "A2:B2", "D2:E2"):
        sheet.merge_cells(cells)


CASES = [
    Case(
        "the calendar of 1904, as a date and as a number",
        "mac.xlsx",
        _mac,
        [Sheet([STORED, "F2|2025-03-31|P1|1|1"], warnings={"missing_customer": 2})],
    ),
    Case(
        "dates as dates, serial numbers and texts in one column",
        "serials.xlsx",
        workbook(
            [
                TITLES,
                ROW,
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
            [TITLES, ROW, ["F2", DAY, "P1", "1 234,5", "(10,25)"], ["F3", DAY, "P1", "1,250", 7]]
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
                [*ROW, "#REF!"],
                ["F2", DAY, "#N/A", 1, 1],
                ["F3", DAY, "P1", "#DIV/0!", 1],
            ]
        ),
        [
            Sheet(
                [STORED],
                reasons={"error_cell": 2},
                set_aside=[(3, "error_cell", "#N/A"), (4, "error_cell", "#DIV/0!")],
                warnings={"missing_customer": 1},
            )
        ],
    ),
    Case(
        "codes as numbers and as texts with leading zeros",
        "codes.xlsx",
        workbook([TITLES, [1001, DAY, 3760123456789, 1, 1], ["0007", DAY, "00076", 1, 1]]),
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
            _merged_twice,
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
