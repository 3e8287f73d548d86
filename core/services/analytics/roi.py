"""Return on investment by country, product, channel, category and campaign, with payback."""

from dataclasses import replace
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from core.formats import shown
from core.i18n import N_, Message, msg
from core.models.formats import Format
from core.models.options import Option
from core.models.query import Compare, Scope
from core.models.result import AnalysisResult, ResultTable
from core.services.analytics.base import ANALYSES, Analysis, Asker, Params, collect
from core.services.key_figures import kpi_table
from core.services.metrics import Metrics
from core.services.own_splits import own_split
from core.services.roi import METRICS, MONTHLY, cumulated, increase_words, paid_back, with_payback
from core.services.side_by_side import side_by_side
from core.services.vocabulary import in_sentence

KPIS = ("investment", "contribution", "roi", "overhead", "net_margin", "net_margin_rate")
SPLITS: dict[str, tuple[str, ...]] = {
    "country": ("country",),
    "product": ("product",),
    "channel": ("channel",),
    "category": ("category",),
    "campaign": ("campaign",),
    "country_product": ("country", "product"),
}
SPLIT_NAMES = {
    "country": N_("Country"),
    "product": N_("Product"),
    "channel": N_("Channel"),
    "category": N_("Category"),
    "campaign": N_("Campaign"),
    "country_product": N_("Country × product"),
}
PARTS = {"world": N_("World"), "europe": N_("Europe")}
EUROPE = (
    "AD", "AL", "AT", "BA", "BE", "BG", "BY", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI",
    "FR", "GB", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD", "ME",
    "MK", "MT", "NL", "NO", "PL", "PT", "RO", "RS", "SE", "SI", "SK", "SM", "UA", "XK",
)  # fmt: skip
# By what the return is split; tabs over its panel choose it. Tabs over the map choose its part.
OPTIONS = (
    Option("map", N_("Part of the map"), "choice", "world", PARTS, in_bar=False),
    Option(
        "split", N_("Return on investment by"), "dimension", "country", SPLIT_NAMES, in_bar=False
    ),
)


def run(metrics: Metrics, params: Params, scope: Scope) -> AnalysisResult:
    """Compute the return on investment over time and by every split."""
    asker = Asker.start(metrics, params, scope)
    own = own_split(metrics.known(), params.chosen, SPLITS)
    splits = SPLITS | ({own.key: (own.key,)} if own else {})
    answers = side_by_side(
        {
            "monthly": partial(asker.ask, *KPIS, by=("month",), order="month"),
            **{f"by_{name}": partial(_split, asker, by) for name, by in splits.items()},
        }
    )
    monthly = answers.pop("monthly")
    tables = {
        "kpis": kpi_table(monthly, KPIS),
        "monthly": monthly,
        "cumulated": cumulated(monthly),
        **answers,
        "map_world": answers["by_country"],
        "map_europe": _of_europe(answers["by_country"]),
    }
    titles = {
        "kpis": msg(N_("Key figures")),
        "monthly": msg(N_("Return on investment by month")),
        "cumulated": msg(N_("Investment and contribution, cumulated")),
        "by_country": msg(N_("Return on investment by country")),
        "map_world": msg(N_("Return on investment by country")),
        "map_europe": msg(N_("Return on investment by country of Europe")),
        "by_product": msg(N_("Return on investment by product")),
        "by_channel": msg(N_("Return on investment by channel")),
        "by_category": msg(N_("Return on investment by category")),
        "by_campaign": msg(N_("Return on investment by campaign")),
        "by_country_product": msg(N_("Return on investment by country and product")),
    }
    if own:
        titles[f"by_{own.key}"] = msg(
            "Return on investment by {dimension}", dimension=in_sentence(own)
        )
    words = _words(monthly, metrics.base_currency)
    planned = asker.filters.compare is Compare.BUDGET
    more = () if planned else increase_words(monthly.total or {}, metrics.base_currency)
    return collect(asker, tables, titles, notes=(*((words,) if words else ()), *more))


def _split(asker: Asker, by: tuple[str, ...]) -> ResultTable:
    answer = asker.ask(*METRICS, by=by, order="-contribution")
    return with_payback(answer, asker.ask(*MONTHLY, by=(*by, "month"), compare=False), by)


def _of_europe(answer: ResultTable) -> ResultTable:
    """Return the countries of Europe alone; they have no total of their own."""
    mask = pc.is_in(answer.data.column("country"), value_set=pa.array(EUROPE))
    return replace(answer, data=answer.data.filter(mask), total=None)


def _words(monthly: ResultTable, currency: str) -> Message | None:
    """Return in one sentence what was invested, and when it had come back."""
    invested = (monthly.total or {}).get("investment")
    if not invested:
        return msg("No investment is recorded in this period: there is no return on it to show.")
    amount = shown(invested, Format.MONEY, compact=True, currency=currency)
    found = paid_back(monthly)
    if found is None:
        return msg("Of the {amount} invested, contribution has not yet made up all.", amount=amount)
    return msg(
        "The {amount} invested were first made up by contribution in {month}.",
        amount=amount,
        month=shown(found.month, Format.MONTH),
    )


ANALYSES.add(
    Analysis(
        "roi",
        N_("Return on investment"),
        N_("What investments earned by country, product, channel and campaign, and when."),
        run,
        options=OPTIONS,
    )
)
