"""The sample workbooks that ship: made here, so that anyone can see what they hold.

`python -m tests.samples` writes them to `data/samples` again.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from xlsxwriter import Workbook

FOLDER = Path(__file__).resolve().parents[1] / "data" / "samples"
CLEAN = "picholine-sales.xlsx"
FRENCH = "picholine-ventes.xlsx"
Cell = str | float | int | date | None

PRODUCTS = (
    ("HUI-001", "Huile vierge extra Picholine 500 ml", "Olive oil", 9.90, 5.40),
    ("HUI-002", "Huile vierge extra Picholine 3 L", "Olive oil", 46.00, 29.50),
    ("HUI-003", "Huile AOP Nyons 500 ml", "Olive oil", 17.50, 10.20),
    ("OLI-001", "Olives Lucques 200 g", "Olives", 5.80, 2.90),
    ("OLI-002", "Olives cassées AOP 400 g", "Olives", 8.40, 4.60),
    ("TAP-001", "Tapenade noire 130 g", "Spreads", 4.90, 1.95),
)
FAMILIES = {"Olive oil": "Huiles", "Olives": "Olives", "Spreads": "Tartinables"}
CUSTOMERS = (
    ("C-101", "FR", "Delicatessen"),
    ("C-102", "DE", "Grocery"),
    ("C-103", "BE", "Restaurant"),
    ("C-104", "CH", "Delicatessen"),
    ("C-105", "GB", "Web shop"),
)
FIRST_DAY = date(2024, 10, 1)
INVOICES = 60
RETURNED = 17  # every 17th invoice is a credit note


def clean_rows() -> Iterator[tuple[Cell, ...]]:
    """Return the header and the lines of the clean workbook: every line is acceptable."""
    yield ("Invoice", "Line", "Date", "Product code", "Product name", "Category", "Quantity",
           "Unit price", "Unit cost", "Customer code", "Country", "Channel")  # fmt: skip
    chance = Random(2024)
    for number in range(1, INVOICES + 1):
        day = FIRST_DAY + timedelta(days=6 * (number - 1) + chance.randrange(4))
        customer, country, channel = CUSTOMERS[number % len(CUSTOMERS)]
        sign = -1 if number % RETURNED == 0 else 1
        for line, product in enumerate(chance.sample(PRODUCTS, chance.randint(1, 3)), 1):
            code, name, category, price, cost = product
            pieces = sign * chance.randint(1, 4) * 6
            yield (f"F-{number:04d}", line, day, code, name, category, pieces, price, cost,
                   customer, country, channel)  # fmt: skip


def french_rows() -> Iterator[tuple[Cell, ...]]:
    """Return a French export as it comes out of an old till: text everywhere, two bad lines."""
    yield ("Maison Picholine – Journal des ventes",)
    yield ("Édité le 02/07/2025 par la comptabilité",)
    yield ()
    yield ("N° facture", "Date", "Réf. article", "Désignation", "Famille", "Qté", "P.U. HT",
           "Remise", "Client", "Pays")  # fmt: skip
    chance = Random(2025)
    countries = ("France", "Allemagne", "Belgique", "Suisse", "Royaume-Uni")
    for number in range(1, 31):
        day = date(2025, 5, 2) + timedelta(days=2 * number)
        customer = CUSTOMERS[number % len(CUSTOMERS)][0]
        for line, product in enumerate(chance.sample(PRODUCTS, 2), 1):
            code, name, category, price, _cost = product
            pieces: Cell = str(chance.randint(1, 5) * 6)
            when = f"{day:%d/%m/%Y}"
            if (number, line) == (9, 1):
                pieces = "à confirmer"
            if (number, line) == (21, 2):
                when = "31/06/2025"
            cut = "5 %" if number % 4 == 0 else ""
            money = f"{price:.2f} €".replace(".", ",")
            yield (f"V25{number:04d}", when, code, name, FAMILIES[category], pieces, money, cut,
                   customer, countries[number % len(countries)])  # fmt: skip
        if number == 15:
            yield ()
    yield ("Total général", "", "", "", "", "", "", "", "", "")


def write(path: Path, sheet: str, rows: Iterator[tuple[Cell, ...]], first: int = 0) -> None:
    """Write rows to a workbook; dates are real dates, texts stay texts."""
    with Workbook(str(path)) as book:
        book.set_properties({"created": datetime(2025, 7, 2, tzinfo=UTC).replace(tzinfo=None)})
        page = book.add_worksheet(sheet)
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        for index, row in enumerate(rows):
            for place, value in enumerate(row):
                if isinstance(value, date):
                    page.write_datetime(index, place, value, day)
                elif isinstance(value, str) and value:
                    page.write_string(index, place, value, bold if index == first else None)
                elif isinstance(value, int | float):
                    page.write_number(index, place, value)
        page.set_column(0, 11, 14)
        page.freeze_panes(first + 1, 0)


def build(folder: Path = FOLDER) -> list[Path]:
    """Write both samples and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / CLEAN, "Sales", clean_rows())
    write(folder / FRENCH, "Journal", french_rows(), first=3)
    return [folder / CLEAN, folder / FRENCH]


if __name__ == "__main__":
    build()
