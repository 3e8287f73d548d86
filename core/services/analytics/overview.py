"""Overview: how the company stands, at a glance."""

from functools import partial

from core.i18n import N_, msg
from core.models.query import Scope
from core.models.result import AnalysisResult
from core.services.analytics.base import ANALYSES, Analysis, Asker, Params, collect, kpi_table
from core.services.metrics import Metrics
from core.services.side_by_side import side_by_side

KPIS = (
    "net_sales",
    "gross_margin",
    "margin_rate",
    "contribution",
    "orders",
    "customers",
    "aov",
    "return_rate",
)
_SPLIT = ("net_sales", "gross_margin", "margin_rate")


def run(metrics: Metrics, params: Params, scope: Scope) -> AnalysisResult:
    """Compute the KPI tiles, the monthly trend and the splits by country, category and product."""
    asker = Asker.start(metrics, params, scope)
    split = partial(asker.ask, *_SPLIT, order="-net_sales")
    answers = side_by_side(
        {
            "trend": partial(asker.ask, *KPIS, by=("month",), order="month"),
            "countries": partial(split, by=("country",)),
            "categories": partial(split, by=("category",)),
            "products": partial(split, by=("product",), products_only=True),
        }
    )
    tables = {"kpis": kpi_table(answers["trend"], KPIS), **answers}
    titles = {
        "kpis": msg(N_("Key figures")),
        "trend": msg(N_("Net sales and margin by month")),
        "countries": msg(N_("Net sales by country")),
        "categories": msg(N_("Net sales by category")),
        "products": msg(N_("Top products")),
    }
    return collect(asker, tables, titles)


ANALYSES.add(
    Analysis(
        "overview",
        N_("Overview"),
        N_("Key figures with like-for-like changes, by month, country, category and product."),
        run,
    )
)
