"""What a person with limited rights exports, runs and reads of others: only the open half."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Barrier, Event
from typing import Any

import pytest
from openpyxl import load_workbook

from core.errors import PicholineError
from core.models.query import NO_VALUE, Scope
from core.models.tables import Run
from core.services import studies
from core.services.analytics.base import analyses, get_analysis
from core.services.application import Application
from core.services.job_handlers import HANDLERS
from core.services.runs import scope_digest
from core.services.worker import Worker
from core.services.worklist import ItemKey
from core.services.worklist_tables import LISTS
from dashboard.app import create_app
from tests import scratch
from tests.desk import Visitor
from tests.halves import SECRET, opened, sales


@pytest.fixture(scope="module")
def smaller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    found = opened(tmp_path_factory.mktemp("part") / "home", sales(closed=False))
    yield found
    found.close()


PAIRS = (
    [("period", "all")],
    [("from", "2025-01-01"), ("to", "2025-12-31"), ("compare", "year"), ("country", "FR")],
)


@pytest.mark.parametrize("pairs", PAIRS)
def test_every_table_of_annas_is_that_of_the_open_half(
    application: Application, smaller: Application, pairs: list[tuple[str, str]]
) -> None:
    scope, compared = application.access.scope_of("anna"), 0
    for analysis in analyses():
        if analysis.run is None:
            continue
        params = analysis.params_from(pairs)
        try:
            theirs = analysis.run(smaller.metrics, params, Scope())
        except PicholineError as error:  # a bridge of all data has nothing to compare with
            with pytest.raises(PicholineError, match=str(error)):
                analysis.run(application.metrics, params, scope)
            continue
        mine = analysis.run(application.metrics, params, scope)
        # A customer's RFM segment is an attribute, made of everything the customers bought.
        for key in (name for name in theirs.tables if "rfm" not in name):
            assert mine.tables[key].rows() == theirs.tables[key].rows(), key
            assert mine.tables[key].total == theirs.tables[key].total, key
            assert mine.tables[key].caveats == theirs.tables[key].caveats, key
            compared += 1
    assert compared > 12


@pytest.mark.parametrize("path", ["overview/countries", "margins/by_supplier"])
def test_what_anna_exports_is_the_open_half(anna: Visitor, smaller: Application, path: str) -> None:
    other = create_app(smaller).test_client()
    mine = anna.client.get(f"/export/{path}.csv?period=all")
    assert mine.status_code == 200
    assert mine.text == other.get(f"/export/{path}.csv?period=all").text


def test_a_study_sees_the_open_half(application: Application, smaller: Application) -> None:
    anna = application.access.scope_of("anna")
    analysis = get_analysis("cohorts")
    params = analysis.params_from([("period", "all")])

    def values(found: Application, scope: Scope) -> list[Any]:
        result = studies.answer(found, analysis, params, scope, lambda _done, _step: None)
        rows = [row for table in result.tables.values() for row in table.rows()]
        return [value for row in rows for value in row.values()]

    mine, theirs = values(application, anna), values(smaller, Scope())
    assert len(mine) > 500
    for found, expected in zip(mine, theirs, strict=True):
        assert found == (pytest.approx(expected) if isinstance(expected, float) else expected)


def test_forged_filters_in_an_address_open_nothing(anna: Visitor, everybody: Visitor) -> None:
    closed = everybody.client.get("/export/overview/countries.csv?period=all&country=IT")
    assert "Italy" in closed.text
    for query in (
        "country=IT",
        f"country={NO_VALUE}",
        "country=IT&country=FR",
        "country=FR%27%20OR%201=1%20--",
        "channel=hush%20channel",
        "rfm_segment=champions&country=IT",
    ):
        found = anna.client.get(f"/export/margins/by_country.csv?period=all&{query}")
        assert found.status_code == 200
        assert "Italy" not in found.text
        assert SECRET.lower() not in found.text.lower()


def test_the_workbook_says_which_rows_are_meant(anna: Visitor) -> None:
    found = anna.client.get("/export/overview/all.xlsx?period=all", buffered=True)
    book = load_workbook(BytesIO(found.data))
    cells = [str(cell) for sheet in book for row in sheet.values for cell in row if cell]
    assert not any(SECRET.lower() in cell.lower() for cell in cells)
    assert "France" in cells


def worked(application: Application) -> None:
    worker = Worker(application, "w", HANDLERS)
    while worker.run_next(Event()):
        pass


def test_runs_of_others_and_of_wider_rights_do_not_exist(
    application: Application, anna: Visitor
) -> None:
    analysis = get_analysis(scratch.KEY)
    params = analysis.params_from([("period", "all")])
    everything = studies.answer(application, analysis, params, Scope(), lambda _d, _s: None)
    assert everything.tables["customers"].data.num_rows == 12
    scope = application.access.scope_of("anna")
    assert studies.find(application, analysis, params, scope) is None
    runs = application.runs.store
    (wide,) = [run for run in runs.recent(analysis=scratch.KEY) if run.owner == "local"]
    for path in ("model.json", "scores.csv"):
        assert anna.client.get(f"/runs/{wide.id}/{path}").status_code == 404
    # A run of her own from the time when she saw everything.
    with runs.session() as session:
        old = Run(
            analysis=scratch.KEY, edition=1, data_version=1, owner="anna", seconds=1.0, key="old",
            scope=scope_digest(Scope()), model_file=wide.model_file, scores_file=wide.scores_file,
        )  # fmt: skip
        session.add(old)
        session.commit()
    shutil.copytree(
        application.runs.files.folder / str(wide.id), application.runs.files.folder / str(old.id)
    )
    for path in ("model.json", "scores.csv"):
        assert anna.client.get(f"/runs/{old.id}/{path}").status_code == 404
    assert wide.id not in {run.id for run in application.runs.recent(scope)}
    assert old.id not in {run.id for run in application.runs.recent(scope)}
    # Her own question is a run of its own, on the open half, and is hers to read.
    studies.start(application, analysis, params, scope)
    worked(application)
    kept = studies.find(application, analysis, params, scope)
    assert kept is not None
    assert kept.result.tables["customers"].data.num_rows == 8
    assert anna.client.get(f"/runs/{kept.run.id}/scores.csv").status_code == 200
    for run in runs.recent(analysis=scratch.KEY):
        runs.remove(run.id or 0)


def test_equal_questions_at_the_same_moment_are_not_shared_between_rights(
    application: Application, anna: Visitor, everybody: Visitor
) -> None:
    application.metrics.answers.clear()
    path = "/export/margins/by_customer.csv?period=all"
    path = path if anna.client.get(path).status_code == 200 else "/export/margins/by_supplier.csv"
    application.metrics.answers.clear()
    start = Barrier(8)

    def get(n: int) -> str:
        client = (anna, everybody)[n % 2].client.application.test_client()
        start.wait()
        return client.get(f"{path}{'&' if '?' in path else '?'}period=all").text

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(get, range(8)))
    assert len(set(found[0::2])) == len(set(found[1::2])) == 1
    assert SECRET in found[1]
    assert SECRET not in found[0]


def test_notes_about_closed_customers_are_closed(application: Application) -> None:
    scope = application.access.scope_of("anna")
    worklist, untouched = application.worklist, {"assignee": "", "status": "open", "note": ""}
    for customer in (f"{SECRET}-C1", "OPEN-C2"):
        key = ItemKey(LISTS["churn"], customer)
        worklist.change(key, "note", "call", untouched, Scope())
    assert list(worklist.items(LISTS["churn"], scope)) == ["OPEN-C2"]
