"""A small background analysis with a page, for tests of what runs and shows such analyses."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pyarrow as pa
from dash import html

from core.errors import PicholineError
from core.formats import shown
from core.i18n import msg
from core.models.formats import Format
from core.models.options import Option
from core.models.result import AnalysisResult, Column, Outcome, ResultTable
from core.services.analytics.base import ANALYSES, Analysis, Study, facts_table
from core.services.application import Application
from core.services.job_handlers import HANDLERS
from core.services.schedules import DataWatch
from core.services.worker import Worker
from core.services.worker_lock import worker_lock
from core.settings import load_settings
from dashboard.page import CUSTOMERS, PAGES, Page, Panel, View

KEY = "scratch"
HURRY = Event()
OPTIONS = (
    Option("horizon", "Period", "integer", "12", low=1, high=60, unit="Month", hint="Day"),
    Option("rate", "Percentage", "percent", "10", low=0, high=50),
    Option("model", "Value", "choice", "first", choices={"first": "Day", "second": "Month"}),
    Option("since", "From", "day"),
    Option("pace", "Number", "number", "0", low=0, high=60),
    Option("fault", "Text", "text"),
)
_COLUMNS = (
    Column("customer", msg("Customer"), Format.CODE, "dimension"),
    Column("orders", msg("Orders"), Format.INTEGER, "metric"),
)


def study(task: Study) -> AnalysisResult:
    """Count each customer's purchase days in ten steps, as slowly as `pace` (seconds) says.

    Whoever has seen what there is to see of a slow run sets `HURRY`.
    """
    chosen = task.params.chosen
    if chosen.text("fault") == "error":
        raise PicholineError(
            "scratch.fault", msg("See the list of imports."), msg("Upload it again.")
        )
    if chosen.text("fault") == "defect":
        raise ZeroDivisionError
    for n in range(10):
        task.report(n / 10, msg("Reading the file"))
        HURRY.wait(chosen.number("pace") / 10)
    with task.customers.open(task.params.filters, task.scope) as history:
        base = history.customers
        version, caveats, window = history.data_version, history.caveats, history.window
    scores = pa.table(
        {
            "customer_id": base["customer_id"].cast(pa.string()),
            "orders": base["purchase_days"].cast(pa.int64()),
        }
    )
    table = ResultTable(
        _COLUMNS, scores.rename_columns(["customer", "orders"]), data_version=version
    )
    card = facts_table([(msg("Customers"), scores.num_rows, Format.INTEGER)], data_version=version)
    share = shown(0.123, Format.PERCENT)
    return AnalysisResult(
        tables={"customers": table, "model_card": card},
        titles={"customers": msg("Customers"), "model_card": msg("Facts")},
        caveats=caveats,
        notes=(msg("Value: {share}", share=share),),
        data_version=version,
        period=window,
        outcome=Outcome(
            model={"horizon": chosen.integer("horizon"), "past": len(task.past)},
            scores=scores,
            card={"Customers": scores.num_rows, "Value": 0.873},
            publish=("orders",),
        ),
    )


ANALYSIS = Analysis(KEY, "Facts", "Facts", study=study, options=OPTIONS)


def _list(view: View) -> tuple[Any, ...]:
    rows = view.table.rows()
    return (html.P(f"{len(rows)} rows", className="scratch-rows"),)


PAGE = Page(
    key=KEY,
    title="Facts",
    icon="segments",
    analysis=KEY,
    order=90,
    group=CUSTOMERS,
    panels=(
        Panel("customers", "Customers", "customers", "html", _list),
        Panel("card", "Facts", "model_card", "html", _list),
    ),
)


@contextmanager
def registered() -> Iterator[None]:
    """Have the analysis and its page registered inside the block."""
    ANALYSES._items[KEY] = ANALYSIS
    PAGES._items[KEY] = PAGE
    try:
        yield
    finally:
        del ANALYSES._items[KEY], PAGES._items[KEY]


@contextmanager
def working(home: Path) -> Iterator[None]:
    """Have a worker of a home run in a thread inside the block, schedules and all."""
    stop = Event()

    def work() -> None:
        with worker_lock(home) as name:
            application = Application.open(load_settings(home))
            idle = (DataWatch(application).look,)
            Worker(application, name, HANDLERS, idle=idle).run(stop)
            application.close()

    thread = Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
