"""The frame of the intake: drop area, dialogue, question before an undo. Always in the shell.

`assets/upload.js` fills the lists and the progress; callbacks fill body and actions.
"""

import json

from dash import dcc, html
from dash.development.base_component import Component
from flask import current_app

from core.i18n import _
from dashboard.attributes import aria, attributes
from dashboard.components import button, icon
from dashboard.intake_list import PRESSED

SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".csv", ".tsv", ".txt", ".zip", ".parquet")
_MEGABYTE = 1_000_000
_KILOBYTE = 1024


def intake_frame() -> Component:
    """Return everything the intake needs on every page, closed."""
    return html.Div(
        [
            dcc.Store(id="intake-shown"),
            dcc.Store(id="intake-job"),
            dcc.Store(id="intake-followed"),
            dcc.Store(id="demo-job"),
            dcc.Store(id="demo-followed"),
            dcc.Store(id="import-asked"),
            dcc.Store(id="arrival-job"),
            dcc.Store(id="arrivals-pressed"),
            dcc.Store(id="arrival-followed"),
            dcc.Store(id={"type": "data-changed", "from": "arrivals"}),
            dcc.Store(id={"type": "data-changed", "from": "intake"}),
            dcc.Store(id={"type": "data-changed", "from": "imports"}),
            _drop_area(),
            _dialogue(),
            html.Button(
                [icon("upload"), _("Continue the import")],
                id="intake-pill",
                type="button",
                className="intake-pill btn btn-primary",
                hidden=True,
            ),
            html.Dialog(
                [html.Div(id="import-question"), dcc.Store(id=PRESSED)],
                id="import-confirm",
                className="confirm",
                **aria(labelledby="import-question-title"),
            ),
        ]
    )


def import_button() -> Component:
    """Return the button of the top bar that chooses files."""
    return html.Button(
        [icon("upload"), html.Span(_("Import…"), className="import-text")],
        id="import-open",
        type="button",
        className="import-button btn btn-primary btn-sm",
        title=_("Choose files to import (Ctrl+O); or drop them anywhere on this window"),
        **aria(label=_("Import…")),
    )


def _drop_area() -> Component:
    return html.Div(
        html.Div(
            [
                icon("upload"),
                html.Strong(_("Drop to import")),
                html.Span(
                    _("Excel, OpenDocument, CSV, Parquet, zip; nothing counts before you confirm")
                ),
            ],
            className="intake-drop-box",
        ),
        id="intake-drop",
        className="intake-drop",
        hidden=True,
    )


def _dialogue() -> Component:
    head = html.Header(
        [
            html.H2(_("Import"), id="intake-title", tabIndex=-1),
            html.Div(className="spacer"),
            button(_("Close"), "close", className="intake-close"),
        ],
        className="intake-head",
    )
    middle = html.Div(
        [
            html.Ul(id="intake-files", className="intake-files", **aria(label=_("Files"))),
            html.Div(id="intake-error", role="alert"),
            html.P(
                _("Drop files here, or choose them below."),
                id="intake-empty",
                className="intake-empty",
            ),
            html.Div(id="intake-body", className="intake-body"),
        ],
        className="intake-middle",
        tabIndex=-1,
    )
    status = html.Div(
        id="intake-status", className="visually-hidden", role="status", **aria(live="polite")
    )
    return html.Dialog(
        [head, middle, _foot(), status],
        id="intake",
        className="intake",
        **attributes({"aria-labelledby": "intake-title", "data-settings": json.dumps(_settings())}),
    )


def _foot() -> Component:
    return html.Footer(
        [
            html.Button(
                _("Leave this file out"),
                id="intake-skip",
                type="button",
                hidden=True,
                className="btn btn-outline-primary",
            ),
            html.Button(
                _("Import all that are sure"),
                id="intake-all",
                type="button",
                hidden=True,
                title=_("Files whose columns are in doubt wait for you until the others are done"),
                className="btn btn-outline-primary",
            ),
            html.Div(className="spacer"),
            html.Div(id="intake-actions", className="intake-actions"),
            html.Button(
                _("Next file"),
                id="intake-next",
                type="button",
                hidden=True,
                className="btn btn-primary",
            ),
            html.Button(
                _("Choose a folder…"),
                id="intake-choose-folder",
                type="button",
                className="btn btn-outline-primary",
            ),
            html.Button(
                [icon("upload"), _("Choose files…")],
                id="intake-choose",
                type="button",
                className="btn btn-outline-primary",
            ),
        ],
        className="intake-foot",
    )


def _settings() -> dict[str, object]:
    """Return what the script needs to know: limits and its texts."""
    found = current_app.extensions["picholine"].settings
    return {
        "suffixes": SUFFIXES,
        "max_bytes": found.max_upload_mb * _MEGABYTE,
        "piece_bytes": found.upload_piece_kb * _KILOBYTE,
        "texts": _texts(),
    }


def _texts() -> dict[str, str]:
    """Return the script's texts in the request's language; `{name}` places stay."""
    return {
        "wrong_type": _("This kind of file cannot be imported."),
        "wrong_type_remedy": _("Use .xlsx, .xls, .ods, .csv, .tsv, .parquet or a .zip of them."),
        "too_large": _("The file has {size}; this server takes {limit} at most."),
        "too_large_remedy": _("Split it, or raise the setting PICHOLINE_MAX_UPLOAD_MB."),
        "empty": _("The file is empty."),
        "empty_remedy": _("Save it again in the program it comes from, and drop it once more."),
        "network": _("The connection broke before the file had arrived."),
        "network_remedy": _("Check that Picholine is running, then press “Retry”."),
        "moved": _("The file was changed or moved on this computer while it was being sent."),
        "moved_remedy": _("Drop it again when nothing changes it any more."),
        "passed": _("Files of other kinds, passed over: {n}"),
        "retrying": _("Connection lost; trying again in {seconds} s…"),
        "refused": _("The server refused the file (status {status})."),
        "try_again": _("Try again."),
        "lost": _("No answer from Picholine; trying again…"),
        "demo": _("Demo company"),
        "cancel": _("Cancel"),
        "cancel_file": _("Cancel: {name}"),
        "pause": _("Pause"),
        "pause_file": _("Pause: {name}"),
        "resume": _("Resume"),
        "resume_file": _("Resume: {name}"),
        "retry": _("Retry"),
        "retry_file": _("Retry: {name}"),
        "again": _("Choose it again…"),
        "again_file": _("Choose again to continue: {name}"),
        "discard": _("Discard"),
        "discard_file": _("Discard what has arrived: {name}"),
        "sending": _("Sending: {done} of {all}"),
        "state_waiting": _("Waiting to be sent"),
        "state_sending": _("Sending"),
        "state_sent": _("Waiting for its turn"),
        "state_reading": _("Reading"),
        "state_ready": _("Ready to be imported"),
        "state_importing": _("Importing"),
        "state_done": _("Done"),
        "state_failed": _("Not imported"),
        "state_cancelled": _("Left out"),
        "state_paused": _("Paused: {done} of {all} have arrived"),
        "state_interrupted": _("Interrupted: {done} of {all} have arrived"),
        "state_passed": _("Not imported"),
    }
