"""Segments: customers by recency, frequency and amount, on two days; groups and outliers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from core.errors import PicholineError
from core.i18n import N_, Message, msg
from core.models.options import Option
from core.models.query import Period
from core.models.result import AnalysisResult, ResultTable
from core.services.analytics.base import ANALYSES, Analysis, Study, facts_table, unique
from core.services.calendar import add_months
from core.services.customer_segments.people import read_people
from core.services.customer_segments.words import day_shown
from core.services.customers import History

TITLES = {
    "kpis": msg(N_("Key figures")),
    "segments": msg(N_("Segments")),
    "rules": msg(N_("Rules of the segments")),
    "grid": msg(N_("Recency and frequency")),
    "scores": msg(N_("What the scores mean")),
    "migration": msg(N_("Moves between the segments")),
    "clusters": msg(N_("Groups found in the data")),
    "ks": msg(N_("Number of groups")),
    "outliers": msg(N_("Unusual customers")),
    "customers": msg(N_("Customers")),
    "model_card": msg(N_("Model card")),
}
OPTIONS = (
    Option(
        "before",
        N_("Compare with the day"),
        "day",
        hint=N_("Segments on this day; empty: one year before the end of the period."),
    ),
    Option(
        "groups",
        N_("Look for groups"),
        "choice",
        "yes",
        choices={"yes": N_("Yes"), "no": N_("No")},
        hint=N_("Groups the customers form by themselves, whatever the rules say."),
    ),
    Option("max_groups", N_("Most groups"), "integer", "6", low=2, high=8),
)


def study(run: Study) -> AnalysisResult:
    """Score all customers on two days, look for groups and outliers, say what changed."""
    # Here, not above: nobody waits for scikit-learn when the program starts.
    from core.services.customer_segments import card, groups, headline, listing, moves, oddities
    from core.services.customer_segments import segments as made

    run.report(0.0, msg(N_("Reading what each customer bought")))
    with run.customers.open(run.params.filters, run.scope) as history:
        people = read_people(history, run.metrics.warehouse.info().rules, _before(run, history))
    chosen = run.params.chosen
    looking = msg(N_("Looking for groups"))
    run.report(0.2, looking)
    found = groups.find_groups(
        people,
        wanted=chosen.text("groups") == "yes",
        most=chosen.integer("max_groups"),
        progress=lambda share: run.report(0.2 + 0.7 * share, looking),
    )
    run.report(0.9, msg(N_("Writing down what was found")))
    currency = run.metrics.base_currency
    reasons = oddities.outlier_reasons(people, found, currency)
    tables = {
        "kpis": headline.kpis(people),
        "segments": made.segments(people),
        "rules": made.rules(people),
        "grid": made.grid(people),
        "scores": made.scores(people),
        "migration": moves.migration(people),
        "clusters": groups.clusters(people, found),
        "ks": groups.trials(found),
        "outliers": oddities.outliers(people, found, reasons),
        "customers": listing.customers(people, found.labels(people.count), reasons),
        "model_card": facts_table(card.card_rows(people, found, run.last_scores())),
    }
    return AnalysisResult(
        tables={key: _dated(table, history) for key, table in tables.items()},
        titles=TITLES,
        headline={row["metric"]: row["value"] for row in tables["kpis"].rows()},
        caveats=unique(
            [*history.caveats, *_scope_remarks(run, history), *headline.remarks(people)]
        ),
        notes=tuple(headline.notes(people, currency)),
        data_version=history.data_version,
        period=history.window,
        compared=Period(min(history.first, people.before), people.before),
        outcome=card.outcome(people, found),
    )


def _before(run: Study, history: History) -> date:
    """Return the day to compare with.

    Raises:
        PicholineError: it is not before the day of the scores.
    """
    chosen = run.params.chosen.day("before") or add_months(history.cut_off, -12)
    if chosen >= history.cut_off:
        raise PicholineError(
            "segments.before",
            msg(
                "The day to compare with ({day}) is not before the day of the scores ({end}).",
                day=day_shown(chosen),
                end=day_shown(history.cut_off),
            ),
            msg("Choose an earlier day, or a period that ends later."),
        )
    return chosen


def _scope_remarks(run: Study, history: History) -> Sequence[Message]:
    """Say where these segments differ from those other pages filter and split by."""
    info = run.metrics.warehouse.info()
    narrowed = bool(run.params.filters.where()) or bool(run.scope.where)
    if not narrowed and history.cut_off == info.scored_on:
        return []
    return [
        msg(
            "Scores compare the customers of this page with each other, on {day}. The segments "
            "other pages filter and split by compare all customers, on {other}.",
            day=day_shown(history.cut_off),
            other=day_shown(info.scored_on),
        )
    ]


def _dated(table: ResultTable, history: History) -> ResultTable:
    return replace(table, data_version=history.data_version, period=history.window)


ANALYSES.add(
    Analysis(
        "rfm",
        N_("Segments"),
        N_("Customers by recency, frequency and amount: segments, moves, groups, outliers."),
        study=study,
        options=OPTIONS,
    )
)
