"""Churn: who will leave, whom it pays to call, how far the model can be believed."""

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from core.formats import UNKNOWN, format_value
from core.i18n import N_, _, translate
from core.models.formats import Format
from dashboard.churn_charts import calibration_chart, driver_bars, profit_chart, ranking_curves
from dashboard.facts import model_card
from dashboard.grid import grid_columns, grid_rows
from dashboard.labelled import labelled_parts
from dashboard.page import CUSTOMERS, PAGES, Choice, Page, Panel, View
from dashboard.tiles import resting
from dashboard.worklist import worklist_grid, worklist_parts

TILES = ("at_risk", "value_at_risk", "contacts", "threshold_probability", "base_rate", "auc",
         "lift", "best_profit")  # fmt: skip
_LONG_AMOUNT = 10_000
_MODEL_COLUMNS = ("model", "auc", "auc_low", "auc_high", "pr_auc", "lift", "brier", "log_loss")
_NAMES = {"threshold_probability": N_("A contact pays from")}  # shorter than in the table
Row = Mapping[str, Any]


def _tiles(view: View) -> tuple[Any, ...]:
    rows = {row["metric"]: row for row in view.table.rows()}
    tiles = [_tile(rows[key], _note(key, rows, view), view) for key in TILES if key in rows]
    return ([html.Div(tiles, className="tiles")],)


def _tile(row: Row, note: str, view: View) -> Component:
    name = translate(_NAMES.get(str(row["metric"])) or str(row["metric_name"]))
    return html.Article(
        [
            html.H3(name, className="tile-name", title=name),
            html.Div(
                resting(_value(row, view, compact=True), _value(row, view, compact=False), view),
                className="tile-main",
            ),
            html.P(note, className="tile-note"),
        ],
        className="tile",
    )


def _value(row: Row | None, view: View, *, compact: bool) -> str:
    if row is None:
        return UNKNOWN
    kind = Format(row["format"])
    value = row["value"]
    short = compact and kind is Format.MONEY and abs(value or 0) >= _LONG_AMOUNT
    return format_value(value, kind, view.language, compact=short, currency=view.currency)


def _note(key: str, rows: Mapping[str, Row], view: View) -> str:
    """Return what stands under a tile's value."""

    def of(metric: str) -> str:
        return _value(rows.get(metric), view, compact=True)

    notes = {
        "at_risk": lambda: _("of {n} active customers", n=of("customers")),
        "value_at_risk": lambda: _("probability × value, all customers"),
        "contacts": lambda: _("expected profit {profit}", profit=of("profit")),
        "threshold_probability": lambda: _(
            "or from a probability × value of {amount}", amount=of("threshold")
        ),
        "base_rate": lambda: _("predicted today: {share}", share=of("probability")),
        "auc": lambda: _auc_note(rows["auc"], view),
        "lift": lambda: _("times as many as by chance"),
        "best_profit": lambda: _("with {n} contacts", n=of("best_contacts")),
    }
    return notes[key]()


def _auc_note(row: Row, view: View) -> str:
    """Return the interval of the AUC, and what the simplest ranking reaches."""
    parts: list[str] = []
    if row["low"] is not None:
        low, high = (format_value(row[k], Format.SCORE, view.language) for k in ("low", "high"))
        parts.append(_("95% sure: {low} to {high}", low=low, high=high))
    models = view.result.tables["models"].rows()
    if len(models) > 1 and models[0]["auc"] is not None:
        other = format_value(models[0]["auc"], Format.SCORE, view.language)
        name = translate(models[0]["model"], view.language)
        parts.append(_("{model}: {auc}", model=name, auc=other))
    return " · ".join(parts)


def _models(view: View) -> tuple[Any, ...]:
    return _grid(view, _MODEL_COLUMNS)


def _lift(view: View) -> tuple[Any, ...]:
    return (ranking_curves(view, "lift"),)


def _gain(view: View) -> tuple[Any, ...]:
    return (ranking_curves(view, "gain"),)


def _calibration(view: View) -> tuple[Any, ...]:
    return (calibration_chart(view),)


def _profit(view: View) -> tuple[Any, ...]:
    return (profit_chart(view),)


def _drivers(view: View) -> tuple[Any, ...]:
    return (driver_bars(view),)


def _customers(view: View) -> tuple[Any, ...]:
    return worklist_grid(view)


def _plain(view: View) -> tuple[Any, ...]:
    return _grid(view, tuple(column.key for column in view.table.columns))


def _grid(view: View, keys: tuple[str, ...]) -> tuple[Any, ...]:
    columns = [view.table.column(key) for key in keys]
    return grid_rows(view.table, columns, view), grid_columns(columns, view)


def _head() -> list[Component]:
    return [*labelled_parts(), *worklist_parts()]


PAGES.add(
    Page(
        key="churn",
        title=N_("Churn"),
        icon="churn",
        analysis="churn",
        order=60,
        group=CUSTOMERS,
        head=_head,
        panels=(
            Panel(
                "kpis",
                N_("Key figures"),
                "kpis",
                "html",
                _tiles,
                bare=True,
            ),
            Panel(
                "customers",
                N_("Whom to call"),
                "{choice}",
                "grid",
                _customers,
                12,
                520,
                choice=Choice("list", {"customers": N_("All"), "customers_open": N_("Only open")}),
                hint=N_(
                    "The largest probability × value first. Double-click a cell, or press Enter "
                    "on it, to write who calls, the status and a note; Ctrl+Z takes a change back. "
                    "What is written stays when the analysis runs again."
                ),
            ),
            Panel(
                "models",
                N_("Is the model better than a simple look?"),
                "models",
                "grid",
                _models,
                12,
                160,
                hint=N_(
                    "On outcomes no model had seen; of purchases, the simple look is who bought "
                    "longest ago. AUC: how often a customer who left is ranked before one who "
                    "stayed, 0.5 is chance. Brier score and log loss: less is better."
                ),
            ),
            Panel("gain", N_("Found among the first"), "gain", "chart", _gain, 6, 330),
            Panel("lift", N_("Lift"), "lift", "chart", _lift, 6, 330),
            Panel(
                "calibration",
                N_("Do the probabilities hold?"),
                "calibration",
                "chart",
                _calibration,
                6,
                330,
                hint=N_("Tenths of the customers by probability; bars: 95% interval."),
            ),
            Panel(
                "profit",
                N_("Profit of calling"),
                "profit",
                "chart",
                _profit,
                6,
                330,
                hint=N_(
                    "What calling the first customers would have earned in the test, at the cost "
                    "and success rate set above."
                ),
            ),
            Panel(
                "drivers",
                N_("What moves the probabilities"),
                "drivers",
                "chart",
                _drivers,
                8,
            ),
            Panel("leaks", N_("Leak detector"), "leaks", "grid", _plain, 4, 220),
            Panel(
                "fading",
                N_("Customers who still come but buy less and less"),
                "fading",
                "grid",
                _plain,
                12,
                220,
            ),
            Panel(
                "past_runs",
                N_("What came of earlier runs"),
                "past_runs",
                "grid",
                _plain,
                12,
                180,
            ),
            Panel(
                "flagged",
                N_("Customers flagged last time, and what they did since"),
                "flagged",
                "grid",
                _plain,
                12,
                320,
            ),
            Panel("drift", N_("Drift against the last run"), "drift", "grid", _plain, 12, 260),
            Panel("card", N_("How this was computed"), "model_card", "html", model_card),
        ),
    )
)
