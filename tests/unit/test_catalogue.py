"""The catalogue: visibility, undo and versions; the segment store beside it."""

import os
from pathlib import Path

import pyarrow as pa
import pytest

from core.errors import PicholineError
from core.models.schema import TABLES
from core.models.tables import SCHEMA_VERSION, CatalogueInfo, Import, ImportStatus, Segment
from core.repository.catalogue import Catalogue
from core.repository.segments import SegmentStore


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    made = Catalogue(f"sqlite:///{tmp_path / 'catalogue.db'}")
    made.create()
    return made


def record(table: str = "sales", *, replace: bool = False) -> Import:
    return Import(
        file_name="f.csv",
        sha256="0" * 64,
        table_name=table,
        replace=replace,
        read=1,
        accepted=1,
        quarantined=0,
        already_there=0,
    )


def add(catalogue: Catalogue, table: str = "sales", *, replace: bool = False) -> int:
    segment = Segment(import_id=0, table_name=table, file=os.urandom(4).hex(), rows=1, bytes=1)
    return catalogue.commit(record(table, replace=replace), [segment]).id or 0


def visible(catalogue: Catalogue) -> list[int]:
    return [segment.import_id for segment in catalogue.visible_segments()]


def test_versions_rise_with_every_visible_change(catalogue: Catalogue) -> None:
    assert catalogue.current_version() == 0
    first = add(catalogue)
    assert catalogue.current_version() == 1
    assert catalogue.set_status(first, ImportStatus.UNDONE) == 2
    assert catalogue.get_import(first).data_version == 1


def test_an_import_without_rows_leaves_the_version(catalogue: Catalogue) -> None:
    add(catalogue)
    assert catalogue.commit(record(), []).data_version == 1
    assert catalogue.current_version() == 1


def test_undo_and_redo_are_exact(catalogue: Catalogue) -> None:
    first, second = add(catalogue), add(catalogue)
    catalogue.set_status(first, ImportStatus.UNDONE)
    assert visible(catalogue) == [second]
    catalogue.set_status(first, ImportStatus.COMMITTED)
    assert visible(catalogue) == [first, second]


def test_undoing_a_replacement_brings_back_what_it_hid(catalogue: Catalogue) -> None:
    first, other = add(catalogue), add(catalogue, "products")
    replacement = add(catalogue, replace=True)
    later = add(catalogue)
    assert visible(catalogue) == [other, replacement, later]
    catalogue.set_status(replacement, ImportStatus.UNDONE)
    assert visible(catalogue) == [first, other, later]


def test_undoing_twice_is_refused(catalogue: Catalogue) -> None:
    first = add(catalogue)
    catalogue.set_status(first, ImportStatus.UNDONE)
    with pytest.raises(PicholineError) as caught:
        catalogue.set_status(first, ImportStatus.UNDONE)
    assert (caught.value.code, caught.value.status) == ("import.status", 409)


def test_an_unknown_import_is_named(catalogue: Catalogue) -> None:
    with pytest.raises(PicholineError, match="no import 99"):
        catalogue.get_import(99)


def test_a_failed_commit_leaves_nothing(catalogue: Catalogue) -> None:
    bad = Segment(import_id=0, table_name="sales", file=None, rows=1, bytes=1)  # type: ignore[arg-type]
    with pytest.raises(Exception, match="NOT NULL"):
        catalogue.commit(record(), [bad])
    assert catalogue.imports() == []
    assert catalogue.current_version() == 0


def test_a_newer_catalogue_is_not_touched(catalogue: Catalogue) -> None:
    with catalogue.session() as session:
        session.merge(CatalogueInfo(id=1, schema_version=SCHEMA_VERSION + 1))
        session.commit()
    with pytest.raises(PicholineError) as caught:
        catalogue.create()
    assert caught.value.code == "catalogue.newer"


def test_an_unreachable_database_is_an_error_without_its_password() -> None:
    far = Catalogue("postgresql://someone:hidden@127.0.0.1:1/none?connect_timeout=1")
    with pytest.raises(PicholineError) as caught:
        far.create()
    assert caught.value.code == "catalogue.unreachable"
    assert "hidden" not in str(caught.value)


def test_a_layout_is_remembered_and_replaced(catalogue: Catalogue) -> None:
    assert catalogue.layout("s") is None
    catalogue.remember_layout("s", {"a": 1})
    catalogue.remember_layout("s", {"a": 2})
    assert catalogue.layout("s") == {"a": 2}


def test_a_segment_has_exactly_the_stored_columns(tmp_path: Path) -> None:
    store = SegmentStore(tmp_path)
    rows = pa.table({"supplier_id": ["S1"], "name": ["Moulin"], "lead_time_days": [7]})
    written = store.write("suppliers", rows)
    found = pa.parquet.read_table(store.path(written.file))
    assert found.schema.equals(TABLES["suppliers"].arrow_schema())
    assert found.to_pylist()[0]["country"] is None
    assert written.rows == 1


def test_only_old_files_without_an_entry_are_collected(tmp_path: Path) -> None:
    store = SegmentStore(tmp_path)
    rows = pa.table({"supplier_id": ["S1"]})
    kept, orphan, young = (store.write("suppliers", rows).file for _ in range(3))
    for file in (kept, orphan):
        os.utime(store.path(file), (0, 0))
    assert store.collect({kept}) == 1
    assert {p.name for p in (tmp_path / "suppliers").iterdir()} == {
        Path(kept).name,
        Path(young).name,
    }


def test_several_imports_are_switched_together_or_not_at_all(catalogue: Catalogue) -> None:
    first, second = add(catalogue), add(catalogue)
    with pytest.raises(PicholineError, match="no import 99"):
        catalogue.set_statuses([first, 99], ImportStatus.UNDONE)
    assert visible(catalogue) == [first, second]
    catalogue.set_statuses([first, second], ImportStatus.UNDONE)
    assert visible(catalogue) == []
