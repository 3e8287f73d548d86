"""The command about SQL sources: queries on other databases whose rows are imported."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.errors import PicholineError
from core.i18n import N_, msg
from dashboard.commands.base import Session, as_option, command, option
from dashboard.commands.progress import progress_on_stderr

if TYPE_CHECKING:
    from core.models.arrivals import SqlSource

_ACTIONS = ("list", "show", "add", "change", "try", "run", "pause", "resume", "remove")


@command("source", N_("Import the rows of a query on another database, now or by the clock."))
@click.argument("action", type=click.Choice(_ACTIONS), default="list")
@click.argument("name", required=False)
@option(
    "--url",
    metavar="URL",
    help=N_("SQLAlchemy address without a password, or env:NAME for one in the environment."),
)
@option("--query", metavar="SQL", help=N_("One SELECT; @FILE reads it from a file."))
@option("--table", metavar="KEY", help=N_("Table to import into (default: the best fit)."))
@option(
    "--mapping",
    type=click.Path(path_type=Path),
    metavar="FILE.toml",
    help=N_("How columns become fields (default: remembered, or found by their names)."),
)
@option(
    "--mode",
    type=click.Choice(("append", "replace", "upsert")),
    default="append",
    help=N_("What becomes of earlier rows."),
)
@option("--every", type=int, metavar="MINUTES", help=N_("Run it every so many minutes."))
@option("--daily", metavar="HH:MM", help=N_("Run it every day at this time."))
@as_option
def source(session: Session, *, action: str, name: str | None, user: str, **stated: Any) -> None:
    """Manage sources and run them; the worker runs those with a schedule."""
    from core.services import sql_source, sql_source_desk
    from core.services.application import Application

    application = Application.open(session.settings)
    scope = application.access.scope_of(user)
    if action == "list":
        _show_all(session, sql_source.all_sources(application, scope))
        return
    if not name:
        raise PicholineError(
            "source.words",
            msg("The name of the source is missing."),
            msg("Type: picholine source {how}", how=f"{action} NAME"),
        )
    if action in {"add", "change"}:
        keep = sql_source.add_source if action == "add" else sql_source_desk.change_source
        found = keep(application, _stated(name, **stated), scope)
        session.emit(sql_source.as_dict(found), _line(found))
    elif action == "try":
        known = sql_source.get_source(application, name, scope)
        trial = sql_source_desk.try_source(application, known, scope)
        lines = ["  ".join(row) for row in [trial.columns, *trial.rows]]
        session.emit(trial.as_dict(), "\n".join([*lines, *map(str, trial.doubts)]))
    elif action in {"pause", "resume"}:
        rest = action == "pause"
        (sql_source_desk.pause_source if rest else sql_source_desk.resume_source)(
            application, name, scope
        )
        said = msg("paused") if rest else msg("resumed")
        session.emit({"name": name, "paused": rest}, f"{name}: {said}")
    elif action == "remove":
        sql_source.remove_source(application, name, scope)
        said = msg("The source “{name}” is gone; its imports stay.", name=name)
        session.emit({"name": name, "removed": True}, str(said))
    elif action == "run":
        with progress_on_stderr() as report:
            outcome = sql_source.run_source(application, name, scope, report)
        session.emit(outcome, outcome["why"] or str(msg("{n} rows read.", n=outcome["rows"])))
    else:
        found = sql_source.get_source(application, name, scope)
        session.emit(sql_source.as_dict(found), f"{_line(found)}\n{found.query}")


def _stated(
    name: str,
    *,
    url: str | None,
    query: str | None,
    table: str | None,
    mapping: Path | None,
    mode: str,
    every: int | None,
    daily: str | None,
) -> "SqlSource":
    """Return a source as the options state it."""
    from core.models.arrivals import SqlSource
    from core.services.ingest import Mapping

    if not url or not query:
        raise PicholineError(
            "source.words",
            msg("A source needs an address and a query."),
            msg("Add --url and --query."),
        )
    return SqlSource(
        name=name,
        address=url,
        query=_text_of(query),
        table_name=table,
        mapping=Mapping.load(mapping).as_dict() if mapping else {},
        mode=mode,
        every_minutes=every,
        daily_at=daily,
    )


def _text_of(query: str) -> str:
    if not query.startswith("@"):
        return query
    path = Path(query[1:])
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PicholineError(
            "source.file",
            msg("The file {name} cannot be read: {why}.", name=path.name, why=error),
            msg("Check the name; the file holds the text of one SELECT."),
        ) from error


def _show_all(session: Session, found: Sequence["SqlSource"]) -> None:
    from core.services.sql_source import as_dict

    session.emit([as_dict(one) for one in found], "\n".join(_line(one) for one in found))
    if not found:
        session.say(msg("There are no sources yet."))


def _line(found: "SqlSource") -> str:
    from core.services.sql_source import as_dict

    shown = as_dict(found)
    turn = f"{found.every_minutes} min" if found.every_minutes else found.daily_at or "–"
    last = (shown["finished_at"] or "–")[:16].replace("T", " ")
    return (
        f"{found.name:<20}  {found.table_name or '–':<16}  {found.mode:<8}  {turn:<8}  "
        f"{last:<16}  {found.status or '–':<8}  {shown['why']}"
    ).rstrip()
