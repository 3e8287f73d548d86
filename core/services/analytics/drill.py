"""Drill down: the members of a hierarchy's next level, inside those chosen above it."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from urllib.parse import urlencode

from core.formats import shown
from core.i18n import N_, Message, msg
from core.models.formats import Format
from core.models.options import Option
from core.models.query import Scope
from core.models.result import AnalysisResult, ResultTable
from core.services.analytics.base import ANALYSES, Analysis, Asker, Params, collect
from core.services.hierarchies import LAST, LEVEL_NAMES, Place, place_of
from core.services.key_figures import kpi_table
from core.services.metrics import Metrics
from core.services.side_by_side import side_by_side
from core.services.slices import SLICE_OPTIONS, Slice, slice_of

ALONG = "along"
WAY = "way"  # of the headline: the URL's own pairs, from which the addresses below are made
LISTED = 2_000  # rows a page draws
KPIS = ("net_sales", "gross_margin", "margin_rate", "orders")
_MEMBERS = ("net_sales", "gross_margin", "margin_rate", "orders", "return_rate")
_INVOICES = ("net_sales", "gross_margin", "margin_rate", "returns")
_ALONG_NAMES = {
    "country": N_("Country"),
    "category": N_("Category"),
    "supplier": N_("Supplier"),
    "channel": N_("Channel"),
    "segment": N_("Customer segment"),
    "customer": N_("Customer"),
    "product": N_("Product"),
}
OPTIONS = (
    Option(ALONG, N_("Hierarchy"), "choice", "country", _ALONG_NAMES, in_bar=False),
    *SLICE_OPTIONS,
)


def run(metrics: Metrics, params: Params, scope: Scope) -> AnalysisResult:
    """List the members of the level a URL stands on, with the key figures of what it is inside.

    Raises:
        PicholineError: a cell names no dimension, or a day cannot be read.
    """
    part = slice_of(metrics, params.filters, params.chosen, scope)
    place = place_of(params.chosen.text(ALONG), part.cells)
    answers = side_by_side(
        {
            "monthly": partial(part.ask, *KPIS, by=("month",), order="month"),
            "level": partial(_level, part, place),
        }
    )
    tables = {"kpis": kpi_table(answers["monthly"], KPIS), **answers}
    if place.level != LAST:  # invoices stand in the order of their days, nothing to compare
        tables["ranked"] = answers["level"]
    titles = {
        "kpis": msg(N_("Key figures")),
        "monthly": msg(N_("By month")),
        "level": Message(LEVEL_NAMES[place.level]),
        "ranked": Message(LEVEL_NAMES[place.level]),
    }
    result = collect(Asker.start(metrics, params, scope), tables, titles, notes=_cut(answers))
    way = urlencode(params.chosen.to_pairs())
    return replace(result, compared=part.resolved.compared, headline={WAY: way})


def _cut(answers: Mapping[str, ResultTable]) -> tuple[Message, ...]:
    """Say how many rows there are where a page cannot draw all of them."""
    rows = answers["level"].data.num_rows
    if rows <= LISTED:
        return ()
    most, n = (shown(number, Format.INTEGER) for number in (LISTED, rows))
    return (msg("The first {most} of {n} rows are drawn; the export has all.", most=most, n=n),)


def _level(part: Slice, place: Place) -> ResultTable:
    """Return the level's members by net sales; invoices by their day, the latest first."""
    if place.level != LAST:
        return part.ask(*_MEMBERS, by=(place.level,), order="-net_sales")
    who = () if "customer" in part.pinned() else ("customer",)
    return part.ask(*_INVOICES, by=("day", LAST, *who), order="-day", compare=False)


ANALYSES.add(
    Analysis(
        "drill",
        N_("Drill down"),
        N_("From countries to customers, invoices and lines; from categories to products."),
        run,
        options=OPTIONS,
    )
)
