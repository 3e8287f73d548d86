"""Small parts every page shares: icons, panel frames, notices, tables, key figures."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core.errors import PicholineError
from core.i18n import Message, _, current_language, msg_n, translate
from core.models.result import Column, ResultTable
from dashboard.attributes import aria
from dashboard.drill import Way, way
from dashboard.grid import empty_grid
from dashboard.page import Page, Panel, View
from dashboard.wording import cell_text

TABLE_ROWS = 100
_BLANK = {
    "data": [],
    "layout": {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": {"visible": False},
        "yaxis": {"visible": False},
    },
}
_NUMERIC = {"metric", "compared", "change", "change_rate"}


def icon(name: str) -> Component:
    """Return a decorative icon of the style sheet's set (`.i-<name>`)."""
    return html.Span(className=f"i i-{name}", **aria(hidden="true"))


def button(label: str, name: str, **props: Any) -> Component:
    """Return an icon button with an accessible name and a tooltip."""
    return html.Button(
        icon(name),
        type="button",
        title=label,
        className="icon-button " + props.pop("className", ""),
        **aria(label=label),
        **props,
    )


def panel_id(page: Page, panel: Panel, part: str = "body") -> str:
    """Return the id of a part of a panel: `<page>-<panel>-<part>`."""
    return f"{page.key}-{panel.id}-{part}"


def panel_frame(page: Page, panel: Panel) -> Component:
    """Return the static frame of a panel; one callback fills its parts."""
    title = translate(panel.title)
    body = html.Div(
        [
            _content(page, panel),
            html.Div(id=panel_id(page, panel, "table"), className="panel-table"),
        ],
        className="panel-body",
        style={"minHeight": panel.height} if panel.height else {},
    )
    head = html.Header(
        [
            html.H2(title, id=panel_id(page, panel, "title"), className="panel-title"),
            html.Div(id=panel_id(page, panel, "choice"), className="panel-choice"),
            html.Div(_tools(page, panel, title), className="panel-tools"),
        ],
        className="panel-head",
    )
    hint: list[Component] = (
        [html.P(translate(panel.hint), className="panel-hint")] if panel.hint else []
    )
    if panel.legend:
        hint.append(legend_text(panel))
    return html.Section(
        [head, *hint, html.Div(id=panel_id(page, panel, "notice"), className="panel-notice"), body],
        id=panel_id(page, panel, "frame"),
        className=f"panel panel-{panel.kind} span-{panel.width}" + (" bare" if panel.bare else ""),
        tabIndex=-1,  # arrows go from one panel to the next
        **aria(labelledby=panel_id(page, panel, "title")),
    )


def legend_text(panel: Panel) -> Component:
    """Return a chart's legend as text: it wraps and follows the theme by itself."""
    entries = [
        html.Span([html.Span(className=f"key key-{style}"), translate(label)])
        for style, label in panel.legend
    ]
    return html.P(entries, className="panel-hint legend")


def _content(page: Page, panel: Panel) -> Component:
    name = panel_id(page, panel)
    if panel.kind == "chart":
        return dcc.Graph(
            id=name,
            className="panel-graph",
            responsive=True,
            figure=_BLANK,
            config=graph_config(),
            style={"height": panel.height or 320},
        )
    if panel.kind == "grid":
        return empty_grid(name, panel.height or 420)
    return html.Div(id=name, className="panel-html")


def graph_config() -> Any:
    """Return Plotly's configuration: local language, few buttons, nothing leaves the machine."""
    return {
        "locale": current_language(),
        "displaylogo": False,
        "displayModeBar": False,
        "showSendToCloud": False,
        "plotlyServerURL": "",
        "scrollZoom": False,
        "doubleClick": "reset",
    }


def _tools(page: Page, panel: Panel, title: str) -> list[Component]:
    """Return the retry button, the table switch and the export menu of a panel."""
    found: list[Component] = [
        html.Button(
            [icon("retry"), _("Try again")],
            id={"type": "retry", "page": page.key, "panel": panel.id},
            n_clicks=0,
            type="button",
            className="retry",
        )
    ]
    if panel.kind == "chart":
        found.append(
            button(
                _("Show as table: {title}", title=title),
                "table",
                id={"type": "as-table", "page": page.key, "panel": panel.id},
                n_clicks=0,
            )
        )
    if page.analysis:
        found.append(export_menu(page, panel, title))
    more = _("More: {title}", title=title)
    found.append(button(more, "more", className="tile-menu", **aria(haspopup="menu")))
    return found


