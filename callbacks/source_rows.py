"""The row of the uploaded file that something came from, for every dialogue that shows one."""

from collections.abc import Mapping
from typing import Any

from dash.development.base_component import Component

from callbacks.answers import told
from callbacks.support import scope, services
from core import log
from dashboard.components import error_notice
from dashboard.line_list import place_facts, source_parts


def source_of(picked: Mapping[str, Any], place: str) -> list[Component]:
    """Return the row as it stands in the file; where it cannot be shown, why, and where it stood.

    Args:
        picked: `import_id`, `sheet` (empty for files without sheets), `row`, and `file`.
        place: name of the dialogue, for the log.
    """
    try:
        sheet = picked.get("sheet")
        found = services().drill.source_row(
            int(picked["import_id"]), str(sheet) if sheet else None, int(picked["row"]), scope()
        )
        return source_parts(found)
    except Exception as error:  # noqa: BLE001 - told in the dialogue and in the log
        notice = error_notice(told(error, place), log.request_id.get())
        texts = (str(picked.get(key) or "") for key in ("file", "sheet", "row", "import_id"))
        return [place_facts(*texts), notice]
