"""Metrics of customers: scores that the analyses of customers publish."""

from core.i18n import N_
from core.models.catalogue.formulas import Metric, Scored
from core.models.formats import Format

CUSTOMERS = (
    Metric(
        "clv",
        N_("Customer lifetime value"),
        N_(
            "Expected margin of the next 12 months at 10% a year, summed over the distinct "
            "customers who bought in the slice; from the latest run of the page “Lifetime value” "
            "with its default settings and without filters."
        ),
        Scored("clv", "sum", N_("Lifetime value")),
        Format.MONEY,
    ),
    Metric(
        "p_alive",
        N_("Probability of being active"),
        N_(
            "Probability that a customer still buys, the mean over the distinct customers who "
            "bought in the slice; from the latest run of the page “Lifetime value” with its "
            "default settings and without filters."
        ),
        Scored("p_alive", "mean", N_("Lifetime value")),
        Format.PERCENT,
    ),
    Metric(
        "churn_probability",
        N_("Churn probability"),
        N_(
            "Probability that a customer buys nothing in the next 90 days, the mean over the "
            "distinct customers who bought in the slice; from the latest run of the page “Churn” "
            "with its default settings and without filters."
        ),
        Scored("churn_probability", "mean", N_("Churn")),
        Format.PERCENT,
        "down",
    ),
)
