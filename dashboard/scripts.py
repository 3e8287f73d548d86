"""What an index page fetches at once: of Dash's scripts what the first view needs, ours as one."""

import re
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from flask import Flask, Response

from core.paths import assets_dir

_ASSET = re.compile(r'(?:src|href)="[^"]*/assets/[\w-]+\.(?:js|css)(?:\?[^"]*)?"')
_SOURCE = re.compile(r'src="([^"]+)"')
_POLYFILL = "/deps/polyfill@"  # for browsers without promises, which run nothing else of ours
_GRID = "/dash_ag_grid/dash_ag_grid."  # assets/grid-later.js fetches it with the first grid
_TABLE = "/dash_table/"  # Dash's own table, which no page has
_KINDS = {"js": "text/javascript", "css": "text/css"}


class Scripts(NamedTuple):
    """What an index page needs of the scripts Dash lists.

    Attributes:
        tags: of those that are fetched at once.
        grid: address of the grid's script.
    """

    tags: str
    grid: str


def sorted_out(tags: str, assets: str) -> Scripts:
    """Take out of Dash's script tags what the first view does not need, and ours as one file.

    Args:
        tags: one a line, as Dash writes them.
        assets: address of the folder of assets, with a slash.
    """
    kept, grid, own = [], "", f'<script src="{assets}all.js?v={_joined("js")[1]}"></script>'
    for tag in tags.splitlines():
        found = _SOURCE.search(tag)
        address = found.group(1) if found else ""
        if _GRID in address:
            grid = address
        elif _ASSET.search(tag):
            if own not in kept:
                kept.append(own)
        elif _POLYFILL not in address and _TABLE not in address:
            kept.append(tag)
    return Scripts("\n".join(kept), grid)


def styles(tags: str, assets: str) -> str:
    """Return Dash's tags of style sheets with ours as one file.

    Args:
        tags: one a line, as Dash writes them.
        assets: address of the folder of assets, with a slash.
    """
    own = f'<link rel="stylesheet" href="{assets}all.css?v={_joined("css")[1]}">'
    return "\n".join([*(tag for tag in tags.splitlines() if not _ASSET.search(tag)), own])


def serve_joined(server: Flask) -> None:
    """Serve our scripts and our style sheets as one file each."""
    for kind, mimetype in _KINDS.items():

        def answer(kind: str = kind, mimetype: str = mimetype) -> Response:
            return Response(_joined(kind)[0], mimetype=mimetype)

        server.add_url_rule(f"/assets/all.{kind}", f"joined_{kind}", answer)


def _joined(kind: str) -> tuple[bytes, str]:
    """Return the files of a kind one after the other, as they are now, and their fingerprint."""
    files = sorted(assets_dir().glob(f"*.{kind}"))
    return _read(kind, tuple((str(path), path.stat().st_mtime_ns) for path in files))


@lru_cache(maxsize=4)
def _read(kind: str, files: tuple[tuple[str, int], ...]) -> tuple[bytes, str]:
    between = b"\n;\n" if kind == "js" else b"\n"
    body = between.join(Path(path).read_bytes() for path, _changed in files)
    return body, blake2b(body, digest_size=8).hexdigest()
