"""Commands about what is stored: demo, undo, redo, quarantine."""

from pathlib import Path
from typing import Any

import click

from core.errors import PicholineError
from core.i18n import N_, Message, msg
from dashboard.commands.base import Session, command, option
from dashboard.commands.output import out_option, write_answer
from dashboard.commands.progress import progress_on_stderr


@command("demo", N_("Load the invented demo company; an earlier one is replaced."))
@option("--lines", type=int, default=200_000, show_default=True, help=N_("Sales lines."))
@option("--seed", type=int, default=20_221_001, show_default=True, help=N_("Chooses the company."))
@option("--remove", is_flag=True, help=N_("Set the demo company aside instead."))
def demo(session: Session, *, lines: int, seed: int, remove: bool) -> None:
    """Generate, commit, and prepare the numbers; or set the demo company aside."""
    from core.services.demo_load import load_demo, set_demo_aside
    from core.services.reading import open_reading

    store = open_reading(session.settings)
    if remove:
        count = set_demo_aside(store.catalogue)
        answer = {"removed": count, "data_version": store.catalogue.current_version()}
        session.emit(answer, str(msg("The demo company no longer counts.")))
        return
    with progress_on_stderr() as report:
        loaded = load_demo(
            store.settings,
            store.catalogue,
            store.segments,
            lines=lines,
            seed=seed,
            progress=report,
        )
        report(1.0, msg("Preparing the numbers"))
        store.warehouse.ensure()
        store.warehouse.collect()
    text = msg("The demo company is loaded: {lines} sales lines.", lines=loaded.lines)
    session.emit(loaded.as_dict(), str(text))


def counts_text(report: dict[str, Any]) -> Message:
    """Return the counts of an import as one line."""
    return msg(
        "read {read}, accepted {accepted}, quarantined {quarantined}, already there {there}",
        read=report["read"],
        accepted=report["accepted"],
        quarantined=report["quarantined"],
        there=report["already_there"],
    )


@command("undo", N_("Take an import back: its rows no longer count."))
@click.argument("import_id", type=int)
def undo(session: Session, *, import_id: int) -> None:
    """Switch an import off; say before what that means for other rows and imports."""
    from core.services.application import Application
    from core.services.import_desk import change_notes

    application = Application.open(session.settings)
    for note in change_notes(application.catalogue, import_id, "undo"):
        session.say(note)
    version = application.intake.undo(import_id)
    value = {"import_id": import_id, "status": "undone", "data_version": version}
    session.emit(value, str(msg("Import {id} no longer counts.", id=import_id)))


@command("redo", N_("Let an import that was undone count again."))
@click.argument("import_id", type=int)
def redo(session: Session, *, import_id: int) -> None:
    """Switch an import on again; say before what that means for other rows and imports."""
    from core.services.application import Application
    from core.services.import_desk import change_notes

    application = Application.open(session.settings)
    for note in change_notes(application.catalogue, import_id, "redo"):
        session.say(note)
    version = application.intake.redo(import_id)
    value = {"import_id": import_id, "status": "committed", "data_version": version}
    session.emit(value, str(msg("Import {id} counts again.", id=import_id)))


@command("quarantine", N_("Print or save the rows an import set aside, with the reasons."))
@click.argument("import_id", type=int)
@out_option
def quarantine(session: Session, *, import_id: int, out: Path | None) -> None:
    """Write the original cells with sheet, row, column, reason and remedy."""
    from core.i18n import current_language
    from core.services.application import Application
    from core.services.export.machine import json_text, table_as_dict
    from core.services.export.quarantine import (
        quarantine_csv,
        quarantine_table,
        quarantine_workbook,
    )

    application = Application.open(session.settings)
    rows = application.intake.quarantined(import_id)
    ending = out.suffix.lower() if out else ".csv"
    if session.as_json and out is None:
        write_answer(json_text(table_as_dict(quarantine_table(rows))["rows"]), out)
    elif ending == ".xlsx":
        write_answer(quarantine_workbook(rows, current_language()), out)
    elif ending == ".csv":
        write_answer(quarantine_csv(rows, current_language()), out)
    else:
        raise PicholineError(
            "output.kind",
            msg("Quarantined rows are saved as .xlsx or .csv, not as “{ending}”.", ending=ending),
            msg("Choose one of these endings with --out."),
        )
    if out is not None:
        session.say(msg("Rows saved to {file}: {n}.", file=out, n=rows.num_rows))
