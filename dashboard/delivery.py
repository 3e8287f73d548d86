"""How answers travel: compressed, and files cached for good under their versioned address."""

import hashlib
import secrets
from functools import lru_cache
from gzip import compress as gzip
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
from flask import Flask, Response, request

_MIN_BYTES = 600
_YEAR = 31_536_000
_TEXTUAL = ("text/", "application/json", "application/javascript", "image/svg+xml")
_FAST, _THOROUGH = 4, 10


def deliver(server: Flask, cache: Path) -> None:
    """Compress answers and mark versioned files as immutable.

    Args:
        server: the application's server.
        cache: folder that keeps compressed files between starts.
    """
    folder = cache / "static"

    @server.after_request
    def _finish(response: Response) -> Response:
        lasting = _is_versioned(response)
        if lasting:
            response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
        shipped = lasting or request.path.startswith("/_dash-component-suites/")
        return _compress(response, folder if shipped else None)


def _is_versioned(response: Response) -> bool:
    """Tell whether the address changes with the content: fingerprints, or `?m=` and `?v=`."""
    if response.status_code != 200 or request.method != "GET":  # noqa: PLR2004
        return False
    if request.path.startswith("/_dash-component-suites/"):
        return (response.cache_control.max_age or 0) >= _YEAR
    return request.path.startswith("/assets/") and ("m" in request.args or "v" in request.args)


def _compress(response: Response, folder: Path | None) -> Response:
    encoding = _accepted()
    kind = response.mimetype or ""
    if (
        not encoding
        or response.status_code != 200  # noqa: PLR2004
        or (response.is_streamed and not response.direct_passthrough)
        or "Content-Encoding" in response.headers
        or response.headers.get("Content-Disposition", "").startswith("attachment")
        or not kind.startswith(_TEXTUAL)
    ):
        return response
    response.direct_passthrough = False
    source: Any = response.response
    body = response.get_data()
    if hasattr(source, "close"):
        source.close()  # the file is read to its end
    if len(body) < _MIN_BYTES:
        return response
    packed = _stored(body, encoding, folder) if folder else _pack(body, encoding, _FAST)
    response.set_data(packed)
    response.headers["Content-Encoding"] = encoding
    response.headers.add("Vary", "Accept-Encoding")
    return response


def _accepted() -> str:
    offered = request.accept_encodings
    return next((name for name in ("br", "gzip") if offered[name] > 0), "")


def _pack(body: bytes, encoding: str, quality: int) -> bytes:
    if encoding == "br":
        return bytes(brotli.compress(body, quality=quality))
    return gzip(body, compresslevel=min(quality, 9))


def _stored(body: bytes, encoding: str, folder: Path) -> bytes:
    """Return a file compressed thoroughly, once per content; kept in memory and in the cache."""
    digest = hashlib.blake2b(body, digest_size=16).hexdigest()
    path = folder / f"{digest}.{encoding}"
    if not path.is_file():
        packed = _pack(body, encoding, _THOROUGH)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{secrets.token_hex(4)}.part")
        part.write_bytes(packed)
        part.replace(path)  # another process may do the same: both files are equal
    return _read(path)


@lru_cache(maxsize=128)
def _read(path: Path) -> bytes:
    return path.read_bytes()
