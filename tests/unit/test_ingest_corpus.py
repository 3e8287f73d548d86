"""Every awful file of the corpus becomes what was written beside it by hand."""

import datetime as dt
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from core.errors import PicholineError
from core.services.ingest import ImportOptions, ImportReport, Mapping
from tests.corpus import cell_values, crosstabs, formats, sheets, text_files
from tests.corpus.case import Case, Sheet
from tests.unit.ingest_home import Desk

CASES = [*text_files.CASES, *sheets.CASES, *cell_values.CASES, *crosstabs.CASES, *formats.CASES]


# Looked at before and brought in twice; the others are brought in once.
TWICE = {cases[0].name for cases in (text_files.CASES, sheets.CASES, crosstabs.CASES)}


@pytest.fixture(scope="module")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home whose catalogue exists: making one takes longer than an import."""
    home = tmp_path_factory.mktemp("empty") / "home"
    Desk(home).close()
    return home


@pytest.fixture
def desk(tmp_path: Path, empty_home: Path) -> Iterator[Desk]:
    shutil.copytree(empty_home, tmp_path / "home")
    found = Desk(tmp_path / "home")
    yield found
    found.close()


def written(value: Any) -> str:
    """Return a stored value as the corpus writes it."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def stored(desk: Desk, report: ImportReport, wanted: Sheet) -> list[str]:
    if report.import_id is None or not report.accepted:
        return []
    files = [
        desk.segments.path(segment.file)
        for segment in desk.catalogue.segments_of(report.import_id, report.table)
        if not segment.derived
    ]
    rows = [row for file in files for row in pq.read_table(file).to_pylist()]
    return ["|".join(written(row.get(name)) for name in wanted.fields) for row in rows]


def compare(desk: Desk, report: ImportReport, wanted: Sheet) -> None:
    assert report.table == wanted.table
    assert stored(desk, report, wanted) == list(wanted.rows)
    assert report.reasons == wanted.reasons
    assert report.read == report.accepted + report.quarantined + report.already_there
    assert (report.accepted, report.quarantined) == (len(wanted.rows), sum(wanted.reasons.values()))
    if wanted.set_aside:
        found = [(r["_row"], r["_code"], r["_value"]) for r in desk.quarantined(report)]
        assert found == list(wanted.set_aside)
    assert report.warnings == wanted.warnings
    told = [str(note) for note in report.notes]
    for part in wanted.notes:
        assert any(part in note for note in told), (part, told)
    if wanted.name is not None:
        assert report.sheet == wanted.name


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_an_awful_file(desk: Desk, tmp_path: Path, case: Case) -> None:
    path = tmp_path / case.file
    case.build(path)
    options = ImportOptions(mapping=Mapping.from_dict(case.mapping) if case.mapping else None)
    if case.refused:
        with pytest.raises(PicholineError) as caught:
            desk.intake.run(path, options)
        assert caught.value.code == case.refused
        assert str(caught.value.remedy)
        assert desk.catalogue.imports() == []
        return
    before = desk.intake.preview(path, options) if case.name in TWICE else []
    reports = desk.intake.run(path, options)
    assert len(reports) == len(case.sheets), [report.sheet for report in reports]
    for report, wanted in zip(reports, case.sheets, strict=True):
        compare(desk, report, wanted)
    for preview, report in zip(before, reports, strict=False):
        counts = (preview.read, preview.accepted, preview.quarantined)
        assert counts == (report.read, report.accepted, report.quarantined)
    again = desk.intake.run(path, options) if before else []
    assert [report.accepted for report in again] == [0] * len(again)


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(CASES) >= 35
    assert len({case.name for case in CASES}) == len(CASES)
