"""The first three steps of a newcomer, above the overview: what is done already stands ticked."""

from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from core.i18n import N_, _
from dashboard.attributes import aria, attributes
from dashboard.components import button, icon
from dashboard.desk.actions import ACTIONS, Action

WELCOME = "welcome-steps"
DONE_COOKIE, EXPORTED_COOKIE = "picholine_welcomed", "picholine_exported"  # set by welcome.js

ACTIONS.add(Action("help.welcome", N_("First steps"), "help", 2, icon="start", run="welcome"))


@dataclass(frozen=True)
class Progress:
    """Which steps are done: data are there, a file of one's own came in, something went out."""

    looked: bool
    imported: bool
    exported: bool

    @property
    def finished(self) -> bool:
        """Whether nothing is left."""
        return self.looked and self.imported and self.exported


def welcome_frame() -> Component:
    """Return the place of the steps; a store is told when they are asked for again."""
    return html.Div([dcc.Store(id="welcome-asked"), html.Div(id=WELCOME)])


def welcome(progress: Progress) -> Component:
    """Return the steps, each with the way to do it."""
    steps = [
        _step(
            progress.looked,
            _("Look at the demo company"),
            _("Four campaigns of an olive-oil trading house: choose a country, click a figure."),
            dcc.Link(
                _("Last campaign, all pages"),
                href="/overview?period=last_campaign",
                className="btn btn-sm btn-outline-primary",
            ),
        ),
        _step(
            progress.imported,
            _("Drop your first workbook"),
            _("Anywhere on this window. You see what will be stored before anything is."),
            _runs("file.import", _("Import a file…")),
        ),
        _step(
            progress.exported,
            _("Take away your first export"),
            _("Every tile has CSV and Excel; this takes the whole page."),
            _runs("file.export", _("This page as a workbook")),
        ),
    ]
    return html.Section(
        [
            html.Header(
                [
                    html.H2(_("Your first three steps"), id="welcome-title"),
                    button(_("Close; it comes back from the Help menu"), "close",
                           id="welcome-close"),
                ]
            ),
            html.Ol(steps),
        ],
        className="welcome",
        **aria(labelledby="welcome-title"),
    )  # fmt: skip


def _step(done: bool, title: str, text: str, way: Component) -> Component:  # noqa: FBT001
    mark = _("Done") if done else _("To do")
    return html.Li(
        [
            html.Span(
                icon("check" if done else "start"),
                className="welcome-mark",
                role="img",
                title=mark,
                **aria(label=mark),
            ),
            html.Div([html.Strong(title), html.P(text), way]),
        ],
        className="welcome-step is-done" if done else "welcome-step",
    )


def _runs(action: str, text: str) -> Component:
    return html.Button(
        text,
        type="button",
        className="btn btn-sm btn-outline-primary",
        **attributes({"data-run": action}),
    )
