"""Cohorts and retention: who comes back and when, how long customers stay, where they differ."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from core.formats import shown
from core.i18n import N_, Message, msg
from core.models.formats import Format
from core.models.options import Option
from core.models.result import AnalysisResult, Outcome, ResultTable
from core.services.analytics.base import ANALYSES, Analysis, Study, facts_table, unique

if TYPE_CHECKING:
    from core.services.customer_cohorts import Found

GRAINS = {"month": N_("Month"), "quarter": N_("Quarter"), "campaign": N_("Campaign")}
SPLITS = {
    "none": N_("No comparison"),
    "channel": N_("Channel"),
    "country": N_("Country"),
    "segment": N_("Customer segment"),
}
TITLES: Mapping[str, str] = {
    "kpis": N_("Key figures"),
    "wide_customers": N_("Cohorts: customers"),
    "wide_net_sales": N_("Cohorts: net sales"),
    "wide_gross_margin": N_("Cohorts: gross margin"),
    "triangle": N_("Cohorts by age"),
    "curve_customers": N_("Retention by age: customers"),
    "curve_net_sales": N_("Retention by age: net sales"),
    "curve_gross_margin": N_("Retention by age: gross margin"),
    "survival_second": N_("Time to the second purchase"),
    "survival_lapse": N_("How long customers stay"),
    "split": N_("Comparison of groups"),
    "model_card": N_("How this was computed"),
}
_OPTIONS = (
    Option(
        "grain",
        N_("Cohorts by"),
        "choice",
        "month",
        choices=GRAINS,
        hint=N_("Customers are grouped by when they first bought."),
    ),
    Option(
        "split",
        N_("Compare"),
        "choice",
        "channel",
        choices=SPLITS,
        hint=N_("A customer belongs to the channel and country of the first purchase."),
    ),
    Option(
        "lapse",
        N_("Lapsed after"),
        "integer",
        "0",
        low=0,
        high=3650,
        unit=N_("days"),
        hint=N_(
            "Days without a purchase after which a customer counts as lapsed. 0: the pause that 9 "
            "in 10 of the customers who bought again never exceeded."
        ),
    ),
)


_DEFINITIONS = (
    (
        N_("Cohort"),
        N_(
            "Customers by the period of their first purchase in the data. Retention at an age: "
            "those of them who buy in that later period ÷ all of them; of amounts: net sales or "
            "margin of that period ÷ those of the first one."
        ),
    ),
    (
        N_("Average over cohorts"),
        N_(
            "Customers of all cohorts that have finished an age ÷ the size of these cohorts. "
            "Unfinished cells and those after the last day of the data are left out, never "
            "counted as zero. Intervals: Wilson for shares; for amounts the error of a ratio "
            "over customers."
        ),
    ),
    (
        N_("Second purchase"),
        N_(
            "Days from the first to the second purchase day; customers without one are followed "
            "to the last day of the data (Kaplan–Meier)."
        ),
    ),
    (
        N_("Lapse"),
        N_(
            "Nobody without a contract says goodbye: a customer has lapsed when more days than "
            "the limit pass without a purchase. The time as a customer runs from the first "
            "purchase to the last one before that pause. Customers whose pause is not that long "
            "yet are followed until the limit before the last day of the data (Kaplan–Meier, "
            "log-log intervals); later returns do not count."
        ),
    ),
    (
        N_("Comparison"),
        N_(
            "Log-rank test of each group against all others, corrected for their number (Holm). "
            "Groups are those of the first purchase, so that staying longer cannot change them."
        ),
    ),
)


def run(study: Study) -> AnalysisResult:
    """Compute cohorts × ages, retention, curves of coming back and of staying, by group."""
    from core.services import customer_cohorts as cohorts

    chosen = study.params.chosen
    split = chosen.text("split")
    with study.customers.open(study.params.filters, study.scope) as history:
        found = cohorts.read(
            history,
            chosen.text("grain"),
            None if split == "none" else split,
            chosen.integer("lapse"),
            study.metrics.campaign_first_month,
            study.report,
        )
    study.report(0.9, msg(N_("Writing the tables")))
    tables = {
        key: replace(t, data_version=history.data_version) for key, t in _tables(found).items()
    }
    filtered = _filtered() if study.params.filters.where() else ()
    kpis = {row["metric"]: row["value"] for row in tables["kpis"].rows()}
    return AnalysisResult(
        tables=tables,
        titles={key: Message(TITLES[key]) for key in tables},
        headline=kpis,
        caveats=unique([*history.caveats, *filtered, *cohorts.caveats(found)]),
        notes=tuple(cohorts.notes(found)),
        data_version=history.data_version,
        period=history.window,
        outcome=Outcome(card=kpis),
    )


def _tables(found: "Found") -> dict[str, ResultTable]:
    from core.services import customer_cohorts as cohorts

    no_second = msg(N_("There is no customer to follow."))
    no_lapse = cohorts.no_lapse(found) or no_second
    return {
        "kpis": cohorts.kpi_rows(found),
        **cohorts.wide_tables(found.cells, found.grain),
        "triangle": cohorts.triangle_table(found.cells, found.grain),
        **cohorts.curve_tables(found.cells, found.grain),
        "survival_second": cohorts.survival_table(found, "second", no_second),
        "survival_lapse": cohorts.survival_table(found, "lapse", no_lapse),
        "split": cohorts.comparison_table(found),
        "model_card": _card(found),
    }


def _filtered() -> tuple[Message, ...]:
    return (
        msg(
            N_(
                "With filters, the first purchase is the first one within them: a customer may "
                "have bought something else, or elsewhere, before."
            )
        ),
    )


def _card(found: "Found") -> ResultTable:
    staying, share = found.staying, found.share
    usual = msg(
        "{share} of the customers who bought again never paused longer",
        share=shown(share, Format.PERCENT, digits=0),
    )
    window = msg(
        "{first} to {last}",
        first=shown(found.first, Format.DATE),
        last=shown(found.cut_off, Format.DATE),
    )
    limit = usual if share else msg(N_("chosen by the reader"))
    return facts_table(
        [
            *((Message(name), Message(text), Format.TEXT) for name, text in _DEFINITIONS),
            (msg(N_("Data")), window, Format.TEXT),
            (msg(N_("Customers")), staying.whole.customers, Format.INTEGER),
            (msg(N_("Cohorts")), len(found.cells.cohorts), Format.INTEGER),
            (msg(N_("Customers who bought again")), staying.whole.repeaters, Format.INTEGER),
            (msg(N_("Limit for a lapse, in days")), found.gap, Format.INTEGER),
            (msg(N_("How the limit was set")), limit if found.gap else None, Format.TEXT),
            (msg(N_("Customers too recent to be seen to leave")), staying.young, Format.INTEGER),
            (msg(N_("Lapsed customers")), staying.lapsed, Format.INTEGER),
            (msg(N_("Lapsed customers who bought again later")), staying.returned, Format.INTEGER),
        ]
    )


ANALYSES.add(
    Analysis(
        "cohorts",
        N_("Cohorts"),
        N_("Who comes back after the first purchase, when, for how long, and where it differs."),
        study=run,
        options=_OPTIONS,
    )
)
