"""The command about what spellings mean: listed, added, taken back."""

from typing import TYPE_CHECKING

import click

from core.errors import PicholineError
from core.i18n import N_, msg
from dashboard.commands.base import Session, as_option, command

if TYPE_CHECKING:
    from core.models.query import Scope
    from core.services.aliases import Aliases

_ADDED, _REMOVED = 3, 1  # words after `add` and `remove`


@command(
    "aliases",
    N_(
        "List what spellings mean; add FIELD WRITTEN MEANT, remove ID, or remove LAYOUT FIELD TEXT."
    ),
)
@click.argument("action", required=False, type=click.Choice(["add", "remove"]))
@click.argument("words", nargs=-1)
@as_option
def aliases(session: Session, *, action: str | None, words: tuple[str, ...], user: str) -> None:
    """Print or change the meanings of spellings."""
    from core.services.application import Application

    application = Application.open(session.settings)
    scope = application.access.scope_of(user)
    service = application.aliases
    if action == "add":
        if len(words) != _ADDED:
            raise _usage()
        service.add(*words, scope)  # type: ignore[arg-type]
    elif action == "remove":
        _remove(service, words, scope)
    listed = service.listed(scope)
    lines = [
        f"{m.id or m.layout[:8]!s:>8}  {m.field:<9} {m.written} → {m.meant}  ({m.owner})"
        for m in listed
    ]
    session.emit([meaning.as_dict() for meaning in listed], "\n".join(lines))
    if not listed:
        session.say(msg("No spelling has a meaning of its own yet."))


def _remove(service: "Aliases", words: tuple[str, ...], scope: "Scope") -> None:
    if len(words) == _REMOVED and words[0].isdecimal():
        service.remove(int(words[0]), scope)
    elif len(words) == _ADDED:
        layouts = {m.layout for m in service.listed(scope) if m.layout.startswith(words[0])}
        if len(layouts) != 1:
            raise _usage()
        service.remove_of_layout(layouts.pop(), words[1], words[2], scope)
    else:
        raise _usage()


def _usage() -> PicholineError:
    return PicholineError(
        "alias.usage",
        msg("These words do not name a spelling."),
        msg("For example: picholine aliases add country “Grande Bretagne” GB; "
            "picholine aliases remove 3."),
    )  # fmt: skip
