"""Tables of the catalogue: what was imported, which segments hold it, jobs, remembered layouts."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlmodel import JSON, Column, DateTime, Field, SQLModel, UniqueConstraint

SCHEMA_VERSION = 1


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def _moment(*, nullable: bool = False) -> Any:
    return Column(DateTime(timezone=True), nullable=nullable)


def _json() -> Any:
    return Column(JSON, nullable=False)


class ImportStatus(StrEnum):
    """Whether an import's segments count."""

    COMMITTED = "committed"
    UNDONE = "undone"


class JobStatus(StrEnum):
    """Life of a job."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class CatalogueInfo(SQLModel, table=True):
    """One row: the layout version of these tables."""

    id: int = Field(default=1, primary_key=True)
    schema_version: int = SCHEMA_VERSION


class DataVersion(SQLModel, table=True):
    """A new row each time the visible data changes; the highest id is the current version."""

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(default_factory=now, sa_column=_moment())
    reason: str
    import_id: int | None = None


class Import(SQLModel, table=True):
    """One committed import: where it came from and where every row went."""

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(default_factory=now, sa_column=_moment())
    owner: str = "local"
    file_name: str
    sha256: str = Field(index=True)
    table_name: str
    sheet: str | None = None
    replace: bool = False  # hides the table's earlier segments while this import is committed
    demo: bool = False
    status: ImportStatus = ImportStatus.COMMITTED
    read: int
    accepted: int
    quarantined: int
    already_there: int
    reasons: dict[str, int] = Field(default_factory=dict, sa_column=_json())
    warnings: dict[str, int] = Field(default_factory=dict, sa_column=_json())
    mapping: dict[str, Any] = Field(default_factory=dict, sa_column=_json())
    data_version: int = 0


class ImportMode(SQLModel, table=True):
    """How an import treats earlier rows of its table while it counts; appending has no entry."""

    import_id: int = Field(foreign_key="import.id", primary_key=True)
    table_name: str
    before: int  # rows of imports with a lower number are hidden
    first_day: date | None = None  # of the replaced period; None: an update by key
    last_day: date | None = None


class Segment(SQLModel, table=True):
    """An immutable Parquet file of one table; visible while its import is committed."""

    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="import.id", index=True)
    table_name: str = Field(index=True)
    file: str  # relative to the segments folder
    rows: int
    bytes: int
    derived: bool = False  # attributes read from a sales file; explicit dimension files win


class Layout(SQLModel, table=True):
    """A mapping remembered for a header signature."""

    signature: str = Field(primary_key=True)
    mapping: dict[str, Any] = Field(default_factory=dict, sa_column=_json())
    updated_at: datetime = Field(default_factory=now, sa_column=_moment())


class Job(SQLModel, table=True):
    """Long work done by the worker process."""

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    owner: str = "local"
    status: JobStatus = Field(default=JobStatus.QUEUED, index=True)
    progress: float = 0.0
    step: str = ""
    worker: str = ""  # who claimed it; a dead worker's jobs are found by this name
    cancel: bool = False  # asked for; the worker honours it between steps
    params: dict[str, Any] = Field(default_factory=dict, sa_column=_json())
    result: dict[str, Any] = Field(default_factory=dict, sa_column=_json())
    error: dict[str, Any] = Field(default_factory=dict, sa_column=_json())
    created_at: datetime = Field(default_factory=now, sa_column=_moment())
    started_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    finished_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    heartbeat: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class Run(SQLModel, table=True):
    """A finished run of a background analysis; its files lie under `runs/<id>`."""

    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(default_factory=now, sa_column=_moment())
    analysis: str = Field(index=True)
    edition: int
    pairs: list[list[str]] = Field(default_factory=list, sa_column=_json())  # normalised
    data_version: int
    scope: str  # digest of the rows its owner could see
    owner: str
    seconds: float
    job_id: int | None = None  # None: computed in the foreground
    scheduled: bool = False
    key: str = Field(index=True)  # address of the kept result
    card: dict[str, Any] = Field(default_factory=dict, sa_column=_json())
    model_file: str = ""  # relative to the folder of runs; "": none
    scores_file: str = ""


class RunRequest(SQLModel, table=True):
    """The last job that was asked for a result; equal questions share it."""

    key: str = Field(primary_key=True)
    job_id: int
    data_version: int


class Schedule(SQLModel, table=True):
    """An analysis that is run once for every new data version."""

    id: int | None = Field(default=None, primary_key=True)
    owner: str = Field(index=True)
    analysis: str
    pairs: list[list[str]] = Field(default_factory=list, sa_column=_json())
    enabled: bool = True


class SegmentRuleSet(SQLModel, table=True):
    """The rules of RFM segments as they were saved once; the highest id is in force."""

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(default_factory=now, sa_column=_moment())
    owner: str = "local"
    rules: list[dict[str, Any]] = Field(default_factory=list, sa_column=_json())  # empty: defaults
    data_version: int = 0


class ScoreSet(SQLModel, table=True):
    """Published scores of customers: a Parquet file with `customer_id` and score columns."""

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(default_factory=now, sa_column=_moment())
    run_id: int = Field(index=True)
    analysis: str
    data_version: int
    columns: list[str] = Field(default_factory=list, sa_column=_json())
    file: str


class WorkItem(SQLModel, table=True):
    """What people do about one customer of a list; it outlives the runs that put it there."""

    __table_args__ = (UniqueConstraint("list_key", "customer_id"),)

    id: int | None = Field(default=None, primary_key=True)
    owner: str = "local"  # who opened it
    list_key: str
    customer_id: str
    assignee: str = ""
    status: str = "open"
    note: str = ""
    revision: int = 1  # raised by every change, so that no change overwrites an unseen one
    updated_at: datetime = Field(default_factory=now, sa_column=_moment())
    updated_by: str = "local"


class WorkItemChange(SQLModel, table=True):
    """One change of an item: its values before and after."""

    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="workitem.id", index=True)
    revision: int  # of the item after this change
    changed_at: datetime = Field(default_factory=now, sa_column=_moment())
    changed_by: str = "local"
    before: dict[str, str] = Field(default_factory=dict, sa_column=_json())
    after: dict[str, str] = Field(default_factory=dict, sa_column=_json())


class DefinitionVersion(SQLModel, table=True):
    """One version of a company's own metric or dimension; the last one of a key is in force."""

    __table_args__ = (UniqueConstraint("key", "edition"), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(default_factory=now, sa_column=_moment())
    owner: str = "local"  # who changed it
    key: str = Field(index=True)
    edition: int = 1  # raised by every change of this key
    kind: str  # "metric" or "dimension"
    removed: bool = False
    body: dict[str, Any] = Field(default_factory=dict, sa_column=_json())


class QualityRuleVersion(SQLModel, table=True):
    """One version of a data-quality rule; the last one of a key is in force.

    A rule that ships has versions only where somebody changed it.
    """

    __table_args__ = (UniqueConstraint("key", "edition"), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(default_factory=now, sa_column=_moment())
    owner: str = "local"  # who changed it
    key: str = Field(index=True)
    edition: int = 1  # raised by every change of this key
    removed: bool = False
    body: dict[str, Any] = Field(default_factory=dict, sa_column=_json())


class SavedView(SQLModel, table=True):
    """A page with its filters and choices, kept by somebody under a name."""

    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    owner: str = Field(default="local", index=True)
    created_at: datetime = Field(default_factory=now, sa_column=_moment())
    changed_at: datetime = Field(default_factory=now, sa_column=_moment())
    name: str
    address: str  # path and query
    starred: bool = False  # stands in the navigation
    first: bool = False  # opened where no page is named; one of an owner
    removed: bool = False  # kept, so that removing can be undone


class AccessRule(SQLModel, table=True):
    """Rows somebody may see: those with one of these values of a dimension."""

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(default_factory=now, sa_column=_moment())
    created_by: str = "local"
    is_role: bool = False  # the subject is a role, else a user
    subject: str = Field(index=True)
    dimension: str
    values: list[str] = Field(default_factory=list, sa_column=_json())


class RoleMember(SQLModel, table=True):
    """A user who has a role."""

    __table_args__ = (UniqueConstraint("role", "user"),)

    id: int | None = Field(default=None, primary_key=True)
    role: str = Field(index=True)
    user: str = Field(index=True)
