"""What a person is asked before an undo or a redo: its effect, and what can be done after."""

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from core.errors import PicholineError
from core.i18n import Message, _
from core.models.tables import Import
from dashboard.components import error_notice
from dashboard.intake_list import PRESSED, counting_demo
from dashboard.intake_words import rows_text, table_name
from dashboard.presses import tells


def question(record: Import, action: str, notes: Sequence[Message]) -> list[Component]:
    """Return what an undo or redo will do, and the buttons to decide.

    Args:
        record: the import.
        action: `undo` or `redo`.
        notes: what it means for rows and imports beside its own.
    """
    what = {
        "rows": rows_text(record.accepted),
        "table": table_name(record.table_name),
        "file": record.file_name,
    }
    if action == "undo":
        title = _("Undo import {id}?", id=record.id)
        effect = _("This removes {rows} of “{table}” from {file}.", **what)
        after = _("Nothing is deleted: you can redo it at any time.")
    else:
        title = _("Redo import {id}?", id=record.id)
        effect = _("This brings back {rows} of “{table}” from {file}.", **what)
        after = _("You can undo it again at any time.")
    label = _("Undo the import") if action == "undo" else _("Redo the import")
    after = " ".join([*(str(note) for note in notes), after])
    return _decision(title, effect, after, label, tells(PRESSED, action=action, id=record.id))


def demo_question(imports: Sequence[Import]) -> list[Component]:
    """Return what taking the demo company out will do."""
    rows = sum(record.accepted for record in counting_demo(imports))
    title = _("Take the demo company out?")
    effect = _("This removes {rows} of invented figures.", rows=rows_text(rows))
    after = _("Nothing is deleted: its imports can be redone at any time.")
    return _decision(
        title, effect, after, _("Take it out"), tells(PRESSED, action="undo-demo", id=0)
    )


def _decision(
    title: str, effect: str, after: str, label: str, told: dict[str, Any]
) -> list[Component]:
    """Return a question; `label` and `told` are of the button that does it."""
    return [
        html.H2(title, id="import-question-title"),
        html.P(html.Strong(effect)),
        html.P(after),
        html.Div(
            [
                html.Button(_("Cancel"), type="button", className="confirm-close btn btn-link"),
                html.Button(label, type="button", className="btn btn-primary", **told),
            ],
            className="confirm-actions",
        ),
    ]


def refused(error: PicholineError) -> list[Component]:
    """Return why an undo or redo was not done, and a way out."""
    return [
        error_notice(error),
        html.Div(
            html.Button(_("Close"), type="button", className="confirm-close btn btn-primary"),
            className="confirm-actions",
        ),
    ]
