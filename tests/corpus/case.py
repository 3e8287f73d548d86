"""A file and what must become of it."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl

SALES = ("invoice_id", "date", "product_id", "quantity", "unit_price")
TITLES = ("Invoice", "Date", "Product code", "Quantity", "Unit price")
DAY = dt.date(2025, 3, 31)
ROW = ["F1", DAY, "P1", 2, 10.5]
STORED = "F1|2025-03-31|P1|2|10.5"  # what becomes of it


@dataclass(frozen=True)
class Sheet:
    """What one sheet or table of the file must become.

    Attributes:
        rows: the stored rows, one text each: the values of `fields` joined by `|`.
        reasons: rows set aside, by reason.
        set_aside: number, code and cell of each row set aside.
        warnings: all of them, exactly.
        notes: each must be part of something that is told.
    """

    rows: Sequence[str]
    name: str | None = None
    table: str = "sales"
    fields: Sequence[str] = SALES
    reasons: Mapping[str, int] = field(default_factory=dict)
    set_aside: Sequence[tuple[int, str, str | None]] = ()
    warnings: Mapping[str, int] = field(default_factory=dict)
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Case:
    """An awful file.

    Attributes:
        name: what is awful about it.
        file: its name.
        build: writes it.
        sheets: what is imported, in order; none where it is refused.
        refused: code of the refusal.
        mapping: what a person states, as in a mapping file.
    """

    name: str
    file: str
    build: Callable[[Path], None]
    sheets: Sequence[Sheet] = ()
    refused: str | None = None
    mapping: Mapping[str, Any] | None = None


def text(content: str, encoding: str = "utf-8") -> Callable[[Path], None]:
    """Return a builder of a text file."""

    def build(path: Path) -> None:
        path.write_bytes(content.encode(encoding))

    return build


def workbook(
    rows: Iterable[Sequence[Any]],
    finish: Callable[[Any], None] | None = None,
    title: str = "Feuil1",
) -> Callable[[Path], None]:
    """Return a builder of a workbook of one sheet; `finish` merges, hides and adds to it."""

    def build(path: Path) -> None:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.title = title
        for number, row in enumerate(rows, start=1):
            for place, cell in enumerate(row, start=1):
                if cell is not None:
                    sheet.cell(number, place, cell)
                if isinstance(cell, str) and cell.startswith("#"):
                    sheet.cell(number, place).data_type = "e"
        if finish:
            finish(sheet)
        book.save(path)

    return build
