"""What a page shows of its background analysis: state, progress, schedule, files, earlier runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from core.errors import PicholineError
from core.formats import UNKNOWN, format_value
from core.i18n import Message, _, current_language
from core.models.catalogue import SHIPPED, Dimension
from core.models.formats import Format
from core.models.options import Option
from core.models.tables import Run
from dashboard.attributes import aria, attributes
from dashboard.components import error_notice, icon, panel_id
from dashboard.intake_words import moment_text
from dashboard.options import bar_options, option_spec, options_bar
from dashboard.page import Page
from dashboard.run_list import earlier_runs

POLL_MS = 500
_LONG_SECONDS = 10


@dataclass(frozen=True)
class RunView:
    """How the analysis of a page stands, for one reader.

    Attributes:
        phase: `ready`, `running`, `failed`, `cancelled`, `idle`, or `refused`: the settings or
            filters cannot be read, so that there is nothing to start.
        run: the one whose result is shown.
        error: why the last try failed; None where a setting is refused, told beside the setting.
        mine: the reader started the job under way and may stop it.
        scheduled: these settings run with every new data version.
        stale: older values stand on the page meanwhile.
        earlier: the reader's runs of this analysis, the newest first.
        dimensions: those that exist now, a company's own among them.
        data_version: the current one.
        zone: time zone of the company.
    """

    phase: str
    run: Run | None = None
    error: PicholineError | None = None
    mine: bool = False
    scheduled: bool = False
    stale: bool = False
    earlier: Sequence[Run] = ()
    dimensions: Mapping[str, Dimension] = field(default_factory=lambda: SHIPPED.dimensions)
    data_version: int = 0
    zone: str = "UTC"


def run_frame(page: Page, options: Sequence[Option]) -> list[Component]:
    """Return the static parts of a page with a background analysis; callbacks fill them."""
    controls = bar_options(options)
    return [
        dcc.Store(id=f"{page.key}-run"),
        dcc.Store(id=f"{page.key}-run-turn"),
        dcc.Store(id=f"{page.key}-run-scheduled"),
        dcc.Store(id=f"{page.key}-options-filled"),
        dcc.Store(id=f"{page.key}-options-spec", data=option_spec(page, controls)),
        dcc.Interval(id=f"{page.key}-run-poll", interval=POLL_MS, disabled=True),
        *([options_bar(page, controls)] if controls else []),
        html.Section(
            [
                html.Div(id=f"{page.key}-run-bar", className="run-bar"),
                html.Div(
                    id=f"{page.key}-run-progress",
                    className="run-progress",
                    role="status",
                    **aria(live="polite"),
                ),
            ],
            className="run",
            **aria(label=_("Computation")),
        ),
    ]


def run_bar(page: Page, view: RunView, options: Sequence[Option]) -> Component:
    """Return the bar's content: where the values come from, and what can be done."""
    makers = {"ready": _ready, "running": _running, "failed": _failed, "refused": _failed}
    main = makers.get(view.phase, _waiting)(page, view)
    runs = [r for r in view.earlier if view.run is None or r.id != view.run.id]
    parts: list[Component] = [html.Div(main, className="run-main")]
    if runs:
        parts.append(
            earlier_runs(page, runs, options, view.data_version, view.zone, view.dimensions)
        )
    old = {"data-old": "true"} if view.stale and view.run is None else {}
    state = {"data-phase": view.phase, **old}
    return html.Div(parts, className="run-state", **attributes(state))


def _ready(page: Page, view: RunView) -> list[Any]:
    run = view.run
    if run is None:
        return []
    said = _(
        "Computed on {moment} from data version {n} in {seconds}.",
        moment=moment_text(run.created_at, view.zone),
        n=run.data_version,
        seconds=seconds_text(run.seconds),
    )
    return [
        html.Span([icon("check"), said], className="run-said"),
        _button(page, "again", _("Run again"), "retry"),
        _schedule(page, view),
        *_files(page, run),
    ]


