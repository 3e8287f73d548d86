"""Exports over HTTP: files people open, errors people read."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from callbacks.downloads import file_name
from core.i18n import translate
from core.models.result import AnalysisResult
from core.services.application import Application
from core.services.demo_load import load_demo
from core.services.ingest import ImportOptions
from core.settings import load_settings
from dashboard.app import create_app

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    opened = Application.open(load_settings(tmp_path_factory.mktemp("company")))
    load_demo(opened.settings, opened.catalogue, opened.segments, lines=3000)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def server(application: Application) -> Flask:
    return create_app(application)


@pytest.fixture
def client(server: Flask) -> FlaskClient:
    return server.test_client()


def get(client: FlaskClient, path: str, language: str = "en", **headers: str) -> TestResponse:
    return client.get(path, buffered=True, headers={"Accept-Language": language, **headers})


def test_a_table_as_csv_for_the_readers_spreadsheet(client: FlaskClient) -> None:
    french = get(client, "/export/overview/countries.csv?period=all", "fr")
    assert french.status_code == 200
    assert french.content_type == "text/csv; charset=utf-8"
    assert french.text.startswith("\ufeffPays;")
    english = get(client, "/export/overview/countries.csv?period=all")
    assert english.text.startswith("\ufeffCountry,")
    assert french.text.count("\n") == english.text.count("\n") > 5


def test_a_table_as_a_workbook_with_its_filters(
    client: FlaskClient, application: Application
) -> None:
    found = get(client, "/export/overview/trend.xlsx?period=all&country=FR&country=IT")
    assert found.mimetype == XLSX
    book = load_workbook(io.BytesIO(found.data))
    assert len(book.sheetnames) == 2
    rows = {row[0]: row[1] for row in book.worksheets[1].values}
    assert rows["Country"] == "France, Italy"
    assert rows["Data version"] == application.catalogue.current_version()
    assert book.worksheets[0]["A2"].is_date


def test_the_file_is_named_by_what_it_shows(client: FlaskClient) -> None:
    found = get(client, "/export/overview/countries.xlsx?from=2025-01-01&to=2025-03-31", "fr")
    given = unquote(found.headers["Content-Disposition"])
    assert given.startswith("attachment;")
    title = translate("Net sales by country", "fr")
    assert title.startswith("Chiffre d’affaires")
    assert f"{title} 2025-01-01 2025-03-31.xlsx" in given


def test_all_tables_of_an_analysis(client: FlaskClient) -> None:
    book = load_workbook(io.BytesIO(get(client, "/export/margins/all.xlsx?period=all").data))
    assert len(book.sheetnames) > 5
    assert get(client, "/export/margins/all.csv").status_code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/export/nothing/trend.csv", 404),
        ("/export/overview/nothing.csv", 404),
        ("/export/overview/trend.csv?from=yesterday", 400),
        ("/imports/999/quarantine.xlsx", 404),
    ],
)
def test_errors_are_pages_for_people_and_json_for_programs(
    client: FlaskClient, path: str, status: int
) -> None:
    page = get(client, path, "fr", Accept="text/html")
    assert page.status_code == status
    assert page.mimetype == "text/html"
    assert "<h1>" in page.text
    assert "Traceback" not in page.text
    program = get(client, path, Accept="application/json")
    assert program.status_code == status
    assert set(program.json or {}) >= {"code", "title", "remedy"}


def test_error_pages_escape_what_was_asked(client: FlaskClient) -> None:
    found = get(client, "/export/overview/%3Cscript%3E.csv", Accept="text/html")
    assert "<script>" not in found.text


@pytest.mark.parametrize("path", ["/export/overview/trend.pdf", "/imports/x/quarantine.csv"])
def test_other_addresses_are_not_exports(client: FlaskClient, path: str) -> None:
    assert get(client, path).mimetype not in {"text/csv", XLSX}


def test_quarantined_rows_as_files(
    client: FlaskClient, application: Application, tmp_path: Path
) -> None:
    source = tmp_path / "q.csv"
    source.write_text(
        "invoice_id,date,product_id,quantity,unit_price\n"
        "Q1,2025-03-01,P1,2,10.5\nQ2,2025-03-02,P1,=many,3\nQ3,2025-03-03,P1,4,3\n"
    )
    report = application.intake.run(source, ImportOptions(table="sales"))[0]
    assert report.quarantined == 1
    found = get(client, f"/imports/{report.import_id}/quarantine.xlsx")
    cells = [
        cell for row in load_workbook(io.BytesIO(found.data)).worksheets[0].values for cell in row
    ]
    assert {"=many", 3, "Q2"} <= set(cells)
    text = get(client, f"/imports/{report.import_id}/quarantine.csv").text
    assert "'=many" in text
    application.intake.undo(report.import_id or 0)


def test_file_names_hold_no_path() -> None:
    empty = AnalysisResult(tables={}, titles={})
    assert file_name('../a\\b:c*"d', empty, "csv") == ".. a b c d.csv"
    assert json.dumps(file_name("/", empty, "csv")) == '"Picholine.csv"'
