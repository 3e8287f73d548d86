"""Sound files that are mutated: those of the corpus, and small ones of every format."""

import io
import re
import zipfile
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from tests.corpus import cell_values, crosstabs, formats, sheets, text_files
from tests.corpus.xlsb import write_xlsb
from tests.fuzz.packed import members_of, packed

FORMATS = ("ods", "xls", "xlsb", "xlsx", "xlsm", "csv", "tsv", "zip", "parquet")
TITLES = ("Invoice", "Date", "Product code", "Quantity", "Unit price", "Customer", "Country")
_ROWS = 24
_TAKEN = {".ods": "ods", ".xls": "xls", ".xlsb": "xlsb", ".xlsx": "xlsx", ".xlsm": "xlsm",
          ".csv": "csv", ".txt": "csv", ".tsv": "tsv", ".zip": "zip",
          ".parquet": "parquet"}  # fmt: skip
_MOMENT = re.compile(rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d")
_LARGEST = 400_000  # bytes of a seed: the work is in the mutating, not in the reading


@cache
def seeds() -> dict[str, list[bytes]]:
    """Return the sound files of every format."""
    found: dict[str, list[bytes]] = {name: [] for name in FORMATS}
    with TemporaryDirectory() as folder:
        for build in (_ods, _xls, _xlsb):
            path = Path(folder) / f"seed.{build.__name__[1:]}"
            build(path)
            found[path.suffix[1:]].append(path.read_bytes())
        for case in (
            *text_files.CASES,
            *sheets.CASES,
            *cell_values.CASES,
            *crosstabs.CASES,
            *formats.CASES,
        ):
            path = Path(folder) / Path(case.file).name
            kind = _TAKEN.get(path.suffix)
            if kind is None or case.refused:
                continue
            case.build(path)
            if path.stat().st_size <= _LARGEST:
                found[kind].append(path.read_bytes())
    found["xlsx"].append(_xlsx())
    found["xlsm"].append(_with_macros(_xlsx()))
    found["csv"] += [_text(";", name) for name in ("utf-8", "utf-8-sig", "cp1252", "utf-16")]
    found["tsv"] += [_text("\t", "utf-8"), _text("\t", "utf-16-le")]
    found["zip"].append(_zipped())
    found["parquet"].append(_parquet())
    return {kind: [_undated(data) for data in files] for kind, files in found.items()}


def _undated(data: bytes) -> bytes:
    """Return a workbook without the moment it was written, so that it is always the same."""
    if not data.startswith(b"PK"):
        return data
    return packed(
        [
            (name, _undated(_MOMENT.sub(b"2025-01-01T00:00:00", content)))
            for name, content in members_of(data)
        ]
    )


def _lines() -> list[list[str | float]]:
    return [
        [f"F{n:03}", f"2025-03-{n + 1:02}", f"P{n % 5}", 1 + n % 3, 10.5 + n, f"C{n % 7}", "France"]
        for n in range(_ROWS)
    ]


def _xlsx() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (list(TITLES), *_lines()):
        sheet.append(row)
    sheet.merge_cells("F3:F4")
    sheet.row_dimensions[5].hidden = True
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def _with_macros(book: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(held, "w") as new:
        for name in old.namelist():
            content = old.read(name).replace(
                b"spreadsheetml.sheet.main+xml", b"sheet.macroEnabled.main+xml"
            )
            new.writestr(name, content)
        new.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"AutoOpen" * 64)
    return held.getvalue()


def _xls(path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Ventes")
    for place, cells in enumerate((list(TITLES), *_lines())):
        for column, cell in enumerate(cells):
            sheet.write(place, column, cell)
    sheet.write_merge(30, 31, 0, 2, "note")
    book.save(str(path))


def _xlsb(path: Path) -> None:
    write_xlsb(path, [list(TITLES), *_lines()])


def _ods(path: Path) -> None:
    document = OpenDocumentSpreadsheet()
    table = Table(name="Ventes")
    for cells in (list(TITLES), *_lines()):
        row = TableRow()
        for cell in cells:
            if isinstance(cell, str):
                made = TableCell(valuetype="string")
                made.addElement(P(text=cell))
            else:
                made = TableCell(valuetype="float", value=str(cell))
            row.addElement(made)
        table.addElement(row)
    document.spreadsheet.addElement(table)  # type: ignore[attr-defined]
    document.save(str(path))


def _text(separator: str, encoding: str) -> bytes:
    rows = [separator.join(map(str, row)) for row in (TITLES, *_lines())]
    return ("\r\n".join(rows) + "\r\n").encode(encoding)


def _zipped() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ventes.csv", _text(";", "cp1252"))
        archive.writestr("more/sales.xlsx", _xlsx())
    return held.getvalue()


def _parquet() -> bytes:
    held = io.BytesIO()
    columns = list(zip(*_lines(), strict=True))
    table = pa.table(dict(zip(TITLES, map(pa.array, columns), strict=True)))
    pq.write_table(table, held, row_group_size=10)
    return held.getvalue()
