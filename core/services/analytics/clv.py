"""Lifetime value: what each customer is expected to bring, with intervals and a check."""

from core.i18n import N_
from core.models.options import Option
from core.models.result import AnalysisResult
from core.services.analytics.base import ANALYSES, Analysis, Study

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


def study(run: Study) -> AnalysisResult:
    """Compute the lifetime value; see `core.services.customer_value`."""
    # Here, not above: nobody waits for scipy when the program starts.
    from core.services.customer_value.study import run as value_all

    return value_all(run)


ANALYSES.add(
    Analysis(
        "clv",
        N_("Lifetime value"),
        N_("What each customer is expected to bring, with intervals, and how far to believe it."),
        study=study,
        options=OPTIONS,
    )
)
