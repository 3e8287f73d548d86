"""Where an answer goes and in which form: stdout or a file; JSON, CSV or a workbook."""

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from core.errors import PicholineError
from core.i18n import N_, msg
from dashboard.commands.base import option

FORMATS = ("json", "csv", "xlsx")
format_option = option(
    "--format",
    "kind",
    type=click.Choice(FORMATS),
    help=N_("Form of the answer (default: that of --out, else json)."),
)
out_option = option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=N_("Write to a file instead of stdout."),
)


def form_of(kind: str | None, out: Path | None, *, as_json: bool) -> str:
    """Return the form of the answer: the option, else the file's ending, else JSON."""
    if kind:
        return kind
    ending = out.suffix.lower().removeprefix(".") if out else ""
    return ending if ending in FORMATS and not as_json else "json"


def write_answer(answer: str | bytes, out: Path | None) -> None:
    """Write to a file, or to stdout; a workbook is not shown on a terminal."""
    if out is not None:
        _save(answer.encode() if isinstance(answer, str) else answer, out)
    elif isinstance(answer, str):
        click.echo(answer, nl=False)
    elif sys.stdout.isatty():
        raise PicholineError(
            "output.binary",
            msg("A workbook cannot be shown on the terminal."),
            msg("Name a file with --out."),
        )
    else:
        sys.stdout.buffer.write(answer)


def write_pieces(pieces: Iterable[str], out: Path | None) -> None:
    """Write a text that is too large to hold, piece by piece."""
    if out is None:
        for piece in pieces:
            click.echo(piece, nl=False)
        return
    try:
        with out.open("w", encoding="utf-8", newline="") as target:
            target.writelines(pieces)
    except OSError as error:
        raise _unwritable(out, error) from error


def _save(answer: bytes, out: Path) -> None:
    try:
        out.write_bytes(answer)
    except OSError as error:
        raise _unwritable(out, error) from error


def _unwritable(out: Path, error: OSError) -> PicholineError:
    return PicholineError(
        "output.file",
        msg("{file} cannot be written: {why}.", file=out, why=error.strerror or error),
        msg("Choose another file, or close it where it is open."),
    )
