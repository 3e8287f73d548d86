"""Saved views: the dialogue that keeps the open page, the list, starred ones beside the pages."""

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from core.formats import format_value
from core.i18n import _, current_language, translate
from core.models.formats import Format
from core.models.tables import SavedView
from core.services.views import LONGEST_NAME
from dashboard.attributes import aria
from dashboard.components import button, icon
from dashboard.page import pages
from dashboard.presses import press

PRESSED, KEPT = "views-pressed", "view-kept"  # buttons of the list; of the dialogue
STAR = "star"


def views_overlay() -> Component:
    """Return what is there on every page: the dialogue, and what it and the buttons tell."""
    field = dcc.Input(
        id="view-name",
        type="text",
        maxLength=LONGEST_NAME,
        className="form-control",
        autoComplete="off",
    )
    dialogue = html.Dialog(
        [
            html.H2(_("Save this view"), id="view-dialog-title"),
            html.P(
                _("The page with its filters and choices. A name that exists is used anew."),
                className="panel-hint",
            ),
            html.Label([html.Span(_("Name")), field]),
            dcc.Checklist(
                id="view-star",
                options=[{"label": _("Into the navigation"), "value": STAR}],
                value=[],
                className="view-star",
            ),
            html.Div(id="view-refused"),
            html.Div(
                [
                    press(KEPT, _("Save"), name="check", primary=True),
                    html.Button(
                        _("Cancel"), type="button", className="btn btn-sm view-dialog-close"
                    ),
                ],
                className="view-dialog-buttons",
            ),
        ],
        id="view-dialog",
        className="view-dialog",
        **aria(labelledby="view-dialog-title"),
    )
    return html.Div(
        [
            dcc.Store(id=PRESSED),
            dcc.Store(id=KEPT),
            dcc.Store(id="views-changed", data=0),
            dcc.Store(id="view-saved"),
            dcc.Store(id="view-told"),
            dcc.Store(id="view-marked"),
            dialogue,
        ]
    )


def star_button() -> Component:
    """Return the star of the top bar: full where the open view is a starred one."""
    return button(_("Bookmark this view"), "star", id="view-star-button")


def views_page() -> Component:
    """Return the page of saved views; its callback fills it."""
    return html.Div(
        [
            html.Div(id="views-said", role="status", **aria(live="polite")),
            html.Div(id="views-list"),
        ],
        className="views-page",
    )


def views_nav() -> Component:
    """Return the place of the starred views beside the pages."""
    return html.Div(id="starred-views", className="nav-group views-nav")


def starred(views: Sequence[SavedView]) -> list[Component]:
    """Return the starred views as links under a name; nothing without any."""
    shown = [view for view in views if view.starred]
    if not shown:
        return []
    links = [
        dcc.Link(
            [icon("star"), html.Span(view.name, className="nav-text")],
            href=view.address,
            className="nav-link",
            title=view.name,
        )
        for view in shown
    ]
    return [html.P(_("Saved views"), className="nav-group-name"), *links]


def view_list(views: Sequence[SavedView]) -> Component:
    """Return the list of a person's views, or how to save the first one."""
    if not views:
        return html.Div(
            [
                icon("star"),
                html.H2(_("No view is saved yet")),
                html.P(
                    _(
                        "Open a page, set its filters, then press S or choose “Save this view…” "
                        "in the File menu."
                    )
                ),
                dcc.Link(_("Go to the overview"), href="/overview", className="btn btn-primary"),
            ],
            className="empty-state",
        )
    head = html.Tr(
        [html.Th(text, scope="col") for text in (_("Name"), _("Page"), _("Changed on"), "")]
    )
    return html.Table(
        [html.Thead(head), html.Tbody([_row(view) for view in views])],
        className="data-table views-table",
    )


def _row(view: SavedView) -> Component:
    titles = {page.key: translate(page.title) for page in pages()}
    key = view.address.strip("/").split("?")[0] or next(iter(titles))
    first = html.Span(_("Opened first"), className="view-first") if view.first else None
    number = view.id or 0
    buttons = [
        press(
            PRESSED,
            _("Not in the navigation") if view.starred else _("Into the navigation"),
            name="star",
            action="unstar" if view.starred else "star",
            id=number,
        ),
        press(
            PRESSED,
            _("Not first") if view.first else _("Open first"),
            action="not-first" if view.first else "first",
            id=number,
        ),
        press(PRESSED, _("Remove"), action="remove", id=number),
    ]
    return html.Tr(
        [
            html.Td([dcc.Link(view.name, href=view.address), first]),
            html.Td(titles.get(key, key)),
            html.Td(format_value(view.changed_at, Format.DATE, current_language())),
            html.Td(html.Div(buttons, className="view-buttons")),
        ]
    )


def removed(view: SavedView) -> Component:
    """Return what is said of a removed view, with the way back."""
    return html.P(
        [
            html.Span(_("“{name}” was removed.", name=view.name)),
            press(PRESSED, _("Undo"), name="undo", action="restore", id=view.id or 0),
        ],
        className="views-done",
    )
