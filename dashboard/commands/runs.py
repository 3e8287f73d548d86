"""The command about finished runs of background analyses: list, export, remove."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.errors import PicholineError
from core.i18n import N_, msg
from dashboard.commands.base import Session, as_option, command
from dashboard.commands.output import out_option, write_answer

if TYPE_CHECKING:
    from core.models.tables import Run
    from core.services.runs import Runs


@command("runs", N_("List finished runs; export the model or the scores of one; remove one."))
@click.argument("action", type=click.Choice(["list", "export", "remove"]), default="list")
@click.argument("run_id", type=int, required=False)
@as_option
@out_option
def runs(session: Session, *, action: str, run_id: int | None, user: str, out: Path | None) -> None:
    """Print the list, write a file of a run, or delete a run."""
    from core.services.application import Application

    application = Application.open(session.settings)
    found, scope = application.runs, application.access.scope_of(user)
    if action == "list":
        entries = [_as_dict(run) for run in found.recent(scope)]
        session.emit(entries, "\n".join(_line(entry) for entry in entries))
        if not entries:
            session.say(msg("There are no runs yet."))
        return
    if run_id is None:
        raise PicholineError(
            "run.id",
            msg("The number of the run is missing."),
            msg("`picholine runs` lists them."),
        )
    if action == "remove":
        found.remove(run_id, scope)
        session.emit({"run_id": run_id, "removed": True}, str(msg("Run {id} is gone.", id=run_id)))
        return
    _export(found, found.get(run_id, scope), out)


def _export(found: "Runs", run: "Run", out: Path | None) -> None:
    """Write the model (.json, stdout) or the scores (.csv), as the file's ending says."""
    ending = out.suffix.lower() if out else ".json"
    if ending == ".json":
        write_answer(found.model_path(run).read_bytes().decode(), out)
    elif ending == ".csv":
        from core.services.export.machine import csv_machine
        from core.services.export.scores import scores_table

        table = scores_table(found.scores_or_error(run), run.data_version)
        write_answer(csv_machine(table), out)
    else:
        raise PicholineError(
            "run.form",
            msg(
                "A run is saved as .json (its model) or .csv (its scores), not as “{ending}”.",
                ending=ending,
            ),
            msg("Choose one of these endings with --out."),
        )


def _as_dict(run: "Run") -> dict[str, Any]:
    from core.services.runs import created

    return {
        "run_id": run.id,
        "created_at": created(run).isoformat(timespec="seconds"),
        "analysis": run.analysis,
        "settings": dict(run.pairs),
        "data_version": run.data_version,
        "seconds": run.seconds,
        "scheduled": run.scheduled,
        "card": run.card,
        "model": bool(run.model_file),
        "scores": bool(run.scores_file),
    }


def _line(entry: dict[str, Any]) -> str:
    settings = " ".join(f"{name}={value}" for name, value in entry["settings"].items())
    return (
        f"{entry['run_id']:>5}  {entry['created_at'][:16]}  {entry['analysis']:<12}  "
        f"v{entry['data_version']}  {entry['seconds']:.1f} s  {settings}"
    ).rstrip()
