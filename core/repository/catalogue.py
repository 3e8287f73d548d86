"""The SQL catalogue of imports, segments, versions and layouts, on SQLite or PostgreSQL."""

import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import Engine, event, func, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, create_engine, select

from core.errors import PicholineError
from core.i18n import msg
from core.models import arrivals, desk
from core.models.tables import (
    SCHEMA_VERSION,
    CatalogueInfo,
    DataVersion,
    Import,
    ImportMode,
    ImportStatus,
    Layout,
    Segment,
    now,
)

from .create_tables import create_missing

_BUSY_MS = 15_000
ALSO_CREATED = (arrivals, desk)  # modules whose tables stand beside those of `tables`


def open_engine(url: str) -> Engine:
    """Return an engine; SQLite gets write-ahead logging, full durability and a patient lock."""
    sqlite = url.startswith("sqlite")
    if sqlite and ":memory:" not in url:
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url, pool_pre_ping=not sqlite)
    if sqlite:

        @event.listens_for(engine, "connect")
        def _configure(connection: object, _record: object) -> None:
            cursor = connection.cursor()  # type: ignore[attr-defined]
            for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={_BUSY_MS}"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.execute("PRAGMA foreign_keys=ON")
            cursor.close()

    return engine


class Catalogue:
    """What is stored and what of it counts; every change is one transaction."""

    def __init__(self, url: str) -> None:
        """Prepare the engine; nothing is opened before `create` or the first call."""
        self.url = url
        self.engine = open_engine(url)
        # Commands and tests let go of a catalogue without closing it; its connections go with it.
        weakref.finalize(self, self.engine.dispose)

    def create(self) -> None:
        """Create missing tables.

        Raises:
            PicholineError: the database cannot be reached, or was made by a newer Picholine.
        """
        try:
            create_missing(self.engine)
            with self.session() as session:
                info = session.get(CatalogueInfo, 1)
                if info is None:
                    session.add(CatalogueInfo())
                    session.commit()
                elif info.schema_version > SCHEMA_VERSION:
                    raise PicholineError(
                        "catalogue.newer",
                        msg("The catalogue was made by a newer version of Picholine."),
                        msg("Update Picholine, or use another home folder."),
                    )
        except SQLAlchemyError as error:
            raise PicholineError(
                "catalogue.unreachable",
                msg("The catalogue database cannot be opened: {why}.", why=_reason(error)),
                msg(
                    "Check PICHOLINE_DATABASE_URL, that the server runs and that the disk has room."
                ),
                status=503,
            ) from error

    def session(self) -> Session:
        """Return a new session; objects stay readable after a commit."""
        return Session(self.engine, expire_on_commit=False)

    def current_version(self) -> int:
        """Return the current data version; 0 before the first import."""
        with self.session() as session:
            return session.exec(select(func.max(DataVersion.id))).one() or 0

    def commit(self, record: Import, segments: Sequence[Segment]) -> Import:
        """Store an import with its segments and raise the data version, in one transaction.

        An import that accepted nothing is recorded too, and leaves the data version as it is.
        """
        return self.commit_all([(record, segments)])[0]

    def commit_all(
        self,
        imports: Sequence[tuple[Import, Sequence[Segment]]],
        modes: Mapping[int, ImportMode] | None = None,
        instead_of: int | None = None,
    ) -> list[Import]:
        """Store the imports of one file in one transaction: all of them count, or none.

        Args:
            imports: records with their segments.
            modes: by place in `imports`, how an import treats earlier rows; numbers are filled in.
            instead_of: an import that stops counting in the same moment.

        Raises:
            PicholineError: the import to replace does not exist.
        """
        with self.session() as session:
            if instead_of is not None:
                _set_aside(session, instead_of)
            first: dict[str, int] = {}
            for place, (record, segments) in enumerate(imports):
                session.add(record)
                session.flush()
                earliest = first.setdefault(record.table_name, record.id or 0)
                if modes and place in modes:
                    mode = modes[place]
                    mode.import_id, mode.before = record.id or 0, earliest
                    session.add(mode)
                for segment in segments:
                    segment.import_id = record.id or 0
                    session.add(segment)
                if segments or record.replace or (modes and place in modes):
                    record.data_version = raise_version(session, "import", record.id)
                else:
                    found = session.exec(select(func.max(DataVersion.id))).one()
                    record.data_version = found or 0
            session.commit()
            return [record for record, _ in imports]

    def set_status(self, import_id: int, status: ImportStatus) -> int:
        """Switch an import's segments on or off; return the new data version.

        Raises:
            PicholineError: there is no such import, or it has this status already.
        """
        return self.set_statuses([import_id], status)

    def set_statuses(self, import_ids: Sequence[int], status: ImportStatus) -> int:
        """Switch several imports on or off in one transaction; return the new data version.

        Raises:
            PicholineError: one of them does not exist, or has this status already.
        """
        version = 0
        with self.session() as session:
            for import_id in import_ids:
                found = session.get(Import, import_id, with_for_update=True)
                if found is None:
                    raise _no_import(import_id)
                if found.status == status:
                    raise PicholineError(
                        "import.status",
                        msg("Import {id} is already in that state.", id=import_id),
                        msg("See the list of imports."),
                        status=409,
                    )
                found.status = status
                version = raise_version(session, status.value, import_id)
            session.commit()
        return version

    def imports(self) -> list[Import]:
        """Return every import, the newest first."""
        with self.session() as session:
            return list(session.exec(select(Import).order_by(col(Import.id).desc())))

    def get_import(self, import_id: int) -> Import:
        """Return one import.

        Raises:
            PicholineError: there is none with this id.
        """
        with self.session() as session:
            found = session.get(Import, import_id)
        if found is None:
            raise _no_import(import_id)
        return found

    def visible_segments(self, table: str | None = None, *, without: int = 0) -> list[Segment]:
        """Return the segments that count now, oldest first.

        A segment counts while its import is committed and no later committed import replaced its
        table. Single rows of it may be hidden all the same: see `core.repository.visible`.

        Args:
            table: key of the business schema; None for all.
            without: an import to leave out, as if it were undone; 0 for none.
        """
        with self.session() as session:
            replaced = dict(
                session.exec(
                    select(Import.table_name, func.max(Import.id))
                    .where(
                        Import.status == ImportStatus.COMMITTED,
                        col(Import.replace),
                        col(Import.id) != without,
                    )
                    .group_by(Import.table_name)
                ).all()
            )
            query = (
                select(Segment)
                .join(Import)
                .where(Import.status == ImportStatus.COMMITTED, col(Import.id) != without)
                .order_by(col(Segment.id))
            )
            if table:
                query = query.where(Segment.table_name == table)
            found = session.exec(query).all()
        return [s for s in found if s.import_id >= (replaced.get(s.table_name) or 0)]

    def segments_of(self, import_id: int, table: str) -> list[Segment]:
        """Return the segments of one import and table, visible or not."""
        query = select(Segment).where(Segment.import_id == import_id, Segment.table_name == table)
        with self.session() as session:
            return list(session.exec(query))

    def segment_files(self) -> set[str]:
        """Return every file the catalogue refers to, visible or not."""
        with self.session() as session:
            return set(session.exec(select(Segment.file)))

    def layout(self, signature: str) -> dict[str, object] | None:
        """Return the mapping remembered for a header signature."""
        with self.session() as session:
            found = session.get(Layout, signature)
            return found.mapping if found else None

    def remember_layout(self, signature: str, mapping: dict[str, object]) -> None:
        """Remember a mapping for a header signature."""
        with self.session() as session:
            session.merge(Layout(signature=signature, mapping=mapping, updated_at=now()))
            session.commit()

    def ping(self) -> None:
        """Run the smallest statement; raises SQLAlchemy's error when the database is away."""
        with self.engine.connect() as connection:
            connection.execute(text("SELECT 1"))


def _set_aside(session: Session, import_id: int) -> None:
    """Switch an import off as part of a larger change, if it still counts."""
    found = session.get(Import, import_id, with_for_update=True)
    if found is None:
        raise _no_import(import_id)
    if found.status is ImportStatus.COMMITTED:
        found.status = ImportStatus.UNDONE
        raise_version(session, ImportStatus.UNDONE.value, import_id)


def raise_version(session: Session, reason: str, import_id: int | None = None) -> int:
    """Add a data version inside a transaction; return its number.

    Args:
        session: open; the caller commits, so that the change and its version count together.
        reason: what changed.
        import_id: the import that changed it, if one did.
    """
    version = DataVersion(reason=reason, import_id=import_id)
    session.add(version)
    session.flush()
    return version.id or 0


def _reason(error: SQLAlchemyError) -> str:
    """Return the driver's own first line, which names the cause and holds no password."""
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__


def _no_import(import_id: int) -> PicholineError:
    return PicholineError(
        "import.unknown",
        msg("There is no import {id}.", id=import_id),
        msg("See the list of imports for their numbers."),
        status=404,
    )
