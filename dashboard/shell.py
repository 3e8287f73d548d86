"""The static shell around every page: bars, navigation, filter bar, slots, status."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from dash import dcc, html
from dash.development.base_component import Component

from core.formats import format_value
from core.i18n import LANGUAGES, _, current_language, msg_n, translate
from core.models.catalogue import Dimension
from core.models.formats import Format
from core.models.query import Filter, Period
from core.services.analytics.base import get_analysis
from core.services.export.context import filter_texts
from dashboard.attributes import aria, attributes
from dashboard.boards import boards_nav
from dashboard.changes import changes_status
from dashboard.components import button, icon, panel_frame
from dashboard.desk.frame import announcer, desk_store, menu_bar, search_opener, tab_strip
from dashboard.filterbar import filter_bar
from dashboard.page import Page, pages
from dashboard.runs import run_frame
from dashboard.views import views_nav

POLL_MS = 20_000
_LANGUAGE_NAMES = {"en": "English", "fr": "Français"}


class Kept(Protocol):
    """How often kept answers served."""

    @property
    def asked(self) -> int: ...  # noqa: D102

    @property
    def hit_ratio(self) -> float | None: ...  # noqa: D102


class Status(Protocol):
    """What the status bar shows; `core.services.metrics` answers it."""

    @property
    def data_version(self) -> int: ...  # noqa: D102

    @property
    def lines(self) -> int: ...  # noqa: D102

    @property
    def span(self) -> Period | None: ...  # noqa: D102

    @property
    def built_at(self) -> datetime | None: ...  # noqa: D102

    @property
    def demo(self) -> bool: ...  # noqa: D102

    @property
    def answers(self) -> Kept: ...  # noqa: D102

    @property
    def limits(self) -> tuple[Filter, ...]: ...  # noqa: D102

    @property
    def behind(self) -> bool: ...  # noqa: D102

    @property
    def turn(self) -> int: ...  # noqa: D102


def shell(status: Status, own: Iterable[Dimension] = ()) -> Component:
    """Return the layout of the application in the current language.

    Args:
        status: of the data.
        own: the company's own dimensions, which have filters too.
    """
    found, own = pages(), tuple(own)
    return html.Div(
        [
            dcc.Location(id="url", refresh=False),
            *_stores(found, status),
            desk_store(found, own),
            html.A(_("Skip to the content"), href="#main", className="skip-link"),
            html.Div(
                [
                    _top_bar(),
                    tab_strip(),
                    _navigation(found),
                    _main(found, own),
                    _status_bar(status),
                ],
                id="desk",
                className="desk",
            ),
            *(page.overlay() for page in found if page.overlay),
            html.Div(id="toasts", className="toasts", role="status", **aria(live="polite")),
            announcer(),
            dcc.Store(id="desk-heard"),
        ],
        id="app",
        className=app_class(status),
    )


def app_class(status: Status) -> str:
    """Return the class of the whole application: whether there is anything to show."""
    return "app" if status.span else "app is-empty"


def _stores(found: list[Page], status: Status) -> list[Component]:
    names = [
        {
            "key": page.key,
            "title": translate(page.title),
            "filters": bool(page.analysis) or page.filtered,
            "analysis": page.analysis or "",
            "cross": _is_crossed(page),
            "own": _own_pairs(page),
        }
        for page in found
    ]
    return [
        dcc.Store(id="shell-pages", data=names),
        dcc.Store(id="theme"),
        dcc.Store(id="data-version", data=status.turn),
        dcc.Interval(id="status-poll", interval=POLL_MS),
        *(dcc.Store(id=f"{page.key}-query") for page in found),
        *(dcc.Store(id=f"{page.key}-visited") for page in found),
    ]


def _is_crossed(page: Page) -> bool:
    """Whether clicks filter a page's other tiles at once: what the worker computes takes longer."""
    quick = bool(page.analysis) and get_analysis(page.analysis or "").run is not None
    return quick and page.crossed


def _own_pairs(page: Page) -> list[str]:
    """Return the names in the URL that mean something on this page only."""
    options = get_analysis(page.analysis).options if page.analysis else ()
    return [*(option.name for option in options), *page.own]


def _top_bar() -> Component:
    languages = [
        html.Button(
            code.upper(),
            type="button",
            className="language current" if code == current_language() else "language",
            title=_LANGUAGE_NAMES[code],
            lang=code,
            **attributes({"data-language": code}),
            **aria(
                pressed="true" if code == current_language() else "false",
                label=_LANGUAGE_NAMES[code],
            ),
        )
        for code in LANGUAGES
    ]
    return html.Header(
        [
            dcc.Link(
                [icon("brand"), html.Span("Picholine", className="brand-name")],
                href="/",
                className="brand",
                title="Picholine",
            ),
            menu_bar(),
            html.H1(id="page-title", className="page-title"),
            search_opener(),
            html.Div(className="spacer"),
            *(page.tool() for page in pages() if page.tool),
            button(_("Filters"), "filter", className="drawer-open", id="filters-open"),
            html.Div(languages, className="languages", role="group", **aria(label=_("Language"))),
            button(
                _("Colours: light, dark, as the system"),
                "theme",
                id="theme-toggle",
                n_clicks=0,
            ),
        ],
        className="top-bar",
    )


