"""One recognised sheet as the preview panel needs it, read from a preview job's result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_HIGH, _MIDDLE = 0.85, 0.65


@dataclass(frozen=True)
class ColumnView:
    """A column of the file.

    Attributes:
        title: as in the file, made unique; empty where there is none.
        field: what it is mapped to; None: it is not imported.
        confidence: of the proposal, 0 to 1; None where a person or a remembered layout decided
            otherwise.
        examples: the first values that differ.
        missing, distinct: cells of its values; None where they were not counted.
        low, high: the least and the greatest value, as `SheetPreview` writes them.
        problems: cells that are no value, or that a rule sets aside.
        part: which part of another column it is; "" where the file has it.
        split: how it is taken apart; "" where it is not.
        splits: the ways it could be.
    """

    title: str
    field: str | None
    confidence: float | None
    examples: tuple[str, ...]
    missing: int | None = None
    distinct: int | None = None
    low: str | None = None
    high: str | None = None
    problems: int = 0
    part: str = ""
    split: str = ""
    splits: tuple[str, ...] = ()

    @property
    def level(self) -> str:
        """How sure the proposal is, as a word for styles."""
        if self.confidence is None or self.confidence >= _HIGH:
            return "high"
        return "middle" if self.confidence >= _MIDDLE else "low"


@dataclass(frozen=True)
class SheetView:
    """A sheet and what importing it would do.

    Attributes:
        mapping: as stated or proposed, as `core.services.ingest.Mapping.as_dict` writes it.
        missing: keys of fields the table cannot do without and no column gives.
        ambiguous: titles of columns that would be the same field; nothing was counted then.
        rows: the first rows as they would be stored.
        mode: what becomes of earlier rows, see `core.services.ingest.modes`.
        days: first and last day of the period to replace, as ISO text; "" as the file's go.
        differences: to what is stored, as `core.services.ingest.differences` writes them.
        include: the person wants it imported.
        quality: share of the new rows accepted without warning.
        refusals: why nothing of it can be imported.
        texts: words of the company's own rules, by code.
        control: column → its control total as typed; one at most.
        crossed: how columns became rows, or could; None where none are crossed.
        values: that are new or not recognised, as `core.services.ingest.novel` writes them.
        everywhere: what is chosen for them holds in every file, not in this layout only.
    """

    name: str
    table: str
    mapping: Mapping[str, Any]
    columns: tuple[ColumnView, ...]
    missing: tuple[str, ...]
    ambiguous: tuple[str, ...]
    read: int
    accepted: int
    quarantined: int
    already_there: int
    reasons: Mapping[str, int]
    warnings: Mapping[str, int]
    notes: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]
    mode: str = "append"
    days: tuple[str, str] = ("", "")
    differences: Mapping[str, Any] | None = None
    include: bool = True
    quality: float | None = None
    refusals: tuple[Mapping[str, str], ...] = ()
    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    control: Mapping[str, str] = field(default_factory=dict)
    crossed: Mapping[str, Any] | None = None
    values: tuple[Mapping[str, Any], ...] = ()
    everywhere: bool = True


def sheet_views(result: Mapping[str, Any], params: Mapping[str, Any]) -> list[SheetView]:
    """Return the sheets of a preview job.

    Args:
        result: of the job, `{sheets: [...]}`.
        params: of the job; its options hold what the person chose beside the mapping.
    """
    stated = params.get("options") or {}
    chosen = {entry.get("sheet"): entry for entry in (stated if isinstance(stated, list) else [])}
    return [_sheet(sheet, chosen.get(sheet["sheet"], {})) for sheet in result["sheets"]]


def _sheet(sheet: Mapping[str, Any], chosen: Mapping[str, Any]) -> SheetView:
    columns = tuple(
        ColumnView(
            c["title"],
            c["field"],
            c["confidence"] if c["confidence"] is not None else c.get("proposed"),
            tuple(c["examples"]),
            **{name: c.get(name) for name in ("missing", "distinct", "low", "high")},
            problems=c.get("problems", 0),
            part=c.get("part", ""),
            split=c.get("split", ""),
            splits=tuple(c.get("splits", ())),
        )
        for c in sheet["columns"]
    )
    return SheetView(
        name=sheet["sheet"],
        table=sheet["table"],
        mapping=sheet["mapping"],
        columns=columns,
        missing=tuple(sheet["missing"]),
        ambiguous=tuple(sheet["ambiguous"]),
        read=sheet["read"],
        accepted=sheet["accepted"],
        quarantined=sheet["quarantined"],
        already_there=sheet["already_there"],
        reasons=sheet["reasons"],
        warnings=sheet["warnings"],
        notes=tuple(sheet["notes"]),
        rows=tuple(sheet["rows"]),
        mode="replace" if chosen.get("replace") else str(chosen.get("mode") or "append"),
        days=(str(chosen.get("first_day") or ""), str(chosen.get("last_day") or "")),
        differences=sheet.get("differences"),
        include=chosen.get("include", sheet.get("recognised", True)) is not False,
        quality=sheet.get("quality"),
        refusals=tuple(sheet.get("refusals", ())),
        texts=sheet.get("texts", {}),
        control=chosen.get("control_total") or {},
        crossed=sheet.get("crossed"),
        values=tuple(sheet.get("values", ())),
        everywhere=chosen.get("everywhere", True) is not False,
    )
