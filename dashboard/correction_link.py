"""The way from an import to its rows set aside, and from corrections to the import they correct."""

from dash import dcc
from dash.development.base_component import Component

from core.i18n import _
from core.models.tables import Import
from dashboard.components import icon
from dashboard.correction_state import corrections_link


def correct_link(import_id: int) -> Component:
    """Return the link from an import to its rows set aside, in a grid."""
    return dcc.Link(
        [icon("check"), _("Correct the rows")],
        href=corrections_link(import_id),
        className="correct-link intake-leave",
    )


def correction_of(record: Import) -> str:
    """Return which import's rows an import corrects, in words; "" for any other."""
    found = record.mapping.get("corrects")
    return _("corrections of no. {id}", id=found["import"]) if isinstance(found, dict) else ""
