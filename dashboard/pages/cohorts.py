"""Cohorts: who comes back after the first purchase, for how long, and where it differs."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dash import html
from dash.development.base_component import Component

from core.formats import UNKNOWN, format_value
from core.i18n import N_, _, translate
from core.models.formats import Format
from dashboard.curves import retention_curve, survival_curves
from dashboard.facts import model_card
from dashboard.grid import grid_columns, grid_rows
from dashboard.page import CUSTOMERS, PAGES, Choice, Page, Panel, View
from dashboard.tiles import resting
from dashboard.triangle import triangle

MEASURES = {
    "customers": N_("Customers"),
    "net_sales": N_("Sales"),
    "gross_margin": N_("Margin"),
}
_MEASURE = Choice("measure", MEASURES)
_INTERVALS = ("second_low", "second_high", "stay_low", "stay_high")
_FINDINGS = ("finding_second", "finding_lapse")
_P_VALUES = ("p_second", "p_lapse")
_LAST = ("repeat_rate", "year", *_P_VALUES, "remark")
YEAR_DAYS = 365
_MEDIANS = ("second", "stay")
_SMALL_P = 0.001


def _tiles(view: View) -> tuple[Any, ...]:
    return ([html.Div([_tile(row, view) for row in view.table.rows()], className="tiles")],)


def _tile(row: Mapping[str, Any], view: View) -> Component:
    kind = Format(row["format"])
    name = translate(row["metric_name"])
    value = format_value(row["value"], kind, view.language)
    note = translate(row["remark"]) if row["remark"] else _interval(row, kind, view)
    if row["metric"] in _MEDIANS and row["value"] is not None:
        note = _("median, {note}", note=note)
    return html.Article(
        [
            html.H3(name, className="tile-name", title=name),
            html.Div(resting(value, value, view), className="tile-main"),
            html.P(note, className="tile-note"),
        ],
        className="tile",
    )


def _interval(row: Mapping[str, Any], kind: Format, view: View) -> str:
    low, high = (format_value(row[key], kind, view.language) for key in ("low", "high"))
    if low == UNKNOWN:
        return ""
    if high == UNKNOWN:
        return _("95% sure: {low} or more", low=low)
    return _("95% sure: {low} to {high}", low=low, high=high)


def _measure_of(view: View) -> str:
    """Return the measure whose wide table a view shows."""
    return next(key for key in MEASURES if view.table is view.result.tables[f"wide_{key}"])


def _triangle(view: View) -> tuple[Any, ...]:
    return (triangle(view, _measure_of(view)),)


def _curve(view: View) -> tuple[Any, ...]:
    return (retention_curve(view),)


def _second(view: View) -> tuple[Any, ...]:
    return (survival_curves(view, until=YEAR_DAYS),)


def _lapse(view: View) -> tuple[Any, ...]:
    return (survival_curves(view),)


def _split(view: View) -> tuple[Any, ...]:
    """Return the groups: how many come back, what the tests say, the rest after it."""
    left_out = (*_INTERVALS, *_LAST)
    keys = [column.key for column in view.table.columns if column.key not in left_out]
    columns = [
        replace(column, format=Format.TEXT, role="flag") if column.key in _P_VALUES else column
        for column in (view.table.column(key) for key in (*keys, *_LAST))
    ]
    rows = grid_rows(view.table, columns, view)
    for shown, row in zip(rows, view.table.rows(), strict=True):
        shown |= {key: _p_text(row[key], view) for key in _P_VALUES}
    definitions = grid_columns(columns, view)
    for definition in definitions:
        if definition["field"] in _FINDINGS:
            definition |= {"minWidth": 150, "flex": 2}
    return rows, definitions


def _p_text(p_value: float | None, view: View) -> str:
    if p_value is not None and p_value < _SMALL_P:
        return "< " + format_value(_SMALL_P, Format.NUMBER, view.language, digits=3)
    return format_value(p_value, Format.NUMBER, view.language, digits=3)


PAGES.add(
    Page(
        key="cohorts",
        title=N_("Cohorts"),
        icon="cohorts",
        analysis="cohorts",
        order=50,
        group=CUSTOMERS,
        panels=(
            Panel(
                "kpis",
                N_("Key figures"),
                "kpis",
                "html",
                _tiles,
                bare=True,
                hint=N_(
                    "All purchases up to the end of the period are followed, whenever it begins."
                ),
            ),
            Panel(
                "triangle",
                N_("Cohorts"),
                "wide_{choice}",
                "chart",
                _triangle,
                choice=_MEASURE,
                hint=N_(
                    "Percent of a cohort's customers who buy in a later period, or of its first "
                    "sales. Beside each cohort its customers; *: too few for rates, read with "
                    "care. Dotted: unfinished, not in the averages. The newest 30 cohorts are "
                    "drawn, the export has all."
                ),
            ),
            Panel(
                "curve",
                N_("Retention by age"),
                "curve_{choice}",
                "chart",
                _curve,
                height=300,
                choice=_MEASURE,
                hint=N_(
                    "Average over the cohorts that have finished an age; band: 95% interval. "
                    "Dotted: fewer than half of the customers are that old, and a rise may only "
                    "mean that older cohorts were better."
                ),
            ),
            Panel(
                "second",
                N_("Time to the second purchase"),
                "survival_second",
                "chart",
                _second,
                6,
                320,
                hint=N_(
                    "Share of the customers who have bought again, in the first year; band: 95% "
                    "interval. The export has all days."
                ),
            ),
            Panel(
                "lapse",
                N_("How long customers stay"),
                "survival_lapse",
                "chart",
                _lapse,
                6,
                320,
                hint=N_(
                    "Share of the customers who have not lapsed: no pause longer than the limit "
                    "so far; who never came back leaves on the first day. Band: 95% interval."
                ),
            ),
            Panel(
                "split",
                N_("Comparison of groups"),
                "split",
                "grid",
                _split,
                12,
                300,
                hint=N_(
                    "Findings rest on log-rank tests against all other groups, corrected for "
                    "their number; groups with fewer than 20 customers are not tested."
                ),
            ),
            Panel("card", N_("How this was computed"), "model_card", "html", model_card),
        ),
    )
)
