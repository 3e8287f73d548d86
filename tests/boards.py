"""Boards over the callback route: what is pressed, and what the tiles of a board answer."""

import json
from typing import Any

from tests.desk import Visitor


def press(visitor: Visitor, action: str, search: str = "", **told: Any) -> dict[str, Any]:
    """Press a button of boards; return what the browser is told, and whether it draws anew."""
    changes = {"boards-changed.data": 0, "url.search": search}
    answer = visitor.press(
        "boards-pressed", "boards-changed.data", changes, action=action, **told
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    response = answer.json["response"]
    return {**response["board-told"]["data"], "drawn": "boards-changed" in response}


def page(visitor: Visitor, query: str = "", **values: Any) -> dict[str, Any]:
    """Return the parts of the page of dashboards for a query, as components."""
    answer = visitor.call(
        "boards-list.children",
        {"dashboards-query.data": query, "boards-search.value": "", **values},
        changed=("dashboards-query.data",),
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json["response"]
    return found


def tile(visitor: Visitor, name: str, kind: str = "html", query: str = "", **more: Any) -> Any:
    """Return what a tile answers, by part: `body`, `notice`, `tile`, `table`.

    Args:
        visitor: who looks.
        name: number of the board and key of the tile, `3-t1`.
        kind: of its panel.
        query: of the URL.
        more: other values.
    """
    values = {"dashboards-query.data": query, "theme.data": "light", "data-version.data": 1}
    answer = visitor.call(
        f"board-{kind}-body",
        {**values, **more},
        changed=("dashboards-query.data",),
        match=name,
    )
    assert answer.status_code == 200, answer.text
    parts = answer.json["response"].items()
    return {json.loads(key)["type"].removeprefix(f"board-{kind}-"): part for key, part in parts}
