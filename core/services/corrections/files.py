"""Rows to correct as a file: out with suggestions, and back in with what a person wrote."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from core.errors import PicholineError
from core.i18n import Message, msg, translate
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.services.corrections.suggest import Suggestion
from core.services.corrections.view import QuarantinedRow
from core.services.export.text import csv_text
from core.services.export.workbook import plain_workbook
from core.services.ingest import REASONS
from core.services.ingest.quarantine import shown
from core.services.ingest.sources import open_source

# Before the row's own cells; the names are those of the format, the same in every language.
FIXED = ("_place", "_sheet", "_row", "_reason", "_remedy", "_column", "_value", "_suggested",
         "_suggestion", "_why", "_sure", "_apply")  # fmt: skip
_WHOLE = frozenset({"_place", "_row"})
Edits = dict[int, dict[str, str]]


def corrections_table(
    titles: Sequence[str], rows: Sequence[QuarantinedRow], made: Sequence[Suggestion | None]
) -> ResultTable:
    """Return rows to correct with suggestions; an `x` under `_apply` takes the suggestion.

    Args:
        titles: of the file's own columns.
        rows: to correct.
        made: a suggestion for each, or None.
    """
    listed = [_line(row, suggestion) for row, suggestion in zip(rows, made, strict=True)]
    data: dict[str, pa.Array] = {
        name: pa.array([line[name] for line in listed], pa.int64() if name in _WHOLE
                       else pa.string())
        for name in FIXED
    }  # fmt: skip
    for title in titles:
        cells = [row.cells[title] or None for row in rows]
        data[_file_title(title)] = pa.array(cells, pa.string())
    columns = tuple(
        Column(name, Message("{name}", {"name": name}),
               Format.INTEGER if name in _WHOLE else Format.CODE, "dimension")
        for name in data
    )  # fmt: skip
    return ResultTable(columns, pa.table(data))


def corrections_workbook(
    titles: Sequence[str],
    rows: Sequence[QuarantinedRow],
    made: Sequence[Suggestion | None],
    language: str,
) -> bytes:
    """Return rows to correct as a workbook."""
    table = corrections_table(titles, rows, made)
    return plain_workbook((msg("Rows to correct"), table), language)


def corrections_csv(
    titles: Sequence[str],
    rows: Sequence[QuarantinedRow],
    made: Sequence[Suggestion | None],
    language: str,
) -> str:
    """Return rows to correct as CSV for a spreadsheet."""
    return csv_text(corrections_table(titles, rows, made), language)


def _line(row: QuarantinedRow, suggestion: Suggestion | None) -> dict[str, object]:
    known = REASONS.get(row.code)
    reason, remedy = translate(row.reason), translate(row.remedy)
    if known and not reason:
        reason, remedy = str(known.title), str(known.advice)
    return {
        "_place": row.place,
        "_sheet": row.sheet,
        "_row": row.row,
        "_reason": reason,
        "_remedy": remedy,
        "_column": row.column,
        "_value": row.value,
        "_suggested": suggestion.title if suggestion else None,
        "_suggestion": suggestion.value if suggestion else None,
        "_why": str(suggestion.why) if suggestion else None,
        "_sure": f"{suggestion.sure:.2f}" if suggestion else None,
        "_apply": None,
    }


def _file_title(title: str) -> str:
    return f"{title} (2)" if title in FIXED else title


def read_corrections(
    path: Path, titles: Sequence[str], originals: Mapping[int, Mapping[str, str]]
) -> Edits:
    """Return the cells of a file that differ from the quarantine, by place.

    Args:
        path: a workbook or a text file made by `corrections_workbook` or `corrections_csv`.
        titles: of the file's own columns.
        originals: place → title → text as it stands now, of the rows that may be corrected.

    Raises:
        PicholineError: it cannot be read, lacks the column `_place`, or names a row that is not
            among them.
    """
    source = open_source(path, path.name)
    raw = next(iter(source.tables(source.sheet_names[0], 1)), None)
    headers = raw.headers if raw else []
    if raw is None or "_place" not in headers:
        raise PicholineError(
            "corrections.no_place",
            msg("The file {name} has no column “_place”.", name=path.name),
            msg("Start from the file that `picholine corrections` writes, and keep that column."),
        )
    columns = {c.header: shown(c.data).to_pylist() for c in raw.columns}
    edits: Edits = {}
    for index, text in enumerate(columns["_place"]):
        if text is None or not str(text).strip():
            continue
        place = _place(str(text), path.name, originals)
        edits[place] = _changes(columns, index, titles, originals[place])
    return edits


def _place(text: str, name: str, originals: Mapping[int, Mapping[str, str]]) -> int:
    place = int(text) if text.strip().isdecimal() else -1
    if place not in originals:
        raise PicholineError(
            "corrections.row",
            msg("The file {name} names row {n}, which is not open in the quarantine.",
                name=name, n=text),
            msg("Write the file anew with `picholine corrections`, or leave the row out."),
        )  # fmt: skip
    return place


def _changes(
    columns: Mapping[str, Sequence[str | None]],
    index: int,
    titles: Sequence[str],
    original: Mapping[str, str],
) -> dict[str, str]:
    found: dict[str, str] = {}
    for title in titles:
        cells = columns.get(_file_title(title))
        text = (cells[index] or "") if cells is not None else original[title]
        # A spreadsheet's file marks texts that could be taken for formulas.
        if text not in (original[title], f"'{original[title]}"):
            found[title] = text.removeprefix("'") if text.startswith("'") else text
    taken = _at(columns, "_suggested", index) if _at(columns, "_apply", index).strip() else ""
    if taken in titles and taken not in found:
        found[taken] = _at(columns, "_suggestion", index).removeprefix("'")
    return found


def _at(columns: Mapping[str, Sequence[str | None]], name: str, index: int) -> str:
    cells = columns.get(name)
    return (cells[index] or "") if cells is not None else ""
