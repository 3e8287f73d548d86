"""The command that asks: query."""

import csv
import gc
from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from core.errors import PicholineError
from core.i18n import N_, msg
from core.models.filters import parse_day
from core.models.query import NO_VALUE, Compare, Filter, MetricQuery, Operator, Top
from dashboard.commands.base import Session, as_option, command, option
from dashboard.commands.output import form_of, format_option, out_option, write_answer


def _list(text: str | None) -> tuple[str, ...]:
    """Split a list at commas; a value that contains one stands in double quotes."""
    found = next(csv.reader([text], skipinitialspace=True)) if text else []
    return tuple(part.strip() for part in found if part.strip())


def parse_where(text: str) -> Filter:
    """Read `country=FR,IT`, `country!=FR` or `customer=` (no customer).

    Raises:
        PicholineError: there is no `=`.
    """
    name, sign, values = text.partition("=")
    if not sign:
        raise PicholineError(
            "query.where",
            msg("“{text}” is not a filter.", text=text),
            msg("Write name=value, for example --where country=FR,IT."),
        )
    operator = Operator.NOT_IN if name.endswith("!") else Operator.IN
    return Filter(name.rstrip("!").strip(), _list(values) or (NO_VALUE,), operator)


@command("query", N_("Ask for metrics, split, filtered and compared."))
@option("--metrics", required=True, metavar="KEYS", help=N_("Metrics, separated by commas."))
@option("--by", metavar="KEYS", help=N_("Dimensions to split by, separated by commas."))
@option(
    "--where",
    multiple=True,
    metavar="KEY=VALUES",
    help=N_("Filter, as country=FR,IT or country!=FR; repeat it for several."),
)
@option("--from", "start", metavar="DAY", help=N_("First day, as 2025-03-31."))
@option("--to", "end", metavar="DAY", help=N_("Last day."))
@option(
    "--compare",
    type=click.Choice([c.value for c in Compare]),
    help=N_("Set against the period before or the year before."),
)
@option(
    "--top",
    type=click.IntRange(1),
    metavar="N",
    help=N_("Only the N largest by the first metric."),
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
    user: str,
    kind: str | None,
    out: Path | None,
) -> None:
    """Answer one question from the warehouse."""
    # One question is over before garbage matters; collecting costs a tenth of the time.
    gc.disable()
    keys = _list(metrics)
    asked = MetricQuery(
        metrics=keys,
        by=_list(by),
        where=tuple(parse_where(text) for text in where),
        compare=Compare(compare) if compare else None,
        top=Top(top, keys[0]) if top and keys else None,
    )
    form = form_of(kind, out, as_json=session.as_json)
    _answer(session, asked, (parse_day(start), parse_day(end)), user, form, out)


def _answer(
    session: Session,
    asked: MetricQuery,
    days: tuple[date | None, date | None],
    user: str,
    form: str,
    out: Path | None,
) -> None:
    from core.models.filters import FilterState, Preset
    from core.services.reading import open_reading

    reading = open_reading(session.settings)
    metrics, scope = reading.metrics, reading.access.scope_of(user)
    start, end = days
    if start or end or asked.compare:
        preset = Preset.CUSTOM if start or end else Preset.ALL
        found = metrics.resolve(FilterState(preset, start, end, asked.compare))
        asked = replace(asked, period=found.period, compared=found.compared)
        caveats = found.caveats
    else:
        caveats = ()
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
