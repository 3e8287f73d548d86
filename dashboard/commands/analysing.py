"""Commands that show what can be computed: analyse, analyses."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.errors import PicholineError
from core.i18n import N_, msg, translate
from dashboard.commands.base import Session, as_option, command, option
from dashboard.commands.output import form_of, format_option, out_option, write_answer
from dashboard.commands.progress import progress_on_stderr

if TYPE_CHECKING:
    from core.models.result import AnalysisResult, ResultTable
    from core.services.analytics.base import Analysis, Params
    from core.services.application import Application
    from core.services.reading import Reading

_HASH = re.compile(r"[0-9a-f]{64}")
# Names of the settings that say by what an analysis is split.
SPLIT_OPTIONS = frozenset({"by", "split", "level"})


@command("analyses", N_("List the analyses and their keys, or the settings of one."))
@click.argument("key", required=False)
def analyses(session: Session, *, key: str | None) -> None:
    """Print key, title, description and settings of every analysis, or of one."""
    from core.services.analytics.base import analyses as registered
    from core.services.analytics.base import get_analysis

    chosen = [get_analysis(key)] if key else registered()
    found = [_described(analysis) for analysis in chosen]
    lines: list[str] = []
    for entry in found:
        lines.append(f"{entry['key']:<16} {entry['title']}: {entry['description']}")
        lines += [_setting_line(option) for option in entry["options"]]
    session.emit(found, "\n".join(lines))


def _described(analysis: "Analysis") -> dict[str, Any]:
    return {
        "key": analysis.key,
        "title": translate(analysis.title),
        "description": translate(analysis.description),
        "background": analysis.study is not None,
        "options": [
            {
                "name": option.name,
                "label": translate(option.label),
                "kind": option.kind,
                "default": option.default,
                "choices": {value: translate(label) for value, label in option.choices.items()},
                "low": option.low,
                "high": option.high,
                "unit": translate(option.unit) if option.unit else "",
                "hint": translate(option.hint) if option.hint else "",
            }
            for option in analysis.options
        ],
    }


def _setting_line(option: dict[str, Any]) -> str:
    """Return `--set name=default  label (choices or range, unit): hint`."""
    limits = ", ".join(option["choices"])
    if option["low"] is not None or option["high"] is not None:
        ends = ("" if end is None else f"{end:g}" for end in (option["low"], option["high"]))
        limits = "–".join(ends)
    inside = " ".join(part for part in (limits, option["unit"]) if part)
    words = f"{option['label']} ({inside})" if inside else option["label"]
    set_ = f"--set {option['name']}={option['default']}"
    return f"    {set_:<28} {words}" + (f": {option['hint']}" if option["hint"] else "")


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise PicholineError(
            "analysis.setting",
            msg("“{text}” is not a setting.", text=text),
            msg("Write name=value, for example --set period=last_campaign."),
        )
    return name.strip(), value.strip()


def _split(analysis: "Analysis", by: str | None) -> list[tuple[str, str]]:
    """Return the setting that `--by` stands for."""
    if by is None:
        return []
    names = [option.name for option in analysis.options if option.name in SPLIT_OPTIONS]
    if not names:
        raise PicholineError(
            "analysis.by",
            msg("The analysis “{key}” has no choice of what it is split by.", key=analysis.key),
            msg("Leave --by out; `picholine query --by` splits any metric by any dimension."),
        )
    return [(names[0], by)]


def _with_files(
    session: Session, analysis: "Analysis", pairs: list[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Put the files that settings name into the inbox; their hashes take their places."""
    names = {option.name for option in analysis.options if option.kind == "file"}
    return [
        (name, _stored(session, Path(value).expanduser()) if name in names and value else value)
        for name, value in pairs
    ]


def _stored(session: Session, path: Path) -> str:
    from core.services.ingest import files

    if not path.exists() and _HASH.fullmatch(path.name):
        return path.name  # of an upload
    files.inspect(path, path.name)
    settings = session.settings
    settings.create_home()
    with path.open("rb") as stream:
        return files.store(stream, path.name, settings.inbox, settings.max_upload_mb).sha256


@command("analyse", N_("Run an analysis and print its tables."))
@click.argument("key")
@option(
    "--set",
    "pairs",
    multiple=True,
    metavar="NAME=VALUE",
    help=N_(
        "Period, comparison, filter or a setting of the analysis, as in the page's address; "
        "repeat it for several."
    ),
)
@option(
    "--by",
    metavar="KEY",
    help=N_("Dimension to split by, where the analysis has a choice; your own ones too."),
)
@option("--again", is_flag=True, help=N_("Compute anew even if the result is kept."))
@option("--table", metavar="KEY", help=N_("Only this table (CSV has room for one)."))
@as_option
@format_option
@out_option
def analyse(  # noqa: PLR0913 - one parameter per option
    session: Session,
    *,
    key: str,
    pairs: tuple[str, ...],
    by: str | None,
    again: bool,
    table: str | None,
    user: str,
    kind: str | None,
    out: Path | None,
) -> None:
    """Run one analysis with the filters of the page."""
    from core.services.analytics.base import get_analysis

    found = get_analysis(key)
    stated = [*(_pair(text) for text in pairs), *_split(found, by)]
    params = found.params_from(_with_files(session, found, stated))
    result, reading = _answer(session, found, params, user, again=again)
    scope = reading.access.scope_of(user)
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

        context = make_context(
            session.settings, reading.metrics, result, (*params.filters.where(), *scope.where), user
        )
        sheets = [(result.titles[name], rows) for name, rows in chosen.items()]
        write_answer(workbook(sheets, context), out)


def _answer(
    session: Session, analysis: "Analysis", params: "Params", user: str, *, again: bool
) -> "tuple[AnalysisResult, Reading | Application]":
    """Answer from what is kept, or compute here, with progress on stderr."""
    if analysis.run is not None:  # a quick one needs no more than the numbers
        from core.services.reading import open_reading

        source = open_reading(session.settings)
        return analysis.run(source.metrics, params, source.access.scope_of(user)), source
    from core.services.application import Application
    from core.services.studies import answer
    from core.services.worklist_tables import with_worklist

    application = Application.open(session.settings)
    scope = application.access.scope_of(user)
    with progress_on_stderr() as report:
        result = answer(application, analysis, params, scope, report, again=again)
    result = with_worklist(result, analysis.key, application.worklist, scope)
    return result, application


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
