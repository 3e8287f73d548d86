"""Tables of corrections: what is being written into quarantined rows, rows given up, aliases."""

from datetime import datetime
from typing import Any

from sqlmodel import JSON, Column, DateTime, Field, SQLModel, UniqueConstraint

from core.models.tables import now


def _moment() -> Any:
    return Column(DateTime(timezone=True), nullable=False)


def _json() -> Any:
    return Column(JSON, nullable=False)


class CorrectionDraft(SQLModel, table=True):
    """What one person wrote into the cells of a quarantined row, until it is imported."""

    __table_args__ = (UniqueConstraint("import_id", "owner", "place"),)

    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="import.id", index=True)
    owner: str = "local"
    place: int  # of the row in the quarantine of the import, from 0
    cells: dict[str, str] = Field(default_factory=dict, sa_column=_json())  # title → text
    verdict: dict[str, str] = Field(default_factory=dict, sa_column=_json())  # of the last check
    updated_at: datetime = Field(default_factory=now, sa_column=_moment())


class GivenUpRow(SQLModel, table=True):
    """A quarantined row that nobody will correct."""

    __table_args__ = (UniqueConstraint("import_id", "place"),)

    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="import.id", index=True)
    place: int
    owner: str = "local"
    note: str = ""
    created_at: datetime = Field(default_factory=now, sa_column=_moment())


class Alias(SQLModel, table=True):
    """What a spelling means, in every file: the last one of a field and spelling is in force."""

    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(default_factory=now, sa_column=_moment())
    owner: str = "local"
    field: str = Field(index=True)
    written: str  # as it stands in files
    plain: str = Field(index=True)  # as it is compared
    meant: str  # "" once it was taken back
    removed: bool = False
