"""The lifetime value from beginning to end: read, check, fit, value, tabulate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from core.formats import shown
from core.i18n import Message, msg
from core.models.filters import FilterState
from core.models.formats import Format
from core.models.options import Chosen
from core.models.query import Scope
from core.models.result import Outcome, ResultTable
from core.models.rfm import name_cells
from core.repository.customers.rfm import customer_scores
from core.services.calendar import add_months
from core.services.customer_value import check_tables, tables
from core.services.customer_value.acquisition import PLACES, Investments, acquisition_rows
from core.services.customer_value.card import CardFacts, Earlier, Fact, card_rows, outcome
from core.services.customer_value.check import Check, run_check
from core.services.customer_value.data import (
    SOURCES,
    Purchases,
    holdout_start,
    read_with_value,
)
from core.services.customer_value.findings import findings
from core.services.customer_value.models import Fitted, fit_all, fit_one, fit_value, unusable
from core.services.customer_value.parameters import parameter_rows
from core.services.customer_value.splits import SHOWN, Split, read_splits
from core.services.customer_value.tables import Frame
from core.services.customer_value.valuation import (
    Valuation,
    coverage,
    draws_for,
    value_customers,
)
from core.services.customer_value.warnings import warnings
from core.services.customer_value.weeks import Weeks, compare_weeks
from core.services.customers import CustomerFacts, History
from core.services.methods.purchases import Horizon, PurchaseModel, ValueModel
from core.services.metrics import Metrics

AUTO = "auto"


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes:
        report: says how far it is (0 to 1) and what it is doing; may raise to stop.
        earlier: the scores of the last run, if it kept any.
    """

    metrics: Metrics
    customers: CustomerFacts
    filters: FilterState
    chosen: Chosen
    scope: Scope
    report: Callable[[float, Message], None]
    earlier: Earlier | None = None


@dataclass(frozen=True)
class Answer:
    """Everything that was found.

    Attributes:
        tables: in the order of the page, without the model card.
        card: rows of the model card.
    """

    tables: Mapping[str, ResultTable]
    card: list[Fact]
    caveats: tuple[Message, ...]
    notes: tuple[Message, ...]
    outcome: Outcome
    frame: Frame


@dataclass(frozen=True)
class Facts:
    """What is read from the warehouse and fitted, while the history is open.

    Attributes:
        customers: who they are, with the name of their RFM segment.
        purchases: their histories at the cut-off.
        source: the amount that counts as value.
        check: on the holdout; None without one.
        fitted: the models of the whole history; only those that were needed.
        key: of the model in use.
        tracked: weeks of the customers known at the end of the calibration.
        weeks: weeks of all customers, up to the cut-off.
        caveats: what a reader must know about the data.
    """

    customers: pa.Table
    purchases: Purchases
    source: str
    check: Check | None
    fitted: Fitted
    key: str
    worth: ValueModel
    tracked: Weeks
    weeks: Weeks
    frame: Frame
    caveats: tuple[Message, ...]

    @property
    def model(self) -> PurchaseModel:
        """The purchase model in use, fitted on the whole history."""
        return self.fitted.models[self.key]


def run(request: Request) -> Answer:
    """Compute the lifetime value of every customer, and how far it can be believed.

    Raises:
        PicholineError: the sales cannot carry a model; title and remedy say why.
    """
    chosen = request.chosen
    request.report(0.0, msg("Reading what each customer bought"))
    with request.customers.open(request.filters, request.scope) as history:
        facts = _gather(request, history)
    splits = read_splits(facts.customers, facts.purchases, request.metrics.campaign_first_month)
    horizon = Horizon(chosen.integer("months"), chosen.number("rate"))
    draws = draws_for(facts.purchases.count, chosen.integer("draws"))
    simulating = msg("Simulating what customers may do")
    valuation = value_customers(
        facts.model,
        facts.worth,
        facts.purchases,
        horizon,
        draws,
        {name: splits[name].codes.tolist() for name in SHOWN if name in splits},
        lambda share: request.report(0.4 + 0.5 * share, simulating),
    )
    request.report(0.9, msg("Writing down what was found"))
    return _answer(request, facts, splits, valuation, horizon)


