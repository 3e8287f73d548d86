"""Making the files of a data version: what was added to files that stand, or everything anew."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

import duckdb

from core import log
from core.errors import PicholineError
from core.i18n import msg
from core.repository.segments import SegmentStore
from core.repository.warehouse.build import Config, Target, build
from core.repository.warehouse.chain import Chain, Chains, Wanted, best_parent
from core.repository.warehouse.changes import NotAdditiveError
from core.repository.warehouse.delta import Parent, build_delta
from core.repository.warehouse.info import WarehouseInfo, read_info
from core.repository.warehouse.observed import wishes
from core.repository.warehouse.stage import SourceFile
from core.repository.warehouse.views import attach_sql
from core.settings import Settings


@dataclass(frozen=True)
class Policy:
    """When a delta is worth it.

    Attributes:
        delta_from: sales lines a base has at least; a smaller one is built anew as quickly.
        deltas: files on top of a base at most.
        share: lines of the deltas per line of the base at most.
        tidy_deltas, tidy_share: from here on a whole build is due when there is time for it.
        kept_bases: bases that are kept for versions people may come back to.
    """

    delta_from: int = 50_000
    deltas: int = 12
    share: float = 0.5
    tidy_deltas: int = 6
    tidy_share: float = 0.05
    kept_bases: int = 2


class Preparation:
    """Writes warehouse files; the caller holds the lock that lets only one process do so."""

    def __init__(self, settings: Settings, segments: SegmentStore, policy: Policy) -> None:
        """Write into the home's warehouse folder."""
        self._settings = settings
        self._segments = segments
        self._policy = policy
        self._folder = settings.warehouse
        self._chains = Chains(self._folder)
        self._config = duckdb_config(settings)

    def prepare(self, wanted: Wanted, *, whole: bool = False) -> Chain:
        """Write what is missing for a data version; return its files.

        Args:
            wanted: the version.
            whole: build everything anew, even where a delta would do.

        Raises:
            PicholineError: the data cannot be prepared.
        """
        for leftover in self._folder.glob("*.building*"):
            leftover.unlink()
        parent = None if whole else self._parent(wanted)
        chain = self._add(wanted, parent) if parent else None
        chain = chain or self._build(wanted)
        self._chains.write(chain)
        return chain

    def _parent(self, wanted: Wanted) -> Chain | None:
        chains = [c for c in self._chains.all() if c.lines[0] >= self._policy.delta_from]
        return best_parent(chains, wanted, self._policy.deltas, self._policy.share)

    def _add(self, wanted: Wanted, parent: Chain) -> Chain | None:
        """Build a delta; None where only a whole build is right."""
        name = f"d{wanted.version}.duckdb"
        paths = tuple(self._folder / file for file in parent.files)
        held = {*parent.segments}
        ids = frozenset(s.id or 0 for s in wanted.segments if s.file in held)

        def write(path: Path) -> WarehouseInfo:
            known = self._facts(paths[-1])
            if known is None:
                raise NotAdditiveError(paths[-1].name)
            built_on = Parent(paths, known, ids)
            return build_delta(path, built_on, self._target(wanted), self._config)

        try:
            info, seconds = self._write(name, write)
        except NotAdditiveError as reason:
            log.event("warehouse.not_additive", version=wanted.version, changed=str(reason))
            return None
        except PicholineError:
            # The parent's files may be what cannot be read: the segments are the truth.
            log.failure("warehouse.delta", level=logging.WARNING, version=wanted.version)
            return None
        added = info.lines - sum(parent.lines)
        log.event(
            "warehouse.added",
            version=wanted.version,
            lines=added,
            seconds=seconds,
            files=len(parent.files) + 1,
        )
        return _chain(wanted, (*parent.files, name), (*parent.lines, added))

    def _build(self, wanted: Wanted) -> Chain:
        name = f"v{wanted.version}.duckdb"

        def write(path: Path) -> WarehouseInfo:
            return build(path, self._target(wanted), self._config)

        info, seconds = self._write(name, write)
        log.event(
            "warehouse.built",
            version=wanted.version,
            lines=info.lines,
            seconds=seconds,
            rollups={source.table: source.rows for source in info.sources},
        )
        return _chain(wanted, (name,), (info.lines,))

    def _write(
        self, name: str, write: Callable[[Path], WarehouseInfo]
    ) -> tuple[WarehouseInfo, float]:
        """Write a file beside its name and give it the name when it is whole."""
        began = perf_counter()
        building = self._folder / f"{name}.building"
        try:
            info = write(building)
        except NotAdditiveError:
            building.unlink(missing_ok=True)
            raise
        except duckdb.Error as error:
            log.failure("warehouse.build", file=name)
            raise PicholineError(
                "warehouse.build",
                msg("The data cannot be prepared: {why}.", why=str(error).splitlines()[0]),
                msg("Check the free disk space and the memory limit, then run picholine doctor."),
                status=500,
            ) from error
        building.replace(self._folder / name)
        return info, round(perf_counter() - began, 3)

    def _facts(self, path: Path) -> WarehouseInfo | None:
        with duckdb.connect(":memory:", config=dict(self._config)) as connection:
            connection.execute(attach_sql(path, "file"))
            return read_info(connection, "file")

    def _target(self, wanted: Wanted) -> Target:
        files = [
            SourceFile(
                s.table_name,
                self._segments.path(s.file),
                s.id or 0,
                s.import_id,
                s.derived,
                tuple(h for h in wanted.hidings if h.table == s.table_name),
                wanted.countries,
            )
            for s in wanted.segments
        ]
        today = datetime.now(ZoneInfo(self._settings.time_zone)).date()
        return Target(
            wanted.version,
            wanted.fingerprint,
            files,
            wanted.base_currency,
            wanted.rules,
            today,
            wishes(self._settings.observed),
        )


def duckdb_config(settings: Settings) -> Config:
    """Return DuckDB's options for a home's settings."""
    return {
        "memory_limit": f"{settings.memory_limit_mb}MB",
        "threads": str(settings.threads),
        "temp_directory": (settings.cache / "duckdb").as_posix(),
    }


def _chain(wanted: Wanted, files: tuple[str, ...], lines: tuple[int, ...]) -> Chain:
    segments = tuple(s.file for s in wanted.segments)
    return Chain(
        wanted.fingerprint, files, segments, lines, wanted.base_currency, hidden=wanted.hidden
    )
