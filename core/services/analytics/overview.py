"""Overview: how the company stands, at a glance."""

from collections.abc import Callable, Container, Mapping
from dataclasses import replace
from functools import partial

from core.formats import shown
from core.i18n import N_, Message, msg
from core.models.formats import Format
from core.models.options import Option
from core.models.query import Scope
from core.models.result import AnalysisResult, ResultTable
from core.services.analytics.base import ANALYSES, Analysis, Asker, Params, collect
from core.services.drivers import drivers_words, movers
from core.services.key_figures import kpi_table
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
DRIVERS = {
    "country": N_("Country"),
    "category": N_("Category"),
    "product": N_("Product"),
    "supplier": N_("Supplier"),
    "channel": N_("Channel"),
}
_PRODUCTS_ONLY = ("product", "supplier")  # without postage and fees
_NAMED = 3  # dimensions in the sentence
# By what the change is split; tabs over its panel choose it.
OPTIONS = (
    Option("drivers", N_("What drove the change by"), "choice", "country", DRIVERS, in_bar=False),
)


def run(metrics: Metrics, params: Params, scope: Scope) -> AnalysisResult:
    """Compute the KPI tiles, the monthly trend, three splits and the values of the orders."""
    asker = Asker.start(metrics, params, scope)
    split = partial(asker.ask, *_SPLIT, order="-net_sales")
    tasks: dict[str, Callable[[], ResultTable]] = {
        "trend": partial(asker.ask, *KPIS, by=("month",), order="month"),
        "countries": partial(split, by=("country",)),
        "categories": partial(split, by=("category",)),
        "products": partial(split, by=("product",), products_only=True),
        "suppliers": partial(asker.ask, "net_sales", by=("supplier",), products_only=True),
        "channels": partial(asker.ask, "net_sales", by=("channel",)),
        "order_values": partial(_order_values, metrics, asker),
    }
    answers = side_by_side(tasks)
    moved = _movers(answers)
    answers = {key: answers[key] for key in tasks if key not in ("suppliers", "channels")}
    key_figures = kpi_table(answers["trend"], KPIS, asker.ask_plan(*KPIS))
    tables = {"kpis": key_figures, **answers, **moved}
    titles = {
        "kpis": msg(N_("Key figures")),
        "trend": msg(N_("Net sales and margin by month")),
        "countries": msg(N_("Net sales by country")),
        "categories": msg(N_("Net sales by category")),
        "products": msg(N_("Top products")),
        "order_values": msg(N_("Order values")),
        **{f"drivers_{key}": _driven(DRIVERS[key]) for key in DRIVERS},
    }
    named = _told(moved, params.filters.cross)
    words = drivers_words(named, "net_sales", metrics.base_currency)
    return collect(asker, tables, titles, notes=(words,) if words else ())


def _told(moved: Mapping[str, ResultTable], clicked: Container[str]) -> list[ResultTable]:
    """Return the movers a sentence names: the first speak of all lines, none of what is kept."""
    found = [key for key in DRIVERS if key not in clicked and f"drivers_{key}" in moved]
    if found and found[0] in _PRODUCTS_ONLY:
        found.sort(key=lambda key: key in _PRODUCTS_ONLY)
    if not found or found[0] in _PRODUCTS_ONLY:
        return []
    return [moved[f"drivers_{key}"] for key in found[:_NAMED]]


def _driven(name: str) -> Message:
    return msg("What drove the change, by {dimension}", dimension=Message(name, inside=True))


def _movers(answers: Mapping[str, ResultTable]) -> dict[str, ResultTable]:
    """Return who moved net sales, by each dimension; nothing without a comparison."""
    sources = {
        "country": "countries",
        "category": "categories",
        "product": "products",
        "supplier": "suppliers",
        "channel": "channels",
    }
    found = {key: movers(answers[source], "net_sales") for key, source in sources.items()}
    return {f"drivers_{key}": table for key, table in found.items() if table}


def _order_values(metrics: Metrics, asker: Asker) -> ResultTable:
    """Return how many orders are worth how much, with the middle of them in words."""
    found = metrics.order_values(asker.filters.where(), asker.resolved.period, asker.scope)
    words = _middle(found, metrics.base_currency)
    return replace(found, caveats=(words, *found.caveats)) if words else found


def _middle(found: ResultTable, currency: str) -> Message | None:
    """Return quartiles and median in one sentence, with the number of orders."""
    total = found.total or {}
    if not total.get("orders"):
        return None
    low, median, high = (
        shown(total[key], Format.MONEY, digits=0, currency=currency)
        for key in ("first_quartile", "median", "third_quartile")
    )
    if total["orders"] == 1:
        return msg("One order, worth {median}.", median=median)
    return msg(
        "{orders} orders: half of them are worth {low} to {high}, the median is {median}.",
        orders=shown(total["orders"], Format.INTEGER),
        low=low,
        high=high,
        median=median,
    )


ANALYSES.add(
    Analysis(
        "overview",
        N_("Overview"),
        N_(
            "Key figures with like-for-like changes, by month, country, category and product; "
            "order values; what drove the change."
        ),
        run,
        options=OPTIONS,
    )
)
