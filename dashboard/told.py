"""What a chart shows, in sentences: for who does not see it."""

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from core.i18n import _, msg_n
from core.models.result import Column, ResultTable
from dashboard.page import View
from dashboard.wording import cell_text

_FIGURES = 2  # a sentence each; the table has the others


def in_sentences(table: ResultTable, view: View) -> Component:
    """Return how many marks a chart has, and the highest and lowest of its first figures.

    Args:
        table: what the chart draws; it has rows.
        view: the language and the currency.
    """
    rows = table.rows()
    sentences = [str(msg_n("{n} row.", "{n} rows.", len(rows)))]
    names = _names(table)
    figures = [column for column in table.columns if column.role == "metric"]
    for figure in figures[:_FIGURES] if names else []:
        known = [row for row in rows if row.get(figure.key) is not None]
        if known:
            sentences.append(_sentence(known, figure, names, view))
    return html.P(" ".join(sentences), className="chart-told")


def _names(table: ResultTable) -> list[Column]:
    """Return the columns that say what a row is: names where there are names, else values."""
    labels = [column for column in table.columns if column.role == "label"]
    named = {column.key.removesuffix("_name") for column in labels}
    return [
        column
        for column in table.columns
        if column.role == "label" or (column.role == "dimension" and column.key not in named)
    ]


def _sentence(
    rows: list[dict[str, Any]],
    figure: Column,
    names: list[Column],
    view: View,
) -> str:
    """Return one figure's extremes and whose they are."""

    def value(row: Mapping[str, Any]) -> Any:
        return row[figure.key]

    def of(row: Mapping[str, Any]) -> str:
        return ", ".join(cell_text(row, column, view) for column in names)

    high, low = max(rows, key=value), min(rows, key=value)
    if len(rows) == 1:
        return _(
            "{figure}: {value} ({of}).",
            figure=figure.name,
            value=cell_text(high, figure, view),
            of=of(high),
        )
    return _(
        "{figure}: highest {high} ({high_of}), lowest {low} ({low_of}).",
        figure=figure.name,
        high=cell_text(high, figure, view),
        high_of=of(high),
        low=cell_text(low, figure, view),
        low_of=of(low),
    )