def export_menu(page: Page, panel: Panel, title: str) -> Component:
    """Return the menu with a panel's CSV and Excel links; the open filters are added on use."""
    label = _("Export: {title}", title=title)
    links = [
        html.A(
            [icon(name), text],
            href=f"/export/{page.analysis}/{panel.table_key({})}.{suffix}",
            id=panel_id(page, panel, suffix),
            className="menu-item export-link",
            download="",
        )
        for suffix, name, text in (
            ("csv", "csv", _("CSV file")),
            ("xlsx", "xlsx", _("Excel workbook")),
        )
    ]
    return html.Details(
        [
            html.Summary(icon("export"), title=label, className="icon-button", **aria(label=label)),
            html.Div(links, className="menu"),
        ],
        className="menu-holder",
    )


def choice_tabs(links: Iterable[tuple[str, str, bool]]) -> list[Component]:
    """Return a panel's tabs as links, from English label, address, whether it is the open one."""
    return [
        dcc.Link(
            translate(label),
            href=href,
            className="tab active" if active else "tab",
        )
        for label, href, active in links
    ]


def error_notice(error: PicholineError, request: str | None = None) -> Component:
    """Return an error with what to do about it; the frame shows its own retry button."""
    parts = [html.Strong(str(error.title)), html.Span(str(error.remedy))]
    code = f"{error.code} · {request}" if request else error.code
    return html.Div(
        [icon("warning"), html.Div([*parts, html.Code(code)])], className="error", role="alert"
    )


def caveat_notice(caveats: Sequence[Message]) -> Component | None:
    """Return one caveat as a line, several as a mark that opens; None without any."""
    if not caveats:
        return None
    if len(caveats) == 1:
        return html.P([icon("info"), str(caveats[0])], className="caveat-holder caveat-mark")
    title = str(msg_n("{n} remark", "{n} remarks", len(caveats)))
    return html.Details(
        [
            html.Summary([icon("info"), title], className="caveat-mark"),
            html.Ul([html.Li(str(c)) for c in caveats], className="caveats"),
        ],
        className="caveat-holder",
    )


def data_table(table: ResultTable, view: View, limit: int = TABLE_ROWS) -> Component:
    """Return a table as plain HTML: a chart's figures for reading, copying, screen readers."""
    columns = [c for c in table.columns if c.role != "flag" or c.translate]
    head = html.Tr([html.Th(str(c.name), scope="col", className=_align(c.role)) for c in columns])
    lines = way(table, view)
    body = [
        html.Tr([html.Td(_cell(row, c, view, lines), className=_align(c.role)) for c in columns])
        for row in table.data.slice(0, limit).to_pylist()
    ]
    parts: list[Component] = [
        html.Table([html.Thead(head), html.Tbody(body)], className="data-table")
    ]
    hidden = table.data.num_rows - limit
    if hidden > 0:
        parts.append(
            html.P(
                str(msg_n("{n} more row in the export.", "{n} more rows in the export.", hidden)),
                className="panel-hint",
            )
        )
    return html.Div(parts, className="table-scroll", tabIndex=0)


def _cell(row: Mapping[str, Any], column: Column, view: View, lines: Way) -> Component | str:
    """Return a cell as text; a figure with lines behind it as a link to them."""
    text = cell_text(row, column, view)
    found = lines.address(row, column) if column.role in _NUMERIC else None
    return (
        html.A(text, href=found, className="drill-link", title=_("Show lines")) if found else text
    )


def _align(role: str) -> str:
    return "num" if role in _NUMERIC else ""


def blank(panel: Panel) -> tuple[Any, ...]:
    """Return what a panel draws without rows."""
    bodies: dict[str, tuple[Any, ...]] = {"chart": (_BLANK,), "grid": ([], []), "html": (None,)}
    return bodies[panel.kind]


def missing_part(panel: Panel, table: ResultTable, *, limited: bool = False) -> Component | None:
    """Return why a panel has nothing to draw and what to do, or None where it has.

    Args:
        panel: the panel.
        table: what it shows.
        limited: the reader may see a part of the rows only.
    """
    if table.data.num_rows == 0:
        # A table that no question to the warehouse answered says itself why it is empty.
        explained = [] if table.source else [str(caveat) for caveat in table.caveats]
        return _empty(*(explained or [_("No rows for these filters."), _way_out(limited=limited)]))
    if panel.needs and table.data.column(panel.needs).null_count == table.data.num_rows:
        return _empty(
            _("No cost is known for these sales: margins cannot be computed."),
            _("Import a sales file with a cost column, your purchases, or standard costs."),
        )
    return None


def _way_out(*, limited: bool) -> str:
    """Return what somebody can do who sees no rows."""
    if limited:
        return _(
            "Your rights cover a part of the rows: choose a longer period or fewer filters, or ask "
            "who manages the rights."
        )
    return _("Choose a longer period, or take filters away (X takes all).")


def _empty(*sentences: str) -> Component:
    texts = [html.P(sentence) for sentence in sentences]
    return html.Div([icon("empty"), *texts], className="panel-empty")
