"""Uploads: a file arrives as the raw body of a request and goes straight to the inbox."""

import errno
from pathlib import PurePosixPath
from typing import Any

from dash import Dash
from flask import Blueprint, request, send_from_directory
from flask.typing import ResponseReturnValue

from callbacks.support import scope, services
from core import log
from core.errors import PicholineError
from core.i18n import msg
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
    size = stored.path.stat().st_size
    log.event("upload.stored", sha256=stored.sha256, size=size)
    found = {"sha256": stored.sha256, "name": name, "size": size}
    if request.args.get("preview") == "no":
        return found
    params: dict[str, Any] = {"sha256": stored.sha256, "file_name": name, "options": {}}
    job_id = services().imports.submit("preview", params, scope())
    return {**found, "job_id": job_id}


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
