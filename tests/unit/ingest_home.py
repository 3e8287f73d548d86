"""An intake on a home folder of its own, and small files to bring in."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq

from core.repository.catalogue import Catalogue
from core.repository.segments import SegmentStore
from core.services.ingest import ImportOptions, ImportReport, Intake
from core.settings import Settings

HEADERS = ("Invoice", "Date", "Product code", "Quantity", "Unit price", "Customer", "Country")


class Desk:
    """An intake with its store."""

    def __init__(self, folder: Path, **stated: Any) -> None:
        self.settings = Settings(home=folder, **stated)
        self.settings.create_home()
        self.catalogue = Catalogue(self.settings.catalogue_url)
        self.catalogue.create()
        self.segments = SegmentStore(self.settings.segments)
        self.intake = Intake(self.settings, self.catalogue, self.segments)

    def run(self, path: Path, **stated: Any) -> ImportReport:
        reports = self.intake.run(path, ImportOptions(**stated))
        assert len(reports) == 1, [report.sheet for report in reports]
        return reports[0]

    def stored(self, table: str = "sales") -> list[dict[str, Any]]:
        """Return the visible rows of a table, in the order they were stored."""
        files = [self.segments.path(s.file) for s in self.catalogue.visible_segments(table)]
        return [row for file in files for row in pq.read_table(file).to_pylist()]

    def column(self, name: str, table: str = "sales") -> list[Any]:
        return [row[name] for row in self.stored(table)]

    def quarantined(self, report: ImportReport) -> list[dict[str, Any]]:
        assert report.import_id is not None
        return self.intake.quarantined(report.import_id).to_pylist()

    def segment_files(self) -> list[Path]:
        return sorted(self.settings.segments.rglob("*.parquet"))

    def close(self) -> None:
        self.catalogue.engine.dispose()


def line(number: int, **changes: Any) -> list[Any]:
    """Return the cells of a sound sales line under `HEADERS`."""
    cells = {
        "Invoice": f"F{number:03}",
        "Date": "2025-03-31",
        "Product code": "P1",
        "Quantity": 2,
        "Unit price": 10.5,
        "Customer": "C1",
        "Country": "France",
    }
    cells.update(changes)
    return list(cells.values())


def write_xlsx(
    path: Path, rows: Iterable[Sequence[Any]], headers: Sequence[Any] | None = HEADERS
) -> Path:
    """Write one sheet; errors such as `#N/A` become error cells."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Ventes"
    for row in [*([headers] if headers else []), *rows]:
        sheet.append(list(row))
    for cells in sheet.iter_rows():
        for cell in cells:
            if isinstance(cell.value, str) and cell.value.startswith("#") and len(cell.value) < 8:
                cell.data_type = "e"
    book.save(path)
    return path


def write_csv(
    path: Path,
    rows: Iterable[Sequence[Any]],
    headers: Sequence[Any] | None = HEADERS,
    separator: str = ";",
    encoding: str = "utf-8",
) -> Path:
    """Write text cells as they are given."""
    table = [*([headers] if headers else []), *rows]
    text = "\n".join(separator.join("" if c is None else str(c) for c in row) for row in table)
    path.write_bytes((text + "\n").encode(encoding))
    return path
