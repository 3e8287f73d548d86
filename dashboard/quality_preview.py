"""What the preview of a file says about its quality: refusals, score, columns, control total."""

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from core.formats import format_value
from core.i18n import _, current_language
from core.models.formats import Format
from core.models.schema import Kind
from dashboard.attributes import attributes
from dashboard.components import icon
from dashboard.intake_choices import NONE, shown_option
from dashboard.intake_sheet import ColumnView, SheetView
from dashboard.intake_words import whole
from dashboard.value_text import cell_text


def refusal_notices(sheet: SheetView) -> list[Component]:
    """Return why nothing of a sheet can be imported, one notice for each reason."""
    return [
        html.Div(
            [
                icon("warning"),
                html.Div([html.Strong(refusal["title"]), html.Span(refusal["advice"])]),
            ],
            className="error",
            role="alert",
            **attributes({"data-refusal": refusal["code"]}),
        )
        for refusal in sheet.refusals
    ]


def score_text(score: float | None) -> str:
    """Return the quality score of rows in words; "" where there is none."""
    if score is None:
        return ""
    # A single doubtful row of many must not read as none.
    digits = 1 if score < 1 else 0
    shown = min(score, 0.999) if score < 1 else score
    percent = format_value(shown, Format.PERCENT, current_language(), digits=digits)
    return _("Quality: {score} of the new rows are accepted without a remark.", score=percent)


def profile(column: ColumnView, kind: Kind | None) -> Component | None:
    """Return what a column holds: missing and distinct values, the least and the greatest.

    Args:
        column: of the file.
        kind: of the field it becomes; None where it is not imported.
    """
    parts: list[str | Component] = []
    if column.low is not None and column.high is not None and kind is not None:
        low, high = cell_text(column.low, kind), cell_text(column.high, kind)
        parts.append(low if low == high else f"{low} – {high}")
    if column.distinct:
        parts.append(_("{n} different", n=whole(column.distinct)))
    if column.missing:
        parts.append(_("{n} empty", n=whole(column.missing)))
    if column.problems:
        text = _("{n} with a problem", n=whole(column.problems))
        parts.append(html.Span(text, className="profile-bad"))
    if not parts:
        return None
    listed = [part for found in parts for part in (" · ", found)][1:]
    return html.Div(listed, className="profile")


def control_choice(sheet: SheetView, place: int) -> Sequence[Component]:
    """Return the controls of a control total: of which column, and what it must add up to."""
    titles = [column.title for column in sheet.columns if column.title]
    options: Any = [{"label": _("none"), "value": NONE}]
    options += [{"label": title, "value": title} for title in titles]
    chosen = shown_option(sheet, "control_column")
    control = dbc.Select(
        id=_name(place, "control_column"),
        options=options,
        value=chosen,
    )
    found = [html.Label([html.Span(_("Control total of")), control], className="choice")]
    if chosen != NONE:
        value = dbc.Input(
            id=_name(place, "control_value"),
            value=shown_option(sheet, "control_value"),
            debounce=True,
            placeholder=_("as on the paper"),
            size="sm",
            **attributes({"inputmode": "decimal"}),
        )
        label = html.Span(_("must be"))
        found.append(html.Label([label, value], className="choice rate"))
    return found


def _name(place: int, name: str) -> dict[str, Any]:
    return {"type": "intake-option", "sheet": place, "name": name}
