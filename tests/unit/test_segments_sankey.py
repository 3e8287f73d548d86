"""Flows drawn as bands: nothing is lost, nothing overlaps, little crosses."""

import re
from itertools import pairwise, permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models.filters import FilterState
from core.models.result import AnalysisResult, ResultTable
from dashboard.page import View
from dashboard.sankey import Flow, Node, crossings, ordered, sankey
from dashboard.theme import PALETTES

KEYS = "abcd"


def view(theme: Any = "light") -> View:
    table: Any = None
    return View(AnalysisResult({}, {}), table or ResultTable((), table), FilterState(), theme,
                "en", "EUR")  # fmt: skip


def node(key: str) -> Node:
    return Node(key, f"Segment with a rather long name {key}", f"all of {key}", "#336699")


def flow(source: str, target: str, value: float) -> Flow:
    return Flow(source, target, value, f"{source} to {target}")


def drawn(flows: list[Flow], theme: str = "light") -> Any:
    nodes = [node(key) for key in KEYS]
    return sankey(view(theme), nodes, nodes, flows, ("Before", "Now"))


flow_lists = st.dictionaries(
    st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS)), st.integers(1, 1000), min_size=1
).map(lambda found: [flow(*ends, value) for ends, value in found.items()])


def test_every_flow_and_every_node_with_a_flow_is_drawn() -> None:
    figure = drawn([flow("a", "b", 30), flow("a", "c", 10), flow("b", "c", 5), flow("c", "d", 0)])
    texts = [trace["text"] for trace in figure["data"]]
    assert sorted(texts) == sorted(
        ["a to b", "a to c", "b to c", "all of a", "all of b", "all of b", "all of c"]
    )
    assert all(trace["type"] == "scatter" for trace in figure["data"])
    labels = [a["text"] for a in figure["layout"]["annotations"]]
    assert labels[:2] == ["<b>Before</b>", "<b>Now</b>"]
    assert len(labels) == 2 + 4
    assert all(len(text) <= 28 for text in labels[2:])


def bars(figure: Any, side: int) -> list[tuple[float, float]]:
    """Return top and bottom of the bars of one column, from the top."""
    found = [
        (trace["y"][0], trace["y"][2])
        for trace in figure["data"]
        if len(trace["x"]) == 4 and (trace["x"][0] > 0.5) == bool(side)
    ]
    return sorted(found)


def ends(figure: Any, side: int) -> list[tuple[float, float]]:
    """Return top and bottom of every band where it meets one column."""
    found = []
    for trace in figure["data"]:
        points = len(trace["x"])
        if points > 4:
            at = points // 2 - 1 if side else 0
            found.append((trace["y"][at], trace["y"][points - 1 - at]))
    return found


@given(flow_lists)
def test_bands_fill_their_bars_and_nothing_overlaps(flows: list[Flow]) -> None:
    figure = drawn(flows)
    height = figure["layout"]["height"]
    for side in (0, 1):
        column = bars(figure, side)
        assert all(upper[1] <= lower[0] + 0.05 for upper, lower in pairwise(column))
        assert column[0][0] >= 0
        assert column[-1][1] <= height + 0.05
        bands = ends(figure, side)
        for top, bottom in column:
            own = sorted(b for b in bands if top - 0.05 <= b[0] and b[1] <= bottom + 0.05)
            assert own[0][0] == pytest.approx(top, abs=0.05)
            assert own[-1][1] == pytest.approx(bottom, abs=0.05)
            assert all(a[1] == pytest.approx(b[0], abs=0.05) for a, b in pairwise(own))
    # A pixel is worth the same everywhere.
    widths = {t["text"]: t["y"][-1] - t["y"][0] for t in figure["data"] if len(t["x"]) > 4}
    total = sum(f.value for f in flows)
    for f in flows:
        share = widths[f.hover] / sum(widths.values())
        assert share == pytest.approx(f.value / total, abs=0.01)


@given(flow_lists)
def test_labels_have_their_room(flows: list[Flow]) -> None:
    figure = drawn(flows)
    for x in (0.022, 1 - 0.022):
        places = sorted(
            a["y"] for a in figure["layout"]["annotations"][2:] if a["x"] == pytest.approx(x)
        )
        assert all(b - a >= 23.9 for a, b in pairwise(places))


@given(flow_lists)
def test_the_order_crosses_no_more_than_the_one_given(flows: list[Flow]) -> None:
    left = [key for key in KEYS if any(f.source == key for f in flows)]
    right = [key for key in KEYS if any(f.target == key for f in flows)]
    found = ordered(left, right, flows)
    assert (sorted(found[0]), sorted(found[1])) == (left, right)
    assert crossings(*found, flows) <= crossings(left, right, flows)


def test_avoidable_crossings_are_avoided() -> None:
    flows = [flow("a", "d", 9), flow("b", "a", 7), flow("c", "b", 5), flow("d", "c", 3)]
    left, right = ordered(KEYS, KEYS, flows)
    assert crossings(left, right, flows) == 0
    least = min(crossings(list(order), list(KEYS), flows) for order in permutations(KEYS))
    assert least == 0
    assert crossings(KEYS, KEYS, flows) == 9 * (7 + 5 + 3)


def test_the_natural_order_stays_where_nothing_is_gained() -> None:
    flows = [flow(key, key, 10) for key in KEYS]
    assert ordered(KEYS, KEYS, flows) == (list(KEYS), list(KEYS))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_are_those_of_the_theme(theme: str) -> None:
    layout = drawn([flow("a", "b", 1)], theme)["layout"]
    assert layout["annotations"][2]["font"]["color"] == PALETTES[theme].text
    assert layout["paper_bgcolor"] == "rgba(0,0,0,0)"
    assert re.fullmatch(r"rgba\(51,102,153,0\.\d+\)", drawn([flow("a", "b", 1)])["data"][0]
                        ["fillcolor"])  # fmt: skip


def test_nothing_flows_nothing_is_drawn() -> None:
    figure = drawn([])
    assert figure["data"] == []
    assert figure["layout"]["height"] > 0
