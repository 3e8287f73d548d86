"""The warehouse of one home: finds the files of the current data, has them made, opens them."""

import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from time import monotonic, sleep

import duckdb
from sqlalchemy import func, select
from sqlmodel import col

from core import log
from core.errors import PicholineError
from core.i18n import msg
from core.models.tables import DataVersion
from core.repository.aliases import AliasStore
from core.repository.catalogue import Catalogue
from core.repository.segment_rules import RuleStore
from core.repository.segments import SegmentStore
from core.repository.visible import hidings
from core.repository.warehouse.chain import Chain, Chains, Wanted
from core.repository.warehouse.info import WarehouseInfo
from core.repository.warehouse.lock import file_lock
from core.repository.warehouse.prepare import Policy, Preparation, duckdb_config
from core.repository.warehouse.serving import Reading, Serving
from core.settings import Settings

_BUILD_WAIT_SECONDS = 1800.0
_POLL_SECONDS = 0.02
_NEWEST = select(func.max(col(DataVersion.id)))
_building = ContextVar("building", default=True)  # whether missing files may be made here
_FILE = re.compile(r"[vd](\d+)\.duckdb")


class Warehouse:
    """The folder of warehouse files of one home; safe to share between threads."""

    def __init__(
        self,
        settings: Settings,
        catalogue: Catalogue,
        segments: SegmentStore,
        policy: Policy | None = None,
    ) -> None:
        """Open nothing yet; the first reader builds or opens the files."""
        self._settings = settings
        self._catalogue = catalogue
        self._segments = segments
        self._folder = settings.warehouse
        self._policy = policy or Policy()
        self._chains = Chains(self._folder)
        self._preparation = Preparation(settings, segments, self._policy)
        self._open_files = Serving(self._folder, duckdb_config(settings))
        self._lock = Lock()
        self._serving: Reading | None = None
        self._wanted: Wanted | None = None
        self._elsewhere: Callable[[], bool] | None = None
        self._patience = 0.0
        self._missed: tuple[int, float] = (0, 0.0)

    def leave_to(self, elsewhere: Callable[[], bool], patience: float) -> None:
        """Answer from the previous data while another process makes the files of the newest.

        Args:
            elsewhere: whether there is a process that makes them.
            patience: seconds to wait for it before the previous data serve.
        """
        self._elsewhere, self._patience = elsewhere, patience

    def ensure(self) -> int:
        """Have the current data version's files made if they are missing; return the version.

        Raises:
            PicholineError: another process has been building for half an hour.
        """
        return self._newest(self._version()).info.data_version

    def is_ready(self) -> bool:
        """Whether the files of the newest data are there, so that nobody has to make them."""
        version, serving = self._version(), self._serving
        if serving is not None and serving.info.data_version == version:
            return True
        return self._chains.find(self._want(version).fingerprint) is not None

    @contextmanager
    def without_building(self) -> Generator[None]:
        """Let questions inside the block never make files: the previous data answer meanwhile.

        Where nothing serves yet they are refused.
        """
        token = _building.set(False)
        try:
            yield
        finally:
            _building.reset(token)

    def behind(self) -> bool:
        """Whether newer data than those that serve are still being prepared."""
        serving = self._serving
        return serving is not None and serving.info.data_version < self._version()

    @contextmanager
    def read(self) -> Generator[duckdb.DuckDBPyConnection]:
        """Give a read-only cursor on the current data version."""
        with self.reading() as (cursor, _info):
            yield cursor

    @contextmanager
    def reading(self) -> Generator[tuple[duckdb.DuckDBPyConnection, WarehouseInfo]]:
        """Give a cursor with the facts of the data it reads, which stay open inside the block."""
        found = self._enter()
        try:
            cursor = self._open_files.cursor(found)
            try:
                yield cursor, found.info
            finally:
                cursor.close()
        finally:
            self._open_files.leave(found)

    def info(self) -> WarehouseInfo:
        """Return the facts of the current data version."""
        return self._current().info

    def chain(self) -> Chain | None:
        """Return the files of the current data version; None while they are missing."""
        return self._chains.find(self._want(self._version()).fingerprint)

    def tidy(self) -> bool:
        """Build the data anew where many deltas have come together; return whether it did.

        For a process that has time: what serves goes on serving meanwhile.
        """
        chain = self.chain()
        if chain is None or not (
            chain.deltas >= self._policy.tidy_deltas or chain.share > self._policy.tidy_share
        ):
            return False
        with file_lock(self._folder / "build.lock", timeout=0) as held:
            wanted = self._want(self._version())
            if not held or wanted.fingerprint != chain.fingerprint:
                return False
            self._preparation.prepare(wanted, whole=True)
        with self._lock:
            self._swap(wanted)
        self.collect()
        return True

    def collect(self) -> int:
        """Delete files nobody will ask for and leftovers of crashed builds; return how many.

        The files of the current data stay, those of recent data that took long to make, and those
        of versions another process makes now.
        """
        version = self._version()
        removed = 0
        with file_lock(self._folder / "build.lock", timeout=0) as held:
            if not held:
                return 0
            kept = self._kept(version)
            for path in [*self._folder.glob("v*.duckdb*"), *self._folder.glob("d*.duckdb*")]:
                match = _FILE.fullmatch(path.name)
                if path.name in kept or (match and int(match[1]) >= version):
                    continue
                try:
                    path.unlink()
                    removed += 1
                except OSError:
                    log.event("warehouse.in_use", file=path.name)
            self._chains.tidy()
        return removed

    def close(self) -> None:
        """Close the serving files; the next reader opens them again."""
        with self._lock:
            serving, self._serving = self._serving, None
            if serving:
                self._open_files.retire(serving)

    def _kept(self, version: int) -> set[str]:
        """Return the names of files to keep, and forget the chains of all others."""
        current = self._want(version).fingerprint
        bases: list[str] = []
        kept: set[str] = set()
        chains = sorted(self._chains.all(), key=lambda chain: chain.fingerprint != current)
        for chain in chains:
            base = chain.files[0]
            if chain.fingerprint != current:
                known = base in bases or len(bases) < self._policy.kept_bases
                if not known or chain.lines[0] < self._policy.delta_from:
                    self._chains.forget(chain.fingerprint)
                    continue
            bases += [base] if base not in bases else []
            kept.update(chain.files)
        return kept

    def _enter(self) -> Reading:
        while True:
            found = self._current()
            if self._open_files.enter(found):
                return found

    def _version(self) -> int:
        # Asked before every question, hence without the object layer: a third of its time.
        with self._catalogue.engine.connect() as connection:
            found = connection.execute(_NEWEST).scalar()
        return int(found or 0)

    def _want(self, version: int) -> Wanted:
        """Return what a version consists of; asked of the catalogue once."""
        wanted = self._wanted
        if wanted is None or wanted.version != version:
            visible = self._catalogue.visible_segments()
            rules = RuleStore(self._catalogue).current()
            hidden = hidings(self._catalogue, self._segments)
            currency = self._settings.base_currency
            countries = AliasStore(self._catalogue).countries()
            wanted = Wanted.of(version, visible, rules, currency, hidden, countries)
            if self._version() != version:
                return wanted  # of a version in between: not to be remembered
            self._wanted = wanted
        return wanted

    def _current(self) -> Reading:
        version = self._version()
        serving = self._serving
        if serving and serving.info.data_version == version:
            return serving
        if serving and not _building.get() and not self.is_ready():
            return serving
        if serving and self._elsewhere and self._elsewhere():
            return self._arrived(version) or serving
        return self._newest(version)

    def _arrived(self, version: int) -> Reading | None:
        """Wait a moment for another process to make a version; None when it takes longer.

        The moment is one for all readers together: it begins with the first that misses it.
        """
        if self._missed[0] != version:
            self._missed = (version, monotonic())
        limit = self._missed[1] + self._patience
        while True:
            if self._chains.find(self._want(version).fingerprint):
                return self._newest(version)
            if monotonic() >= limit:
                return None
            sleep(_POLL_SECONDS)

    def _newest(self, version: int) -> Reading:
        """Open a version, or a newer one that has come, after making its files if need be."""
        serving = self._serving
        if serving and serving.info.data_version == version:
            return serving
        with self._lock:
            # Another thread may have opened it, or a newer one, while this one waited.
            serving = self._serving
            if serving and serving.info.data_version >= version:
                return serving
            fresh = None
            while fresh is None:
                fresh = self._open(self._want(version))
                version = self._version()
            self._replace(fresh)
            return fresh

    def _replace(self, fresh: Reading) -> None:
        serving, self._serving = self._serving, fresh
        if serving:
            self._open_files.retire(serving)

    def _swap(self, wanted: Wanted) -> None:
        """Serve the files a version has now instead of those it had; needs the lock."""
        fresh = self._try_open(wanted)
        if fresh and self._serving:
            self._replace(fresh)

    def _open(self, wanted: Wanted) -> Reading | None:
        """Open a version, making its files first; None when a newer one has come meanwhile."""
        found = self._try_open(wanted)
        if found:
            return found
        if not _building.get():
            raise PicholineError(
                "warehouse.not_ready",
                msg("The data are not prepared yet."),
                msg("Open any page, or run `picholine doctor`."),
                status=503,
            )
        with file_lock(self._folder / "build.lock", _BUILD_WAIT_SECONDS) as held:
            if not held:
                raise PicholineError(
                    "warehouse.busy",
                    msg("The data are being prepared by another process."),
                    msg("Try again in a moment."),
                    status=503,
                )
            found = self._try_open(wanted)
            if found:
                return found
            if self._version() != wanted.version:
                return None
            self._preparation.prepare(wanted)
        # Missing now: a newer version came, and its builder has collected this one.
        found = self._try_open(wanted)
        self.collect()
        return found

    def _try_open(self, wanted: Wanted) -> Reading | None:
        """Open the files that hold these data; None if there are none."""
        chain = self._chains.find(wanted.fingerprint)
        found = self._open_files.open(chain, wanted.version) if chain else None
        if chain and found:
            self._chains.use(chain)
        return found
