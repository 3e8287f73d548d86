"""Controls of a sheet whose columns are months, years or countries: as rows, or as they stand."""

from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from core.i18n import _
from dashboard.attributes import attributes
from dashboard.intake_choices import shown_option
from dashboard.intake_sheet import SheetView


def layout_controls(sheet: SheetView, place: int) -> list[Component]:
    """Return the choice between rows and columns, and the year of months that name none."""
    crossed = sheet.crossed
    if not crossed:
        return []
    kinds = {
        "month": _("Months in columns"),
        "year": _("Years in columns"),
        "country": _("Countries in columns"),
    }
    options: Any = [
        {"label": _("Turn them into rows"), "value": "rows"},
        {"label": _("Leave them as they stand"), "value": "plain"},
    ]
    found: list[Component] = [
        html.Label(
            [
                html.Span(kinds.get(crossed["kind"], _("Crossed columns"))),
                dbc.Select(
                    id={"type": "intake-option", "sheet": place, "name": "shape"},
                    options=options,
                    value=shown_option(sheet, "shape"),
                ),
            ],
            className="choice",
            title=", ".join(crossed["columns"]),
        )
    ]
    if crossed["applied"] and (crossed["year"] or crossed["year_missing"]):
        found.append(
            html.Label(
                [
                    html.Span(_("Year of the months")),
                    dbc.Input(
                        id={"type": "intake-option", "sheet": place, "name": "year"},
                        value=shown_option(sheet, "year"),
                        debounce=True,
                        **attributes({"inputmode": "numeric"}),
                        placeholder="2025",
                        size="sm",
                    ),
                ],
                className="choice rate",
            )
        )
    return found


def year_doubt(sheet: SheetView) -> tuple[str, str] | None:
    """Return that the months name no year and what to do; None where they do."""
    if not sheet.crossed or not sheet.crossed["year_missing"]:
        return None
    return _("The months in the titles name no year."), _("State the year of the months above.")
