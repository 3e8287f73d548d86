"""Files made to do harm: each is refused with a reason, or read as what it is, and nothing more."""

import io
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
import xlwt

from core.errors import PicholineError
from core.services.export.quarantine import quarantine_csv, quarantine_workbook
from core.services.ingest import ImportOptions
from core.services.ingest.probe import repeats_long_texts
from core.services.ingest.raw import name_list, unique_headers
from tests.unit.ingest_home import HEADERS, Desk, line, write_csv, write_xlsx

SHEET = "xl/worksheets/sheet1.xml"
_HEAD = ";".join(HEADERS)
_ENTITIES = b"".join(
    b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10 if n else b"lol") for n in range(10)
)
_LAUGHS = b"<!DOCTYPE x [" + _ENTITIES + b"]>"
_OUTSIDE = b'<!DOCTYPE x [<!ENTITY e9 SYSTEM "file:///etc/passwd">]>'


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    found = Desk(tmp_path_factory.mktemp("hostile") / "home")
    yield found
    found.close()


@pytest.fixture
def book(tmp_path: Path) -> dict[str, bytes]:
    """Return the parts of a sound workbook of two lines, whose cells hold their texts."""
    path = write_xlsx(tmp_path / "sound.xlsx", [line(1), line(2)])
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def refusal(desk: Desk, path: Path) -> str:
    before = len(desk.catalogue.imports())
    with pytest.raises(PicholineError) as caught:
        desk.run(path)
    assert str(caught.value.title)
    assert str(caught.value.remedy)
    assert len(desk.catalogue.imports()) == before
    return caught.value.code


# The reader believes the cell, whatever row it stands in and however it is written.
@pytest.mark.parametrize(
    ("put", "code"),
    [
        (b'<c r="XFD1048576"', "sheet.far_cells"),
        (b"<c r='XFD1048576'", "file.unreadable"),
        (b'<x:c r="xfd1048576"', "sheet.far_cells"),
        (b'<c\nr="A4294967295"', "file.unreadable"),
        (b'<c r="A99999999"', "sheet.far_cells"),
        (b'<c r="ZZZZ3"', "sheet.far_cells"),
    ],
)
def test_a_cell_that_claims_to_stand_far_away(
    desk: Desk, tmp_path: Path, book: dict[str, bytes], put: bytes, code: str
) -> None:
    assert b'<c r="A3"' in book[SHEET]
    book[SHEET] = book[SHEET].replace(b'<c r="A3"', put)
    assert refusal(desk, packed(tmp_path / "far.xlsx", book)) == code


def test_a_sheet_that_claims_a_million_rows_has_those_it_has(
    desk: Desk, tmp_path: Path, book: dict[str, bytes]
) -> None:
    assert b'ref="A1:G3"' in book[SHEET]
    book[SHEET] = book[SHEET].replace(b'ref="A1:G3"', b'ref="A1:XFD1048576"')
    assert desk.run(packed(tmp_path / "claims.xlsx", book)).read == 2


@pytest.mark.parametrize("declared", [_LAUGHS, _OUTSIDE], ids=["laughs", "outside"])
def test_entities_are_never_expanded(
    desk: Desk, tmp_path: Path, book: dict[str, bytes], declared: bytes
) -> None:
    """The text of a cell that names one is not read; nothing of a file of the machine is."""
    assert b">F001<" in book[SHEET]
    book[SHEET] = declared + book[SHEET].replace(b">F001<", b">F&e9;<")
    path = packed(tmp_path / "entities.xlsx", book)
    with suppress(PicholineError):  # either is right
        desk.run(path)
    stored = " ".join(str(value) for value in desk.column("invoice_id"))
    assert "root:" not in stored
    assert "lol" not in stored


