"""The rules of segments: their list on the page, and the dialogue that edits them."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component
from dash_ag_grid import AgGrid  # type: ignore[import-untyped]

from core.formats import format_value
from core.i18n import N_, _, current_language, translate
from core.models.formats import Format
from core.models.rfm import HIGHEST, LOWEST, SegmentRule
from core.services.segment_rules import Problem, rows_from_rules
from dashboard.attributes import aria
from dashboard.components import button, icon
from dashboard.grid import empty_grid
from dashboard.page import View

Row = dict[str, Any]
_SCALES = {"recency": N_("Recency"), "frequency": N_("Frequency"), "monetary": N_("Amount")}
_TOOLS = (
    ("add", "+", N_("Add a rule")),
    ("up", "↑", N_("Move up")),
    ("down", "↓", N_("Move down")),
    ("delete", "×", N_("Delete")),
)


def rules_list(view: View) -> list[Component]:
    """Return the rules in force with the button that opens the editor."""
    heads = (
        "#", _("Segment"), "R", "F", "M", _("Customers"), _("What to do next"),
    )  # fmt: skip
    titles = ("", "", _("Recency score"), _("Frequency score"), _("Amount score"), "", "")
    body = [
        html.Tr(
            [
                html.Td(row["place"], className="num"),
                html.Td(_link(row, view)),
                *(html.Td(_range(row[scale]), className="rule-range") for scale in _SCALES),
                html.Td(
                    format_value(row["customers"], Format.INTEGER, view.language), className="num"
                ),
                html.Td(translate(row["advice"] or "", view.language), className="rule-advice"),
            ]
        )
        for row in view.table.rows()
    ]
    head = [
        html.Th(name, scope="col", title=title or None, className=_align(place))
        for place, (name, title) in enumerate(zip(heads, titles, strict=True))
    ]
    return [
        html.Div(
            html.Table(
                [html.Thead(html.Tr(head)), html.Tbody(body)], className="data-table rules-table"
            ),
            className="rules-scroll",
            tabIndex=0,
        ),
        html.Button(
            [icon("options"), _("Edit the rules")],
            id={"type": "rules-open", "page": "segments"},
            n_clicks=0,
            type="button",
            className="btn btn-outline-primary btn-sm rules-open",
        ),
    ]


def _link(row: Row, view: View) -> Component:
    """Return the segment's name, which leads to the overview of its customers."""
    return dcc.Link(
        translate(row["segment_name"], view.language),
        href="/overview?" + urlencode({"rfm_segment": row["segment_key"]}),
        className="rule-name",
        title=_("Overview of these customers"),
    )


def _align(place: int) -> str:
    return {0: "num", 2: "rule-range", 3: "rule-range", 4: "rule-range", 5: "num"}.get(place, "")


def _range(text: str) -> Any:
    """Return a range of scores; all of them say nothing and are written faintly."""
    whole = f"{LOWEST}–{HIGHEST}"
    return html.Span(text, className="rule-any") if text == whole else text


def rules_editor() -> Component:
    """Return the dialogue, closed; a callback fills it when it is opened."""
    stores = [
        dcc.Store(id=name)
        for part in ("opened", "closed", "marks")
        for name in (f"rules-{part}", f"rules-{part}-seen")
    ]
    head = html.Header(
        [
            html.H2(_("Rules of the segments"), id="rules-title", tabIndex=-1),
            html.Div(className="spacer"),
            button(_("Close"), "close", className="rules-close"),
        ],
        className="intake-head",
    )
    return html.Div(
        [
            dcc.Store(id="rules-cells"),
            *stores,
            dcc.Store(id={"type": "data-changed", "from": "segments"}),
            html.Dialog(
                [head, _middle(), _foot()],
                id="rules-dialog",
                className="intake rules-dialog",
                **aria(labelledby="rules-title"),
            ),
        ]
    )


def _middle() -> Component:
    help_text = _(
        "A customer belongs to the first rule that takes its three scores, 5 being the best. "
        "Click a cell to change it; the numbers of customers follow."
    )
    tools = [
        html.Button(
            [html.Span(sign, **aria(hidden="true")), translate(label)],
            id={"type": "rules-do", "action": action},
            n_clicks=0,
            type="button",
            className="btn btn-outline-primary btn-sm",
        )
        for action, sign, label in _TOOLS
    ]
    return html.Div(
        [
            html.P(help_text, className="rules-help"),
            html.Div(tools, className="rules-tools", role="toolbar", **aria(label=_("Rules"))),
            _grid(),
            html.Div(id="rules-problems", role="status", **aria(live="polite")),
            html.Div(id="rules-error", role="alert"),
        ],
        className="intake-middle",
    )


def _foot() -> Component:
    return html.Footer(
        [
            html.Button(
                _("Back to the delivered rules"),
                id={"type": "rules-do", "action": "defaults"},
                n_clicks=0,
                type="button",
                className="btn btn-link btn-sm",
            ),
            html.Div(className="spacer"),
            html.Button(
                _("Cancel"), type="button", className="btn btn-outline-primary rules-close"
            ),
            html.Button(
                _("Save"), id="rules-save", n_clicks=0, type="button", className="btn btn-primary"
            ),
        ],
        className="intake-foot",
    )


