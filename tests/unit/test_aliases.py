"""What spellings mean: in one layout, in every file, and, for countries, in stored rows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from core.errors import PicholineError
from core.models.query import Filter, MetricQuery, Scope
from core.services.application import Application
from core.services.ingest import ImportOptions, Mapping
from core.settings import load_settings
from tests.unit.ingest_home import HEADERS, line, write_csv

ME = Scope()
TITLES: dict[str, str] = dict(zip(
    ("invoice_id", "date", "product_id", "quantity", "unit_price", "customer_id", "country"),
    HEADERS, strict=True,
))  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Application]:
    found = Application.open(load_settings(tmp_path / "home"))
    yield found
    found.close()


def stored(desk: Application, name: str, table: str = "sales") -> list[Any]:
    files = [desk.segments.path(s.file) for s in desk.catalogue.visible_segments(table)]
    return [value for file in files for value in pq.read_table(file)[name].to_pylist()]


def by_country(desk: Application) -> dict[str, float]:
    table = desk.metrics.ask(MetricQuery(metrics=("net_sales",), by=("country",)))
    return {row["country"]: float(row["net_sales"]) for row in table.rows()}


def test_a_layout_says_what_its_spellings_mean(desk: Application, tmp_path: Path) -> None:
    rows = [line(1, Country="G. Bretagne du Sud"), line(2, Country="Nulle part"), line(3)]
    mapping = Mapping("sales", columns=TITLES, values={"country": {"g bretagne du sud": "GB"}})
    path = write_csv(tmp_path / "a.csv", rows)
    (report,) = desk.intake.run(path, ImportOptions(mapping=mapping))
    assert stored(desk, "country") == ["GB", "unknown: Nulle part", "FR"]
    assert any("1 cell was read as what it is known to mean" in str(n) for n in report.notes)
    # The layout is remembered with its meanings, and they can be taken back.
    (again,) = desk.intake.preview(write_csv(tmp_path / "b.csv", [line(9, Country=rows[0][6])]))
    assert again.rows[0]["country"] == "GB"
    (meaning,) = desk.aliases.listed(ME)
    assert (meaning.field, meaning.written, meaning.meant) == ("country", "g bretagne du sud", "GB")
    desk.aliases.remove_of_layout(meaning.layout, "country", meaning.written, ME)
    assert desk.aliases.listed(ME) == []
    (after,) = desk.intake.preview(tmp_path / "b.csv")
    assert after.rows[0]["country"] == "unknown: G. Bretagne du Sud"


def test_a_meaning_holds_in_every_file_and_is_taken_back(desk: Application, tmp_path: Path) -> None:
    desk.aliases.add("customer", "Dupont SARL", "C7", ME)
    desk.aliases.add("currency", "Balles", "EUR", ME)
    rows = [[*line(1, Customer="Dupont SARL "), "balles"], [*line(2), "EUR"]]
    path = write_csv(tmp_path / "a.csv", rows, (*HEADERS, "Currency"))
    (report,) = desk.intake.run(path, ImportOptions())
    assert (report.accepted, report.quarantined) == (2, 0)
    assert stored(desk, "customer_id") == ["C7", "C1"]
    assert stored(desk, "currency") == ["EUR", "EUR"]
    listed = desk.aliases.listed(ME)
    assert [(m.field, m.written, m.meant) for m in listed] == [
        ("currency", "Balles", "EUR"), ("customer", "Dupont SARL", "C7"),
    ]  # fmt: skip
    desk.aliases.remove(listed[0].id, ME)
    other = write_csv(tmp_path / "b.csv", [[*line(5), "balles"]], (*HEADERS, "Currency"))
    (report,) = desk.intake.run(other, ImportOptions())
    assert report.reasons == {"unknown_currency": 1}
    # The original text stands in the quarantine, not what it was taken for.
    assert desk.intake.quarantined(report.import_id or 0)["Currency"].to_pylist() == ["balles"]


def test_countries_mean_something_in_stored_rows_too(desk: Application, tmp_path: Path) -> None:
    rows = [line(1), line(2, Country="Royaume-Désuni"), line(3, Country="royaume desuni"),
            line(4, Country="Nulle part")]  # fmt: skip
    desk.intake.run(write_csv(tmp_path / "a.csv", rows), ImportOptions())
    before = by_country(desk)
    assert before == {
        "FR": 21.0, "unknown: Royaume-Désuni": 21.0, "unknown: royaume desuni": 21.0,
        "unknown: Nulle part": 21.0,
    }  # fmt: skip
    version = desk.catalogue.current_version()
    desk.aliases.add("country", "unknown: Royaume-Désuni", "Royaume-Uni", ME)
    assert desk.catalogue.current_version() == version + 1
    assert by_country(desk) == {"FR": 21.0, "GB": 42.0, "unknown: Nulle part": 21.0}
    # What comes later adds to it; undo brings the earlier numbers back.
    desk.intake.run(write_csv(tmp_path / "b.csv", [line(7, Country="x")]), ImportOptions())
    assert by_country(desk)["GB"] == 42.0
    desk.intake.undo(2)
    desk.aliases.remove(desk.aliases.listed(ME)[0].id, ME)
    assert by_country(desk) == before


def test_what_cannot_be_a_meaning_is_refused(desk: Application) -> None:
    limited = Scope(owner="eve", where=(Filter("country", ("FR",)),))
    cases = [
        ("alias.field", lambda: desk.aliases.add("colour", "a", "b", ME)),
        ("alias.empty", lambda: desk.aliases.add("channel", " ", "b", ME)),
        ("alias.country", lambda: desk.aliases.add("country", "a", "Zorkland", ME)),
        ("alias.currency", lambda: desk.aliases.add("currency", "a", "zzz", ME)),
        ("alias.unknown", lambda: desk.aliases.remove(5, ME)),
        ("alias.unknown", lambda: desk.aliases.remove_of_layout("x", "country", "y", ME)),
        ("access.restricted", lambda: desk.aliases.listed(limited)),
        ("access.restricted", lambda: desk.aliases.add("channel", "a", "b", limited)),
        ("mapping.invalid", lambda: Mapping("sales", values={"quantity": {"a": "b"}})),
        ("mapping.invalid", lambda: Mapping.from_dict({"table": "sales", "values": ["a"]})),
    ]
    for code, act in cases:
        with pytest.raises(PicholineError) as told:
            act()
        assert told.value.code == code


def test_meanings_stand_in_a_mapping_file(tmp_path: Path) -> None:
    mapping = Mapping("sales", columns=TITLES, values={"country": {'G. "B"': "GB"}})
    path = tmp_path / "layout.toml"
    path.write_text(mapping.to_toml(), encoding="utf-8")
    assert '[values.country]\n"G. \\"B\\"" = "GB"' in path.read_text(encoding="utf-8")
    assert Mapping.load(path) == mapping
