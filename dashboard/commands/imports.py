"""The command about what was imported: the list, one import with its rows, its file, read again."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.errors import PicholineError
from core.i18n import N_, msg
from dashboard.commands.base import Session, as_option, command, option
from dashboard.commands.data import counts_text
from dashboard.commands.output import out_option
from dashboard.commands.progress import progress_on_stderr

if TYPE_CHECKING:
    from core.models.query import Scope
    from core.services.application import Application
    from core.services.import_desk import ImportFacts
    from core.services.import_log import Log

_ACTIONS = ("list", "show", "original", "rerun", "refused")
_FIELDS = (
    "file_name", "sheet", "owner", "replace", "demo", "read", "accepted", "quarantined",
    "already_there", "reasons", "warnings", "data_version",
)  # fmt: skip


@command("imports", N_("List the imports, show one with its rows, get its file, or read it again."))
@click.argument("action", type=click.Choice(_ACTIONS), required=False, default="list")
@click.argument("import_id", type=int, required=False)
@option("--rows", type=click.IntRange(0, 10_000), default=0, help=N_("Rows to show with it."))
@option("--skip", type=click.IntRange(0), default=0, help=N_("Rows to pass over before them."))
@option(
    "--mapping",
    type=click.Path(path_type=Path),
    metavar="FILE.toml",
    help=N_("How columns become fields when the file is read again (default: as before)."),
)
@option("--dry-run", is_flag=True, help=N_("Check everything and store nothing."))
@out_option
@as_option
def imports(
    session: Session,
    *,
    action: str,
    import_id: int | None,
    user: str,
    **stated: Any,
) -> None:
    """Print or do what is asked, with the rights of one person."""
    from core.services.application import Application

    application = Application.open(session.settings)
    scope = application.access.scope_of(user)
    if action == "list":
        _list(session, application, scope)
        return
    if action == "refused":
        _refused(session, application, scope)
        return
    if import_id is None:
        raise PicholineError(
            "import.number",
            msg("The number of an import is missing."),
            msg("Write it after the action, for example: picholine imports show 12."),
        )
    if action == "show":
        _show(session, application, scope, import_id, (stated["skip"], stated["rows"]))
    elif action == "original":
        _original(session, application, scope, import_id, stated["out"])
    else:
        mapping = stated["mapping"]
        _rerun(session, application, scope, import_id, mapping, dry_run=stated["dry_run"])


def _list(session: Session, application: "Application", scope: "Scope") -> None:
    found = [_as_dict(facts) for facts in application.import_desk.all(scope)]
    session.emit(found, "\n".join(_line(entry) for entry in found))
    if not found:
        session.say(msg("There are no imports yet."))


def _as_dict(facts: "ImportFacts") -> dict[str, Any]:
    record = facts.record
    return {
        "import_id": record.id,
        "created_at": record.created_at.isoformat(timespec="seconds"),
        "table": record.table_name,
        "status": record.status.value,
        **{name: getattr(record, name) for name in _FIELDS},
        **facts.as_dict(),
    }


def _line(entry: dict[str, Any]) -> str:
    undone = msg("undone") if entry["status"] == "undone" else ""
    return (
        f"{entry['import_id']:>5}  {entry['created_at'][:16]}  {entry['table']:<14}  "
        f"{counts_text(entry)}  {entry['file_name']}  {undone}"
    ).rstrip()


def _show(
    session: Session,
    application: "Application",
    scope: "Scope",
    import_id: int,
    page: tuple[int, int],
) -> None:
    from core.services.ingest.plain import plain

    view = application.import_desk.get(import_id, scope)
    found = _as_dict(view.facts)
    found["mapping"] = view.mapping.as_dict() if view.mapping else None
    found["kept"] = view.kept
    found["events"] = [
        {"at": at.isoformat(timespec="seconds"), "what": what, "data_version": version}
        for at, what, version in view.events
    ]
    lines = [_line(found)]
    if found["contribution"]:
        lines.append(
            str(
                msg(
                    "Contributes {lines} lines, net sales {amount}.",
                    lines=found["contribution"]["lines"],
                    amount=found["contribution"]["net_sales"],
                )
            )
        )
    lines += [f"{e['at']}  {e['what']}  {e['data_version']}" for e in found["events"]]
    log = application.import_logs.of_import(import_id, scope)
    found["log"] = log.as_dict() if log else None
    lines += _steps(log)
    if page[1]:
        rows = application.import_desk.rows(import_id, scope, *page).rows
        found["rows"] = [{key: plain(value) for key, value in row.items()} for row in rows]
        lines += [
            "  ".join(f"{k}={v}" for k, v in row.items() if v is not None) for row in found["rows"]
        ]
    session.emit(found, "\n".join(lines))


def _steps(log: "Log | None") -> list[str]:
    steps = log.steps if log else ()
    return [f"{step.at:>9.2f} s  {step.key:<10} {step.said}" for step in steps]


def _refused(session: Session, application: "Application", scope: "Scope") -> None:
    found = application.import_logs.not_imported(scope)
    lines: list[str] = []
    for log in found:
        moment = log.started_at.isoformat(timespec="minutes")[:16]
        lines.append(f"{moment}  {log.outcome:<11}  {log.file_name}  {log.title}".rstrip())
        lines += _steps(log)
    session.emit([log.as_dict() for log in found], "\n".join(lines))
    if not found:
        session.say(msg("Every file that came was imported."))


def _original(
    session: Session, application: "Application", scope: "Scope", import_id: int, out: Path | None
) -> None:
    path, name = application.import_desk.original(import_id, scope)
    target = out or Path(Path(name).name)
    if target.exists():
        raise PicholineError(
            "output.exists",
            msg("{name} is there already.", name=target),
            msg("Choose another name with --out."),
        )
    shutil.copyfile(path, target)
    session.emit({"import_id": import_id, "file": str(target)}, str(target))


def _rerun(
    session: Session,
    application: "Application",
    scope: "Scope",
    import_id: int,
    mapping: Path | None,
    *,
    dry_run: bool,
) -> None:
    from dataclasses import replace

    from core.services.ingest import Mapping

    stated = Mapping.load(mapping) if mapping else None
    path, options = application.import_desk.options_again(import_id, scope, stated, scope.owner)
    with progress_on_stderr() as report:
        reports = application.intake.run(path, replace(options, dry_run=dry_run), progress=report)
    answers = [found.as_dict() for found in reports]
    text = [f"#{answer['import_id'] or '–'}  {counts_text(answer)}" for answer in answers]
    if not dry_run:
        text.append(str(msg("Import {id} no longer counts.", id=import_id)))
    session.emit({**answers[0], "instead_of": import_id}, "\n".join(text))