def _grid() -> AgGrid:
    names = [("name", _("Name in English")), ("name_fr", _("Name in French"))]
    advices = [("advice", _("Advice in English")), ("advice_fr", _("Advice in French"))]
    if current_language() == "fr":
        names.reverse()
        advices.reverse()
    columns = [
        _text(*names[0]) | {"pinned": "left", "width": 180, "flex": 0, "minWidth": 130},
        *(_scale(scale, title) for scale, title in _SCALES.items()),
        _count("customers", _("Customers")),
        _count("in_force", _("In force now")),
        _text(*names[1]),
        *(_text(*advice) | _LONG_TEXT for advice in advices),
    ]
    like_others: Any = empty_grid("rules-grid", 0).to_plotly_json()["props"]
    options = {
        **like_others["dashGridOptions"],
        "domLayout": "autoHeight",
        "singleClickEdit": True,
        "stopEditingWhenCellsLoseFocus": True,
        "rowSelection": {"mode": "singleRow", "checkboxes": True, "enableClickSelection": True},
    }
    props: Any = {
        **like_others,
        "columnDefs": columns,
        "getRowId": "params.data.id",
        "dashGridOptions": options,
        "style": {"width": "100%"},
    }
    return AgGrid(**props)


_LONG_TEXT = {"minWidth": 280, "cellEditor": "agLargeTextCellEditor", "cellEditorPopup": True}


def _text(field: str, title: str) -> Row:
    """Return a column of texts; what the language would show for an empty one stands there."""
    return {
        "field": field,
        "headerName": title,
        "editable": True,
        "sortable": False,
        "filter": False,
        "minWidth": 150,
        "tooltipField": field,
        "cellClassRules": {"rule-bad": "params.data.problem"},
        "valueFormatter": {"function": f"params.value || params.data.{field}_hint || ''"},
    }


def _scale(scale: str, title: str) -> Row:
    ends = (("from", _("from")), ("to", _("to")))
    return {
        "headerName": translate(title),
        "children": [
            {
                "field": f"{scale}_{end}",
                "headerName": name,
                "editable": True,
                "sortable": False,
                "filter": False,
                "width": 62,
                "minWidth": 62,
                "flex": 0,
                "type": "rightAligned",
                "cellEditor": "agNumberCellEditor",
                "cellEditorParams": {"min": LOWEST, "max": HIGHEST, "precision": 0},
            }
            for end, name in ends
        ],
    }


def _count(field: str, title: str) -> Row:
    return {
        "field": field,
        "headerName": title,
        "sortable": False,
        "filter": False,
        "width": 104,
        "minWidth": 96,
        "flex": 0,
        "type": "rightAligned",
        "cellClass": "num",
        "cellClassRules": {"rule-bad": "params.data.problem"},
        "valueFormatter": {"function": "pcFormat(params.value, 'integer', '')"},
    }


def editor_rows(rules: Sequence[SegmentRule], sizes: Sequence[int]) -> list[Row]:
    """Return the rows of rules in force.

    Args:
        rules: in their order.
        sizes: customers each takes now.
    """
    rows = [_with_hints(row) for row in rows_from_rules(rules)]
    return [row | {"in_force": size} for row, size in zip(rows, sizes, strict=True)]


def default_rows(rules: Sequence[SegmentRule], before: Sequence[Row]) -> list[Row]:
    """Return the rows of the delivered rules; the numbers of those in force stay beside them."""
    sizes = {row["key"]: row.get("in_force") for row in before}
    rows = [_with_hints(row) for row in rows_from_rules(rules)]
    return [row | {"in_force": sizes.get(row["key"])} for row in rows]


def _with_hints(row: Row) -> Row:
    """Add an id, and what a French reader sees where nothing French was written."""
    hints = {
        f"{field}_fr_hint": translate(row[field], "fr") if row[field] else ""
        for field in ("name", "advice")
    }
    return row | hints | {"id": row["key"]}


def named(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that have a key or a name; what was cleared before it was saved is gone."""
    return [row for row in rows if any(row.get(key) for key in ("key", "name", "name_fr"))]


def changed_rows(rows: Sequence[Row], action: str, chosen: str | None) -> list[Row]:
    """Return the rows after one press of the toolbar.

    Args:
        rows: in their order.
        action: `add`, `up`, `down` or `delete`.
        chosen: id of the selected row; a new rule stands before it, or before the last one.
    """
    found = list(rows)
    place = next((i for i, row in enumerate(found) if row["id"] == chosen), None)
    if action == "add":
        at = max(len(found) - 1, 0) if place is None else place
        return [*found[:at], _new_row(found), *found[at:]]
    if place is None:
        return found
    row = found.pop(place)
    if action == "delete":
        return found
    place += -1 if action == "up" else 1
    found.insert(max(place, 0), row)
    return found


def _new_row(rows: Sequence[Row]) -> Row:
    taken = {row["id"] for row in rows}
    number = next(n for n in range(1, len(rows) + 2) if f"new-{n}" not in taken)
    limits = {f"{s}_{e}": v for s in _SCALES for e, v in (("from", LOWEST), ("to", HIGHEST))}
    texts = {"name": _("New segment"), "name_fr": "", "advice": "", "advice_fr": ""}
    return {"id": f"new-{number}", "key": "", **texts, **limits}


def marked_rows(rows: Sequence[Row], sizes: Sequence[int], found: Sequence[Problem]) -> list[Row]:
    """Return the rows with the customers they take and whether something is wrong with them."""
    bad = {problem.place for problem in found}
    return [
        row | {"customers": size, "problem": place in bad}
        for place, (row, size) in enumerate(zip(rows, sizes, strict=True))
    ]


def marks_of(rows: Sequence[Row]) -> dict[str, list[Any]]:
    """Return what the numbers beside the rules say: customers and problem, by the row's id."""
    return {row["id"]: [row.get("customers"), row.get("problem", False)] for row in rows}


def problem_list(found: Sequence[Problem]) -> Component | None:
    """Return all that keeps the rules from being saved; None where nothing does."""
    if not found:
        return None
    return html.Ul(
        [
            html.Li(
                [html.Strong(str(problem.title)), html.Span(str(problem.remedy))],
                className="rules-problem",
            )
            for problem in found
        ],
        className="rules-problem-list",
    )