def _gather(request: Request, history: History) -> Facts:
    """Read the histories, check the models on the holdout and fit the one that is used."""
    chosen = request.chosen
    purchases, source, caveats = read_with_value(history, chosen.text("value"))
    typed = chosen.text("holdout")
    since = holdout_start(history, int(typed) if typed else None)
    check = None
    if since:
        checking = msg(
            "Fitting the models up to {day} and checking them", day=shown(since, Format.DATE)
        )
        check = run_check(
            history, since, source, lambda done: request.report(0.05 + 0.08 * done, checking)
        )
    fitting = msg("Fitting the models to the whole history")
    wanted = chosen.text("model")
    request.report(0.3, fitting)
    if wanted != AUTO or check:
        wanted = check.best() if check and wanted == AUTO else wanted
        fitted = Fitted({wanted: fit_one(wanted, purchases)}, {})
    else:
        fitted = fit_all(purchases, lambda done: request.report(0.3 + 0.03 * done, fitting))
        if not fitted.models:
            raise unusable(wanted, fitted)
        wanted = fitted.likeliest()
    if check and wanted not in check.fitted.models:
        check = None
    model = fitted.models[wanted]
    weeks = compare_weeks(history, purchases, model)
    tracked = compare_weeks(history, check.known, check.fitted.models[wanted]) if check else weeks
    return Facts(
        customers=_with_segments(request, history),
        purchases=purchases,
        source=source,
        check=check,
        fitted=fitted,
        key=wanted,
        worth=fit_value(purchases),
        tracked=tracked,
        weeks=weeks,
        frame=Frame(history.data_version, history.window),
        caveats=(*history.caveats, *caveats),
    )


def _with_segments(request: Request, history: History) -> pa.Table:
    """Return the customers with the name of their RFM segment at the cut-off, as a cell."""
    rules = request.metrics.warehouse.info().rules
    names = name_cells(rules)
    keys = customer_scores(history.cursor, rules, history.cut_off)["rfm_segment"].to_pylist()
    cells = pa.array([names.get(key) for key in keys], pa.string())
    return history.customers.append_column("rfm_segment", cells)


def _answer(
    request: Request,
    facts: Facts,
    splits: Mapping[str, Split],
    valuation: Valuation,
    horizon: Horizon,
) -> Answer:
    frame, check = facts.frame, facts.check
    found = warnings(
        frame.period, facts.purchases.count, facts.model, facts.worth, check, facts.weeks
    )
    card = CardFacts(
        frame=frame,
        model=facts.model,
        worth=facts.worth,
        purchases=facts.purchases,
        valuation=valuation,
        check=check,
        covered=coverage(check, facts.key, valuation.draws) if check else None,
        source=facts.source,
        horizon=horizon,
        automatic=request.chosen.text("model") == AUTO,
    )
    until = add_months(frame.period.end, horizon.months)
    found_tables = {
        "kpis": tables.kpi_rows(
            frame, facts.purchases, valuation, Message(SOURCES[facts.source]), until
        ),
        **_totals(facts, splits, valuation),
        **_trust(facts),
        **_acquisitions(request, facts, splits, valuation),
        "customers": tables.customer_rows(frame, facts.customers, facts.purchases, valuation),
        "parameters": parameter_rows(
            frame, facts.model, facts.worth, request.metrics.base_currency
        ),
    }
    return Answer(
        tables=found_tables,
        card=card_rows(card, request.earlier),
        caveats=tuple(dict.fromkeys([*facts.caveats, *found])),
        notes=tuple(
            findings(
                facts.purchases, valuation, check, facts.key, until, request.metrics.base_currency
            )
        ),
        outcome=outcome(card, facts.customers["customer_id"]),
        frame=frame,
    )


def _totals(
    facts: Facts, splits: Mapping[str, Split], valuation: Valuation
) -> dict[str, ResultTable]:
    totals = {
        f"by_{name}": tables.total_rows(facts.frame, name, splits.get(name), valuation)
        for name in SHOWN
    }
    concentration = tables.concentration_rows(facts.frame, valuation, facts.purchases.value)
    return {**totals, "concentration": concentration}


def _trust(facts: Facts) -> dict[str, ResultTable]:
    frame, check, key = facts.frame, facts.check, facts.key
    until = check.later.since if check else frame.period.end
    return {
        "models": check_tables.model_rows(frame, facts.fitted, check, key),
        "tracking": check_tables.tracking_rows(frame, facts.tracked, until),
        "calibration": check_tables.frequency_rows(frame, check, key),
        "capture": check_tables.capture_rows(frame, check, key),
    }


def _acquisitions(
    request: Request, facts: Facts, splits: Mapping[str, Split], valuation: Valuation
) -> dict[str, ResultTable]:
    asked = Investments(request.metrics, request.filters, request.scope, facts.frame.period)
    return {
        f"acquisition_{place or 'campaign'}": acquisition_rows(
            facts.frame, splits, place, facts.purchases, valuation, asked
        )
        for place in (*PLACES, None)
    }
