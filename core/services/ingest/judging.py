"""The data-quality rules applied to typed rows: set aside, kept with a warning, or all refused."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from core.i18n import Message, msg, msg_n, pack
from core.models.quality import Rule, Severity
from core.models.schema import TABLES
from core.repository.staged import Incoming
from core.services.quality.judge import ROW, Finding, Judge
from core.services.quality.shipped import SHIPPED

from .columns import TypedTable
from .raw import Mask, Rows, row_list

_TOLD_ROWS = 10


@dataclass(frozen=True)
class Refusal:
    """Why a sheet is not imported at all.

    Attributes:
        code: of the rule, or `control_total`.
        title: what is the matter, with its counts and first rows.
        advice: what a person can do.
    """

    code: str
    title: Message
    advice: Message

    def as_dict(self) -> dict[str, str]:
        """Return the refusal for JSON."""
        return {"code": self.code, "title": str(self.title), "advice": str(self.advice)}


@dataclass
class Verdict:
    """What the rules say of a sheet.

    Attributes:
        refusals: rules that refuse the whole import.
        doubted: rows that are kept with a warning.
        texts: titles and remedies of reasons that are not among the shipped ones, by code.
    """

    doubted: Mask
    refusals: list[Refusal] = field(default_factory=list)
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)


def apply_rules(
    table: TypedTable,
    key: str,
    asked: Mask,
    judge: Judge | None,
    numbers: Rows,
    *,
    alone: bool,
    rows: Incoming | None = None,
) -> Verdict:
    """Reject and warn of the rows that break rules.

    Args:
        table: the typed rows; gets the problems and the warnings.
        key: of the business schema.
        asked: rows that would be stored.
        judge: the rules; None: no rules.
        numbers: of the rows in their sheet.
        alone: the file replaces the table.
        rows: those that are asked about, where `table` does not hold them.
    """
    verdict = Verdict(np.zeros(table.height, dtype=bool))
    if judge is None or not asked.any():
        return verdict
    rows = _asked_rows(table, key, asked) if rows is None else rows
    found = judge.judge(key, rows, alone=alone)
    gone = np.zeros(table.height, dtype=bool)
    for finding in found:
        if finding.rule.severity is not Severity.WARN:
            gone[finding.rows] = True
    for finding in found:
        _apply(finding, table, numbers, verdict, gone)
    return verdict


def _asked_rows(table: TypedTable, key: str, asked: Mask) -> pa.Table:
    """Return the rows with the columns the file has, in their stored types, and their numbers."""
    schema = TABLES[key].arrow_schema()
    columns = {
        field.key: table.columns[field.key].cast(schema.field(field.key).type)
        for field in TABLES[key].fields
        if field.key in table.columns
    }
    columns[ROW] = pa.array(np.arange(table.height, dtype=np.int64))
    rows = pa.table(columns)
    return rows if asked.all() else rows.filter(pa.array(asked))


def _apply(
    finding: Finding, table: TypedTable, numbers: Rows, verdict: Verdict, gone: Mask
) -> None:
    rule, rows = finding.rule, finding.rows
    if rule.own or rule.severity is not Severity.WARN:
        text, remedy = _said(rule)
        verdict.texts[rule.code] = (pack(text), pack(remedy))
    if rule.severity is Severity.WARN:
        kept = rows[~gone[rows]]  # of a row that is set aside nothing is “kept”
        table.warn(rule.code, len(kept))
        verdict.doubted[kept] = True
        return
    table.reject(rule.code, rows, rule.column)
    if rule.severity is Severity.BLOCK:
        verdict.refusals.append(_refusal(rule, numbers[rows]))


def _title(rule: Rule) -> Message:
    return Message(rule.own["en"], own=rule.own) if rule.own else Message(SHIPPED[rule.code].name)


def _said(rule: Rule) -> tuple[Message, Message]:
    """Return what is told of a row, and what a person can do about it."""
    own = Message(rule.says["en"], own=rule.says) if rule.own else None
    text = own or Message(SHIPPED[rule.code].text)
    if rule.severity is Severity.WARN:
        return text, msg("Kept as it is, as the rule “{name}” says.", name=_title(rule))
    return text, msg(
        "Correct the row and import it again, or change the rule “{name}” on the page Rules.",
        name=_title(rule),
    )


def _refusal(rule: Rule, numbers: Rows) -> Refusal:
    return Refusal(
        rule.code,
        msg_n(
            "The rule “{name}” refuses the file: {n} row breaks it (row {rows}).",
            "The rule “{name}” refuses the file: {n} rows break it (rows {rows}).",
            len(numbers),
            name=_title(rule),
            rows=row_list(numbers.tolist(), _TOLD_ROWS),
        ),
        msg(
            "Nothing is imported. Correct the rows, or change what the rule does on the page Rules."
        ),
    )
