"""Tables of the catalogue about how data arrive: uploads, the watched folder, sources, layouts."""

from datetime import datetime
from typing import Any

from sqlmodel import JSON, Column, DateTime, Field, SQLModel, UniqueConstraint

from core.models.tables import now


def _moment(*, nullable: bool = False) -> Any:
    return Column(DateTime(timezone=True), nullable=nullable)


def _json() -> Any:
    return Column(JSON, nullable=False)


class Upload(SQLModel, table=True):
    """A file that arrives in pieces; its bytes lie in `uploads/<key>.part` until it is whole."""

    key: str = Field(primary_key=True)
    owner: str = Field(index=True)
    file_name: str
    size: int
    fingerprint: str = ""  # by which the same file is known again after a reload
    received: int = 0  # bytes that arrived, were compared and are flushed to disk
    aside: bool = False  # cancelled: not shown any more, but continued when the file comes again
    answer: dict[str, Any] = Field(default_factory=dict, sa_column=_json())  # once it is whole
    created_at: datetime = Field(default_factory=now, sa_column=_moment())
    touched_at: datetime = Field(default_factory=now, sa_column=_moment())


class LayoutVersion(SQLModel, table=True):
    """One version of a remembered layout; the highest edition of a signature is the last one."""

    __table_args__ = (UniqueConstraint("signature", "edition"),)

    id: int | None = Field(default=None, primary_key=True)
    signature: str = Field(index=True)
    edition: int = 1
    saved_at: datetime = Field(default_factory=now, sa_column=_moment())
    saved_by: str = "local"
    how: str = "import"  # "import", "edit", "restore" or "forget"
    file_name: str = ""  # of the import it was learnt from
    titles: list[str] = Field(default_factory=list, sa_column=_json())
    mapping: dict[str, Any] = Field(default_factory=dict, sa_column=_json())  # {}: forgotten


class WatchedFile(SQLModel, table=True):
    """A file of the watched folder, by its content: each is taken once."""

    sha256: str = Field(primary_key=True)
    file_name: str
    size: int
    status: str = "queued"  # "queued", "waiting" for a person, "done" or "refused"
    why: str = ""  # a packed message
    job_id: int | None = None
    found_at: datetime = Field(default_factory=now, sa_column=_moment())
    changed_at: datetime = Field(default_factory=now, sa_column=_moment())


class SqlSource(SQLModel, table=True):
    """A query on another database whose rows are imported like those of a file."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    owner: str = "local"
    address: str  # an SQLAlchemy address without a password, or "env:NAME"
    query: str
    table_name: str | None = None
    mapping: dict[str, Any] = Field(default_factory=dict, sa_column=_json())
    mode: str = "append"
    every_minutes: int | None = None
    daily_at: str | None = None  # "HH:MM" in the company's time zone
    created_at: datetime = Field(default_factory=now, sa_column=_moment())
    started_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    finished_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    status: str = ""  # "", "queued", "running", "done" or "failed"
    outcome: dict[str, Any] = Field(default_factory=dict, sa_column=_json())


class ImportLog(SQLModel, table=True):
    """What the import of one file did, step by step; files that were refused have one too."""

    id: int | None = Field(default=None, primary_key=True)
    started_at: datetime = Field(default_factory=now, sa_column=_moment())
    finished_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    owner: str = "local"
    file_name: str
    sha256: str = ""
    job_id: int | None = Field(default=None, index=True)
    looked: bool = False  # the file was only looked at
    outcome: str = Field(default="running", index=True)
    steps: list[dict[str, Any]] = Field(default_factory=list, sa_column=_json())
    why: dict[str, str] = Field(default_factory=dict, sa_column=_json())  # code, packed texts


class ImportLogEntry(SQLModel, table=True):
    """The log an import belongs to; the sheets of one file share theirs."""

    import_id: int = Field(primary_key=True)
    log_id: int = Field(index=True)


class PausedSource(SQLModel, table=True):
    """A source that waits: its schedule rests until somebody resumes it."""

    source_id: int = Field(primary_key=True)
    by: str = "local"
    since: datetime = Field(default_factory=now, sa_column=_moment())
