"""Text tables as exports write them: encodings, signs, dates, furniture."""

from tests.corpus.case import Case, Sheet, text

_HEAD = "Invoice;Date;Product code;Quantity;Unit price\n"
_ONE = "F1;2025-03-31;P1;2;10.5\n"
_STORED = "F1|2025-03-31|P1|2|10.5"

CASES = [
    Case(
        "UTF-16 with a mark, tabs and accents",
        "é.tsv",
        text(
            "N° facture\tDate\tRéférence\tQuantité\tPrix unitaire HT\tPays\n"
            "F1\t31/03/2025\tHUÎLE\t2\t10,5\tGrèce\n",
            "utf-16",
        ),
        [
            Sheet(
                ["F1|2025-03-31|HUÎLE|2|10.5|GR"],
                fields=("invoice_id", "date", "product_id", "quantity", "unit_price", "country"),
                warnings={"missing_customer": 1},
            )
        ],
    ),
    Case(
        "UTF-16 without a mark",
        "bare.csv",
        text(_HEAD + _ONE, "utf-16-le"),
        [Sheet([_STORED], warnings={"missing_customer": 1})],
    ),
    Case(
        "windows-1252 with the euro sign and œ",
        "western.csv",
        text(
            "N° facture;Date;Référence;Quantité;Prix unitaire HT;Désignation\n"
            "F1;31/03/2025;P1;2;1 234,56 €;Cœur d’huile\n",
            "cp1252",
        ),
        [Sheet(["F1|2025-03-31|P1|2|1234.56"], warnings={"missing_customer": 1})],
    ),
    Case(
        "a title, a blank line, a total and notes around the table",
        "report.csv",
        text(
            "Sales of March;;;;\n;;;;\n" + _HEAD + _ONE + "Total;;;2;21\n;;;;\n"
            "Source: export of the till;;;;\n* prices without VAT;;;;\n"
        ),
        [
            Sheet(
                [_STORED],
                warnings={
                    "missing_customer": 1,
                    "blank_rows": 1,
                    "total_rows": 1,
                    "notes_under_table": 2,
                },
                notes=["row 5", "row 7: “Source: export of the till”", "prices without VAT"],
            )
        ],
    ),
    Case(
        "titles repeated after every page",
        "pages.csv",
        text(_HEAD + _ONE + _HEAD + _ONE.replace("F1", "F2")),
        [
            Sheet(
                [_STORED, "F2|2025-03-31|P1|2|10.5"],
                warnings={"missing_customer": 2, "repeated_headers": 1},
            )
        ],
    ),
    Case(
        "subtotals between the lines, in a column of their own as well",
        "subtotals.csv",
        text(
            "Region;Invoice;Date;Product code;Quantity;Unit price\n"
            "Paris;F1;2025-03-31;P1;2;10.5\nParis Total;;;;2;21\n"
            "Lyon;F2;2025-03-31;P1;1;10.5\nSous-total Lyon;;;;1;10.5\nTotal général;;;;3;31.5\n"
        ),
        [
            Sheet(
                [_STORED, "F2|2025-03-31|P1|1|10.5"],
                warnings={"missing_customer": 2, "total_rows": 3},
                notes=["row 3, 5–6"],
            )
        ],
    ),
    Case(
        "a French column and an English one in the same file",
        "both.csv",
        text(
            "Invoice;Date;Product code;Quantity;Unit price\nF1;2025-03-31;P1;1,5;1,234.50\n"
            "F2;2025-03-31;P1;2,25;2,000.75\n"
        ),
        [
            Sheet(
                ["F1|2025-03-31|P1|1.5|1234.5", "F2|2025-03-31|P1|2.25|2000.75"],
                warnings={"missing_customer": 2},
            )
        ],
    ),
    Case(
        "brackets, trailing minus, spaces of every kind, signs of currency",
        "signs.csv",
        text(
            _HEAD + "F1;2025-03-31;P1;(1 234,56);10,5 €\nF2;2025-03-31;P1;5,00-;EUR 1\u202f000,25\n"
            "F3;2025-03-31;P1;\u22122,5;1\u00a0234,5\nF4;2025-03-31;P1;- 3,0; $ 7,25 \n"
        ),
        [
            Sheet(
                [
                    "F1|2025-03-31|P1|-1234.56|10.5",
                    "F2|2025-03-31|P1|-5|1000.25",
                    "F3|2025-03-31|P1|-2.5|1234.5",
                    "F4|2025-03-31|P1|-3|7.25",
                ],
                warnings={"missing_customer": 4},
            )
        ],
    ),
    Case(
        "rates as percentages in one column, as fractions in another",
        "rates.csv",
        text(
            "Invoice;Date;Product code;Quantity;Unit price;Discount rate;VAT rate\n"
            "F1;2025-03-31;P1;2;10,5;12,5 %;0,055\nF2;2025-03-31;P1;2;10,5;;0,2\n"
        ),
        [
            Sheet(
                ["F1|0.125|0.055", "F2||0.2"],
                fields=("invoice_id", "discount_rate", "vat_rate"),
                warnings={"missing_customer": 2},
            )
        ],
    ),
    Case(
        "dates in five forms; one of them proves the order",
        "dates.csv",
        text(
            _HEAD + "F1;03/04/2025;P1;1;1\nF2;25/03/2025;P1;1;1\nF3;2025-04-03;P1;1;1\n"
            "F4;31 mars 2025;P1;1;1\nF5;45750;P1;1;1\nF6;3-avr-25;P1;1;1\n"
        ),
        [
            Sheet(
                [
                    "F1|2025-04-03",
                    "F2|2025-03-25",
                    "F3|2025-04-03",
                    "F4|2025-03-31",
                    "F5|2025-04-03",
                    "F6|2025-04-03",
                ],
                fields=("invoice_id", "date"),
                warnings={"missing_customer": 6},
            )
        ],
    ),
    Case(
        "dates of which nothing proves the order",
        "order.csv",
        text(_HEAD + "F1;03/04/2025;P1;1;1\nF2;05/04/2025;P1;1;1\n"),
        [
            Sheet(
                ["F1|2025-04-03", "F2|2025-04-05"],
                fields=("invoice_id", "date"),
                warnings={"missing_customer": 2, "date_order_assumed": 2},
                notes=["Dates of Date were read as day/month/year"],
            )
        ],
    ),
    Case(
        "a row of units under the titles",
        "units.csv",
        text(
            "N° facture;Date;Code article;Quantité;Prix unitaire;TVA %\n"
            ";jj/mm/aaaa;;(kg);€ TTC;%\n"
            "F1;25/03/2025;P1;2;12;20\nF2;26/03/2025;P1;1,5;6;20\n"
        ),
        [
            Sheet(
                ["F1|2025-03-25|2|10", "F2|2025-03-26|1.5|5"],
                fields=("invoice_id", "date", "quantity", "unit_price"),
                warnings={"missing_customer": 2, "percent_assumed": 2, "units_row": 1},
                notes=["Row 2 holds units and was left out: Date jj/mm/aaaa, Quantité (kg)"],
            )
        ],
    ),
    Case(
        "one date against many that prove the order: it alone is set aside",
        "slip.csv",
        text(
            _HEAD
            + "".join(f"F{day};{day}/03/2025;P1;1;1\n" for day in range(12, 32))
            + "F32;13/04/2025;P1;1;1\nF33;12/25/2024;P1;1;1\nF34;03/04/2025;P1;1;1\n"
        ),
        [
            Sheet(
                [
                    *(f"F{day}|2025-03-{day}" for day in range(12, 32)),
                    "F32|2025-04-13",
                    "F34|2025-04-03",
                ],
                fields=("invoice_id", "date"),
                reasons={"contrary_date": 1},
                set_aside=[(23, "contrary_date", "12/25/2024")],
                warnings={"missing_customer": 22},
            )
        ],
    ),
    Case(
        "dates in both orders: what reads both ways is set aside",
        "mixed.csv",
        text(_HEAD + "F1;25/03/2025;P1;1;1\nF2;03/25/2025;P1;1;1\nF3;03/04/2025;P1;1;1\n"),
        [
            Sheet(
                ["F1|2025-03-25", "F2|2025-03-25"],
                fields=("invoice_id", "date"),
                reasons={"ambiguous_date": 1},
                set_aside=[(4, "ambiguous_date", "03/04/2025")],
                warnings={"missing_customer": 2},
            )
        ],
    ),
    Case(
        "leading zeros and codes longer than a number holds",
        "codes.csv",
        text(
            _HEAD + "000123;2025-03-31;0076;1;1\n9007199254740993;2025-03-31;3760123456789012345;"
            "1;1\n"
        ),
        [
            Sheet(
                [
                    "000123|2025-03-31|0076|1|1",
                    "9007199254740993|2025-03-31|3760123456789012345|1|1",
                ],
                warnings={"missing_customer": 2},
            )
        ],
    ),
    Case(
        "errors of a spreadsheet, in two languages",
        "errors.csv",
        text(
            _HEAD + _ONE + "F2;#N/A;P1;1;1\nF3;2025-03-31;P1;#VALEUR!;1\nF4;2025-03-31;P1;1;#REF!\n"
        ),
        [
            Sheet(
                [_STORED],
                reasons={"error_cell": 3},
                set_aside=[
                    (3, "error_cell", "#N/A"),
                    (4, "error_cell", "#VALEUR!"),
                    (5, "error_cell", "#REF!"),
                ],
                warnings={"missing_customer": 1},
            )
        ],
    ),
    Case(
        "two tables, one below the other, the second under a title",
        "two.csv",
        text(_HEAD + _ONE + "\nOur products\nProduct code;Product name;Category\nP1;Oil;Extra\n"),
        [
            Sheet(
                [_STORED],
                name="two",
                warnings={"missing_customer": 1, "blank_rows": 1},
                notes=["Table 1 of 2 in this sheet: rows 1 to 2, columns A to E."],
            ),
            Sheet(
                ["P1|Oil|Extra"],
                name="two (table 2)",
                table="products",
                fields=("product_id", "name", "category"),
                notes=["rows 5 to 6, columns A to C"],
            ),
        ],
    ),
    Case(
        "blank columns between the columns",
        "spaced.csv",
        text("Invoice;;Date;;Product code;Quantity;Unit price\nF1;;2025-03-31;;P1;2;10.5\n"),
        [Sheet([_STORED], warnings={"missing_customer": 1})],
    ),
    Case(
        "separators, quotation marks and line breaks inside cells",
        "quoted.csv",
        text(
            "sep=;\n" + _HEAD.strip() + ";Description\n"
            'F1;2025-03-31;"A;1";2;10,5;"Oil ""first""\ncold"\n'
        ),
        [Sheet(["F1|2025-03-31|A;1|2|10.5"], warnings={"missing_customer": 1})],
    ),
    Case(
        "a pipe as separator and no line end after the last row",
        "pipe.txt",
        text((_HEAD + _ONE).replace(";", "|").rstrip()),
        [Sheet([_STORED], warnings={"missing_customer": 1})],
    ),
    Case(
        "rows with cells too many and too few",
        "ragged.csv",
        text(
            _HEAD
            + _ONE
            + "F2;2025-03-31;P1;2;10.5;more\nF3;2025-03-31;P1\n"
            + "F4;2025-03-31;P1;2;10.5\n"
        ),
        [
            Sheet(
                [_STORED, "F4|2025-03-31|P1|2|10.5"],
                reasons={"too_many_cells": 1, "required_missing": 1},
                set_aside=[(3, "too_many_cells", "more"), (4, "required_missing", "")],
                warnings={"missing_customer": 2},
            )
        ],
    ),
    Case(
        "a quotation mark that is never closed",
        "open.csv",
        text(_HEAD + 'F1;2025-03-31;"P1;2;10.5\n' + _ONE * 3),
        refused="text.quotes",
    ),
]
