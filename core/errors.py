"""Errors a person can act on: a stable code, what happened, and what to do, in both languages."""

from core.i18n import Message


class PicholineError(Exception):
    """An expected failure.

    Attributes:
        code: stable identifier, e.g. `file.encrypted`; part of the command line's contract.
        title: what happened and where.
        remedy: what the person can do about it.
        status: the HTTP status a route answers with.
    """

    def __init__(self, code: str, title: Message, remedy: Message, *, status: int = 400) -> None:
        """Keep the parts; the text is put together when it is shown."""
        super().__init__(code)
        self.code = code
        self.title = title
        self.remedy = remedy
        self.status = status

    def __str__(self) -> str:
        """Return title and remedy in the current language."""
        return f"{self.title} {self.remedy}"

    def as_dict(self) -> dict[str, str]:
        """Return code, title and remedy for JSON answers."""
        return {"code": self.code, "title": str(self.title), "remedy": str(self.remedy)}


class JobStoppedError(Exception):
    """Raised inside a job's step when it was cancelled or the worker has to stop."""
