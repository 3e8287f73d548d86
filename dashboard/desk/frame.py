"""Parts of the shell the desk's scripts work on: register, menu bar, search, status."""

from collections.abc import Iterable
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core.i18n import _, translate
from core.models.catalogue import SHIPPED, Dimension
from core.models.filters import FILTER_DIMENSIONS, OWN
from dashboard.attributes import aria, attributes
from dashboard.components import button, icon
from dashboard.desk.actions import ACTIONS, MENUS, Action, check_shortcuts
from dashboard.desk.going import page_actions
from dashboard.desk.shipped import DESK_ACTIONS
from dashboard.desk.words import words
from dashboard.page import Page


def desk_store(found: Iterable[Page], own: Iterable[Dimension] = ()) -> Component:
    """Return the register for the scripts, in the current language.

    Args:
        found: the pages.
        own: the company's own dimensions, whose names steps of undo are called by.
    """
    actions = all_actions(found)
    return dcc.Store(
        id="desk-actions",
        data={
            "actions": [action.as_dict() for action in actions],
            "menus": [[key, translate(name)] for key, name in MENUS.items()],
            "words": words(),
            "dimensions": _dimension_names(own),
        },
    )


def all_actions(found: Iterable[Page]) -> list[Action]:
    """Return every action: the desk's own, the pages', then what they have registered."""
    actions = [*DESK_ACTIONS, *page_actions(found), *ACTIONS]
    check_shortcuts(actions)
    return actions


def _dimension_names(own: Iterable[Dimension]) -> dict[str, str]:
    names = {
        key if key in FILTER_DIMENSIONS else OWN + key: translate(dimension.name)
        for key, dimension in SHIPPED.dimensions.items()
        if not dimension.grain
    }
    return names | {OWN + dimension.key: translate(dimension.name) for dimension in own}


def menu_bar() -> Component:
    """Return the menu bar; its menus are drawn from the register when they open."""
    entries = [
        html.Button(
            translate(name),
            type="button",
            className="menubar-item",
            role="menuitem",
            tabIndex=0 if place == 0 else -1,
            **attributes({"data-menu": key}),
            **aria(haspopup="menu", expanded="false"),
        )
        for place, (key, name) in enumerate(MENUS.items())
    ]
    return html.Div(
        [
            html.Div(
                entries,
                id="desk-menubar",
                className="menubar",
                role="menubar",
                **aria(label=_("Menu bar")),
            ),
            button(_("Menu"), "menu", id="desk-menu-button", className="menubar-button",
                   **aria_popup()),
        ],
        className="menubar-holder",
    )  # fmt: skip


def aria_popup() -> Any:
    """Return what tells a screen reader that a button opens a menu."""
    return aria(haspopup="menu", expanded="false")


def search_opener() -> Component:
    """Return the button of the top bar that opens the search over everything."""
    return html.Button(
        [
            icon("search"),
            html.Span(_("Search everything…"), className="search-text"),
            html.Kbd("Ctrl K", className="search-keys"),
        ],
        id="palette-open",
        type="button",
        className="search-open",
        **aria(label=_("Search everything…"), keyshortcuts="Control+K"),
    )


def announcer() -> Component:
    """Return the line that is read out and never seen."""
    return html.Div(id="desk-said", className="visually-hidden", **aria(live="polite"))


def tab_strip() -> Component:
    """Return the place of the tabs; a script shows it as soon as there are two."""
    label = aria(label=_("Open analyses"))
    return html.Div(id="desk-tabs", className="desk-tabs", role="tablist", hidden=True, **label)
