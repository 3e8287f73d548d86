"""Dashboards of one's own: tiles on twelve columns, and how the catalogue keeps them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlmodel import JSON, Column, DateTime, Field, SQLModel, UniqueConstraint

from core.models.tables import now

COLUMNS = 12
LEAST_WIDTH, LEAST_HEIGHT, MOST_HEIGHT = 2, 2, 40  # in columns; in rows of the grid
DEEPEST = 2000  # rows of a board
BOARD = "board"  # the name in the URL that says which one is open
Kind = Literal["panel", "figures", "text"]
KINDS: tuple[Kind, ...] = ("panel", "figures", "text")
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Place:
    """Where a tile stands: columns and rows from 0, and how many of them it takes."""

    x: int
    y: int
    w: int
    h: int

    def meets(self, other: "Place") -> bool:
        """Return whether both cover a cell."""
        return (
            self.x < other.x + other.w
            and other.x < self.x + self.w
            and self.y < other.y + other.h
            and other.y < self.y + self.h
        )


@dataclass(frozen=True)
class Tile:
    """One tile of a board.

    Attributes:
        key: unique within the board.
        kind: a panel of a page, figures of the catalogue, or a text.
        place: on the grid.
        title: instead of its own; "": its own.
        page: key of the panel's page.
        panel: id of the panel.
        pairs: settings as the page spells them in its URL; names of the filter bar are pinned:
            the board's filters do not change them.
        text: of a text tile.
    """

    key: str
    kind: Kind
    place: Place
    title: str = ""
    page: str = ""
    panel: str = ""
    pairs: Pairs = ()
    text: str = ""


@dataclass(frozen=True)
class Content:
    """What a board shows.

    Attributes:
        tiles: in reading order.
        filters: it opens with, as the filter bar spells them; none: with those in force.
    """

    tiles: tuple[Tile, ...] = ()
    filters: Pairs = ()

    def tile(self, key: str) -> Tile | None:
        """Return a tile by its key."""
        return next((tile for tile in self.tiles if tile.key == key), None)


@dataclass(frozen=True)
class Board:
    """A board as it is now.

    Attributes:
        edition: number of its content; an earlier one is returned to by undo.
    """

    id: int
    name: str
    edition: int
    starred: bool
    first: bool
    changed_at: datetime
    content: Content = field(default_factory=Content)
    removed: bool = False


def _moment() -> Any:
    return Column(DateTime(timezone=True), nullable=False)


def _json() -> Any:
    return Column(JSON, nullable=False)


class Dashboard(SQLModel, table=True):
    """A board of somebody; its name and content stand in the edition that is in force."""

    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    owner: str = Field(default="local", index=True)
    created_at: datetime = Field(default_factory=now, sa_column=_moment())
    changed_at: datetime = Field(default_factory=now, sa_column=_moment())
    edition: int = 1  # in force
    starred: bool = False  # stands in the navigation
    first: bool = False  # opened where no page is named; one of an owner
    removed: bool = False  # kept, so that removing can be undone


class DashboardEdition(SQLModel, table=True):
    """One state of a board; the last ones are kept, so that changes can be undone."""

    __table_args__ = (UniqueConstraint("dashboard_id", "edition"), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, primary_key=True)
    dashboard_id: int = Field(foreign_key="dashboard.id", index=True)
    edition: int
    created_at: datetime = Field(default_factory=now, sa_column=_moment())
    name: str
    body: dict[str, Any] = Field(default_factory=dict, sa_column=_json())
