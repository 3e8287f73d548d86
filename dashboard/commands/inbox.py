"""The command about the watched folder: what waits for a person."""

import click

from core.errors import PicholineError
from core.i18n import N_, msg
from dashboard.commands.base import Session, as_option, command


@command("inbox", N_("List what waits in the watched folder, or leave a file out."))
@click.argument("action", type=click.Choice(("list", "refuse")), default="list")
@click.argument("name", required=False)
@as_option
def inbox(session: Session, *, action: str, name: str | None, user: str) -> None:
    """List the waiting files with what is in doubt; a file is refused by its name."""
    from core.services.application import Application
    from core.services.inbox_watch import refuse_waiting, waiting_files, watched_folder

    application = Application.open(session.settings)
    scope = application.access.scope_of(user)
    found = waiting_files(application, scope)
    if action == "list":
        lines = [f"{waiting.file_name}: {waiting.why}" for waiting in found]
        session.emit([waiting.as_dict() for waiting in found], "\n".join(lines))
        folder = watched_folder(application)
        if folder is None:
            session.say(msg("No folder is watched: PICHOLINE_INBOX names one."))
        elif not found:
            session.say(msg("Nothing waits in {folder}.", folder=folder))
        return
    chosen = [waiting for waiting in found if waiting.file_name == name]
    if not chosen:
        raise PicholineError(
            "inbox.unknown",
            msg("This file does not wait any more."),
            msg("Look at the list again."),
            status=404,
        )
    refuse_waiting(application, chosen[0].sha256, scope)
    said = msg("{name} was put into the folder “refused”.", name=chosen[0].file_name)
    session.emit({"file_name": chosen[0].file_name, "refused": True}, str(said))
