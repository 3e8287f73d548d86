"""Lifetime value: what each customer is expected to bring, with intervals and a check."""

from core.i18n import N_, msg
from core.models.options import Option
from core.models.result import AnalysisResult
from core.services.analytics.base import ANALYSES, Analysis, Study, facts_table

OPTIONS = (
    Option("months", N_("Horizon"), "integer", "12", low=1, high=60, unit=N_("months")),
    Option(
        "rate",
        N_("Discount rate per year"),
        "percent",
        "10",
        low=0,
        high=100,
        hint=N_("What money in a year is worth less than money today."),
    ),
    Option(
        "value",
        N_("Value"),
        "choice",
        "gross_margin",
        choices={
            "gross_margin": N_("Gross margin"),
            "contribution": N_("Contribution"),
            "net_sales": N_("Net sales"),
        },
        hint=N_("Net sales stand in where no cost is known."),
    ),
    Option(
        "model",
        N_("Purchase model"),
        "choice",
        "auto",
        choices={
            "auto": N_("Best on the holdout"),
            "bgnbd": N_("BG/NBD"),
            "mbgnbd": N_("MBG/NBD"),
            "pareto": N_("Pareto/NBD"),
        },
        hint=N_("The best one makes what customers did in the holdout likeliest."),
    ),
    Option(
        "holdout",
        N_("Holdout"),
        "integer",
        "",
        low=0,
        high=3650,
        unit=N_("days"),
        hint=N_("Last days kept for the check; empty: a quarter of the history, 0: no check."),
    ),
    Option(
        "draws",
        N_("Simulated futures"),
        "integer",
        "200",
        low=60,
        high=2000,
        hint=N_("Of each customer, for the intervals; fewer with very many customers."),
    ),
)


TITLES = {
    "kpis": msg(N_("Key figures")),
    "by_country": msg(N_("Lifetime value by country")),
    "by_channel": msg(N_("Lifetime value by channel")),
    "by_segment": msg(N_("Lifetime value by customer segment")),
    "by_rfm_segment": msg(N_("Lifetime value by RFM segment")),
    "by_campaign": msg(N_("Lifetime value by campaign of the first purchase")),
    "by_quarter": msg(N_("Lifetime value by quarter of the first purchase")),
    "concentration": msg(N_("Concentration of the value")),
    "models": msg(N_("Models on the holdout")),
    "tracking": msg(N_("Repeat orders week by week")),
    "calibration": msg(N_("Expected and actual orders by frequency")),
    "capture": msg(N_("Who finds the best customers")),
    "acquisition_country": msg(N_("Lifetime value and investment by campaign and country")),
    "acquisition_channel": msg(N_("Lifetime value and investment by campaign and channel")),
    "acquisition_campaign": msg(N_("Lifetime value and investment by campaign")),
    "customers": msg(N_("Customers")),
    "parameters": msg(N_("Parameters")),
    "model_card": msg(N_("Model card")),
}


def study(run: Study) -> AnalysisResult:
    """Compute the lifetime value of every customer, and how far it can be believed.

    Raises:
        PicholineError: the sales cannot carry a model; title and remedy say why.
    """
    # Here, not above: nobody waits for scipy when the program starts.
    from core.services.customer_value.study import Request
    from core.services.customer_value.study import run as value_customers

    found = value_customers(
        Request(
            metrics=run.metrics,
            customers=run.customers,
            filters=run.params.filters,
            chosen=run.params.chosen,
            scope=run.scope,
            report=run.report,
            earlier=run.last_scores(),
        )
    )
    card = facts_table(found.card, data_version=found.frame.data_version)
    return AnalysisResult(
        tables={**found.tables, "model_card": card},
        titles=TITLES,
        headline={row["metric"]: row["value"] for row in found.tables["kpis"].rows()},
        caveats=found.caveats,
        notes=found.notes,
        data_version=found.frame.data_version,
        period=found.frame.period,
        outcome=found.outcome,
    )


ANALYSES.add(
    Analysis(
        "clv",
        N_("Lifetime value"),
        N_("What each customer is expected to bring, with intervals, and how far to believe it."),
        study=study,
        options=OPTIONS,
    )
)
