"""The command about rows set aside: out with suggestions, back in corrected, given up."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.errors import PicholineError
from core.i18n import N_, current_language, msg, msg_n
from dashboard.commands.base import Session, as_option, command, option
from dashboard.commands.output import out_option, write_answer
from dashboard.commands.progress import progress_on_stderr

if TYPE_CHECKING:
    from core.models.query import Scope
    from core.services.application import Application
    from core.services.corrections import Quarantine, QuarantinedRow, Suggestion
    from core.services.ingest import Corrected


@command(
    "corrections", N_("Correct the rows an import set aside. Without options: where they are.")
)
@click.argument("import_id", type=int)
@option("--suggest", is_flag=True, help=N_("Write the open rows with suggestions (see --out)."))
@option(
    "--apply",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=N_("Read corrected rows from a .csv or .xlsx file and check them again."),
)
@option(
    "--apply-sure",
    is_flag=True,
    help=N_("Apply every suggestion that is sure (80 % or more) and check the rows again."),
)
@option("--give-up", metavar="WHY", help=N_("Give the open rows of --reason up, with a reason."))
@option("--take-back", is_flag=True, help=N_("Open all rows again that were given up."))
@option("--reason", metavar="CODE", help=N_("Only rows set aside for this reason."))
@as_option
@out_option
def corrections(session: Session, *, import_id: int, user: str, **stated: Any) -> None:
    """Do one of the things the options name."""
    from core.services.application import Application

    application = Application.open(session.settings)
    scope = application.access.scope_of(user)
    found = application.corrections.quarantine(import_id, scope)
    chosen = [bool(stated[n]) for n in ("suggest", "file", "apply_sure", "give_up", "take_back")]
    if sum(chosen) > 1:
        raise PicholineError(
            "corrections.options",
            msg("Several things are asked for at once."),
            msg("Use one of --suggest, --apply, --apply-sure, --give-up and --take-back."),
        )
    if stated["suggest"]:
        _suggest(session, application, import_id, scope, stated["reason"], stated["out"])
    elif stated["file"] or stated["apply_sure"]:
        _check(session, application, import_id, scope, stated)
    else:
        if stated["give_up"]:
            places = found.places(code=stated["reason"]).tolist()
            application.corrections.give_up(import_id, places, stated["give_up"], scope)
        elif stated["take_back"]:
            application.corrections.take_back(import_id, list(found.given_up), scope)
        _tell(session, application, import_id, scope)


def _suggest(
    session: Session,
    application: "Application",
    import_id: int,
    scope: "Scope",
    code: str | None,
    out: Path | None,
) -> None:
    """Write the open rows with suggestions as CSV, a workbook, or JSON."""
    from core.services.corrections.files import (
        corrections_csv,
        corrections_table,
        corrections_workbook,
    )
    from core.services.export.machine import json_text, table_as_dict

    found = application.corrections.quarantine(import_id, scope)
    rows = found.rows(found.places(code=code))
    made = application.corrections.suggestions(import_id, rows, scope)
    ending = out.suffix.lower() if out else ".csv"
    if session.as_json and out is None:
        write_answer(json_text(table_as_dict(corrections_table(found.titles, rows, made))["rows"]),
                     out)  # fmt: skip
    elif ending == ".xlsx":
        write_answer(corrections_workbook(found.titles, rows, made, current_language()), out)
    elif ending == ".csv":
        write_answer(corrections_csv(found.titles, rows, made, current_language()), out)
    else:
        raise PicholineError(
            "output.kind",
            msg("Quarantined rows are saved as .xlsx or .csv, not as “{ending}”.", ending=ending),
            msg("Choose one of these endings with --out."),
        )
    if out is not None:
        session.say(_written(out, rows, made))


def _written(
    out: Path, rows: "Sequence[QuarantinedRow]", made: "Sequence[Suggestion | None]"
) -> str:
    said = sum(1 for suggestion in made if suggestion)
    return str(
        msg("{n} rows saved to {file}, {said} of them with a suggestion.", n=len(rows), file=out,
            said=said)
    )  # fmt: skip


def _check(
    session: Session,
    application: "Application",
    import_id: int,
    scope: "Scope",
    stated: dict[str, Any],
) -> None:
    """Write corrections from a file, or sure suggestions, and check the rows again."""
    from core.services.corrections import SURE
    from core.services.corrections.files import read_corrections

    service = application.corrections
    if stated["file"]:
        found = service.quarantine(import_id, scope)
        originals = {row.place: row.cells for row in found.rows(found.places())}
        edits = read_corrections(stated["file"], found.titles, originals)
        service.write_all(import_id, {p: cells for p, cells in edits.items() if cells}, scope)
    else:
        service.apply(import_id, scope, code=stated["reason"], least=SURE)
    with progress_on_stderr() as report:
        done = service.check(import_id, scope, progress=report)
    _report(session, application, import_id, scope, done)


def _report(
    session: Session,
    application: "Application",
    import_id: int,
    scope: "Scope",
    done: "Corrected",
) -> None:
    found = application.corrections.quarantine(import_id, scope)
    refused = [
        {"place": row.place, "sheet": row.sheet, "row": row.row, "column": row.column,
         "value": row.value, "code": row.code}
        for row in found.rows(sorted(done.refused))
    ]  # fmt: skip
    answer = {
        "import_id": done.import_id,
        "corrects": import_id,
        "passed": done.passed,
        "already_there": done.known,
        "refused": refused,
        "data_version": done.data_version,
        **found.counts.as_dict(),
    }
    lines = [str(msg_n("{n} row passed and counts now.", "{n} rows passed and count now.",
                       done.passed))]  # fmt: skip
    if done.import_id is not None:
        lines.append(str(msg("They are import no. {id}.", id=done.import_id)))
    lines += [
        f"    {row['sheet']} {row['row']}  {row['column']}: {row['value']}  {row['code']}"
        for row in refused
    ]
    session.emit(answer, "\n".join([*lines, *_counted(found)]))


def _tell(session: Session, application: "Application", import_id: int, scope: "Scope") -> None:
    found = application.corrections.quarantine(import_id, scope)
    answer = {"import_id": import_id, **found.counts.as_dict(), "reasons": found.reasons()}
    lines = [*_counted(found), *(f"    {code}: {n}" for code, n in found.reasons().items())]
    session.emit(answer, "\n".join(lines))


def _counted(found: "Quarantine") -> list[str]:
    counts = found.counts
    return [
        str(
            msg(
                "{all} set aside = {open} open + {corrected} corrected + {given_up} given up",
                all=counts.all,
                open=counts.open,
                corrected=counts.corrected,
                given_up=counts.given_up,
            )
        )
    ]
