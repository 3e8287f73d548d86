"""Answering a checked question: blocks of rows, in order, with the columns asked for."""

from datetime import date
from typing import Any

import pyarrow as pa

from core.i18n import Message, msg_n
from core.models.catalogue import SHIPPED, Known
from core.models.query import Compare, MetricQuery, Scope
from core.models.result import ResultTable
from core.repository.sql import Explained
from core.repository.warehouse import Cursor, WarehouseInfo
from core.services.metric_budget import no_month_caveat, with_months
from core.services.metric_caveats import caveats
from core.services.metric_checks import check
from core.services.metric_members import Picker, range_text
from core.services.metric_order import OTHERS, ordered, ordered_heads
from core.services.metric_pivot import pivoted
from core.services.metric_request import Question
from core.services.metric_rows import Block, Reader
from core.services.metric_scores import Sets, score_caveats
from core.services.metric_sheet import Sheet
from core.services.metric_top import Selection, rows_of_others

__all__ = ["OTHERS", "Answer"]


class Answer:
    """One question against one data version."""

    def __init__(
        self,
        query: MetricQuery,
        scope: Scope,
        cursor: Cursor,
        info: WarehouseInfo,
        campaign_first_month: int,
        today: date,
        sets: Sets,
        known: Known = SHIPPED,
    ) -> None:
        """Check the question, and pick the members it keeps to.

        Raises:
            PicholineError: it names something unknown, or has no meaning.
        """
        self._picker = Picker(scope, cursor, info, campaign_first_month, today, sets, known)
        wanted, query = query.compare, with_months(query, info, today)
        self.asked: Question = self._picker.question(query)
        check(self.asked)
        self._reader = Reader(self.asked, cursor, info, campaign_first_month, today, sets)
        self._sets = sets
        self._scope = scope
        dropped = wanted is Compare.BUDGET and query.compare is None
        self._without_budget = (no_month_caveat(),) if dropped else ()

    @property
    def explained(self) -> tuple[Explained, ...]:
        """The statements run so far, those that picked members first."""
        return (*self._picker.explained, *self._reader.explained)

    def table(self) -> ResultTable:
        """Return the answer.

        Raises:
            PicholineError: there is no such column to sort by, too many columns would be made, or
                a top list of calendar periods is to have others.
        """
        asked, query, reader = self.asked, self.asked.query, self._reader
        whole = reader.level(asked.all) if self._needs_total() else reader.block(asked.all)
        main = reader.level(asked.rows) if asked.pivoted else whole
        sheet, chosen = Sheet(reader, whole), Selection(reader, main)
        rows, total = self._rows(sheet, main, chosen)
        rows = ordered(rows, asked, asked.rows) if asked.rows else rows
        columns = sheet.columns()
        if asked.pivoted:
            columns, rows, totals = self._pivoted(sheet, chosen, rows)
            total |= totals
        aside = {c.key for c in columns if c.role in {"dimension", "label", "flag"}}
        return ResultTable(
            columns=columns,
            data=rows.select([column.key for column in columns]),
            total={c.key: total[c.key] for c in columns if c.key not in aside}
            if query.totals
            else None,
            caveats=self._caveats(whole, chosen),
            data_version=reader.info.data_version,
            period=query.period,
            compared=reader.compared,
            source=", ".join(dict.fromkeys(e.statement.source for e in self.explained)),
            sql=";\n".join(dict.fromkeys(e.statement.sql for e in self.explained)),
        )

    def _needs_total(self) -> bool:
        return self.asked.query.totals or any(e.kind == "share" for e in self.asked.query.extras)

    # Rows ------------------------------------------------------------------------------------

    def _rows(
        self, sheet: Sheet, main: Block, chosen: Selection
    ) -> tuple[pa.Table, dict[str, Any]]:
        """Return the shown groups, others and subtotals, and the row over all groups."""
        places = self.asked.rows
        depth = len(places)
        if sheet.needs_all:
            full = sheet.table(main, depth)
            groups = full.take(pa.array(chosen.rows))
        else:
            full = sheet.table(main.take(chosen.rows), depth)
            groups = full.slice(0, full.num_rows - 1)
        last = full.slice(full.num_rows - 1)
        parts = [groups if places else last]
        if chosen.has_others and not chosen.of_columns:
            parts.append(self._others(sheet, chosen, places, depth))
        for short in range(1, depth) if self.asked.query.subtotals else ():
            level = self._reader.level(places[:short])
            parts.append(sheet.table(level, short).take(pa.array(chosen.prefixes(level))))
        return pa.concat_tables(parts).combine_chunks(), last.to_pylist()[0]

    def _others(
        self, sheet: Sheet, chosen: Selection, places: tuple[int, ...], level: int
    ) -> pa.Table:
        """Return the rows of what a top list leaves over."""
        block = chosen.left_over(places)
        table = sheet.table(block, level, others=self.asked.ranked)
        return table.take(pa.array(rows_of_others(block)))

    # Columns of a pivot ----------------------------------------------------------------------

    def _pivoted(self, sheet: Sheet, chosen: Selection, rows: pa.Table) -> Any:
        """Return the rows with a column for each value: columns, rows, the total's values."""
        asked, reader = self.asked, self._reader
        depth = len(asked.rows)
        depths = range(1, depth + 1) if asked.query.subtotals else (depth,)
        cells = [_groups(sheet.table(self._across(d), d)) for d in depths]
        block = reader.level(asked.pivoted)
        heads = sheet.table(block, 0).take(pa.array(chosen.columns(block)))
        if chosen.has_others:
            if chosen.of_columns:
                cells += [self._others(sheet, chosen, asked.rows[:d], d) for d in depths]
                heads = pa.concat_tables([heads, self._others(sheet, chosen, (), 0)])
            else:
                cells.append(self._others(sheet, chosen, asked.all, depth))
        (place,) = asked.pivoted
        return pivoted(
            rows,
            sheet.columns(),
            pa.concat_tables(cells).combine_chunks(),
            ordered_heads(heads.combine_chunks(), asked, place),
            asked.dimensions[place],
        )

    def _across(self, depth: int) -> Block:
        """Return the groups of some of the rows' dimensions, split by the pivoted one too."""
        wanted = {*self.asked.rows[:depth], *self.asked.pivoted}
        return self._reader.level(tuple(i for i in self.asked.all if i in wanted))

    # Caveats ---------------------------------------------------------------------------------

    def _caveats(self, whole: Block, chosen: Selection) -> tuple[Message, ...]:
        asked, reader = self.asked, self._reader
        found = [
            *self._picker.notes,
            *(reader.budget.caveats(asked) if reader.budget else self._without_budget),
            *caveats(asked, whole.cells, reader.compared, reader.cursor, reader.info),
            *score_caveats(
                asked.metrics, whole.cells, self._sets, reader.info.data_version, self._scope
            ),
        ]
        for limit in asked.query.having if chosen.hidden else ():
            metric = asked.known.metrics[limit.metric]
            rule = range_text(Message(metric.name), metric.format, limit.low, limit.high)
            found.append(
                msg_n(
                    "{n} row is not shown, totals cover it too; shown are rows with {rule}.",
                    "{n} rows are not shown, totals cover them too; shown are rows with {rule}.",
                    chosen.hidden,
                    rule=rule,
                )
            )
        return tuple(found)


def _groups(table: pa.Table) -> pa.Table:
    return table.slice(0, table.num_rows - 1)
