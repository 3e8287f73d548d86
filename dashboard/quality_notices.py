"""What an executive should know of the data beside the figures: rows that wait for somebody."""

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from core.formats import format_value
from core.i18n import _, current_language, msg_n
from core.models.formats import Format
from core.models.tables import Import
from dashboard.components import icon
from dashboard.correction_state import corrections_link

NOTICES = "quality-notices"


def notices_frame() -> list[Component]:
    """Return the place of the notices above a page's panels."""
    return [html.Div(id=NOTICES, className="quality-notices")]


def notices(waiting: Sequence[tuple[Import, int]]) -> Component | None:
    """Return how many rows are in no figure, with the way to them; None without any.

    Args:
        waiting: imports and their rows that nobody has settled, the newest first.
    """
    if not waiting:
        return None
    rows = sum(count for _record, count in waiting)
    shown = format_value(rows, Format.INTEGER, current_language())
    text = str(
        msg_n(
            "{shown} row set aside at intake is in no figure.",
            "{shown} rows set aside at intake are in no figure.",
            rows,
            shown=shown,
        )
    )
    newest = waiting[0][0]
    link = dcc.Link(_("Correct the rows"), href=corrections_link(newest.id or 0))
    return html.P([icon("info"), html.Span(text), link], className="quality-notice")
