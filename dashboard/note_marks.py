"""Notes on a panel: marks in its chart, and a list under its title that any reader can open."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import parse_qsl

from dash import html
from dash.development.base_component import Component

from core.i18n import msg_n
from core.models.desk import Note
from core.models.lines import CELL, read_pair
from core.models.members import MEMBER, MEMBER_PAGES
from core.models.query import NO_VALUE
from core.services.note_match import Members, about, concerning, is_about, is_grain, signed
from dashboard.charts import Figure
from dashboard.components import icon
from dashboard.page import Page, View
from dashboard.theme import palette

MARK = "✎"
_TOP = 22  # pixels above the plot, where a mark stands
Mark = tuple[Mapping[str, Any], dict[str, Any], Any, Any]  # trace, what it shows, its place


def subjects(page: Page, view: View, pairs: Mapping[str, str]) -> Members:
    """Return the members all of a page speaks of: one that is filtered to, or whose page it is."""
    found = {(key, values[0]) for key, values in view.filters.values.items() if len(values) == 1}
    own = next((m.dimension for m in MEMBER_PAGES.values() if m.page == page.key), None)
    if own and pairs.get(MEMBER):
        found.add((own, pairs[MEMBER]))
    return frozenset(found)


def annotated(
    values: list[Any], notice_at: int, view: View, notes: Sequence[Note], members: Members
) -> list[Any]:
    """Return a panel's values with the notes that concern its table.

    Args:
        values: of its properties; a chart's figure is the first one.
        notice_at: place of the notice.
        view: what the panel was drawn from.
        notes: those of the page and its period.
        members: what the whole page speaks of.
    """
    found = concerning(notes, view.table, members, view.campaign_month)
    if not found:
        return values
    changed = list(values)
    if isinstance(values[0], dict) and "layout" in values[0]:
        changed[0] = marked(values[0], view, found, members)
    changed[notice_at] = [part for part in (values[notice_at], note_list(found)) if part]
    return changed


def note_list(notes: Sequence[Note]) -> Component:
    """Return one note as a line, several behind their number."""
    if len(notes) == 1:
        return html.P([icon("note"), *_words(notes[0])], className="written-note")
    title = str(msg_n("{n} note", "{n} notes", len(notes)))
    return html.Details(
        [
            html.Summary([icon("note"), title]),
            html.Ul([html.Li(_words(note)) for note in notes]),
        ],
        className="tile-notes",
    )


def _words(note: Note) -> list[Component]:
    return [
        html.Strong(about(note)),
        html.Span(note.text, className="note-text"),
        html.Small(signed(note)),
    ]


def marked(figure: Figure, view: View, notes: Sequence[Note], members: Members) -> Figure:
    """Return a figure with a mark at what each note is about; its box tells text, owner, day."""
    places: dict[tuple[Any, ...], list[Note]] = {}
    kinds: dict[tuple[Any, ...], dict[str, Any]] = {}
    marks = list(_marks(figure, view))
    for note in notes:
        for trace, pairs, x, y in marks:
            if is_about(note, pairs, members, view.campaign_month):
                where = _annotation(trace, x, y, in_time=any(map(is_grain, pairs)))
                if where:
                    key = tuple(sorted((k, str(v)) for k, v in where.items()))
                    places.setdefault(key, []).append(note)
                    kinds[key] = where
                break
    if not places:
        return figure
    layout = dict(figure["layout"])
    boxes = [_box(kinds[key], places[key], view) for key in places]
    layout["annotations"] = [*layout.get("annotations", ()), *boxes]
    if any(where["yanchor"] == "bottom" for where in kinds.values()):
        margin = dict(layout.get("margin", {}))
        layout["margin"] = {**margin, "t": max(_TOP, margin.get("t", 0))}
    return {**figure, "layout": layout}


def _marks(figure: Figure, view: View) -> Iterator[Mark]:
    """Yield every mark with the values it stands for; see `dashboard.drill.points`."""
    rows = view.table.rows()
    split = [column.key for column in view.table.columns if column.role == "dimension"]
    for trace in figure["data"]:
        lines = (trace.get("meta") or {}).get("lines")
        if lines:
            fixed = _pairs(lines.get("lines"))
            for place, cell in enumerate(lines["cells"]):
                yield from _cells(trace, fixed, place, cell)
        elif len(split) == 1 and is_grain(split[0]) and len(trace.get("x") or ()) == len(rows):
            for place, row in enumerate(rows):
                yield trace, {split[0]: row[split[0]]}, *_place(trace, place)


def _cells(
    trace: Mapping[str, Any], fixed: Mapping[str, str], place: int, cell: Any
) -> Iterator[Mark]:
    if isinstance(cell, list):  # a heat map's row
        for across, one in enumerate(cell):
            if one is not None:
                names = trace.get("x"), trace.get("y")
                x, y = (found[at] if found is not None else at
                        for found, at in zip(names, (across, place), strict=True))  # fmt: skip
                yield trace, {**fixed, **_pairs(one)}, x, y
    elif cell is not None:
        yield trace, {**fixed, **_pairs(cell)}, *_place(trace, place)


def _place(trace: Mapping[str, Any], place: int) -> tuple[Any, Any]:
    def at(name: str) -> Any:
        found = trace.get(name)
        return found[place] if found is not None and place < len(found) else None

    return at("x"), at("y")


def _pairs(address: str | None) -> dict[str, str]:
    cells = [value for name, value in parse_qsl(address or "") if name == CELL]
    return {key: "" if value == NO_VALUE else value for key, value in map(read_pair, cells)}


def _annotation(
    trace: Mapping[str, Any], x: Any, y: Any, *, in_time: bool
) -> dict[str, Any] | None:
    """Return where a mark stands: above its time, at the end of its bar, on its cell or point."""
    across, up = trace.get("xaxis", "x"), trace.get("yaxis", "y")
    kind = trace.get("type", "scatter")
    if kind == "bar" and trace.get("orientation") == "h":
        return {"x": 1, "xref": f"{across} domain", "y": y, "yref": up, "xanchor": "right",
                "yanchor": "middle"}  # fmt: skip
    if kind in {"bar", "scatter", "waterfall"} and (in_time or kind != "scatter"):
        return {"x": x, "xref": across, "y": 1, "yref": f"{up} domain", "xanchor": "center",
                "yanchor": "bottom"}  # fmt: skip
    if kind in {"scatter", "heatmap"} and x is not None and y is not None:
        return {"x": x, "xref": across, "y": y, "yref": up, "xanchor": "left", "yanchor": "top"}
    return None  # maps and flows: the list under the title says it


def _box(where: Mapping[str, Any], notes: Iterable[Note], view: View) -> dict[str, Any]:
    colours = palette(view.theme)
    listed = list(notes)
    told = "<br>".join(
        f"<b>{escape(about(note))}</b><br>{_broken(note.text)}<br>{escape(signed(note))}"
        for note in listed
    )
    return {
        **where,
        "text": MARK if len(listed) == 1 else f"{MARK} {len(listed)}",
        "hovertext": told,
        "captureevents": True,
        "showarrow": False,
        "font": {"size": 12, "color": colours.text},
        "bgcolor": colours.surface,
        "bordercolor": colours.strong,
        "borderpad": 1,
        "borderwidth": 1,
    }


def _broken(text: str, length: int = 48) -> str:
    """Return a text in lines that fit into a hover box."""
    lines: list[str] = []
    for part in text.splitlines():
        line = ""
        for word in part.split():
            if line and len(line) + len(word) >= length:
                lines.append(line)
                line = ""
            line = f"{line} {word}".strip()
        lines.append(line)
    return "<br>".join(map(escape, lines))
