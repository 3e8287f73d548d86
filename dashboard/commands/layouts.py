"""The command about remembered layouts: list, write as files, bring back, restore, forget."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.errors import PicholineError
from core.i18n import N_, msg
from dashboard.commands.base import Session, as_option, command, option
from dashboard.commands.output import out_option, write_answer

if TYPE_CHECKING:
    from core.services.layouts import LayoutCard

_ACTIONS = ("list", "show", "export", "put", "history", "restore", "forget")


@command("layouts", N_("Manage the layouts of files that the intake remembers."))
@click.argument("action", type=click.Choice(_ACTIONS), default="list")
@click.argument("words", nargs=-1)
@out_option
@option("--forgotten", is_flag=True, help=N_("List those that were forgotten."))
@as_option
def layouts(
    session: Session,
    *,
    action: str,
    words: tuple[str, ...],
    out: Path | None,
    forgotten: bool,
    user: str,
) -> None:
    """List layouts, export one as TOML, put an edited one in force, restore or forget one."""
    from core.services.application import Application
    from core.services.ingest import Mapping
    from core.services.layouts import Layouts

    application = Application.open(session.settings)
    found, scope = Layouts(application.catalogue), application.access.scope_of(user)
    if action == "list":
        _show_all(session, found.all(scope, forgotten=forgotten))
        return
    name, rest = _named(action, words)
    if action == "show":
        _show(session, found.get(name, scope))
    elif action == "history":
        _show_all(session, found.history(name, scope))
    elif action == "export":
        _export(session, found.to_toml(name, scope), out)
    elif action == "put":
        _show(session, found.save(name, Mapping.load(Path(rest)), scope))
    elif action == "restore":
        _show(session, found.restore(name, int(rest) if rest.isdecimal() else 0, scope))
    else:
        card = found.forget(name, scope)
        said = msg("Layout {name} is forgotten.", name=card.name)
        session.emit(card.as_dict(), str(said))


def _named(action: str, words: tuple[str, ...]) -> tuple[str, str]:
    """Return the layout's name and, where the action needs it, the file or the version."""
    more = {"put": "FILE.toml", "restore": "VERSION"}.get(action)
    if len(words) == (2 if more else 1):
        return words[0], words[-1]
    raise PicholineError(
        "layouts.words",
        msg("That is not how it is typed."),
        msg("Type: picholine layouts {how}", how=f"{action} LAYOUT {more or ''}".rstrip()),
    )


def _show_all(session: Session, cards: Sequence["LayoutCard"]) -> None:
    session.emit([card.as_dict() for card in cards], "\n".join(_line(card) for card in cards))
    if not cards:
        session.say(msg("There are no such layouts."))


def _show(session: Session, card: "LayoutCard") -> None:
    columns = [f"    {field} ← {title}" for field, title in card.mapping.get("columns", {}).items()]
    session.emit(card.as_dict(), "\n".join([_line(card), *columns]))


def _export(session: Session, text: str, out: Path | None) -> None:
    if session.as_json:
        session.emit({"toml": text}, "")
    else:
        write_answer(text, out)
    if out is not None:
        session.say(msg("Layout saved to {file}.", file=out))


def _line(card: "LayoutCard") -> str:
    said = f"{card.saved_at:%Y-%m-%d %H:%M}  {card.table or '–':<18}"
    return f"{card.name}  v{card.edition:<3} {said}  {card.how:<8} {card.file_name}".rstrip()
