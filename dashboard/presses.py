"""Buttons that tell a store what was pressed (`assets/presses.js`).

A callback on the buttons themselves would be asked again whenever a list with more of them is
drawn, and what it was answering just then would be thrown away: a press would be lost.
"""

import json
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.attributes import attributes
from dashboard.components import icon


def tells(store: str, **told: object) -> Any:
    """Return the attributes of a button that gives a store these values when it is pressed."""
    return attributes({"data-press": store, "data-told": json.dumps(told, ensure_ascii=False)})


def press(
    store: str,
    label: str,
    *,
    name: str = "",
    primary: bool = False,
    disabled: bool = False,
    **told: object,
) -> Component:
    """Return a small button.

    Args:
        store: id of the store that is told.
        label: what it says.
        name: of an icon before it.
        primary: it is the one that matters.
        disabled: it cannot be pressed.
        told: what the store holds afterwards, with `n`, a number that is new each time.
    """
    return html.Button(
        [icon(name), label] if name else label,
        type="button",
        disabled=disabled,
        className=f"btn btn-sm {'btn-primary' if primary else 'btn-outline-primary'}",
        **tells(store, **told),
    )
