"""The dialogue of boards: adding a tile to one, its name, figures of the catalogue, a text.

Its fields have no ids: `assets/own-boards.js` sends what stands in them by the name of their label.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from core.i18n import N_, _, translate
from core.models.boards import Board, Pairs, Tile
from core.models.catalogue import Dimension, Known
from core.models.filters import PRESET_NAMES, Preset
from core.models.query import Compare
from core.services.analytics.explorer import COLUMNS, METRICS, OTHERS, ROWS, SHOW, SHOWS, TOP, TOPS
from core.services.board_file import LONGEST_NAME, LONGEST_TEXT
from dashboard.attributes import aria, attributes
from dashboard.board_panels import NUMBER

NOTHING = "-"
FIGURES, SPLITS = 4, 2  # lists for them
_COMPARES = {
    Compare.YEAR.value: N_("Same days a year before"),
    Compare.PREVIOUS.value: N_("Period before"),
    Compare.BUDGET.value: N_("Budget"),
    "none": N_("Without comparison"),
}
_PERIOD, _COMPARE, _TITLE, _TEXT = "period", "compare", "title", "text"
_number = count(1)
Fields = Mapping[str, str]


def overlay() -> Component:
    """Return the dialogue, empty: a callback fills it when it is asked for."""
    return html.Dialog(
        [
            html.Div(id="board-form"),
            html.Div(className="board-refused", role="alert"),
        ],
        id="board-dialog",
        className="view-dialog board-dialog",
        **aria(labelledby="board-dialog-title"),
    )


def add_form(boards: Sequence[Board], adding: Mapping[str, Any], title: str) -> list[Component]:
    """Return the question which board a tile is added to.

    Args:
        boards: of this person.
        adding: what the answer is told with: the tile.
        title: of the tile; "": a board is begun without one.
    """
    options = {NOTHING: _("A new dashboard"), **{str(b.id): b.name for b in boards}}
    last = max(boards, key=lambda board: board.changed_at, default=None)
    pick = _choice("board", _("Dashboard"), str(last.id) if last else NOTHING, options)
    name = _text("name", _("Name of a new one"), "" if boards else _("My dashboard"))
    head = _("Add “{title}” to a dashboard", title=title) if title else _("New dashboard")
    fields = [pick, name] if title else [_text("name", _("Name"), "")]
    return _form(head, fields, {"action": "add" if title else "new", **adding})


def name_form(board: Board) -> list[Component]:
    """Return the question for another name."""
    return _form(
        _("Rename the dashboard"),
        [_text("name", _("Name"), board.name)],
        {"action": "rename", "id": board.id},
    )


def text_form(board_id: int, tile: Tile | None) -> list[Component]:
    """Return the fields of a text."""
    area = dcc.Textarea(
        id=_fresh(),
        value=tile.text if tile else "",
        rows=8,
        maxLength=LONGEST_TEXT,
        className="form-control",
    )
    hint = _("# begins a heading, - an entry of a list; **bold**, *italic*, [text](address).")
    return _form(
        _("Text"),
        [
            _text(_TITLE, _("Title (empty: none)"), tile.title if tile else ""),
            _labelled(_TEXT, _("Text"), area),
            html.P(hint, className="panel-hint"),
        ],
        {"action": "text-save", "id": board_id, "tile": tile.key if tile else ""},
    )


def panel_form(board_id: int, tile: Tile, name: str) -> list[Component]:
    """Return what can be set of a panel of a page: its title, and what it pins.

    Args:
        board_id: of the board.
        tile: the panel.
        name: what it is called.
    """
    return _form(
        name,
        [_text(_TITLE, _("Title (empty: its own)"), tile.title), *_pins(dict(tile.pairs))],
        {"action": "panel-save", "id": board_id, "tile": tile.key},
    )


def figures_form(
    board_id: int, tile: Tile | None, known: Known, dimensions: Sequence[Dimension]
) -> list[Component]:
    """Return the fields of figures of the catalogue.

    Args:
        board_id: of the board.
        tile: to be changed; None for a new one.
        known: metrics that can be asked for.
        dimensions: those that are offered.
    """
    chosen = dict(tile.pairs) if tile else {METRICS: "net_sales", ROWS: "month", SHOW: "bars"}
    figures = [*filter(None, chosen.get(METRICS, "").split(",")), *[NOTHING] * FIGURES]
    rows = [*filter(None, chosen.get(ROWS, "").split(",")), *[NOTHING] * SPLITS]
    metrics = {key: translate(metric.name) for key, metric in known.metrics.items()}
    splits = {d.key: translate(d.name) for d in dimensions}
    none = {NOTHING: _("None")}
    shows = {NUMBER: _("Large numbers"), **{k: translate(text) for k, text in SHOWS.items()}}
    tops = {key: translate(text) for key, text in TOPS.items()}
    fields = [
        _text(_TITLE, _("Title (empty: its own)"), tile.title if tile else "", wide=True),
        _choice("figure1", _("Figure"), figures[0], metrics),
        *(
            _choice(f"figure{n}", _("Another figure"), figures[n - 1], {**none, **metrics})
            for n in range(2, FIGURES + 1)
        ),
        _choice(SHOW, _("Show as"), chosen.get(SHOW, "table"), shows),
        _choice("split1", _("Split by"), rows[0], {**none, **splits}),
        _choice("split2", _("And by"), rows[1], {**none, **splits}),
        _choice(COLUMNS, _("Columns"), chosen.get(COLUMNS, NOTHING), {**none, **splits}),
        _choice(TOP, _("Keep the first"), chosen.get(TOP, "all"), tops),
        _choice(OTHERS, _("Sum up the others"), chosen.get(OTHERS, "yes"),
                {"yes": _("Yes"), "no": _("No")}),
        *_pins(chosen),
    ]  # fmt: skip
    told = {"action": "figures-save", "id": board_id, "tile": tile.key if tile else ""}
    return _form(_("Figures"), [html.Div(fields, className="board-fields")], told)


def _pins(chosen: Mapping[str, str]) -> list[Component]:
    """Return what a tile can pin: the filter bar does not change it then."""
    bar = {NOTHING: _("As in the filter bar")}
    compares = {key: translate(text) for key, text in _COMPARES.items()}
    periods = {p.value: translate(t) for p, t in PRESET_NAMES.items() if p is not Preset.CUSTOM}
    if chosen.get("from") or chosen.get("to"):
        periods[Preset.CUSTOM.value] = translate(PRESET_NAMES[Preset.CUSTOM])
    return [
        _choice(_PERIOD, _("Period"), chosen.get(_PERIOD, NOTHING), {**bar, **periods}),
        _choice(_COMPARE, _("Comparison"), chosen.get(_COMPARE, NOTHING), {**bar, **compares}),
    ]


def figures_pairs(fields: Fields, before: Pairs = ()) -> Pairs:
    """Return the pairs of a filled form; what it does not ask for stays as it was."""
    figures = _listed(fields, "figure", FIGURES)
    number = fields.get(SHOW) == NUMBER
    own = {
        METRICS: ",".join(figures),
        SHOW: fields.get(SHOW, "table"),
        ROWS: "" if number else ",".join(_listed(fields, "split", SPLITS)),
        COLUMNS: "" if number else fields.get(COLUMNS, ""),
        TOP: fields.get(TOP, ""),
        OTHERS: fields.get(OTHERS, ""),
    }
    kept = tuple(pair for pair in before if pair[0] not in own)
    found = tuple((name, value) for name, value in own.items() if value not in ("", NOTHING))
    return pinned_pairs(fields, (*found, *kept))


def pinned_pairs(fields: Fields, before: Pairs) -> Pairs:
    """Return pairs with what the form pins instead of what was pinned."""
    period, compare = (fields.get(name, NOTHING) for name in (_PERIOD, _COMPARE))
    gone = {_COMPARE, _PERIOD} | ({"from", "to"} if period != Preset.CUSTOM.value else set())
    kept = tuple(pair for pair in before if pair[0] not in gone)
    pins = ((_PERIOD, period), (_COMPARE, compare))
    return (*kept, *((name, value) for name, value in pins if value not in ("", NOTHING)))


def _listed(fields: Fields, name: str, most: int) -> list[str]:
    found = [fields.get(f"{name}{n}", NOTHING) for n in range(1, most + 1)]
    return list(dict.fromkeys(value for value in found if value not in ("", NOTHING)))


def _form(title: str, fields: Sequence[Component], told: Mapping[str, Any]) -> list[Component]:
    save = html.Button(
        _("Save"),
        type="button",
        className="btn btn-sm btn-primary board-save",
        **attributes({"data-told": json.dumps(told, ensure_ascii=False)}),
    )
    cancel = html.Button(_("Cancel"), type="button", className="btn btn-sm board-close")
    return [
        html.H2(title, id="board-dialog-title"),
        *fields,
        html.Div([save, cancel], className="view-dialog-buttons"),
    ]


def _fresh() -> dict[str, Any]:
    """Return a new id: a field that is drawn anew shows its value, not what was typed before."""
    return {"type": "board-field", "n": next(_number)}


def _text(name: str, label: str, value: str, *, wide: bool = False) -> Component:
    control = dcc.Input(
        id=_fresh(),
        type="text",
        value=value,
        maxLength=LONGEST_NAME,
        className="form-control",
        autoComplete="off",
    )
    return _labelled(name, label, control, wide=wide)


def _choice(name: str, label: str, value: str, choices: Mapping[str, str]) -> Component:
    options: Any = [{"value": key, "label": text} for key, text in choices.items()]
    if value not in choices:
        options.append({"value": value, "label": value})  # of another home: kept as it is
    control = dbc.Select(id=_fresh(), options=options, value=value, size="sm")
    return _labelled(name, label, control)


def _labelled(name: str, label: str, control: Component, *, wide: bool = False) -> Component:
    return html.Label(
        [html.Span(label), control],
        className="board-field wide" if wide else "board-field",
        **attributes({"data-field": name}),
    )
