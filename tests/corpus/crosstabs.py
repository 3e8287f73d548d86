"""Tables for people to look at: months, years and countries stand as columns."""

import datetime as dt
from typing import Any

from tests.corpus.case import Case, Sheet, text, workbook

_BUDGET = ("month", "metric", "value")


def _merge(*ranges: str) -> Any:
    def finish(sheet: Any) -> None:
        for cells in ranges:
            sheet.merge_cells(cells)

    return finish


CASES = [
    Case(
        "months as columns, French, with a total column and a total row",
        "budget.csv",
        text(
            "Indicateur;janv. 2025;févr. 2025;mars 2025;Total\n"
            "Chiffre d'affaires;1 000,50;2 000;;3 000,50\nMarge;(100,25);200;300;399,75\n"
            "Total;900,25;2 200;300;3 400,25\n"
        ),
        [
            Sheet(
                [
                    "2025-01-01|Chiffre d'affaires|1000.5",
                    "2025-02-01|Chiffre d'affaires|2000",
                    "2025-01-01|Marge|-100.25",
                    "2025-02-01|Marge|200",
                    "2025-03-01|Marge|300",
                ],
                table="budgets",
                fields=_BUDGET,
                warnings={"total_rows": 1},
                notes=[
                    "3 columns became rows: janv. 2025 to mars 2025",
                    "row 4",
                    "left out: Total",
                ],
            )
        ],
    ),
    Case(
        "quarters as columns, with a year that adds them up",
        "quarters.csv",
        text(
            "Indicateur;T1 2025;T2 2025;2025-Q3;4e trimestre 2025;2025\n"
            "Chiffre d'affaires;1 000,50;2 000;;3 000,50;6 001\n"
        ),
        [
            Sheet(
                [
                    "2025-01-01|Chiffre d'affaires|1000.5",
                    "2025-04-01|Chiffre d'affaires|2000",
                    "2025-10-01|Chiffre d'affaires|3000.5",
                ],
                table="budgets",
                fields=_BUDGET,
                notes=[
                    "4 columns became rows: T1 2025 to 4e trimestre 2025",
                    "A quarter counts as its first day",
                    "left out: 2025",
                ],
            )
        ],
    ),
    Case(
        "quarters without a year, which the line above the titles names",
        "plan.xlsx",
        workbook(
            [["Budget 2026"], [], ["Metric", "Q1", "Q2"], ["Net sales", 10, 20.5]]
        ),
        [
            Sheet(
                ["2026-01-01|Net sales|10", "2026-04-01|Net sales|20.5"],
                table="budgets",
                fields=_BUDGET,
                notes=["Months without a year belong to 2026"],
            )
        ],
    ),
    Case(
        "months without a year, which the line above the titles names",
        "plan.xlsx",
        workbook(
            [
                ["Budget 2026"],
                [],
                ["Metric", "Country", "Jan", "Feb", "Mar", "Q1"],
                ["Net sales", "France", 10, 20.5, None, 30.5],
                ["Net sales", "Italie", 1, None, "3,5", 4.5],
            ]
        ),
        [
            Sheet(
                [
                    "2026-01-01|Net sales|10|FR",
                    "2026-02-01|Net sales|20.5|FR",
                    "2026-01-01|Net sales|1|IT",
                    "2026-03-01|Net sales|3.5|IT",
                ],
                table="budgets",
                fields=(*_BUDGET, "country"),
                notes=["Months without a year belong to 2026", "left out: Q1"],
            )
        ],
    ),
    Case(
        "months without a year, which the file's name tells",
        "objectifs 2025.csv",
        text("Indicateur;Janvier;Février\nCA;5;6\n"),
        [
            Sheet(
                ["2025-01-01|CA|5", "2025-02-01|CA|6"],
                table="budgets",
                fields=_BUDGET,
                notes=["belong to 2025"],
            )
        ],
    ),
    Case(
        "months of a year that nothing names",
        "someday.csv",
        text("Indicateur;Janvier;Février\nCA;5;6\n"),
        refused="layout.year",
    ),
    Case(
        "months of a year that a person states",
        "stated.csv",
        text("Indicateur;Janvier;Février\nCA;5;6\n"),
        [
            Sheet(
                ["2024-01-01|CA|5", "2024-02-01|CA|6"],
                table="budgets",
                fields=_BUDGET,
                notes=["belong to 2024"],
            )
        ],
        mapping={
            "table": "budgets",
            "layout": {"year": 2024},
            "columns": {"month": "Date", "metric": "Indicateur", "value": "Value"},
        },
    ),
    Case(
        "dates as titles, formatted as months",
        "dated.xlsx",
        workbook([["Metric", dt.date(2025, 1, 1), dt.date(2025, 2, 1)], ["Net sales", 7, 8.25]]),
        [
            Sheet(
                ["2025-01-01|Net sales|7", "2025-02-01|Net sales|8.25"],
                table="budgets",
                fields=_BUDGET,
            )
        ],
    ),
    Case(
        "years merged over months: titles in two rows",
        "years.xlsx",
        workbook(
            [
                ["Metric", "2025", None, "2026", None],
                [None, "Nov", "Dec", "Jan", "Feb"],
                ["Net sales", 1, 2, 3, 4],
            ],
            _merge("B1:C1", "D1:E1", "A1:A2"),
        ),
        [
            Sheet(
                [
                    "2025-11-01|Net sales|1",
                    "2025-12-01|Net sales|2",
                    "2026-01-01|Net sales|3",
                    "2026-02-01|Net sales|4",
                ],
                table="budgets",
                fields=_BUDGET,
                notes=["put together, as in “2025 / Nov”"],
            )
        ],
    ),
    Case(
        "two measures under every month",
        "measures.xlsx",
        workbook(
            [
                ["Product code", "Warehouse", "2025-01", None, "2025-02", None],
                [None, None, "Quantity", "Note", "Quantity", "Note"],
                ["P1", "LYON", 5, "1", 6, "2"],
            ],
            _merge("C1:D1", "E1:F1"),
        ),
        [
            Sheet(
                ["2025-01-01|LYON|P1|5", "2025-02-01|LYON|P1|6"],
                table="stock_counts",
                fields=("date", "warehouse", "product_id", "quantity"),
            )
        ],
        mapping={
            "table": "stock_counts",
            "columns": {
                "date": "Date",
                "warehouse": "Warehouse",
                "product_id": "Product code",
                "quantity": "Quantity",
            },
        },
    ),
    Case(
        "a plan by category, whose metric only its title names",
        "plan.csv",
        text("Budget CA 2025;;\n;;\nFamille;Janv.;Févr.\nHuiles;10;20\nSavons;1;\n"),
        [
            Sheet(
                [
                    "2025-01-01|net_sales|10|Huiles",
                    "2025-02-01|net_sales|20|Huiles",
                    "2025-01-01|net_sales|1|Savons",
                ],
                table="budgets",
                fields=(*_BUDGET, "category"),
                notes=["“Budget CA 2025” was taken to mean net_sales"],
            )
        ],
    ),
    Case(
        "years as columns",
        "long.csv",
        text("Type de dépense;2023;2024;2025\nSalon;100;;300\nPublicité;1;2;3\n"),
        [
            Sheet(
                [
                    "2023-01-01|100|Salon",
                    "2025-01-01|300|Salon",
                    "2023-01-01|1|Publicité",
                    "2024-01-01|2|Publicité",
                    "2025-01-01|3|Publicité",
                ],
                table="investments",
                fields=("date", "amount", "kind"),
                notes=["A year counts as its 1 January"],
            )
        ],
        mapping={
            "table": "investments",
            "columns": {"date": "Date", "amount": "Value", "kind": "Type de dépense"},
        },
    ),
    Case(
        "countries as columns",
        "countries.csv",
        text("Mois;Indicateur;France;Allemagne;Royaume-Uni\n2025-03;CA;1;2;\n2025-04;CA;4;5;6\n"),
        [
            Sheet(
                [
                    "2025-03-01|CA|1|FR",
                    "2025-03-01|CA|2|DE",
                    "2025-04-01|CA|4|FR",
                    "2025-04-01|CA|5|DE",
                    "2025-04-01|CA|6|GB",
                ],
                table="budgets",
                fields=(*_BUDGET, "country"),
            )
        ],
    ),
    Case(
        "warehouses as columns, which a person names",
        "depots.csv",
        text("Date;Code article;LYON;PARIS\n2025-03-31;P1;5;6\n"),
        [
            Sheet(
                ["2025-03-31|LYON|P1|5", "2025-03-31|PARIS|P1|6"],
                table="stock_counts",
                fields=("date", "warehouse", "product_id", "quantity"),
            )
        ],
        mapping={
            "table": "stock_counts",
            "layout": {"columns": ["LYON", "PARIS"], "title": "Entrepôt"},
            "columns": {
                "date": "Date",
                "product_id": "Code article",
                "warehouse": "Entrepôt",
                "quantity": "Value",
            },
        },
    ),
    Case(
        "an error and a text among the numbers of a cross-tab",
        "broken.xlsx",
        workbook(
            [["Metric", "Jan 2025", "Feb 2025"], ["Net sales", "#N/A", 2], ["Margin", "soon", 4]]
        ),
        [
            Sheet(
                ["2025-02-01|Net sales|2", "2025-02-01|Margin|4"],
                table="budgets",
                fields=_BUDGET,
                reasons={"error_cell": 1, "not_a_number": 1},
                set_aside=[(2, "error_cell", "#N/A"), (3, "not_a_number", "soon")],
            )
        ],
    ),
    Case(
        "years merged over months over measures: titles in three rows",
        "three.xlsx",
        workbook(
            [
                ["Product code", "Warehouse", 2024, None, None, None, 2025, None],
                [None, None, "Nov", None, "Déc", None, "Janv", None],
                [None, None, "Quantity", "Value", "Quantity", "Value", "Quantity", "Value"],
                ["P1", "LYON", 1, 10, 2, 20, 3, 30],
                ["P2", "LYON", 4, 40, None, None, 6, 60],
            ],
            _merge("A1:A3", "B1:B3", "C1:F1", "G1:H1", "C2:D2", "E2:F2", "G2:H2"),
        ),
        [
            Sheet(
                [
                    "2024-11-01|LYON|P1|1",
                    "2024-12-01|LYON|P1|2",
                    "2025-01-01|LYON|P1|3",
                    "2024-11-01|LYON|P2|4",
                    "2025-01-01|LYON|P2|6",
                ],
                table="stock_counts",
                fields=("date", "warehouse", "product_id", "quantity"),
                notes=[
                    "stand in 3 rows and were put together, as in “2024 / Nov / Quantity”",
                    "6 columns became rows: 2024 / Nov / Quantity to 2025 / Janv / Value",
                ],
            )
        ],
        mapping={
            "table": "stock_counts",
            "columns": {"date": "Date", "warehouse": "Warehouse", "product_id": "Product code",
                        "quantity": "Quantity"},
        },
    ),
]  # fmt: skip
