"""How the page “Lines” looks where it shows rows of another table of the schema."""

from collections.abc import Iterable, Mapping
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core.formats import format_value
from core.i18n import _, current_language, msg_n, translate
from core.models.catalogue import Known
from core.models.formats import Format
from core.models.lines import LinesState
from core.models.schema import TABLES
from core.services.stored_rows import StoredPage
from dashboard.components import icon
from dashboard.line_list import chip


def stored_count(table: str, total: int) -> str:
    """Return which table's rows are shown, and how many there are."""
    shown = format_value(total, Format.INTEGER, current_language())
    rows = str(msg_n("{shown} row", "{shown} rows", total, shown=shown))
    return f"{translate(TABLES[table].label)} · {rows}"


def stored_sums(found: StoredPage) -> str:
    """Return the sums of the rows' amounts and quantities in words, as they were stated."""
    parts = [
        f"{found.table.column(key).name} {_number(value)}"
        for key, value in found.sums.items()
        if value is not None
    ]
    return _("Sums of these rows: {sums}", sums=" · ".join(parts)) if parts else ""


def _number(value: Any) -> str:
    return format_value(value, Format.NUMBER, current_language())


def stored_note(found: StoredPage) -> Component:
    """Say what these rows are, and what was chosen that they do not state."""
    text = _("These rows are no sales: each shows the file, the sheet and the row it came from.")
    left = (
        [_("Not stated by them, and not looked at: {names}.", names=", ".join(found.left))]
        if found.left
        else []
    )
    return html.P([icon("info"), " ".join([text, *left])], className="caveat-holder caveat-mark")


def sibling_link(table: str, search: str) -> Component:
    """Return the way to the table where the rest of the same records may stand."""
    name = translate(TABLES[table].label)
    return html.P(
        dcc.Link([icon("lines"), _("See also: {name}", name=name)], href=f"/lines{search}"),
        className="panel-hint",
    )


def stored_chips(
    state: LinesState, known: Known, values: Iterable[tuple[str, str, str]], rows: str
) -> list[Component]:
    """Return one removable chip per choice.

    Args:
        state: what is chosen.
        known: the catalogue.
        values: dimension, readable value and the address without it.
        rows: the address of the lines instead of this table's rows.
    """
    found = [chip(_("Rows of"), translate(TABLES[state.table].label), rows)]
    if "metric" in {field.key for field in TABLES[state.table].fields}:
        metrics: Mapping[str, Any] = known.metrics
        name = translate(metrics[state.metric].name) if state.metric in metrics else state.metric
        found.append(chip(_("Metric"), name, rows))
    for key, value, address in values:
        dimension = known.dimensions.get(key)
        label = translate(dimension.name) if dimension else key
        found.append(chip(label, value, address))
    return found
