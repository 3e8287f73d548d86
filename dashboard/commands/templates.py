"""The command that writes a workbook to fill in for a table."""

from pathlib import Path

import click

from core.i18n import LANGUAGES, N_, current_language, msg, translate
from core.models.schema import TABLES
from dashboard.commands.base import Session, command, option


@command("template", N_("Write a workbook to fill in for a table, or list the tables."))
@click.argument("table", required=False)
@option("--lang", "language", type=click.Choice(LANGUAGES), help=N_("Language of the titles."))
@option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=N_("File or folder to write to (default: the current folder)."),
)
def write_template(
    session: Session, *, table: str | None, language: str | None, out: Path | None
) -> None:
    """Write the template of a table; without one, list the tables."""
    from core.services.templates import template, template_name
    from dashboard.commands.output import write_answer

    spoken = language or current_language()
    if table is None:
        tables = {key: translate(found.label, spoken) for key, found in TABLES.items()}
        session.emit(tables, "\n".join(f"{key:<18}  {label}" for key, label in tables.items()))
        return
    content = template(table, spoken)
    name = template_name(table, spoken)
    target = out / name if out is not None and out.is_dir() else out or Path(name)
    write_answer(content, target)
    value = {"table": table, "language": spoken, "file": str(target), "bytes": len(content)}
    session.emit(value, str(msg("Template saved to {file}.", file=target)))
