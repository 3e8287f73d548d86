"""The command line: the same services as the screen. `picholine --help` lists the commands."""

from importlib import import_module
from pathlib import Path
from typing import Any

import click

from core.i18n import N_, use_language
from dashboard.commands.base import TranslatedCommand, environment_language, option

# Command → module of `dashboard.commands` and the name in it; a module is loaded when it is used.
_COMMANDS = {
    "serve": ("serving", "serve"),
    "desktop": ("desktop", "desktop"),
    "demo": ("data", "demo"),
    "import": ("intake", "import_files"),
    "imports": ("imports", "imports"),
    "template": ("templates", "write_template"),
    "layouts": ("layouts", "layouts"),
    "source": ("sources", "source"),
    "inbox": ("inbox", "inbox"),
    "undo": ("data", "undo"),
    "redo": ("data", "redo"),
    "quarantine": ("data", "quarantine"),
    "corrections": ("corrections", "corrections"),
    "aliases": ("aliases", "aliases"),
    "query": ("numbers", "query"),
    "lines": ("lines", "lines"),
    "row": ("lines", "row"),
    "analyse": ("analysing", "analyse"),
    "analyses": ("analysing", "analyses"),
    "runs": ("runs", "runs"),
    "metrics": ("catalogue", "metrics"),
    "define": ("catalogue", "define"),
    "rules": ("quality", "rules"),
    "access": ("access", "access"),
    "cache": ("cache", "cache"),
    "doctor": ("serving", "doctor"),
    "worker": ("serving", "worker"),
}


class Picholine(TranslatedCommand, click.Group):
    """The group of all commands, loaded one by one, spoken in the person's language."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order of use."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the module of one command."""
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name]
        found = getattr(import_module(f"dashboard.commands.{module}"), name)
        return found if isinstance(found, click.Command) else None

    def main(self, *args: Any, **settings: Any) -> Any:
        """Run; help and usage errors come before any settings are read."""
        with use_language(environment_language()):
            return super().main(*args, **settings)


@click.group(
    "picholine",
    cls=Picholine,
    help=N_("Picholine: margins and sales of a trading company, from its spreadsheets."),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help=N_("Home folder (default: PICHOLINE_HOME or the system's data folder)."),
)
@click.version_option(package_name="picholine", message="%(version)s")
def main(home: Path | None) -> None:
    """Entry point of the installed command."""


if __name__ == "__main__":
    main()
