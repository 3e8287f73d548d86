"""The commands that go from a number to where it comes from: lines, row."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.errors import PicholineError
from core.i18n import N_, msg
from core.models.lines import DEFAULT_METRIC, Side
from core.models.query import Compare, MetricQuery
from core.models.query_text import parse_members, parse_where
from dashboard.commands.asking import (
    compare_of,
    from_option,
    members_option,
    to_option,
    where_option,
    with_periods,
)
from dashboard.commands.base import Session, as_option, command, option
from dashboard.commands.output import (
    form_of,
    format_option,
    out_option,
    write_answer,
    write_pieces,
)

if TYPE_CHECKING:
    from core.models.query import Scope
    from core.models.result import ResultTable
    from core.services.drill import Drill, Found, LineOrder

_SHOWN = 50  # lines where nothing else is asked for
_CHUNK = 5_000


@command("lines", N_("Show the lines behind a number, down to file, sheet and row."))
@option("--metric", default=DEFAULT_METRIC, metavar="KEY", help=N_("Whose lines (net_sales)."))
@option(
    "--cell",
    multiple=True,
    metavar="KEY=VALUE",
    help=N_("The row of the answer, as country=FR or month=2025-03-01; repeat it for several."),
)
@where_option
@members_option
@from_option
@to_option
@option(
    "--compared",
    type=click.Choice([Compare.PREVIOUS.value, Compare.YEAR.value]),
    help=N_("Lines of the compared period instead."),
)
@option("--order", default="-day", metavar="[-]KEY", help=N_("Column to sort by; - for falling."))
@option(
    "--limit",
    type=click.IntRange(0),
    metavar="N",
    help=N_("So many lines (default: 50 as JSON on stdout, else all)."),
)
@option("--offset", type=click.IntRange(0), default=0, metavar="N", help=N_("Pass over N lines."))
@as_option
@format_option
@out_option
def lines(  # noqa: PLR0913 - one parameter per option
    session: Session,
    *,
    metric: str,
    cell: tuple[str, ...],
    where: tuple[str, ...],
    members: tuple[str, ...],
    start: str | None,
    end: str | None,
    compared: str | None,
    order: str,
    limit: int | None,
    offset: int,
    user: str,
    kind: str | None,
    out: Path | None,
) -> None:
    """Print the lines behind a cell of an answer."""
    from core.services.drill import Drill
    from core.services.reading import open_reading

    reading = open_reading(session.settings)
    scope = reading.access.scope_of(user)
    drill = Drill(reading.metrics, reading.catalogue, session.settings.inbox)
    query = MetricQuery(
        (metric,),
        where=tuple(parse_where(text) for text in where),
        members=tuple(parse_members(text) for text in members),
        compare=compare_of(compared),
    )
    query, _caveats = with_periods(reading.metrics, query, start, end)
    side: Side = "compared" if compared else "asked"
    found = drill.about(query, dict(_cell(text) for text in cell), scope, side=side)
    form = form_of(kind, out, as_json=session.as_json)
    if limit is None and form == "json" and out is None:
        limit = _SHOWN
    tables = _tables(drill, found, scope, _order(order), offset, limit)
    _write(session, form, tables, found, out)


def _cell(text: str) -> tuple[str, str | None]:
    """Read `country=FR`, or `customer=` for lines without a customer."""
    name, sign, value = text.partition("=")
    if not sign:
        raise PicholineError(
            "lines.cell",
            msg("“{text}” is no value of a dimension.", text=text),
            msg("Write name=value, for example --cell country=FR."),
        )
    return name.strip(), value.strip() or None


def _order(text: str) -> "LineOrder":
    from core.services.drill import LineOrder

    return LineOrder(text.removeprefix("-"), descending=text.startswith("-"))


def _tables(
    drill: "Drill",
    found: "Found",
    scope: "Scope",
    order: "LineOrder",
    offset: int,
    limit: int | None,
) -> "Iterator[ResultTable]":
    """Yield the asked lines; all of them in one go, or page by page."""
    if limit is None and not offset:
        yield from drill.export(found.behind, scope, order=order)
        return
    last = found.lines if limit is None else min(found.lines, offset + limit)
    yield drill.page(found.behind, scope, order=order, limit=0)
    for place in range(offset, last, _CHUNK):
        size = min(_CHUNK, last - place)
        yield drill.page(found.behind, scope, order=order, offset=place, limit=size)


def _write(
    session: Session,
    form: str,
    tables: "Iterable[ResultTable]",
    found: "Found",
    out: Path | None,
) -> None:
    if form == "csv":
        from core.services.export.lines import machine_pieces

        write_pieces(machine_pieces(tables), out)
        for caveat in found.caveats:
            session.say(caveat)
    elif form == "xlsx":
        write_answer(_workbook(session, tables, found), out)
    else:
        from core.services.export.machine import json_text

        write_answer(json_text(_as_dict(tables, found)), out)


def _workbook(session: Session, tables: "Iterable[ResultTable]", found: "Found") -> bytes:
    from io import BytesIO

    from core.services.export.context import make_context
    from core.services.export.lines import write_lines
    from core.services.reading import open_reading

    pages = list(tables)
    total = sum(page.data.num_rows for page in pages)
    metrics = open_reading(session.settings).metrics
    summary = replace(pages[0], caveats=found.caveats)
    context = make_context(session.settings, metrics, summary, found.behind.query.where)
    book = BytesIO()
    write_lines(book, pages, total, context)
    return book.getvalue()


def _as_dict(tables: "Iterable[ResultTable]", found: "Found") -> dict[str, Any]:
    from core.services.export.machine import json_value, table_as_dict

    pages = [table_as_dict(table) for table in tables]
    return {
        "metric": found.behind.metric.key,
        "value": json_value(found.value),
        "lines": found.lines,
        "sums": {key: json_value(value) for key, value in found.sums.items()},
        "columns": pages[0]["columns"],
        "rows": [row for page in pages for row in page["rows"]],
        "caveats": [str(caveat) for caveat in found.caveats],
        "data_version": found.data_version,
    }


@command("row", N_("Show a row of an imported file as it stood there."))
@click.argument("import_id", type=int, metavar="IMPORT")
@click.argument("sheet", metavar="SHEET")
@click.argument("number", type=int, metavar="ROW")
@as_option
def row(session: Session, *, import_id: int, sheet: str, number: int, user: str) -> None:
    """Print the titles and cells of one row."""
    from core.services.drill import Drill
    from core.services.reading import open_reading

    reading = open_reading(session.settings)
    drill = Drill(reading.metrics, reading.catalogue, session.settings.inbox)
    scope = reading.access.scope_of(user)
    found = drill.source_row(import_id, sheet or None, number, scope)
    cells = [
        {"column": c.letter, "title": c.title, "text": c.text, "field": c.field}
        for c in found.cells
    ]
    place = {"import_id": found.import_id, "file": found.file, "sheet": found.sheet}
    value = {**place, "row": found.row, "header_row": found.header_row, "cells": cells}
    head = f"{found.file} [{found.sheet}] #{found.row}"
    listed = [f"{c.letter:>3}  {c.title}: {'' if c.text is None else c.text}" for c in found.cells]
    session.emit(value, "\n".join([head, *listed]))
