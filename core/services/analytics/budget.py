"""Budget: what was sold and earned against what was planned for the same finished months."""

from dataclasses import replace
from functools import partial

from core.errors import PicholineError
from core.i18n import N_, msg
from core.models.query import Compare, Scope
from core.models.result import AnalysisResult
from core.services.analytics.base import ANALYSES, Analysis, Asker, Params, collect
from core.services.key_figures import kpi_table
from core.services.metrics import Metrics
from core.services.side_by_side import side_by_side

ALWAYS = ("net_sales", "gross_margin", "margin_rate")
SPLITS = ("country", "category", "channel")
_MOST = 8


def run(metrics: Metrics, params: Params, scope: Scope) -> AnalysisResult:
    """Compute variances by month, country, category and channel.

    The comparison of the filters plays no part: it is always the budget.

    Raises:
        PicholineError: there is no budget, or no finished month to compare.
    """
    budgets = metrics.budgets()
    if not budgets:
        raise PicholineError(
            "budget.none",
            msg("There are no budgets yet."),
            msg(
                "Import a table with the columns month, metric and value, and if you plan by them "
                "country, category and channel."
            ),
        )
    params = replace(params, filters=replace(params.filters, compare=Compare.BUDGET))
    asker = Asker.start(metrics, params, scope)
    if asker.resolved.compared is None:
        raise PicholineError(
            "budget.months",
            msg("The period holds no whole, finished month."),
            msg("Choose a longer period: budgets are by month."),
        )
    keys = tuple(dict.fromkeys((*ALWAYS, *budgets)))[:_MOST]
    ask = partial(asker.ask, *keys)
    answers = side_by_side(
        {
            "monthly": partial(ask, by=("month",), order="month"),
            **{f"by_{key}": partial(ask, by=(key,), order="-net_sales") for key in SPLITS},
        }
    )
    tables = {"kpis": kpi_table(answers["monthly"], keys), **answers}
    titles = {
        "kpis": msg(N_("Key figures against the budget")),
        "monthly": msg(N_("Budget by month")),
        "by_country": msg(N_("Budget by country")),
        "by_category": msg(N_("Budget by category")),
        "by_channel": msg(N_("Budget by channel")),
    }
    return collect(asker, tables, titles)


ANALYSES.add(
    Analysis(
        "budget",
        N_("Budget"),
        N_("Variances against the budget by month, country, category and channel."),
        run,
    )
)
