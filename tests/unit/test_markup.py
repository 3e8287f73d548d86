"""A person's text as components: Markdown, and nothing that runs, loads or leads astray."""

from typing import Any

import pytest

from dashboard.markup import marked_up


def plain(parts: Any) -> Any:
    """Return components as nested lists: type, then what is inside."""
    if isinstance(parts, list):
        return [plain(part) for part in parts]
    if hasattr(parts, "to_plotly_json"):
        found = parts.to_plotly_json()
        address = found["props"].get("href")
        inside = plain(found["props"].get("children"))
        return [found["type"], *([address] if address else []), inside]
    return parts


def test_headings_lists_tables_and_links_are_components() -> None:
    text = "# Title\n\n- one\n- **two**\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[more](/margins?x=1)"
    assert plain(marked_up(text)) == [
        ["H3", ["Title"]],
        ["Ul", [["Li", ["one"]], ["Li", [["Strong", ["two"]]]]]],
        ["Table", [["Thead", [["Tr", [["Th", ["a"]], ["Th", ["b"]]]]]],
                   ["Tbody", [["Tr", [["Td", ["1"]], ["Td", ["2"]]]]]]]],
        ["P", [["Link", "/margins?x=1", ["more"]]]],
    ]  # fmt: skip


def test_links_to_other_sites_open_beside_and_tell_nothing_of_here() -> None:
    (paragraph,) = marked_up("[site](https://example.org)")
    link = paragraph.to_plotly_json()["props"]["children"][0].to_plotly_json()  # type: ignore[union-attr]
    assert link["props"]["rel"] == "noopener noreferrer"
    assert link["props"]["target"] == "_blank"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,1)",
        "[x](//elsewhere.example)",
        "[x](/\\elsewhere.example)",
        "![x](https://elsewhere.example/p.png)",
        "[x](  JaVaScRiPt:alert(1))",
        "<https://elsewhere.example> <javascript:x>",
    ],
)
def test_nothing_runs_loads_or_leads_astray(text: str) -> None:
    def walk(node: Any) -> list[Any]:
        if not isinstance(node, list):
            return []
        return [node, *(found for part in node for found in walk(part))]

    nodes = [node for node in walk(plain(marked_up(text))) if node and isinstance(node[0], str)]
    types = {node[0] for node in nodes}
    assert not types & {"Script", "Img", "Iframe"}
    addresses = [node[1] for node in nodes if node[0] in ("A", "Link")]
    allowed = ("https://elsewhere.example", "/%5Celsewhere.example")  # the latter is a path here
    assert all(address.startswith(allowed) for address in addresses)
