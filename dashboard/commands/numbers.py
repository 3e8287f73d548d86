"""The command that asks: query."""

import gc
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import click

from core.errors import PicholineError
from core.i18n import N_, msg
from core.models.query import Compare, Extra, MetricQuery, Top
from core.models.query_text import (
    parse_extra,
    parse_having,
    parse_members,
    parse_where,
    split_list,
)
from dashboard.commands.asking import (
    check_days,
    compare_of,
    from_option,
    members_option,
    to_option,
    where_option,
    with_periods,
)
from dashboard.commands.base import Session, as_option, command, option
from dashboard.commands.output import form_of, format_option, out_option, write_answer


@command("query", N_("Ask for metrics, split, filtered and compared."))
@option("--metrics", required=True, metavar="KEYS", help=N_("Metrics, separated by commas."))
@option("--by", metavar="KEYS", help=N_("Dimensions to split by, separated by commas."))
@where_option
@members_option
@option(
    "--having",
    multiple=True,
    metavar="RULE",
    help=N_("Only rows over a threshold, as “margin_rate < 10%”."),
)
@from_option
@to_option
@option(
    "--compare",
    type=click.Choice([c.value for c in Compare]),
    help=N_("Set against the period before, the year before or the budget."),
)
@option(
    "--top",
    type=click.IntRange(1),
    metavar="N",
    help=N_("Only the N largest by the first metric."),
)
@option("--by-metric", metavar="KEY", help=N_("The metric --top goes by."))
@option("--others", is_flag=True, help=N_("One more row for what --top leaves over."))
@option("--order", metavar="KEY", help=N_("Column to sort by; -KEY from the highest."))
@option(
    "--share",
    multiple=True,
    metavar="METRIC[/DIMENSION]",
    help=N_("Add the share of the total, or of the subtotal within a dimension."),
)
@option(
    "--running",
    multiple=True,
    metavar="METRIC[/DIMENSION]",
    help=N_("Add the running total along the calendar; /year starts anew each year."),
)
@option(
    "--average",
    multiple=True,
    metavar="METRIC[:N]",
    help=N_("Add the moving average over N calendar periods (3)."),
)
@option(
    "--rank",
    multiple=True,
    metavar="METRIC[/DIMENSION]",
    help=N_("Add the rank from the highest, overall or within a dimension."),
)
@option("--subtotals", is_flag=True, help=N_("Add subtotals of the leading dimensions."))
@option("--pivot", metavar="KEY", help=N_("The dimension of --by whose values become columns."))
@option(
    "--explain",
    is_flag=True,
    help=N_("Print the sources that could answer, the statements and their values instead."),
)
@as_option
@format_option
@out_option
def query(  # noqa: PLR0913 - one parameter per option
    session: Session,
    *,
    metrics: str,
    by: str | None,
    where: tuple[str, ...],
    start: str | None,
    end: str | None,
    compare: str | None,
    top: int | None,
    by_metric: str | None,
    others: bool,
    order: str | None,
    members: tuple[str, ...],
    having: tuple[str, ...],
    subtotals: bool,
    pivot: str | None,
    explain: bool,
    user: str,
    kind: str | None,
    out: Path | None,
    **extras: tuple[str, ...],
) -> None:
    """Answer one question from the warehouse."""
    # One question is over before garbage matters; collecting costs a tenth of the time.
    gc.disable()
    keys = split_list(metrics)
    asked = MetricQuery(
        metrics=keys,
        by=split_list(by),
        where=tuple(parse_where(text) for text in where),
        compare=compare_of(compare),
        top=_top(top, by_metric, keys, others=others),
        order=order,
        members=tuple(parse_members(text) for text in members),
        having=tuple(parse_having(text) for text in having),
        extras=_extras(extras),
        subtotals=subtotals,
        pivot=pivot,
    )
    check_days(start, end)
    if explain:
        _explain(session, asked, (start, end), user, out)
        return
    form = form_of(kind, out, as_json=session.as_json)
    _answer(session, asked, (start, end), user, form, out)


def _top(n: int | None, metric: str | None, keys: tuple[str, ...], *, others: bool) -> Top | None:
    if (metric or others) and not n:
        raise PicholineError(
            "query.top",
            msg("Nothing says how many rows come first."),
            msg("Add --top with a number."),
        )
    return Top(n, metric or keys[0], others=others) if n and keys else None


def _extras(given: Mapping[str, tuple[str, ...]]) -> tuple[Extra, ...]:
    kinds = ("share", "running", "average", "rank")
    return tuple(parse_extra(kind, text) for kind in kinds for text in given.get(kind, ()))


def _answer(
    session: Session,
    asked: MetricQuery,
    days: tuple[str | None, str | None],
    user: str,
    form: str,
    out: Path | None,
) -> None:
    from core.services.reading import open_reading

    reading = open_reading(session.settings)
    metrics, scope = reading.metrics, reading.access.scope_of(user)
    asked, caveats = with_periods(metrics, asked, *days)
    table = metrics.ask(asked, scope)
    table = replace(table, caveats=tuple(dict.fromkeys([*caveats, *table.caveats])))
    if form == "json":
        from core.services.export.machine import json_text, table_as_dict

        write_answer(json_text(table_as_dict(table)), out)
    elif form == "csv":
        from core.services.export.machine import csv_machine

        write_answer(csv_machine(table), out)
        for caveat in table.caveats:
            session.say(caveat)
    else:
        from core.services.export.context import make_context
        from core.services.export.workbook import workbook

        context = make_context(session.settings, metrics, table, (*asked.where, *scope.where), user)
        write_answer(workbook([(msg("Answer"), table)], context), out)


def _explain(
    session: Session,
    asked: MetricQuery,
    days: tuple[str | None, str | None],
    user: str,
    out: Path | None,
) -> None:
    from core.services.explaining import explain, explained_as_dict, explained_lines
    from core.services.export.machine import json_text
    from core.services.reading import open_reading

    reading = open_reading(session.settings)
    scope = reading.access.scope_of(user)
    asked, _caveats = with_periods(reading.metrics, asked, *days)
    table, explained = explain(reading, asked, scope)
    if session.as_json:
        answer = {"statements": explained_as_dict(explained), "data_version": table.data_version}
        write_answer(json_text(answer), out)
    else:
        write_answer("\n".join(explained_lines(explained)) + "\n", out)
