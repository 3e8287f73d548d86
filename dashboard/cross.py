"""What was clicked: its marks stand out in a chart that goes on showing everything."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from core.models.catalogue import DIMENSIONS
from core.models.lines import CELL, read_pair
from dashboard.charts import Figure
from dashboard.page import View
from dashboard.theme import palette

_PALE = 0.25
_MOST = 400  # cells of a heat map that are framed one by one
Chosen = Mapping[str, Sequence[str]]


def clickable(figure: Figure, view: View) -> Figure:
    """Return a chart whose marks can be dragged over, with those that were clicked standing out.

    Args:
        figure: as drawn; marks without lines behind them are left as they are.
        view: what it was drawn from.
    """
    muted = palette(view.theme).muted
    traces = [_trace(trace, view.filters.cross, muted) for trace in figure["data"]]
    layout = dict(figure["layout"])
    cells = [found for trace in traces for found in _cells(trace)]
    if not cells:
        return figure
    if any(isinstance(found, str) for found in cells):
        layout |= _dragged(traces, cells, view)
    frames = [frame for trace in traces for frame in _frames(trace, view) if view.filters.cross]
    if frames:
        layout["shapes"] = [*layout.get("shapes", ()), *frames]
    return {**figure, "data": traces, "layout": layout}


def _cells(trace: Mapping[str, Any]) -> Sequence[Any]:
    found: Sequence[Any] = ((trace.get("meta") or {}).get("lines") or {}).get("cells") or ()
    return found


def _dragged(traces: Sequence[Any], cells: Sequence[Any], view: View) -> dict[str, Any]:
    """Return how dragging chooses: along the bars' axis, in any direction over single marks."""
    first = next(found for found in cells if isinstance(found, str))
    lying = any(trace.get("orientation") == "h" for trace in traces)
    timed = any(DIMENSIONS[key].grain for key, _value in _pairs(first) if key in DIMENSIONS)
    colours = palette(view.theme)
    return {
        "dragmode": "select",
        "selectdirection": "v" if lying else "h" if timed else "any",
        "newselection": {"line": {"color": colours.primary, "width": 1, "dash": "dot"}},
        # What was dragged over is the browser's until the answer comes.
        "selectionrevision": str(view.filters.to_pairs()),
    }


def _pairs(cell: str) -> list[tuple[str, str]]:
    return [read_pair(text) for name, text in parse_qsl(cell) if name == CELL]


def _is_chosen(cell: Any, clicked: Chosen) -> bool | None:
    """Whether a mark is one of those that were clicked; None where it has nothing to do with it."""
    if not isinstance(cell, str):
        return None
    named = [(key, value) for key, value in _pairs(cell) if key in clicked]
    return all(value in clicked[key] for key, value in named) if named else None


def _trace(trace: dict[str, Any], clicked: Chosen, colour: str) -> dict[str, Any]:
    """Return a trace with the marks that were not clicked pale; texts stay readable."""
    cells = _cells(trace)
    said = [_is_chosen(cell, clicked) for cell in cells] if clicked else []
    if all(one is None for one in said):
        return trace
    places = [place for place, one in enumerate(said) if one]
    if trace["type"] == "scatter" and "markers" not in trace.get("mode", ""):
        return trace if places else {**trace, "opacity": _PALE}
    return {
        **trace,
        "selectedpoints": places,
        "unselected": {
            "marker": {"opacity": _PALE},
            **({"textfont": {"color": colour}} if "text" in trace.get("mode", "") else {}),
        },
    }


def _frames(trace: Mapping[str, Any], view: View) -> list[dict[str, Any]]:
    """Return frames around the cells of a heat map that were clicked."""
    left, top = ((trace.get("meta") or {}).get("lines") or {}).get("origin") or (0, 0)
    line = {"color": palette(view.theme).text, "width": 2}
    found = [
        {
            "type": "rect", "x0": left + x - 0.5, "x1": left + x + 0.5, "y0": top + y - 0.5,
            "y1": top + y + 0.5, "line": line,
        }
        for y, row in enumerate(_cells(trace))
        if isinstance(row, (list, tuple))
        for x, cell in enumerate(row)
        if _is_chosen(cell, view.filters.cross)
    ]  # fmt: skip
    return found if len(found) <= _MOST else []
