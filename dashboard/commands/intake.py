"""The command that brings spreadsheets in: import."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.errors import PicholineError
from core.formats import shown
from core.i18n import N_, Message, msg
from core.models.formats import Format
from dashboard.commands.base import Failure, Session, command, option
from dashboard.commands.data import counts_text
from dashboard.commands.progress import progress_on_stderr

_DAY = click.DateTime(["%Y-%m-%d"])

if TYPE_CHECKING:
    from core.services.application import Application
    from core.services.ingest import ImportOptions


@command("import", N_("Import spreadsheets: .xlsx, .xls, .ods, .csv, .parquet, or a .zip of them."))
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@option("--table", metavar="KEY", help=N_("Table to import into (default: the best fit)."))
@option("--sheet", metavar="NAME", help=N_("Sheet to read (default: every sheet that fits)."))
@option(
    "--mapping",
    type=click.Path(path_type=Path),
    metavar="FILE.toml",
    help=N_("How columns become fields (default: remembered, or found by their names)."),
)
@option("--replace", is_flag=True, help=N_("Hide the table's earlier rows while this one counts."))
@option(
    "--mode",
    type=click.Choice(["append", "period", "upsert", "replace"]),
    default="append",
    show_default=True,
    help=N_("Earlier rows: add to them, replace those of a period, of the same keys, or all."),
)
@option("--from", "first", type=_DAY, metavar="DAY", help=N_("First day of a replaced period."))
@option("--to", "last", type=_DAY, metavar="DAY", help=N_("Last day of a replaced period."))
@option("--dry-run", is_flag=True, help=N_("Check everything and store nothing."))
@option(
    "--prices-include-vat/--prices-without-vat", default=None, help=N_("Whether prices hold VAT.")
)
@option("--vat-rate", type=float, metavar="R", help=N_("VAT rate of the whole file, 0.2 = 20 %."))
@option(
    "--columns-as",
    "shape",
    type=click.Choice(["rows", "plain"]),
    help=N_("Months, years or countries in columns: as rows, or as they stand (default: rows)."),
)
@option("--year", type=click.IntRange(1990, 2100), help=N_("Year of months that name none."))
@option(
    "--control-total",
    "controls",
    multiple=True,
    metavar="COLUMN=VALUE",
    help=N_("What a column must add up to; repeat it for several."),
)
def import_files(
    session: Session,
    *,
    files: tuple[Path, ...],
    mapping: Path | None,
    controls: tuple[str, ...],
    shape: str | None,
    year: int | None,
    first: datetime | None,
    last: datetime | None,
    **stated: Any,
) -> None:
    """Import each file on its own: one that fails leaves the others as they are."""
    from core.services.application import Application
    from core.services.ingest import ImportOptions, Mapping

    options = ImportOptions(
        mapping=Mapping.load(mapping) if mapping else None,
        control_total=dict(_control(text) for text in controls),
        layout={key: value for key, value in (("shape", shape), ("year", year)) if value},
        first_day=first.date() if first else None,
        last_day=last.date() if last else None,
        **stated,
    )
    application = Application.open(session.settings)
    answers: list[dict[str, Any]] = []
    failures: list[PicholineError] = []
    for file in files:
        try:
            answers += _import_one(application, file, options)
        except PicholineError as error:
            if len(files) == 1:
                raise
            failures.append(error)
            answers.append({"file_name": file.name, "error": error.as_dict()})
            Failure(error, as_json=False).show()
    one = len(answers) == 1
    session.emit(answers[0] if one else answers, "\n".join(_lines(answers)))
    if failures:
        sys.exit(1)


def _control(text: str) -> tuple[str, str]:
    column, sign, value = text.rpartition("=")
    if not sign or not column.strip():
        raise PicholineError(
            "control.option",
            msg("“{text}” is not a control total.", text=text),
            msg("Write column=value, for example --control-total Amount=1234.50."),
        )
    return column.strip(), value.strip()


def _import_one(
    application: "Application", file: Path, options: "ImportOptions"
) -> list[dict[str, Any]]:
    with progress_on_stderr() as report:
        return [found.as_dict() for found in application.intake.run(file, options, progress=report)]


def _lines(answers: list[dict[str, Any]]) -> list[str]:
    lines: list[str] = []
    for answer in answers:
        if "error" in answer:
            continue
        number = msg("dry run") if answer["dry_run"] else f"#{answer['import_id']}"
        sheet = f" [{answer['sheet']}]" if answer["sheet"] else ""
        where = f"{answer['file_name']}{sheet}"
        lines.append(f"{number}  {where} → {answer['table']}: {counts_text(answer)}")
        lines += [f"    {note}" for note in answer["notes"]]
        counts = [*answer["reasons"].items(), *answer["warnings"].items()]
        lines += [f"    {_reason(code, answer['texts'])}: {n}" for code, n in counts]
        lines += _effect(answer.get("effect"))
        if answer["quality"] is not None:
            score = shown(answer["quality"], Format.PERCENT, digits=1)
            said = msg("Quality score: {score}", score=score)
            lines.append(f"    {said}")
    return lines


def _effect(effect: dict[str, Any] | None) -> list[str]:
    """Return what a dry run says of the numbers: the months that change, each by what changes."""
    if not effect:
        return []
    return [f"    {_changed(part, effect['currency'])}" for part in effect["months"]]


def _changed(part: dict[str, Any], currency: str) -> Message:
    """Return how a month changes: its net sales, or its margin, or only its lines."""
    month = shown(part["month"], Format.MONTH)
    before, after = part["before"], part["after"]
    for name in ("net_sales", "gross_margin"):
        if before[name] != after[name]:
            values = {
                where: shown(None if sums[name] is None else float(sums[name]), Format.MONEY,
                             digits=2, currency=currency)
                for where, sums in (("before", before), ("after", after))
            }  # fmt: skip
            if name == "net_sales":
                return msg("Net sales {month}: {before} → {after}", month=month, **values)
            return msg("Gross margin {month}: {before} → {after}", month=month, **values)
    return msg(
        "Lines {month}: {before} → {after}; net sales stay as they are",
        month=month,
        before=shown(before["lines"], Format.INTEGER),
        after=shown(after["lines"], Format.INTEGER),
    )


def _reason(code: str, texts: dict[str, list[str]]) -> str:
    from core.services.ingest.reasons import reason_of

    found = reason_of(code, texts)
    return str(found.title).rstrip(".") if found else code
