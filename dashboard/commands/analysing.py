"""Commands that show what can be computed: analyse, analyses, metrics."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.errors import PicholineError
from core.i18n import N_, msg, translate
from dashboard.commands.base import Session, command, option
from dashboard.commands.output import form_of, format_option, out_option, write_answer

if TYPE_CHECKING:
    from core.models.result import AnalysisResult, ResultTable


@command("analyses", N_("List the analyses and their keys."))
def analyses(session: Session) -> None:
    """Print key, title and description of every analysis."""
    from core.services.analytics.base import analyses as registered

    found = [
        {
            "key": analysis.key,
            "title": translate(analysis.title),
            "description": translate(analysis.description),
        }
        for analysis in registered()
    ]
    lines = [f"{entry['key']:<16} {entry['title']}: {entry['description']}" for entry in found]
    session.emit(found, "\n".join(lines))


@command("metrics", N_("List the metrics and dimensions with their definitions."))
def metrics(session: Session) -> None:
    """Print the catalogue that `query` understands."""
    from core.models.catalogue import DIMENSIONS, METRICS

    known = [
        {
            "key": metric.key,
            "name": translate(metric.name),
            "definition": translate(metric.definition),
            "format": metric.format.value,
        }
        for metric in METRICS.values()
    ]
    splits = [
        {"key": d.key, "name": translate(d.name), "format": d.format.value}
        for d in DIMENSIONS.values()
    ]
    lines = [f"{entry['key']:<16} {entry['name']}: {entry['definition']}" for entry in known]
    lines += ["", *(f"{entry['key']:<16} {entry['name']}" for entry in splits)]
    session.emit({"metrics": known, "dimensions": splits}, "\n".join(lines))


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise PicholineError(
            "analysis.setting",
            msg("“{text}” is not a setting.", text=text),
            msg("Write name=value, for example --set period=last_campaign."),
        )
    return name.strip(), value.strip()


@command("analyse", N_("Run an analysis and print its tables."))
@click.argument("key")
@option(
    "--set",
    "pairs",
    multiple=True,
    metavar="NAME=VALUE",
    help=N_("Period, comparison or filter, as in the page's address; repeat it for several."),
)
@option("--table", metavar="KEY", help=N_("Only this table (CSV has room for one)."))
@format_option
@out_option
def analyse(
    session: Session,
    *,
    key: str,
    pairs: tuple[str, ...],
    table: str | None,
    kind: str | None,
    out: Path | None,
) -> None:
    """Run one analysis with the filters of the page."""
    from core.models.query import Scope
    from core.services.analytics.base import get_analysis
    from core.services.reading import open_reading

    found = get_analysis(key)
    params = found.params_from([_pair(text) for text in pairs])
    source = open_reading(session.settings).metrics
    result = found.run(source, params, Scope())
    chosen = _tables(result, table)
    form = form_of(kind, out, as_json=session.as_json)
    if form == "json":
        from core.services.export.machine import analysis_as_dict, json_text

        value = analysis_as_dict(found.key, found.title, result, chosen)
        write_answer(json_text(value), out)
    elif form == "csv":
        write_answer(_csv(chosen), out)
        for caveat in result.caveats:
            session.say(caveat)
    else:
        from core.services.export.context import make_context
        from core.services.export.workbook import workbook

        context = make_context(session.settings, source, result, params.filters.where())
        sheets = [(result.titles[name], rows) for name, rows in chosen.items()]
        write_answer(workbook(sheets, context), out)


def _tables(result: "AnalysisResult", wanted: str | None) -> "dict[str, ResultTable]":
    if wanted is None:
        return dict(result.tables)
    if wanted not in result.tables:
        raise PicholineError(
            "analysis.table",
            msg("The analysis has no table “{key}”.", key=wanted),
            msg("Choose one of: {keys}.", keys=", ".join(result.tables)),
        )
    return {wanted: result.tables[wanted]}


def _csv(tables: "dict[str, ResultTable]") -> str:
    from core.services.export.machine import csv_machine

    if len(tables) > 1:
        raise PicholineError(
            "analysis.tables",
            msg("A CSV file holds one table, and this analysis has several."),
            msg("Choose one with --table: {keys}.", keys=", ".join(tables)),
        )
    return csv_machine(next(iter(tables.values())))
