"""Lifetime value: what customers are expected to bring, and how far to believe it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dash import html
from dash.development.base_component import Component

from core.formats import UNKNOWN, format_value
from core.i18n import N_, _, translate
from core.models.formats import Format
from dashboard.facts import facts, model_card
from dashboard.grid import grid_columns, grid_rows
from dashboard.page import CUSTOMERS, PAGES, Choice, Page, Panel, View
from dashboard.tiles import resting
from dashboard.value_charts import (
    capture_bars,
    concentration_curve,
    frequency_bars,
    total_bars,
    tracking_lines,
)

SPLITS = {
    "segment": N_("Segment"),
    "rfm_segment": N_("RFM segment"),
    "country": N_("Country"),
    "channel": N_("Channel"),
    "campaign": N_("First campaign"),
    "quarter": N_("First quarter"),
}
PLACES = {
    "country": N_("Country"),
    "channel": N_("Channel"),
    "campaign": N_("Campaign alone"),
}
_LISTED = 1_000  # the most valuable; the export has all
_LONG_AMOUNT = 10_000
_CUSTOMERS = (
    "customer_name", "clv", "clv_low", "clv_high", "p_alive", "expected_orders", "per_order",
    "expected_margin", "value_so_far", "purchase_days", "last_purchase", "segment",
    "rfm_segment_name", "country", "channel", "customer",
)  # fmt: skip
_MODELS = (
    "model", "used", "bias", "correlation", "mae", "brier", "holdout_likelihood", "expected",
    "actual", "log_likelihood", "aic", "bic", "parameters",
)  # fmt: skip
_PARAMETERS = ("model", "parameter", "estimate", "low", "high", "meaning")
_NARROW: dict[str, Any] = {"minWidth": 124, "flex": 1}
_WIDTHS: dict[str, dict[str, Any]] = {
    "customer_name": {"minWidth": 170, "flex": 2},
    "customer": _NARROW,
    "model": {"minWidth": 230, "flex": 1},
    "used": {"minWidth": 112, "flex": 1},
    "parameters": {"minWidth": 300, "flex": 3},
    "parameter": _NARROW,
    "meaning": {
        "minWidth": 320,
        "flex": 6,
        "wrapText": True,
        "autoHeight": True,
        "cellClass": "wrapped",
    },
    "remark": {"minWidth": 190, "flex": 2},
    "campaign": _NARROW,
    "investment": {"minWidth": 132},
    "investment_per_customer": {"minWidth": 132},
    "payoff": {"minWidth": 132},
    "holdout_likelihood": {"minWidth": 150},
    "log_likelihood": {"minWidth": 150},
    "segment": {"minWidth": 120, "flex": 1},
    "rfm_segment_name": {"minWidth": 150, "flex": 1},
    "country": {"minWidth": 130, "flex": 1},
    "channel": {"minWidth": 120, "flex": 1},
}
READING = (
    (
        N_("Lifetime value"),
        N_(
            "What a customer is expected to bring within the horizon: expected orders of each "
            "month × expected value of an order, later months discounted. What was earned so far "
            "is not in it."
        ),
    ),
    (
        N_("P(still active)"),
        N_(
            "The chance that a customer has not left for good. Nobody says goodbye: a customer who "
            "ordered weekly and has been silent for two months has probably left, one who orders "
            "twice a year has not. It is no chance of an order next month."
        ),
    ),
    (
        N_("Interval"),
        N_(
            "Nine times out of ten the true amount lies between low and high, if customers go on "
            "behaving as they did. Chance and the uncertainty of the model are in it; a new "
            "competitor, a price rise or a season the model has not seen are not. The interval of "
            "one customer is wide, that of a total narrow: chance evens out."
        ),
    ),
    (
        N_("Check"),
        N_(
            "The models are fitted without the last months, forecast them, and are held against "
            "what came. Believe a forecast as far as this check went well: a bias under 10% is "
            "good, over 20% is a warning."
        ),
    ),
    (
        N_("Do not use it"),
        N_(
            "For customers with a contract or subscription, who say when they leave; for fewer "
            "than about a hundred accounts, which are better known by hand; with less than one "
            "and a half years of sales, or a cut-off on a seasonal peak; where a warning above "
            "says that nobody is seen leaving."
        ),
    ),
)


def _tiles(view: View) -> tuple[Any, ...]:
    tiles = [_tile(row, view) for row in view.table.rows()]
    return ([html.Div(tiles, className="tiles tiles-six")],)


def _tile(row: Mapping[str, Any], view: View) -> Component:
    name = translate(row["metric_name"])
    full = _amount(row, "value", view, compact=False)
    return html.Article(
        [
            html.H3(name, className="tile-name", title=name),
            html.Div(
                resting(_amount(row, "value", view), full, view),
                className="tile-main",
            ),
            html.P(_interval(row, view), className="tile-note"),
        ],
        className="tile",
    )


def _amount(row: Mapping[str, Any], key: str, view: View, *, compact: bool = True) -> str:
    value, kind = row[key], Format(row["format"])
    short = compact and kind is Format.MONEY and abs(value or 0) >= _LONG_AMOUNT
    return format_value(value, kind, view.language, compact=short, currency=view.currency)


def _interval(row: Mapping[str, Any], view: View) -> str:
    low, high = (_amount(row, key, view) for key in ("low", "high"))
    if UNKNOWN in (low, high):
        return translate(row["remark"] or "")
    return _("90% sure: {low} to {high}", low=low, high=high)


def _totals(view: View) -> tuple[Any, ...]:
    return (total_bars(view),)


def _concentration(view: View) -> tuple[Any, ...]:
    return (concentration_curve(view),)


def _capture(view: View) -> tuple[Any, ...]:
    return (capture_bars(view),)


def _tracking(view: View) -> tuple[Any, ...]:
    return (tracking_lines(view),)


def _frequency(view: View) -> tuple[Any, ...]:
    return (frequency_bars(view),)


def _customers(view: View) -> tuple[Any, ...]:
    """Return the most valuable customers; attributes that none of them has are left out."""
    kept = view.table.data.slice(0, _LISTED)
    known = [key for key in _CUSTOMERS if kept[key].null_count < kept.num_rows]
    if "customer_name" not in known:  # the code is all there is to tell them apart
        known.insert(0, known.pop())
    return _grid(replace(view, table=replace(view.table, data=kept)), known)


def _models(view: View) -> tuple[Any, ...]:
    refused = view.table.data["remark"]
    keys = _MODELS if refused.null_count == len(refused) else (*_MODELS, "remark")
    return _grid(view, keys)


def _acquisition(view: View) -> tuple[Any, ...]:
    return _grid(view, [column.key for column in view.table.columns])


def _parameters(view: View) -> tuple[Any, ...]:
    return _grid(view, _PARAMETERS)


def _grid(view: View, keys: Sequence[str]) -> tuple[Any, ...]:
    columns = [view.table.column(key) for key in keys]
    definitions = [
        definition | _WIDTHS.get(str(definition["field"]), {})
        for definition in grid_columns(columns, view)
    ]
    return grid_rows(view.table, columns, view), definitions


def _reading(_view: View) -> tuple[Any, ...]:
    return (facts([(translate(name), translate(text)) for name, text in READING]),)


_VALUE_PANELS = (
    Panel(
        "kpis",
        N_("Key figures"),
        "kpis",
        "html",
        _tiles,
        bare=True,
        hint=N_(
            "All purchases up to the end of the period count, whenever it begins. An interval "
            "holds the true amount nine times out of ten, if customers go on behaving as they did."
        ),
    ),
    Panel(
        "totals",
        N_("Value by"),
        "by_{choice}",
        "chart",
        _totals,
        choice=Choice("split", SPLITS),
        hint=N_(
            "Lifetime value of each group; lines: 90% interval of its total. First campaign and "
            "quarter: of the first purchase. At most 24 groups are drawn."
        ),
    ),
    Panel(
        "concentration",
        N_("Concentration of the value"),
        "concentration",
        "chart",
        _concentration,
        6,
        320,
        hint=N_("How much of the value the best customers hold; dashed: all worth the same."),
        legend=(("line", N_("Lifetime value")), ("compared", N_("Value so far"))),
    ),
    Panel(
        "capture",
        N_("Who finds the best customers"),
        "capture",
        "chart",
        _capture,
        6,
        320,
        hint=N_(
            "Share of the holdout's value brought by the 10% of customers each ranking put first."
        ),
    ),
    Panel(
        "customers",
        N_("Customers"),
        "customers",
        "grid",
        _customers,
        12,
        460,
        hint=N_("The 1,000 most valuable; the export has all."),
    ),
    Panel(
        "acquisition",
        N_("Lifetime value and investment"),
        "acquisition_{choice}",
        "grid",
        _acquisition,
        12,
        400,
        choice=Choice("place", PLACES),
        hint=N_(
            "Investment of a campaign against what the customers won in it have brought and will "
            "bring. Investment serves older customers too: compare rows, do not add them up."
        ),
    ),
)
_TRUST_PANELS = (
    Panel(
        "tracking",
        N_("Repeat orders week by week"),
        "tracking",
        "chart",
        _tracking,
        12,
        300,
        hint=N_(
            "All orders after the first, of the customers known at the end of the calibration. In "
            "the shaded holdout the model had not seen what came."
        ),
        legend=(("line", N_("Actual")), ("compared", N_("Expected"))),
    ),
    Panel(
        "calibration",
        N_("Expected and actual orders by frequency"),
        "calibration",
        "chart",
        _frequency,
        12,
        300,
        hint=N_("Orders per customer in the holdout; lines: 90% interval of the actual mean."),
        legend=(("primary", N_("Expected")), ("strong", N_("Actual"))),
    ),
    Panel(
        "models",
        N_("Models on the holdout"),
        "models",
        "grid",
        _models,
        12,
        230,
        hint=N_(
            "Bias: expected ÷ actual orders − 1. Correlation by customer, the higher the better; "
            "errors and the Brier score of “no order”, the lower the better."
        ),
    ),
    Panel("parameters", N_("Parameters"), "parameters", "grid", _parameters, 12, 330),
    Panel("reading", N_("How to read this page"), "kpis", "html", _reading),
    Panel("card", N_("How this was computed"), "model_card", "html", model_card),
)

PAGES.add(
    Page(
        key="clv",
        title=N_("Lifetime value"),
        icon="clv",
        analysis="clv",
        order=40,
        group=CUSTOMERS,
        panels=(*_VALUE_PANELS, *_TRUST_PANELS),
    )
)
