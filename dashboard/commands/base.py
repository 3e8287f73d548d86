"""What every command shares: home, JSON, language, and errors a person can act on."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import IO, Any, ParamSpec

import click

from core.errors import PicholineError
from core.i18n import LANGUAGES, N_, current_language, msg, translate, use_language
from core.settings import Settings, load_settings

P = ParamSpec("P")


@dataclass(frozen=True)
class Session:
    """One call of a command: its settings and how it answers."""

    settings: Settings
    as_json: bool

    def emit(self, value: Any, text: str) -> None:
        """Print the answer on stdout: JSON if it was asked for, readable lines otherwise."""
        if self.as_json:
            print_json(value)
        elif text:
            click.echo(text)

    def say(self, text: object) -> None:
        """Print a message on stderr."""
        click.echo(str(text), err=True)


class Failure(click.ClickException):
    """An expected error on its way out: title and remedy on stderr, exit code 1."""

    def __init__(self, error: PicholineError, *, as_json: bool) -> None:
        super().__init__(f"{error.title}\n{error.remedy}")
        self._found = error.as_dict()
        self._as_json = as_json

    def show(self, file: IO[Any] | None = None) -> None:
        """Write to stderr; with --json the error is also the answer on stdout."""
        click.echo(self.message, err=True, file=file)
        if self._as_json:
            print_json({"error": self._found})


class TranslatedOption(click.Option):
    """An option whose help is read in the person's language."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return name and translated help."""
        written, self.help = self.help, translate(self.help or "")
        try:
            return super().get_help_record(ctx)
        finally:
            self.help = written


class TranslatedCommand(click.Command):
    """A command whose help is read in the person's language."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the translated help."""
        written, self.help = self.help, translate(self.help or "")
        try:
            super().format_help_text(ctx, formatter)
        finally:
            self.help = written

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002 - click's signature
        """Return the first sentence; it stands in the list of commands."""
        return translate(self.help or "").partition(". ")[0].rstrip(".") + "."


def option(*names: str, **settings: Any) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Declare an option with a translated help."""
    return click.option(*names, cls=TranslatedOption, **settings)


as_option = option(
    "--as",
    "user",
    default="local",
    metavar="USER",
    help=N_("Answer with the rights of this user; `picholine access` manages them."),
)


def print_json(value: Any) -> None:
    """Print one JSON value on stdout."""
    import orjson

    click.echo(orjson.dumps(value), nl=True)


def environment_language() -> str:
    """Return the language of PICHOLINE_LANGUAGE or of the system; English otherwise."""
    for name in ("PICHOLINE_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        found = os.environ.get(name, "")[:2].lower()
        if found:
            return found if found in LANGUAGES else LANGUAGES[0]
    return LANGUAGES[0]


def session_language(settings: Settings) -> str:
    """Return the configured language, or the system's where none was chosen."""
    chosen = "language" in settings.model_fields_set
    return settings.language if chosen else environment_language()


def command(name: str, text: str) -> Callable[[Callable[..., None]], TranslatedCommand]:
    """Declare a command; its function gets a `Session` first, then its own options.

    Args:
        name: as typed.
        text: English help, marked for translation.
    """

    def declare(function: Callable[..., None]) -> TranslatedCommand:
        @wraps(function)
        def call(home: Path | None, *, as_json: bool, **options: Any) -> None:
            context = click.get_current_context()
            above = context.find_root().params.get("home")
            _run(function, home or above, options, as_json=as_json)

        shared = option("--json", "as_json", is_flag=True, help=N_("Answer in JSON on stdout."))
        where = option(
            "--home",
            type=click.Path(path_type=Path, file_okay=False),
            metavar="DIR",
            help=N_("Home folder (default: PICHOLINE_HOME or the system's data folder)."),
        )
        return click.command(name, cls=TranslatedCommand, help=text)(where(shared(call)))

    return declare


def _run(
    function: Callable[..., None], home: Path | None, options: dict[str, Any], *, as_json: bool
) -> None:
    language = current_language()
    settings: Settings | None = None
    try:
        settings = load_settings(home)
        language = session_language(settings)
        with use_language(language):
            function(Session(settings, as_json), **options)
    except PicholineError as error:
        with use_language(language):
            raise Failure(error, as_json=as_json) from error
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except BrokenPipeError:
        # The reader of stdout went away; what is still buffered has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise click.exceptions.Exit(1) from None
    except Exception as error:
        with use_language(language):
            raise Failure(_unexpected(error, settings), as_json=as_json) from error


def _unexpected(error: Exception, settings: Settings | None) -> PicholineError:
    """Log the traceback, tell the person what to do."""
    from core import log

    if settings is not None and settings.home.is_dir():
        log.configure(settings.logs / "command", settings.log_level)
        log.failure("command.failed")
    return PicholineError(
        "unexpected",
        msg("Something unexpected happened ({kind}: {why}).", kind=type(error).__name__, why=error),
        msg("The log in the home folder has the details; `picholine doctor` looks for causes."),
        status=500,
    )
