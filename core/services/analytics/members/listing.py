"""The list of all products, customers, suppliers or countries under the page's filters."""

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from core.i18n import N_, Message, msg
from core.models.catalogue import METRICS
from core.models.members import SEARCH, SORT
from core.models.query import Filter, Operator
from core.models.result import AnalysisResult, ResultTable
from core.services.analytics.base import Asker, Params, collect
from core.services.analytics.members.kinds import MemberKind

DEFAULT_SORT = "-net_sales"
NAME, RISING, FALLING = "name", "-net_sales_change", "net_sales_change"


def sorts(kind: MemberKind) -> dict[str, Message]:
    """Return the orders of a list: each figure from the highest, what changed most, the name."""
    figures = {f"-{key}": Message(METRICS[key].name) for key in kind.listed}
    changes = {RISING: msg(N_("Largest gain")), FALLING: msg(N_("Largest loss"))}
    return {**figures, **changes, NAME: msg(N_("Name"))}


def everybody(asker: Asker, kind: MemberKind, text: str = "") -> ResultTable:
    """Return the key figures of every member, the highest net sales first.

    Args:
        asker: of the page.
        kind: of the members.
        text: part of the code or the name; accents and case do not matter.
    """
    asked = asker.query(
        *kind.listed,
        by=(kind.dimension,),
        order=DEFAULT_SORT,
        products_only=kind.products_only,
    )
    if not text:
        return asker.metrics.ask(asked, asker.scope)
    wanted = Filter(kind.dimension, (text,), Operator.CONTAINS)
    found = asker.metrics.ask(replace(asked, where=(*asked.where, wanted)), asker.scope)
    # Each row names its member: its lines are those of the question without the search.
    return replace(found, asked=asked)


def searched(asker: Asker, params: Params, kind: MemberKind) -> ResultTable:
    """Return the members a URL searches for, the highest net sales first."""
    return everybody(asker, kind, params.chosen.text(SEARCH).strip())


def listing(asker: Asker, params: Params, kind: MemberKind) -> AnalysisResult:
    """Return the list that a URL asks for, searched and sorted."""
    text = params.chosen.text(SEARCH).strip()
    found = searched(asker, params, kind)
    table = replace(found, data=_sorted(found, kind, params.chosen.text(SORT)))
    notes = () if table.data.num_rows or not text else (_nothing(text),)
    return collect(asker, {"members": table}, {"members": Message(kind.title)}, notes=notes)


def _nothing(text: str) -> Message:
    return msg(
        "Nothing with “{text}” was sold in this period under these filters: search a part of the "
        "name or of the code, or choose a longer period.",
        text=text,
    )


def _sorted(table: ResultTable, kind: MemberKind, wanted: str) -> pa.Table:
    """Return rows in an order; a change that nothing is compared with leaves the first order."""
    column = wanted.removeprefix("-")
    if column == NAME:
        label = f"{kind.dimension}_name"
        column = label if label in table.data.column_names else kind.dimension
        names = pc.utf8_lower(pc.coalesce(table.data[column], table.data[kind.dimension]))
        named = pa.table({NAME: names})
        return table.data.take(pc.sort_indices(named, [(NAME, "ascending", "at_end")]))
    if wanted == DEFAULT_SORT or column not in table.data.column_names:
        return table.data
    way = "descending" if wanted.startswith("-") else "ascending"
    order = pc.sort_indices(table.data, [(column, way, "at_end")])
    return table.data.take(order)
