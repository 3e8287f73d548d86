"""What the worker does for each kind of job; parameters and results are JSON values."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from core.i18n import msg
from core.repository.jobs import INBOX, SOURCE
from core.services.analytics.base import get_analysis
from core.services.application import Application
from core.services.demo_load import DEFAULT_LINES, DEFAULT_SEED, load_demo
from core.services.export.machine import analysis_as_dict
from core.services.import_log import prepare_numbers
from core.services.inbox_watch import take
from core.services.ingest import ImportOptions
from core.services.ingest import Mapping as ColumnMapping
from core.services.ingest.modes import Mode
from core.services.rights import refuse_restricted
from core.services.sql_source import handle as handle_source
from core.services.studies import answer, compute, inbox_file, question_of
from core.services.worker import Handler, Task

Params = Mapping[str, Any]


def preview(application: Application, params: Params, task: Task) -> dict[str, Any]:
    """Read a stored upload: `{sha256, file_name, options}` → `{sheets: [...], effect}`.

    `options` is one set for the whole file, or a list with one for each sheet. With `instead_of`
    the file is looked at as if that import did not count.
    """
    path = _upload(application, params, task)
    return application.intake.look(path, _options(params, task), progress=task.report).as_dict()


def import_file(application: Application, params: Params, task: Task) -> dict[str, Any]:
    """Import a stored upload: `{sha256, file_name, options}` → `{reports: [...]}`.

    With a list of options the sheets it names are imported, all of them or none. With
    `instead_of` that import stops counting in the same moment.
    """
    path = _upload(application, params, task)
    reports = application.intake.run(path, _options(params, task), progress=task.report)
    task.committed()
    _prepare(application, task, [report.import_id or 0 for report in reports])
    return {"reports": [report.as_dict() for report in reports]}


def correct(application: Application, params: Params, task: Task) -> dict[str, Any]:
    """Check corrected rows again: `{import_id, places}` → what became of them.

    The cells are the owner's drafts; `places` names further rows to check as they are.
    """
    scope = application.access.scope_of(task.owner)
    import_id = int(params["import_id"])
    places = [int(place) for place in params.get("places") or ()]
    done = application.corrections.check(import_id, scope, places, progress=task.report)
    task.committed()
    if done.import_id is not None:
        _prepare(application, task, [done.import_id])
    return {
        "import_id": done.import_id,
        "passed": done.passed,
        "known": done.known,
        "refused": len(done.refused),
        "data_version": done.data_version,
    }


def suggest(application: Application, params: Params, task: Task) -> dict[str, Any]:
    """Write suggestions into quarantined rows: `{import_id, code, least}` → `{applied}`.

    They become drafts of the job's owner, which count once they were checked.
    """
    applied = application.corrections.apply(
        int(params["import_id"]),
        application.access.scope_of(task.owner),
        code=params.get("code") or None,
        least=float(params.get("least", 0.0)),
        progress=task.report,
    )
    return {"applied": applied}


def undo(application: Application, params: Params, task: Task) -> dict[str, Any]:
    """Switch an import off: `{import_id}` → `{import_id, data_version}`."""
    refuse_restricted(application.access.scope_of(task.owner))
    version = application.intake.undo(int(params["import_id"]))
    task.committed()
    _prepare(application, task)
    return {"import_id": int(params["import_id"]), "data_version": version}


def demo(application: Application, params: Params, task: Task) -> dict[str, Any]:
    """Load the demo company: `{lines, seed}` → rows by table and the data version."""
    refuse_restricted(application.access.scope_of(task.owner))
    loaded = load_demo(
        application.settings,
        application.catalogue,
        application.segments,
        lines=int(params.get("lines", DEFAULT_LINES)),
        seed=int(params.get("seed", DEFAULT_SEED)),
        progress=task.report,
    )
    task.committed()
    _prepare(application, task)
    return loaded.as_dict()


def analyse(application: Application, params: Params, task: Task) -> dict[str, Any]:
    """Run an analysis: `{key, pairs}` → its tables, as the command line prints them.

    A background analysis keeps its result instead and answers `{run}`; `{superseded: true}` when
    the data or the rights are no longer those of the question, which nobody asks any more.
    """
    analysis = get_analysis(str(params["key"]))
    task.report(0.0, msg("Computing"))
    chosen = analysis.params_from([(str(k), str(v)) for k, v in params.get("pairs", ())])
    scope = application.access.scope_of(task.owner)
    if analysis.study is None:
        result = answer(application, analysis, chosen, scope, task.report)
        return analysis_as_dict(analysis.key, str(analysis.title), result)
    question = question_of(application, analysis, chosen, scope)
    if question.key != params.get("result", question.key):
        return {"superseded": True}
    kept = None if params.get("again") else application.runs.find(question)
    kept = kept or compute(
        application,
        analysis,
        chosen,
        question,
        task.report_packed,
        job_id=task.job_id,
        scheduled=bool(params.get("scheduled")),
    )
    return {"run": kept.run.id} if kept else {"superseded": True}


def _upload(application: Application, params: Params, task: Task) -> Path:
    """Return the uploaded file a job is about, by the rights its owner has now."""
    scope = application.access.scope_of(task.owner)
    return inbox_file(application, str(params.get("sha256", "")), scope)


def _prepare(application: Application, task: Task, import_ids: Sequence[int] = ()) -> None:
    """Build the warehouse now; a failure is the next question's, the import itself counts."""
    task.report(1.0, msg("Preparing the numbers"))

    def ready() -> None:
        application.warehouse.ensure()
        application.warehouse.collect()

    prepare_numbers(application.catalogue, list(import_ids), ready)


def _options(params: Params, task: Task) -> list[ImportOptions]:
    stated = params.get("options") or {}
    name = str(params["file_name"]) if params.get("file_name") else None
    instead_of = int(params.get("instead_of") or 0)
    given = stated if isinstance(stated, list) else [stated]
    return [replace(_stated(one, name), instead_of=instead_of, owner=task.owner) for one in given]


def _stated(stated: Params, file_name: str | None) -> ImportOptions:
    mapping = stated.get("mapping")
    first, last = (stated.get(name) for name in ("first_day", "last_day"))
    return ImportOptions(
        table=stated.get("table"),
        sheet=stated.get("sheet"),
        prices_include_vat=stated.get("prices_include_vat"),
        vat_rate=stated.get("vat_rate"),
        mapping=ColumnMapping.from_dict(mapping) if mapping else None,
        layout=stated.get("layout") or {},
        replace=bool(stated.get("replace")),
        mode=str(stated.get("mode") or Mode.APPEND),
        first_day=date.fromisoformat(first) if first else None,
        last_day=date.fromisoformat(last) if last else None,
        include=stated.get("include") is not False,
        dry_run=bool(stated.get("dry_run")),
        file_name=file_name,
        everywhere=bool(stated.get("everywhere")),
        control_total={
            column: str(total)
            for column, total in (stated.get("control_total") or {}).items()
            if str(total).strip()
        },
    )


HANDLERS: Mapping[str, Handler] = {
    "preview": preview,
    "import": import_file,
    "correct": correct,
    "suggest": suggest,
    "undo": undo,
    "demo": demo,
    "analyse": analyse,
    INBOX: take,
    SOURCE: handle_source,
}
