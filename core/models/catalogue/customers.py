"""Metrics of customers: scores that the analyses of customers publish."""

from core.i18n import N_
from core.models.catalogue.formulas import Metric, Scored
from core.models.catalogue.units import DAYS, MONEY, SHARE
from core.models.formats import Format

_VALUE = N_("Lifetime value")
_SEGMENTS = N_("Segments")
_SCORED = (
    N_("Customers without a score are left out; the answer says how many have one."),
    N_("As of the day of the run, whatever the period shown; the period only picks the customers."),
)
_MODEL = (
    *_SCORED,
    N_("A forecast from past purchases: it knows nothing of promotions, prices or competitors."),
)

CUSTOMERS = (
    Metric(
        "recency",
        N_("Recency"),
        N_(
            "Days since the last purchase, the mean over the distinct customers who bought in the "
            "slice; from the latest run of the page “Segments” with its default settings and "
            "without filters."
        ),
        Scored("recency", "mean", _SEGMENTS),
        Format.NUMBER,
        "down",
        caveats=_SCORED,
        unit=DAYS,
    ),
    Metric(
        "frequency",
        N_("Frequency"),
        N_(
            "Distinct purchase days, the mean over the distinct customers who bought in the "
            "slice; from the latest run of the page “Segments” with its default settings and "
            "without filters."
        ),
        Scored("frequency", "mean", _SEGMENTS),
        Format.NUMBER,
        caveats=_SCORED,
        unit=(("purchase_days", 1),),
    ),
    Metric(
        "monetary",
        N_("Amount per purchase day"),
        N_(
            "Mean net sales per purchase day, the mean over the distinct customers who bought in "
            "the slice; from the latest run of the page “Segments” with its default settings and "
            "without filters."
        ),
        Scored("monetary", "mean", _SEGMENTS),
        Format.MONEY,
        caveats=_SCORED,
        unit=(("money", 1), ("purchase_days", -1)),
    ),
    Metric(
        "expected_orders",
        N_("Expected orders"),
        N_(
            "Expected orders of the next 12 months, summed over the distinct customers who bought "
            "in the slice; from the latest run of the page “Lifetime value” with its default "
            "settings and without filters."
        ),
        Scored("expected_orders", "sum", _VALUE),
        Format.QUANTITY,
        caveats=_MODEL,
        unit=(("orders", 1),),
    ),
    Metric(
        "expected_margin",
        N_("Expected margin per order"),
        N_(
            "Expected margin of one order (net sales where cost is unknown), the mean over the "
            "distinct customers who bought in the slice; from the latest run of the page "
            "“Lifetime value” with its default settings and without filters."
        ),
        Scored("expected_margin", "mean", _VALUE),
        Format.MONEY,
        caveats=_MODEL,
        unit=(("money", 1), ("orders", -1)),
    ),
    Metric(
        "clv",
        N_("Customer lifetime value"),
        N_(
            "Expected margin of the next 12 months at 10% a year, summed over the distinct "
            "customers who bought in the slice; from the latest run of the page “Lifetime value” "
            "with its default settings and without filters."
        ),
        Scored("clv", "sum", _VALUE),
        Format.MONEY,
        caveats=_MODEL,
        unit=MONEY,
    ),
    Metric(
        "p_alive",
        N_("Probability of being active"),
        N_(
            "Probability that a customer still buys, the mean over the distinct customers who "
            "bought in the slice; from the latest run of the page “Lifetime value” with its "
            "default settings and without filters."
        ),
        Scored("p_alive", "mean", _VALUE),
        Format.PERCENT,
        caveats=_MODEL,
        unit=SHARE,
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
        caveats=_MODEL,
        unit=SHARE,
    ),
)