def _navigation(found: list[Page]) -> Component:
    """Return the menu: pages without a group first, then each group under its name."""
    groups = dict.fromkeys(page.group for page in found if page.group)
    alone = [_nav_link(page) for page in found if not page.group]
    named = [
        html.Div(
            [
                html.P(translate(group), className="nav-group-name", id=f"nav-{place}"),
                *(_nav_link(page) for page in found if page.group == group),
            ],
            className="nav-group",
            role="group",
            **aria(labelledby=f"nav-{place}"),
        )
        for place, group in enumerate(groups)
    ]
    edge = html.Div(
        id="nav-edge",
        className="nav-edge",
        role="separator",
        tabIndex=0,
        title=_("Width of the navigation: drag, or arrow keys; double click: as delivered"),
        **aria(orientation="vertical", label=_("Width of the navigation"), valuenow="196",
               valuemin="150", valuemax="380"),
    )  # fmt: skip
    parts = [*alone, *named, boards_nav(), views_nav(), edge]
    return html.Nav(parts, className="navigation", **aria(label=_("Pages")))


def _nav_link(page: Page) -> Component:
    return dcc.Link(
        [icon(page.icon), html.Span(translate(page.title), className="nav-text")],
        id=f"{page.key}-nav",
        href=f"/{page.key}",
        className="nav-link",
        title=translate(page.title),
    )


def _main(found: list[Page], own: Iterable[Dimension]) -> Component:
    slots = [html.Div(id=f"{page.key}-slot", className="slot", hidden=True) for page in found]
    lost = html.Div(
        [
            icon("empty"),
            html.P(_("There is no such page.")),
            dcc.Link(_("Go to the overview"), href="/overview", className="btn btn-primary"),
        ],
        id="page-lost",
        className="empty-state",
        hidden=True,
    )
    return html.Main([filter_bar(own), *slots, lost], id="main", className="main", tabIndex=-1)


def page_content(page: Page) -> list[Component]:
    """Return what fills a page's slot on its first visit."""
    if page.layout:
        return [page.layout()]
    return [
        dcc.Store(id=f"{page.key}-shown", data={}),
        *_study_parts(page),
        *(page.head() if page.head else []),
        html.Div(id=f"{page.key}-notes", className="page-notes"),
        html.Div([panel_frame(page, panel) for panel in page.panels], className="panels"),
        empty_state(page),
    ]


def _study_parts(page: Page) -> list[Component]:
    """Return settings, run bar and progress of a page with a background analysis."""
    analysis = get_analysis(page.analysis) if page.analysis else None
    return run_frame(page, analysis.options) if analysis and analysis.study else []


def empty_state(page: Page) -> Component:
    """Return what an analysis page says while there is no data at all."""
    return html.Div(
        [
            icon("empty"),
            html.H2(_("There is no data yet")),
            html.P(_("Drop a workbook anywhere on this window, or start with the demo company.")),
            html.Div(
                [
                    dcc.Link(_("Import a file"), href="/imports", className="btn btn-primary"),
                    html.Button(
                        _("Load the demo company"),
                        id={"type": "load-demo", "page": page.key},
                        n_clicks=0,
                        type="button",
                        className="btn btn-outline-primary",
                    ),
                ],
                className="empty-actions",
            ),
        ],
        className="empty-state no-data",
    )


def _status_bar(status: Status) -> Component:
    return html.Footer(
        [
            html.Div(status_items(status), id="status-items", className="status-items"),
            changes_status(),
            html.Div(className="spacer"),
            html.Span(id="status-cells", className="status-cells", role="status"),
            html.Button(
                id="status-jobs",
                className="status-button",
                type="button",
                title=_("Jobs"),
                hidden=True,
            ),
            html.Span(id="status-rows", className="status-rows"),
            html.Button(
                id="status-filters",
                className="status-button status-filters",
                type="button",
                title=_("Active filters: choosing one removes it"),
                **aria(haspopup="menu"),
            ),
        ],
        className="status-bar",
    )


def status_items(status: Status) -> list[Component]:
    """Return the facts of the status bar: version, lines, last day, demo."""
    language = current_language()
    items: list[Component] = []
    if status.span:
        lines = format_value(status.lines, Format.INTEGER, language)
        last = format_value(status.span.end, Format.DATE, language)
        items += [
            html.Span(_("Data version {n}", n=status.data_version), title=_prepared(status)),
            html.Span(str(msg_n("{shown} line", "{shown} lines", status.lines, shown=lines))),
            html.Span(_("Data up to {day}", day=last)),
        ]
    else:
        items.append(html.Span(_("No data")))
    if status.behind:
        items.append(html.Span(_("Newer data are being prepared")))
    if status.limits:
        items.append(html.Span(_limited(status.limits), className="limits"))
    if status.demo:
        items.append(html.Span(_("Demo company: invented figures"), className="demo-flag"))
    return items


def _limited(limits: tuple[Filter, ...]) -> str:
    """Return which rows a person may see, in words."""
    rows = "; ".join(f"{name}: {values}" for name, values in filter_texts(limits))
    return _("You see only: {rows}", rows=rows)


def _prepared(status: Status) -> str:
    """Return since when the numbers are prepared, and how often they were at hand."""
    language = current_language()
    when = format_value(status.built_at, Format.DATE, language)
    text = _("Prepared on {day}.", day=when)
    if status.answers.hit_ratio is None:
        return text
    share = format_value(status.answers.hit_ratio, Format.PERCENT, language, digits=0)
    asked = format_value(status.answers.asked, Format.INTEGER, language)
    said = _("{share} of {n} questions were answered at once.", share=share, n=asked)
    return f"{text} {said}"
