"""Beside the imports: files that wait, templates, remembered layouts and SQL sources."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core.i18n import _, translate
from core.models.schema import TABLES
from core.services.inbox_watch import Waiting
from core.services.layouts import LayoutCard
from dashboard.attributes import aria
from dashboard.components import icon
from dashboard.intake_words import moment_text, rows_text, table_name, whole
from dashboard.presses import tells
from dashboard.source_form import STORE, source_frame

SHOWN_LAYOUTS = 40
_HOW = {
    "import": lambda: _("import"),
    "edit": lambda: _("edited"),
    "restore": lambda: _("restored"),
    "forget": lambda: _("forgotten"),
}
_MODES = {
    "append": lambda: _("adds to what is there"),
    "replace": lambda: _("replaces the whole table"),
    "upsert": lambda: _("replaces whole documents"),
}
_STATES = {
    "": lambda: _("not run yet"),
    "queued": lambda: _("waits for its turn"),
    "running": lambda: _("running"),
    "done": lambda: _("done"),
    "failed": lambda: _("failed"),
}


def above_imports() -> Component:
    """Return the place of what waits for a person; a callback fills it."""
    return html.Div(id="imports-waiting", className="imports")


def below_imports() -> Component:
    """Return the sections under the list; callbacks fill those that change."""
    return html.Div(
        [
            html.Div(id="arrivals-error", role="alert"),
            _section(_("Templates to fill in"), html.Div(_templates(), id="templates-list")),
            _section(_("Remembered layouts"), html.Div(id="layouts-list")),
            _section(_("SQL sources"), html.Div([*source_frame(), html.Div(id="sources-list")])),
            _section(_("Files that were not imported"), html.Div(id="not-imported-list")),
        ],
        className="imports arrivals",
    )


def waiting_box(waiting: Sequence[Waiting]) -> list[Component]:
    """Return the files of the watched folder that wait for a person; nothing without any."""
    if not waiting:
        return []
    rows = [
        html.Li(
            [
                html.Div([html.Strong(found.file_name), html.Span(found.why)], className="said"),
                _do("inbox-look", found.sha256, _("Look at it…"), found.file_name, strong=True),
                _do("inbox-refuse", found.sha256, _("Leave out"), found.file_name),
            ]
        )
        for found in waiting
    ]
    title = _("Waiting in the watched folder: {n}", n=whole(len(waiting)))
    return [html.Section([html.H2(title), html.Ul(rows)], className="waiting-files")]


def layout_list(
    cards: Sequence[LayoutCard],
    texts: Mapping[str, str],
    histories: Mapping[str, Sequence[LayoutCard]],
    zone: str,
) -> list[Component]:
    """Return the remembered layouts, each with its text, versions and what can be done.

    Args:
        cards: the latest change first.
        texts: layout → its text as a mapping file.
        histories: layout → its versions, the newest first.
        zone: time zone of the company.
    """
    intro = html.P(
        _(
            "A file with the same column titles is read the same way again. Here you see how, "
            "correct it, or let it be forgotten."
        ),
        className="muted",
    )
    if not cards:
        return [intro, html.P(_("Nothing is remembered yet: import a file."), className="muted")]
    shown = cards[:SHOWN_LAYOUTS]
    found: list[Component] = [
        intro,
        *(_layout(card, texts[card.name], histories[card.name], zone) for card in shown),
    ]
    if len(cards) > len(shown):
        left = _("{n} more: `picholine layouts` lists them.", n=whole(len(cards) - len(shown)))
        found.append(html.P(left, className="muted"))
    return found


def source_list(
    sources: Sequence[Mapping[str, Any]], zone: str, paused: Collection[str] = ()
) -> list[Component]:
    """Return the SQL sources with their last run, and what can be done with each.

    Args:
        sources: as `core.services.sql_source.as_dict` describes them.
        paused: names of those whose schedule rests.
        zone: time zone of the company.
    """
    intro = html.P(
        [
            _("Queries on other databases, imported like files, on a press or by the clock."),
        ],
        className="muted",
    )
    return [intro, *(_source(source, zone, rests=source["name"] in paused) for source in sources)]


def _section(title: str, body: Component) -> Component:
    return html.Details([html.Summary(html.H2(title)), body], className="arrival-section")


def _templates() -> list[Component]:
    links = [
        html.Li(
            html.A(
                [icon("xlsx"), translate(table.label)], href=f"/templates/{key}.xlsx", download=""
            )
        )
        for key, table in TABLES.items()
    ]
    intro = _(
        "Workbooks with the right titles, lists to choose from, an example and notes. Fill one in "
        "and drop it on this window."
    )
    return [html.P(intro, className="muted"), html.Ul(links, className="template-links")]


def _layout(card: LayoutCard, text: str, history: Sequence[LayoutCard], zone: str) -> Component:
    head = html.Div(
        [
            html.Code(card.name),
            html.Strong(table_name(card.table)),
            html.Span(card.file_name, className="file"),
            html.Span(
                _("version {n}, {when}", n=card.edition, when=moment_text(card.saved_at, zone)),
                className="muted",
            ),
        ],
        className="arrival-head",
    )
    label = _("Layout {name} as a mapping file", name=card.name)
    editor = dcc.Textarea(
        id={"type": "layout-text", "name": card.name},
        value=text,
        className="layout-text form-control",
        spellCheck=False,
        rows=min(max(text.count("\n") + 1, 4), 18),
    )
    named = html.Label([html.Span(label, className="visually-hidden"), editor])
    tools = html.Div(
        [
            _do("layout-save", card.name, _("Save changes"), card.name, strong=True),
            html.A(
                [icon("export"), _("Download")],
                href=f"/layouts/{card.name}.toml",
                download="",
                className="btn btn-sm btn-outline-primary",
            ),
            _do("layout-forget", card.name, _("Forget"), card.name),
        ],
        className="arrival-tools",
    )
    parts: list[Component] = [html.Summary(_("Columns and versions")), named, tools]
    if len(history) > 1:
        parts.append(html.Ul([_version(old, zone) for old in history], className="versions"))
    return html.Div([head, html.Details(parts, className="import-more")], className="arrival-row")


def _version(card: LayoutCard, zone: str) -> Component:
    said = _(
        "Version {n}: {how}, {when}, {who}",
        n=card.edition,
        how=_HOW[card.how](),
        when=moment_text(card.saved_at, zone),
        who=card.saved_by,
    )
    restorable = bool(card.mapping)
    label = _("version {n} of {name}", n=card.edition, name=card.name)
    tool = [_do("layout-restore", card.name, _("Restore"), label, number=card.edition)]
    return html.Li([html.Span(said), *(tool if restorable else [])])


def _source(source: Mapping[str, Any], zone: str, *, rests: bool) -> Component:
    turn = _("on a press only")
    if source["every_minutes"]:
        turn = _("every {n} min", n=whole(source["every_minutes"]))
    elif source["daily_at"]:
        turn = _("daily at {time}", time=source["daily_at"])
    clocked = bool(source["every_minutes"] or source["daily_at"])
    turn = _("paused, else {when}", when=turn) if rests and clocked else turn
    table = table_name(source["table"]) if source["table"] else _("the best fit")
    facts = [table, _MODES[source["mode"]](), turn, source["address"]]
    state = _STATES.get(source["status"], _STATES[""])()
    last = _moment(source["finished_at"], zone)
    failed = source["status"] == "failed"
    outcome = " · ".join(
        part
        for part in (
            state,
            last,
            _("{rows} read", rows=rows_text(source["rows"]))
            if source.get("rows") is not None
            else "",
            source["why"],
        )
        if part
    )
    return html.Div(
        [
            html.Div(
                [
                    html.Strong(source["name"]),
                    html.Span(" · ".join(facts), className="muted"),
                    html.Div(className="spacer"),
                    _do("source-run", source["name"], _("Run now"), source["name"]),
                    *_source_tools(source["name"], clocked=clocked, rests=rests),
                ],
                className="arrival-head",
            ),
            html.P(outcome, className="arrival-outcome bad" if failed else "arrival-outcome"),
        ],
        className="arrival-row",
    )


def _source_tools(name: str, *, clocked: bool, rests: bool) -> list[Component]:
    wanted = [("edit", _("Edit"))]
    if clocked:
        wanted.append(("resume", _("Resume")) if rests else ("pause", _("Pause")))
    wanted.append(("ask-remove", _("Remove…")))
    return [
        html.Button(
            text,
            type="button",
            className="btn btn-sm btn-outline-primary",
            **aria(label=f"{text} {name}"),
            **tells(STORE, what=what, source=name),
        )
        for what, text in wanted
    ]


def _moment(text: str | None, zone: str) -> str:
    return moment_text(datetime.fromisoformat(text), zone) if text else ""


def _do(
    what: str, name: str, text: str, about: str, *, number: int = 0, strong: bool = False
) -> Component:
    """Return a button; its label names what it is about for those who do not see its place."""
    return html.Button(
        text,
        type="button",
        className=f"btn btn-sm {'btn-primary' if strong else 'btn-outline-primary'}",
        **aria(label=f"{text} {about}"),
        **tells("arrivals-pressed", what=what, name=name, number=number),
    )