def test_a_long_text_that_many_cells_name(desk: Desk, tmp_path: Path) -> None:
    """A few kilobytes that would be eight thousand megabytes of cells."""
    path = tmp_path / "marked.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Ventes")
        for row in range(400):
            sheet.write_row(row, 0, ["MARK"] * len(HEADERS) if row else list(HEADERS))
    assert not repeats_long_texts(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    texts = "xl/sharedStrings.xml"
    members[texts] = members[texts].replace(b">MARK<", b">" + b"x" * 3_000_000 + b"<")
    long = packed(tmp_path / "long.xlsx", members)
    assert repeats_long_texts(long)
    assert refusal(desk, long) == "file.unreadable"


def _repeated_number(path: Path) -> None:
    part = pa.table({"Quantity": pa.array([1] * 2_000_000, pa.int8())})
    with pq.ParquetWriter(path, part.schema) as writer:
        for _ in range(35):
            writer.write_table(part)


def _repeated_text(path: Path) -> None:
    once = pa.array(["y" * 1_000_000])
    many = pa.DictionaryArray.from_arrays(pa.array([0] * 10_000, pa.int32()), once)
    pq.write_table(pa.table({"Invoice": many}), path)


def _wide(path: Path) -> None:
    path.write_text(_HEAD + ";x" * 5_000 + "\n" + "1;" * 5_006 + "1\n")


def _inside_out(path: Path) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as inner:
        inner.writestr("sales.csv", _HEAD)
    packed(path, {"more.zip": held.getvalue()})


def _leading_out(path: Path) -> None:
    packed(path, {"../../sales.csv": _HEAD.encode()})


def _no_utf8(path: Path) -> None:
    titles = pa.array([b"caf\xe9", b"th\xe9"]).view(pa.string())  # as old programs write texts
    pq.write_table(pa.table({"Invoice": titles, "Quantity": [1, 2]}), path)


def _page(path: Path) -> None:
    path.write_text("<html><body><table><tr><td>Invoice</td></tr></table></body></html>")


@pytest.mark.parametrize(
    ("name", "build", "code"),
    [
        ("number.parquet", _repeated_number, "file.bomb"),
        ("text.parquet", _repeated_text, "file.bomb"),
        ("wide.csv", _wide, "sheet.wide"),
        ("nested.zip", _inside_out, "file.nested"),
        ("outside.zip", _leading_out, "file.path"),
        ("page.xlsx", _page, "file.type"),
        ("old.parquet", _no_utf8, "file.unreadable"),
    ],
)
def test_what_would_fill_the_memory_or_lead_elsewhere(
    desk: Desk, tmp_path: Path, name: str, build: Callable[[Path], None], code: str
) -> None:
    build(tmp_path / name)
    assert refusal(desk, tmp_path / name) == code


def test_whole_numbers_no_float_can_hold_are_set_aside(desk: Desk, tmp_path: Path) -> None:
    table = pa.table(
        {
            "Invoice": ["N1", "N2"],
            "Date": ["2025-03-31"] * 2,
            "Product code": ["P1"] * 2,
            "Quantity": pa.array([1, -72057594037927933]),
            "Unit price": [1.5, 1.5],
        }
    )
    pq.write_table(table, tmp_path / "numbers.parquet")
    report = desk.run(tmp_path / "numbers.parquet")
    assert (report.accepted, report.reasons) == (1, {"number_out_of_range": 1})


def test_titles_are_short_plain_and_their_own() -> None:
    found = unique_headers(["a", "a", "a (2)", "x\x00\u202ey", "z" * 999, "", ""])
    assert found == ["a", "a (2)", "a (2) (2)", "x y", "z" * 199 + "…", "", ""]
    assert len(unique_headers(["same"] * 16_384)) == len(set(unique_headers(["same"] * 16_384)))
    assert name_list(["b" * 99, "c"], most=1) == "b" * 59 + "… …"


def test_macros_and_links_of_a_workbook_stay_in_the_file(
    desk: Desk, tmp_path: Path, book: dict[str, bytes]
) -> None:
    book["xl/vbaProject.bin"] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + Random(1).randbytes(900)
    book["xl/externalLinks/externalLink1.xml"] = b'<externalLink r:id="http://example.invalid/x"/>'
    path = packed(tmp_path / "macros.xlsm", book)
    looked = desk.intake.preview(path, ImportOptions())[0].as_dict()
    report = desk.run(path)
    assert report.read == 2
    for notes in (looked["notes"], report.as_dict()["notes"]):
        assert any("The workbook holds macros. They were not run" in note for note in notes)


def test_an_older_workbook_is_tried_once_however_often_it_is_opened(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trials: list[str] = []
    really = subprocess.run

    def counted(command: list[str], **how: Any) -> Any:
        trials.append(command[3])
        return really(command, **how)

    monkeypatch.setattr(subprocess, "run", counted)
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sales")
    for number, row in enumerate([HEADERS, line(81), line(82)]):
        for place, cell in enumerate(row):
            sheet.write(number, place, cell)
    sound, damaged = tmp_path / "sound.xls", tmp_path / "damaged.xlsb"
    book.save(str(sound))
    desk.intake.preview(sound, ImportOptions())
    assert desk.run(sound).accepted == 2
    assert trials == [str(sound)]
    with zipfile.ZipFile(damaged, "w") as archive:
        archive.writestr("xl/workbook.bin", b"\x00" * 40)
    told = set()
    for _time in range(2):
        with pytest.raises(PicholineError) as caught:
            desk.intake.preview(damaged, ImportOptions())
        told.add(str(caught.value.title))
    assert len(told) == 1
    assert trials == [str(sound), str(damaged)]


def test_formulas_set_aside_leave_as_texts(desk: Desk, tmp_path: Path) -> None:
    evil = '=HYPERLINK("http://example.invalid")'
    headers = [*HEADERS, "=1+1"]
    path = write_csv(tmp_path / "evil.csv", [[*line(71, Quantity=evil), "@SUM(1)"]], headers, "\t")
    report = desk.run(path)
    assert report.quarantined == 1
    rows = desk.intake.quarantined(report.import_id or 0)
    for language in ("en", "fr"):
        text = quarantine_csv(rows, language)
        cells = [cell.strip('"') for cell in text.replace("\r\n", ";").replace(",", ";").split(";")]
        assert not [cell for cell in cells if cell.startswith(("=", "@", "+"))]
        assert any(cell.startswith("'=") for cell in cells)
        opened = openpyxl.load_workbook(io.BytesIO(quarantine_workbook(rows, language)))
        kinds = {cell.data_type for sheet in opened for row in sheet.iter_rows() for cell in row}
        assert "f" not in kinds
