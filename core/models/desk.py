"""Tables of the catalogue about what people keep on their desk: notes, layout, what they saw."""

from datetime import date, datetime
from typing import Any

from sqlmodel import JSON, Column, DateTime, Field, SQLModel

from core.models.tables import now


def _moment() -> Any:
    return Column(DateTime(timezone=True), nullable=False)


def _json() -> Any:
    return Column(JSON, nullable=False)


class Note(SQLModel, table=True):
    """What somebody wrote about a time, about a member of a dimension, or about both."""

    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    owner: str = Field(default="local", index=True)
    created_at: datetime = Field(default_factory=now, sa_column=_moment())
    changed_at: datetime = Field(default_factory=now, sa_column=_moment())
    text: str
    day: date | None = None  # first day of the time it is about; None: of no time
    grain: str = "day"  # how long that time is: a day, a month, …
    dimension: str = ""  # "": about no member
    member: str = ""
    member_name: str = ""  # as it was called when the note was written
    page: str = ""  # shown on this page only; "": everywhere
    address: str = ""  # where it was written: path and query
    removed: bool = False  # kept, so that removing can be undone


class Preferences(SQLModel, table=True):
    """Colours and layout of one person, for every browser this person uses."""

    owner: str = Field(primary_key=True)
    changed_at: datetime = Field(default_factory=now, sa_column=_moment())
    values: dict[str, str] = Field(default_factory=dict, sa_column=_json())


class LastLook(SQLModel, table=True):
    """The data as somebody last saw them: what is new is told against it."""

    owner: str = Field(primary_key=True)
    seen_at: datetime = Field(default_factory=now, sa_column=_moment())
    data_version: int
    rights: str = ""  # of what the figures are: rows, currency, definitions
    figures: dict[str, Any] = Field(default_factory=dict, sa_column=_json())
