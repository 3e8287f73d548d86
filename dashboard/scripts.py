"""Which of Dash's scripts an index page fetches at once, and which only where they are needed."""

import re
from typing import NamedTuple

_SOURCE = re.compile(r'<script src="([^"]+)"></script>')
_POLYFILL = "/deps/polyfill@"  # for browsers without promises, which run nothing else of ours
_GRID = "/dash_ag_grid/dash_ag_grid."  # assets/grid-later.js fetches it with the first grid
_TABLE = "/dash_table/"  # Dash's own table, which no page has


class Scripts(NamedTuple):
    """What an index page needs of the scripts Dash lists.

    Attributes:
        tags: of those that are fetched at once.
        grid: address of the grid's script.
    """

    tags: str
    grid: str


def sorted_out(tags: str) -> Scripts:
    """Take out of Dash's script tags what the first view does not need.

    Args:
        tags: one a line, as Dash writes them.
    """
    kept, grid = [], ""
    for tag in tags.splitlines():
        found = _SOURCE.fullmatch(tag.strip())
        address = found.group(1) if found else ""
        if _GRID in address:
            grid = address
        elif _POLYFILL not in address and _TABLE not in address:
            kept.append(tag)
    return Scripts("\n".join(kept), grid)
