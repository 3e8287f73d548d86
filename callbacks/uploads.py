"""Uploads: small files as the raw body of one request, large ones in pieces; all to the inbox."""

import errno
from pathlib import Path, PurePosixPath
from typing import Any

from dash import Dash
from flask import Blueprint, request, send_from_directory
from flask.typing import ResponseReturnValue

from callbacks.support import scope, services
from core import log
from core.errors import PicholineError
from core.i18n import msg
from core.models.arrivals import Upload
from core.paths import data_dir

_MEGABYTE = 1_000_000
_NAME_LENGTH = 200
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG}

routes = Blueprint("uploads", __name__)


def register(app: Dash) -> None:
    """Add the routes."""
    app.server.register_blueprint(routes)


@routes.post("/uploads")
def upload() -> ResponseReturnValue:
    """Store the body under its SHA-256 and have it looked at.

    Returns:
        `{sha256, name, size, job_id}`; the job is a preview of this file. With `preview=no`,
        for files that are no imports, there is none.
    """
    name = clean_name(request.args.get("name", ""))
    _check_size(request.content_length)
    try:
        stored = services().imports.store(request.stream, name, scope())
    except OSError as error:
        raise _not_stored(error) from error
    log.event("upload.stored", sha256=stored.sha256, size=stored.path.stat().st_size)
    return _looked_at(stored.path, stored.sha256, name)


@routes.post("/uploads/begin")
def begin() -> ResponseReturnValue:
    """Begin a large file, `{name, size, fingerprint}`, or find where it stopped.

    Returns:
        The upload: `{key, name, size, offset}`.
    """
    said: Any = request.get_json(silent=True) or {}
    size = said.get("size")
    found = services().uploads.begin(
        clean_name(str(said.get("name", ""))),
        size if isinstance(size, int) else 0,
        str(said.get("fingerprint", "")),
        scope(),
    )
    return _as_dict(found)


@routes.get("/uploads/unfinished")
def unfinished() -> ResponseReturnValue:
    """Answer the uploads this person began and can continue; none who may not import has any."""
    if scope().where:
        return []
    return [_as_dict(found) for found in services().uploads.unfinished(scope())]


@routes.get("/uploads/<key>")
def state(key: str) -> ResponseReturnValue:
    """Answer how much of an upload has arrived."""
    return _as_dict(services().uploads.get(key, scope()))


@routes.put("/uploads/<key>")
def append(key: str) -> ResponseReturnValue:
    """Add the body behind `offset`; `X-Piece-SHA256` says what it has to be.

    Returns:
        `{offset}`; with status 409 the error, and where the piece would have to begin.
    """
    offset = request.args.get("offset", "")
    try:
        there = services().uploads.append(
            key,
            int(offset) if offset.isdecimal() else -1,
            request.stream,
            scope(),
            sha256=request.headers.get("X-Piece-SHA256", ""),
        )
    except OSError as error:
        raise _not_stored(error) from error
    except PicholineError as error:
        if error.code != "upload.offset":
            raise
        found = services().uploads.get(key, scope())
        return {**error.as_dict(), "offset": found.received}, error.status
    return {"offset": there}


@routes.post("/uploads/<key>/finish")
def finish(key: str) -> ResponseReturnValue:
    """Put a file that arrived whole into the inbox; answers as `upload` does."""
    said: Any = request.get_json(silent=True) or {}
    found = services().uploads.get(key, scope())
    return services().uploads.finish(
        key,
        scope(),
        lambda path, sha256: _looked_at(path, sha256, found.file_name),
        sha256=str(said.get("sha256", "")),
    )


@routes.post("/uploads/<key>/cancel")
def cancel(key: str) -> ResponseReturnValue:
    """Put an upload aside; the same file continues where it stopped, for a day."""
    services().uploads.put_aside(key, scope())
    return {"cancelled": True}


@routes.delete("/uploads/<key>")
def discard(key: str) -> ResponseReturnValue:
    """Delete what arrived of an upload."""
    services().uploads.discard(key, scope())
    return {"discarded": True}


@routes.get("/samples/<name>")
def sample(name: str) -> ResponseReturnValue:
    """Send one of the sample workbooks that ship."""
    return send_from_directory(data_dir() / "samples", name, as_attachment=True)


def clean_name(name: str) -> str:
    """Return a file name without folders and control characters, of a length that fits.

    Raises:
        PicholineError: nothing is left.
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    found = "".join(sign for sign in last if sign.isprintable()).strip()
    if found in {"", ".", ".."}:
        raise PicholineError(
            "upload.name",
            msg("The file has no name."),
            msg("Give it a name with its usual ending, for example sales.xlsx."),
        )
    return found[-_NAME_LENGTH:]


def _looked_at(path: Path, sha256: str, name: str) -> dict[str, Any]:
    """Queue the preview of a file in the inbox; return what the sender is told."""
    found: dict[str, Any] = {"sha256": sha256, "name": name, "size": path.stat().st_size}
    if request.args.get("preview") == "no":
        return found
    params: dict[str, Any] = {"sha256": sha256, "file_name": name, "options": {}}
    return {**found, "job_id": services().imports.submit("preview", params, scope())}


def _as_dict(found: Upload) -> dict[str, Any]:
    return {
        "key": found.key,
        "name": found.file_name,
        "size": found.size,
        "offset": found.received,
    }


def _check_size(size: int | None) -> None:
    """Refuse what is too large before any of it is copied; the store counts again."""
    limit = services().settings.max_upload_mb
    if size and size > limit * _MEGABYTE:
        raise PicholineError(
            "file.too_large",
            msg("The file is larger than {size} MB.", size=limit),
            msg("Split it, or raise the setting PICHOLINE_MAX_UPLOAD_MB."),
            status=413,
        )


def _not_stored(error: OSError) -> PicholineError:
    """Say why the inbox did not take the file; what was written of it is gone already."""
    log.failure("upload.failed")
    if error.errno in _FULL:
        return PicholineError(
            "disk.full",
            msg("The disk is full: the file could not be stored."),
            msg("Free some space on the disk of the home folder and try again."),
            status=507,
        )
    return PicholineError(
        "upload.interrupted",
        msg("The file did not arrive completely."),
        msg("Check the connection and drop the file again."),
    )