def seconds_text(seconds: float) -> str:
    """Return a duration as `0.8 s` or `75 s`."""
    digits = 1 if seconds < _LONG_SECONDS else 0
    value = format_value(seconds, Format.NUMBER, current_language(), digits=digits)
    return f"{value}\u00a0s"


def _running(page: Page, view: RunView) -> list[Any]:
    words = [_("Computing…")]
    if view.stale:
        words.append(_("Until it is finished, the page shows the values from before."))
    found: list[Any] = [html.Span([icon("jobs"), " ".join(words)], className="run-said")]
    if view.mine:
        found.append(_button(page, "cancel", _("Cancel"), "close"))
    return found


def _failed(page: Page, view: RunView) -> list[Any]:
    if view.error is None:
        said = _("One of the settings does not fit; the reason stands beside it.")
        return [html.Span([icon("warning"), said], className="run-said")]
    found: list[Any] = [error_notice(view.error)]
    if view.phase == "failed":
        found.append(_button(page, "start", _("Start again"), "start"))
    return found


def _waiting(page: Page, view: RunView) -> list[Any]:
    said = (
        _("The run was cancelled; nothing was kept.")
        if view.phase == "cancelled"
        else _("Not computed yet for these settings and data.")
    )
    return [
        html.Span([icon("info"), said], className="run-said"),
        _button(page, "start", _("Start"), "start", primary=True),
    ]


def _button(page: Page, do: str, label: str, name: str, *, primary: bool = False) -> Component:
    look = "btn-primary" if primary else "btn-outline-primary"
    return html.Button(
        [icon(name), label],
        id={"type": "run-do", "page": page.key, "do": do},
        type="button",
        n_clicks=0,
        className=f"btn btn-sm {look}",
    )


def _schedule(page: Page, view: RunView) -> Component:
    return dbc.Switch(
        id={"type": "run-schedule", "page": page.key},
        value=view.scheduled,
        label=_("Run with every new data version"),
        className="run-schedule",
    )


def _files(page: Page, run: Run) -> list[Component]:
    card = next((panel for panel in page.panels if panel.table == "model_card"), None)
    links = [
        (_("Model card"), f"#{panel_id(page, card, 'frame')}" if card else "", False),
        (_("Model"), f"/runs/{run.id}/model.json" if run.model_file else "", True),
        (_("Scores"), f"/runs/{run.id}/scores.csv" if run.scores_file else "", True),
    ]
    found = [
        html.A(
            [icon("export" if download else "model"), label],
            href=href,
            **attributes({"download": ""} if download else {}),
        )
        for label, href, download in links
        if href
    ]
    return [html.Span(found, className="run-links")] if found else []


def progress_bar(fraction: float, step: str) -> Component:
    """Return how far a run is, with the words of its step."""
    percent = round(100 * min(max(fraction, 0.0), 1.0))
    track = html.Div(
        html.Div(className="run-done", style={"width": f"{percent}%"}),
        className="run-track",
        role="progressbar",
        **attributes(
            {
                "aria-valuenow": str(percent),
                "aria-valuemin": "0",
                "aria-valuemax": "100",
                "aria-label": _("Progress"),
            }
        ),
    )
    shown = format_value(percent / 100, Format.PERCENT, current_language(), digits=0)
    # The number changes often; screen readers hear the step only.
    return html.Div(
        [track, html.Span(shown, className="run-percent", **aria(hidden="true")), html.Span(step)],
        className="run-steps",
    )


def notes_list(notes: Sequence[Message]) -> Component | None:
    """Return findings in words as a short list; None without any."""
    if not notes:
        return None
    return html.Ul([html.Li(str(note)) for note in notes], className="notes")


def as_error(said: Mapping[str, str]) -> PicholineError:
    """Return the error of a job, already in the reader's words, as an error to show."""
    return PicholineError(
        said.get("code", UNKNOWN), Message(said.get("title", "")), Message(said.get("remedy", ""))
    )
