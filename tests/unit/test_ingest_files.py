"""Files that are no tables, or no good ones: always an error a person can act on."""

import contextlib
import io
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwt

from core.errors import PicholineError
from tests.unit.ingest_home import HEADERS, Desk, line, write_csv, write_xlsx


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path / "home")
    yield found
    found.close()


def refused(desk: Desk, path: Path, **stated: object) -> PicholineError:
    with pytest.raises(PicholineError) as caught:
        desk.run(path, **stated)
    assert str(caught.value.title)
    assert str(caught.value.remedy)
    assert desk.segment_files() == []
    assert desk.catalogue.imports() == []
    return caught.value


def packed(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.xlsx", b"", "file.empty"),
        ("blank.csv", b"\xef\xbb\xbf \r\n\r\n", "file.empty"),
        ("report.xlsx", b"%PDF-1.7 not a workbook", "file.type"),
        ("photo.csv", b"\x89PNG\r\n\x1a\n....", "file.type"),
        ("page.xls", b"<html><table><tr><td>1</td></tr></table></html>", "file.type"),
        ("old.xls", b"<?xml version='1.0'?><Workbook/>", "file.type"),
        ("noise.csv", bytes(range(256)) * 20, "file.type"),
        ("data.parquet", b"PAR1....", "file.unreadable"),
        ("broken.xlsx", b"PK\x03\x04 and then nothing of a zip", "file.unreadable"),
        ("cut.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "file.type"),
    ],
)
def test_what_is_no_table(desk: Desk, tmp_path: Path, name: str, content: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    error = refused(desk, path)
    assert error.code == code
    assert name in str(error.title)


def test_a_missing_file(desk: Desk, tmp_path: Path) -> None:
    assert refused(desk, tmp_path / "nowhere.xlsx").code == "file.missing"


def test_encrypted_workbooks(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "secret.xlsx"
    stream = "EncryptedPackage".encode("utf-16-le")
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1024 + stream + b"\0" * 512)
    assert refused(desk, path).code == "file.encrypted"
    manifest = b"<manifest:encryption-data/>"
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    members = {"mimetype": kind, "content.xml": b"x", "META-INF/manifest.xml": manifest}
    assert refused(desk, packed(tmp_path / "secret.ods", members)).code == "file.encrypted"


def test_other_documents_in_a_zip(desk: Desk, tmp_path: Path) -> None:
    for name, member in (("a.docx", "word/document.xml"), ("b.pptx", "ppt/slides.xml")):
        assert refused(desk, packed(tmp_path / name, {member: b"x"})).code == "file.type"
    text = {"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"x"}
    assert refused(desk, packed(tmp_path / "c.odt", text)).code == "file.type"


def test_a_packed_bomb_is_refused_before_it_is_opened(desk: Desk, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "bomb.xlsx", [line(1)])
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet9.xml", "w") as stream,
    ):
        for _ in range(250):
            stream.write(b" " * 1_000_000)
    assert refused(desk, path).code == "file.bomb"


def test_a_damaged_sheet(desk: Desk, tmp_path: Path) -> None:
    good = write_xlsx(tmp_path / "good.xlsx", [line(1)])
    with zipfile.ZipFile(good) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    members[sheet] = members[sheet][: len(members[sheet]) // 2]
    error = refused(desk, packed(tmp_path / "cut.xlsx", members))
    assert error.code in {"file.unreadable", "sheet.none"}
    members["xl/workbook.xml"] = b"<workbook"
    assert refused(desk, packed(tmp_path / "book.xlsx", members)).code in {
        "file.unreadable",
        "sheet.none",
    }


def test_a_stray_cell_far_from_the_table(desk: Desk, tmp_path: Path) -> None:
    """Held in memory, the rectangle up to this cell would have 17 thousand million cells."""
    path = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Sales")
        for row, cells in enumerate([HEADERS, line(1)]):
            sheet.write_row(row, 0, cells)
        sheet.write(1_048_575, 16_383, "stray")
    error = refused(desk, path)
    assert error.code == "sheet.far_cells"
    assert "1048576" in str(error.title)


@pytest.mark.parametrize("seed", range(8))
def test_damaged_old_workbooks_never_bring_the_program_down(
    desk: Desk, tmp_path: Path, seed: int, capfd: pytest.CaptureFixture[str]
) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sales")
    for row, cells in enumerate([HEADERS, *map(line, range(40))]):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    path = tmp_path / "old.xls"
    book.save(str(path))
    chance = random.Random(seed)
    content = bytearray(path.read_bytes())
    for _ in range(6):
        content[chance.randrange(512, len(content))] = chance.randrange(256)
    path.write_bytes(content[: chance.choice([len(content), len(content) - 700])])
    with contextlib.suppress(PicholineError):
        desk.run(path)
    assert "panicked" not in capfd.readouterr().err


def test_a_workbook_of_charts_and_empty_sheets(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "charts.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Empty")
        sheet = book.add_chartsheet("Chart")
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=Empty!$A$1:$A$3"})
        sheet.set_chart(chart)
    assert refused(desk, path).code == "sheet.none"


def test_charts_beside_a_table_are_passed_over_and_said(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "both.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Sales")
        for row, cells in enumerate([HEADERS, line(1)]):
            sheet.write_row(row, 0, cells)
        chart_sheet = book.add_chartsheet("Chart")
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=Sales!$D$2:$D$2"})
        chart_sheet.set_chart(chart)
    report = desk.run(path)
    assert (report.accepted, report.warnings["sheet_passed_over"]) == (1, 1)
    assert "Chart" in str(report.notes[-1])


def test_missing_required_columns_are_named(desk: Desk, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "part.csv", [["F1", "2025-03-31"]], ["Invoice", "Invoice date"])
    error = refused(desk, path, table="sales")
    assert error.code == "mapping.required"
    for name in ("Product code", "Quantity", "Unit price"):
        assert name in str(error.title)
    assert "Invoice date" in str(error.remedy)


def test_two_columns_of_the_same_title(desk: Desk, tmp_path: Path) -> None:
    headers = [*HEADERS, "Unit price"]
    path = write_xlsx(tmp_path / "twice.xlsx", [[*line(1), 99]], headers)
    assert refused(desk, path).code == "mapping.duplicate"
    empty = write_xlsx(tmp_path / "once.xlsx", [[*line(1), None]], headers)
    assert desk.run(empty).accepted == 1


def test_titles_that_repeat_without_a_meaning_are_told_apart(desk: Desk, tmp_path: Path) -> None:
    headers = [*HEADERS, "Note", "Note"]
    path = write_xlsx(tmp_path / "notes.xlsx", [[*line(1), "a", "b"]], headers)
    assert desk.run(path).accepted == 1


def test_titles_without_rows(desk: Desk, tmp_path: Path) -> None:
    assert refused(desk, write_xlsx(tmp_path / "head.xlsx", [])).code == "sheet.no_rows"
    assert refused(desk, write_csv(tmp_path / "head.csv", [])).code == "sheet.no_rows"


def test_an_unknown_sheet_names_those_there_are(desk: Desk, tmp_path: Path) -> None:
    error = refused(desk, write_xlsx(tmp_path / "book.xlsx", [line(1)]), sheet="2026")
    assert error.code == "sheet.unknown"
    assert "Ventes" in str(error.remedy)


def test_a_quotation_mark_that_is_never_closed_swallows_nothing(desk: Desk, tmp_path: Path) -> None:
    rows = [line(1), line(2, Country='"France'), line(3), line(4)]
    error = refused(desk, write_csv(tmp_path / "open.csv", rows))
    assert error.code == "text.quotes"
    assert "France" in str(error.title)


def test_uploads_are_kept_under_their_hash(desk: Desk) -> None:
    stored = desk.intake.store(io.BytesIO(b"a;b\n1;2\n"), "C:\\Users\\me\\sales.csv")
    again = desk.intake.store(io.BytesIO(b"a;b\n1;2\n"), "other.csv")
    assert stored.path == again.path == desk.settings.inbox / stored.sha256
    assert stored.file_name == "sales.csv"
    assert [path.name for path in desk.settings.inbox.iterdir()] == [stored.sha256]


def test_uploads_have_a_limit(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "home", max_upload_mb=1)
    with pytest.raises(PicholineError) as caught:
        desk.intake.store(io.BytesIO(b"x" * 1_000_001), "large.csv")
    assert caught.value.code == "file.too_large"
    with pytest.raises(PicholineError):
        desk.intake.store(io.BytesIO(b""), "nothing.csv")
    assert list(desk.settings.inbox.iterdir()) == []
    desk.close()


def test_external_links_and_macros_are_not_followed(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "linked.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(HEADERS))
    sheet.append(line(1, Country='=WEBSERVICE("http://example.invalid/x")'))
    book.save(path)
    report = desk.run(path)
    assert (report.read, report.accepted) == (1, 1)
    assert desk.column("country") == [None]
