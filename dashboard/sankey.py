"""Flows between two columns of nodes, as filled bands: our Plotly bundle has no Sankey trace.

Everything is laid out in pixels of the drawing's height, so that small nodes keep room for their
labels; the width is the window's. Labels stand over the bands, inside the drawing: nothing is
cut off on a narrow screen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.charts import Figure, base_layout
from dashboard.page import View
from dashboard.theme import palette
from dashboard.wording import shorten

_SLOT = 24  # least height of a node with its label
_GAP = 8
_HEAD = 30  # over the columns
_ROOM = 40  # height of an average node
_LEAST_HEIGHT = 320
_BAR = 0.022  # of the width
_STEPS = 20  # of a band's curve
_SWEEPS = 6
_LABEL = 28
_FADED, _BACK = 0.38, 0.66
_FONT = 11
Span = tuple[float, float]  # top and bottom of a bar, in pixels from the drawing's top


@dataclass(frozen=True)
class Node:
    """One bar: its key, the label beside it, its hover text and its colour (`#rrggbb`)."""

    key: str
    label: str
    hover: str
    colour: str


@dataclass(frozen=True)
class Flow:
    """A band from a node on the left to one on the right; `value` must be positive."""

    source: str
    target: str
    value: float
    hover: str


def sankey(
    view: View,
    left: Sequence[Node],
    right: Sequence[Node],
    flows: Sequence[Flow],
    titles: tuple[str, str],
) -> Figure:
    """Return a figure of the flows; nodes without a flow are left out.

    Args:
        view: theme and language.
        left: nodes in their natural order, which is kept as far as bands do not cross more.
        right: the same.
        flows: between the nodes' keys.
        titles: over the two columns.
    """
    flows = [flow for flow in flows if flow.value > 0]
    sources, targets = ordered(
        [n.key for n in left if any(f.source == n.key for f in flows)],
        [n.key for n in right if any(f.target == n.key for f in flows)],
        flows,
    )
    height = max(_LEAST_HEIGHT, _HEAD + _ROOM * max(len(sources), len(targets), 1))
    columns = _columns(sources, targets, flows, height - _HEAD)
    nodes = ({n.key: n for n in left}, {n.key: n for n in right})
    layout = base_layout(view)
    hidden = {"visible": False, "showgrid": False, "zeroline": False}
    layout["xaxis"] |= {**hidden, "range": [0, 1], "automargin": False}
    layout["yaxis"] |= {**hidden, "range": [height, 0], "automargin": False}
    layout |= {"height": height, "hovermode": "closest", "margin": dict.fromkeys("lrtb", 4)}
    layout["annotations"] = [
        *_titles(titles, view),
        *(
            _label(nodes[side][key], span, side, view)
            for side, column in enumerate(columns)
            for key, span in column.items()
        ),
    ]
    bars = [
        _bar(nodes[side][key], span, side)
        for side, column in enumerate(columns)
        for key, span in column.items()
    ]
    return {"data": [*_bands(columns, nodes[0], flows), *bars], "layout": layout}


def ordered(
    left: Sequence[str], right: Sequence[str], flows: Sequence[Flow]
) -> tuple[list[str], list[str]]:
    """Return both columns in the order with the fewest crossings that barycentres lead to.

    Nodes move to the mean place of what they are linked with, one column after the other
    (Sugiyama, Tagawa and Toda 1981); the order given is kept where that crosses no less.
    """
    best = (list(left), list(right))
    least = crossings(*best, flows)
    now = best
    for sweep in range(_SWEEPS):
        sources, targets = now
        if sweep % 2:
            links = [(f.source, f.target, f.value) for f in flows]
            now = (_by_barycentre(sources, targets, links), targets)
        else:
            links = [(f.target, f.source, f.value) for f in flows]
            now = (sources, _by_barycentre(targets, sources, links))
        found = crossings(*now, flows)
        if found < least:
            best, least = now, found
    return best


def crossings(left: Sequence[str], right: Sequence[str], flows: Sequence[Flow]) -> float:
    """Return how much of the bands cross: the sum of products of the values of crossing pairs."""
    from_place = {key: i for i, key in enumerate(left)}
    to_place = {key: i for i, key in enumerate(right)}
    found = 0.0
    placed = [(from_place[f.source], to_place[f.target], f.value) for f in flows]
    for i, (source, target, value) in enumerate(placed):
        for other_source, other_target, other in placed[:i]:
            if (source - other_source) * (target - other_target) < 0:
                found += value * other
    return found


def _by_barycentre(
    moved: Sequence[str], fixed: Sequence[str], links: Iterable[tuple[str, str, float]]
) -> list[str]:
    place = {key: i for i, key in enumerate(fixed)}
    weight, total = dict.fromkeys(moved, 0.0), dict.fromkeys(moved, 0.0)
    for key, other, value in links:
        weight[key] += value * place[other]
        total[key] += value
    return sorted(moved, key=lambda key: weight[key] / total[key])


def _columns(
    sources: Sequence[str], targets: Sequence[str], flows: Sequence[Flow], height: float
) -> tuple[dict[str, Span], dict[str, Span]]:
    """Return where each bar stands; one pixel is worth the same everywhere."""
    sizes = (
        {key: sum(f.value for f in flows if f.source == key) for key in sources},
        {key: sum(f.value for f in flows if f.target == key) for key in targets},
    )
    scale = min(_scale(list(column.values()), height) for column in sizes)
    return _placed(sizes[0], scale, height), _placed(sizes[1], scale, height)


def _scale(values: Sequence[float], height: float) -> float:
    """Return the pixels per unit with which a column fills the height, labels included."""
    room = height - _GAP * len(values)
    if not values:
        return 1.0
    # The largest nodes share what the smallest ones, which need their label's height, leave.
    sizes = sorted(values)
    for small in range(len(sizes)):
        scale = (room - _SLOT * small) / sum(sizes[small:])
        if scale * sizes[small] >= _SLOT:
            return scale
    return _SLOT / sizes[-1]


def _placed(sizes: Mapping[str, float], scale: float, height: float) -> dict[str, Span]:
    slots = {key: max(size * scale, _SLOT) for key, size in sizes.items()}
    spare = height - sum(slots.values())
    gap = spare / max(len(slots), 1)
    top = _HEAD + gap / 2
    found: dict[str, Span] = {}
    for key, slot in slots.items():
        middle = top + slot / 2
        half = sizes[key] * scale / 2
        found[key] = (middle - half, middle + half)
        top += slot + gap
    return found


def _bands(
    columns: tuple[dict[str, Span], dict[str, Span]],
    nodes: Mapping[str, Node],
    flows: Sequence[Flow],
) -> list[dict[str, Any]]:
    """Return one filled band per flow; at each node they leave in the order they arrive in."""
    sources, targets = columns
    rank = ({key: i for i, key in enumerate(sources)}, {key: i for i, key in enumerate(targets)})
    total = sum(f.value for f in flows)
    pixels = sum(low - high for high, low in sources.values()) / total if total else 0.0
    starts, ends = _tops(sources), _tops(targets)
    edges: dict[tuple[str, str], list[float]] = {}
    for flow in sorted(flows, key=lambda f: (rank[0][f.source], rank[1][f.target])):
        edges[flow.source, flow.target] = [starts[flow.source]]
        starts[flow.source] += flow.value * pixels
    for flow in sorted(flows, key=lambda f: (rank[1][f.target], rank[0][f.source])):
        edges[flow.source, flow.target].append(ends[flow.target])
        ends[flow.target] += flow.value * pixels
    # Large bands first: small ones stay in sight and in reach of the pointer.
    return [
        _band(nodes[flow.source], flow, edges[flow.source, flow.target], flow.value * pixels)
        for flow in sorted(flows, key=lambda f: -f.value)
    ]


def _tops(column: Mapping[str, Span]) -> dict[str, float]:
    return {key: top for key, (top, _bottom) in column.items()}


def _band(node: Node, flow: Flow, tops: Sequence[float], width: float) -> dict[str, Any]:
    start, end = tops
    steps = [i / _STEPS for i in range(_STEPS + 1)]
    x = [round(_BAR + (1 - 2 * _BAR) * t, 4) for t in steps]
    # Hermite's smooth step: level at both ends, like a cubic Bézier with level handles.
    y = [start + (end - start) * t * t * (3 - 2 * t) for t in steps]
    lower = [value + width for value in y]
    colour = _rgba(node.colour, _FADED)
    return _area([*x, *reversed(x)], [*y, *reversed(lower)], colour, flow.hover)


def _bar(node: Node, span: Span, side: int) -> dict[str, Any]:
    top, bottom = span
    near, far = (0.0, _BAR) if side == 0 else (1.0 - _BAR, 1.0)
    return _area([near, far, far, near], [top, top, bottom, bottom], node.colour, node.hover)


def _area(x: list[float], y: list[float], colour: str, hover: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": [round(value, 2) for value in y],
        "fill": "toself",
        "fillcolor": colour,
        "line": {"width": 0, "color": colour},
        "hoveron": "fills",
        "text": hover,
        "hoverinfo": "text",
    }


def _label(node: Node, span: Span, side: int, view: View) -> dict[str, Any]:
    colours = palette(view.theme)
    return {
        "x": _BAR if side == 0 else 1 - _BAR,
        "y": sum(span) / 2,
        "xanchor": "left" if side == 0 else "right",
        "yanchor": "middle",
        "xshift": 4 if side == 0 else -4,
        "text": shorten(node.label, _LABEL),
        "showarrow": False,
        "font": {"size": _FONT, "color": colours.text},
        "bgcolor": _rgba(colours.surface, _BACK),
        "borderpad": 1,
        # The pointer reaches the band under the label.
        "captureevents": False,
    }


def _titles(titles: tuple[str, str], view: View) -> list[dict[str, Any]]:
    colour = palette(view.theme).muted
    return [
        {
            "x": float(side),
            "y": 0,
            "xanchor": "right" if side else "left",
            "yanchor": "top",
            "text": f"<b>{title}</b>",
            "showarrow": False,
            "font": {"size": _FONT + 1, "color": colour},
        }
        for side, title in enumerate(titles)
    ]


def _rgba(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
