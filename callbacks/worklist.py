"""Changes of the worklist: a cell that was edited is stored at once, and can be taken back."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, ctx
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.support import scope, services
from core.errors import PicholineError
from core.services.worklist import FIELD_NAMES, Change, Item, ItemKey
from core.services.worklist_tables import CUSTOMER, LISTS
from dashboard.worklist import (
    ANSWER,
    NOTICE,
    SHOWN,
    changed_notice,
    refused_notice,
    shown_values,
    stored_value,
)

LIST = LISTS["churn"]
GRID = "churn-customers-body"
Said = tuple[dict[str, Any] | None, Component | None]


def register(app: Dash) -> None:
    """Add the callbacks."""

    @app.callback(
        Output(ANSWER, "data"),
        Output(NOTICE, "children"),
        Input(GRID, "cellValueChanged"),
        Input({"type": "worklist-undo", "change": ALL, "again": ALL, "name": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    def change(events: Sequence[Mapping[str, Any]] | None, _clicks: list[int]) -> Said:
        if isinstance(ctx.triggered_id, dict):
            if not ctx.triggered[0]["value"]:
                raise PreventUpdate
            return take_back(ctx.triggered_id)
        return edited(events or ())

    app.clientside_callback(
        ClientsideFunction("worklist", "show"),
        Output(SHOWN, "data"),
        Input(ANSWER, "data"),
        prevent_initial_call=True,
    )


def edited(events: Sequence[Mapping[str, Any]]) -> Said:
    """Store the cells that were edited; return how their rows read now, and what is said."""
    rows: dict[str, dict[str, str]] = {}
    notice: Component | None = None
    for event in events:
        row, field = event["data"], str(event["colId"])
        customer = str(row[CUSTOMER])
        name = str(row.get("customer_name") or customer)
        try:
            made = _stored(event, ItemKey(LIST, customer), field)
        except PicholineError as error:
            notice = refused_notice(error)
            rows[customer] = _current(customer)
            continue
        if made is not None:
            rows[customer] = shown_values(made.item)
            notice = changed_notice(name, field, made, again=False)
    if not rows:
        raise PreventUpdate
    return {"rows": rows}, notice


def _stored(event: Mapping[str, Any], key: ItemKey, field: str) -> Change | None:
    row = {**event["data"], field: event.get("oldValue")}
    seen = {name: stored_value(name, row.get(name)) for name in FIELD_NAMES}
    value = stored_value(field, event.get("value"))
    return services().worklist.change(key, field, value, seen, scope())


def take_back(pressed: Mapping[str, Any]) -> Said:
    """Undo a change, or undo an undo; the button's id says which, and of whom."""
    try:
        made = services().worklist.undo(int(pressed["change"]), scope())
    except PicholineError as error:
        return {"rows": {}}, refused_notice(error)
    item = made.item
    values = item.values()
    field = next((f for f in FIELD_NAMES if values[f] != made.before[f]), "status")
    notice = changed_notice(str(pressed["name"]), field, made, again=bool(pressed["again"]))
    return {"rows": {item.customer_id: shown_values(item)}}, notice


def _current(customer: str) -> dict[str, str]:
    """Return how a row stands now; untouched where nothing may be seen of it."""
    found = services().worklist.items(LIST, scope())
    return shown_values(found.get(customer, Item(customer)))
