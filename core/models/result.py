"""What comes back: declared columns, rows, a total, caveats."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa

from core.i18n import Message
from core.models.formats import Format
from core.models.query import MetricQuery, Period

Good = Literal["up", "down", "none"]
LEVEL = "depth"  # the column that says how many dimensions a row is split by


@dataclass(frozen=True)
class Column:
    """One declared column of a result.

    Attributes:
        key: the column's name in `.data` and in JSON.
        name: English name, translated when shown.
        format: how values are shown.
        role: what the column is.
        metric: the metric a value or comparison column belongs to.
        good: whether more is better, for colours.
        format_by: the column that holds each row's own format, where rows differ (key figures).
        translate: the values are marked English texts, translated when shown.
        unknown: what an empty value of a dimension is called; "": as the catalogue says.
        keyed: the values are keys nobody reads, their names stand in the column beside them.
        definition: of a company's own metric, for whoever has no catalogue at hand.
        member: the value of a pivoted dimension the column speaks of; its name has it too.
    """

    key: str
    name: Message
    format: Format
    role: Literal[
        "dimension", "label", "metric", "compared", "change", "change_rate", "extra", "flag"
    ]
    metric: str | None = None
    good: Good = "none"
    format_by: str | None = None
    translate: bool = False
    unknown: str = ""
    keyed: bool = False
    definition: str = ""
    member: Message | None = None


@dataclass(frozen=True)
class ResultTable:
    """An answer: rows as Arrow, declared columns in the same order, a total and its caveats.

    Attributes:
        source: the table or roll-up that answered.
        sql: the statements, for `--explain`.
        asked: the question that was answered, so that the lines behind a cell can be shown; None
            for tables that no single question answers.
    """

    columns: tuple[Column, ...]
    data: pa.Table
    total: Mapping[str, Any] | None = None
    caveats: tuple[Message, ...] = ()
    data_version: int = 0
    period: Period | None = None
    compared: Period | None = None
    source: str = ""
    sql: str = ""
    asked: MetricQuery | None = None

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries (decimals stay decimals)."""
        return self.data.to_pylist()

    def subtotalled(self) -> dict[str, int]:
        """Return the place of each dimension, by its columns; nothing without subtotals.

        In a row of level 1 the columns of the second dimension (place 1) stand for all its values.
        """
        # Other tables have columns of this name, with words in them.
        if not any((c.key, c.format) == (LEVEL, Format.INTEGER) for c in self.columns):
            return {}
        keys = [column.key for column in self.columns if column.role == "dimension"]
        labels = {f"{key}_name": place for place, key in enumerate(keys)}
        return {key: place for place, key in enumerate(keys)} | labels

    def column(self, key: str) -> Column:
        """Return the declared column; KeyError if there is none."""
        for found in self.columns:
            if found.key == key:
                return found
        raise KeyError(key)


@dataclass(frozen=True)
class Outcome:
    """What a background analysis leaves behind beside its tables.

    Attributes:
        model: JSON values from which the model can be applied again; exported as a file.
        scores: one row per customer: `customer_id` (text) and one column per score or feature;
            kept with the run, so that a later one can be compared with it.
        card: the run's figures of merit, marked English name → number or text, for the list of
            runs.
        publish: columns of `scores` that become metrics of the catalogue, when the run answered
            the standard question: no filters, all rows, up to the last day, default options.
    """

    model: Mapping[str, Any] = field(default_factory=dict)
    scores: pa.Table | None = None
    card: Mapping[str, float | int | str | None] = field(default_factory=dict)
    publish: tuple[str, ...] = ()


@dataclass(frozen=True)
class AnalysisResult:
    """What an analysis returns: named tables, in the order a page shows them, and notices.

    Every table is exportable under its key; `notes` are findings in words (with numbers);
    `outcome` is left by background analyses only.
    """

    tables: Mapping[str, ResultTable]
    titles: Mapping[str, Message]
    headline: Mapping[str, Any] = field(default_factory=dict)
    caveats: tuple[Message, ...] = ()
    notes: tuple[Message, ...] = ()
    data_version: int = 0
    period: Period | None = None
    compared: Period | None = None
    outcome: Outcome | None = None
