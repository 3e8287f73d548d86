"""Large files arrive in pieces: begun, continued after any interruption, and put into the inbox.

The bytes lie in `uploads/<key>.part` of the home folder, the catalogue knows how many of them are
sound: those were compared with the sender's SHA-256 and flushed to disk. What a killed server wrote
beyond is cut off. No piece and no file is ever held whole in memory beyond one block.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from time import monotonic
from typing import IO, Any

from core import log
from core.errors import PicholineError
from core.i18n import msg
from core.models.arrivals import Upload
from core.models.query import Scope
from core.models.tables import now
from core.repository.catalogue import Catalogue
from core.repository.uploads import UploadStore
from core.repository.warehouse.lock import file_lock
from core.services.rights import refuse_restricted
from core.settings import Settings

KEPT_FOR = timedelta(days=1)
_BLOCK = 1 << 20
_MEGABYTE = 1_000_000
_LOCK_SECONDS = 20.0
_MOST_OPEN = 200
_CARE_SECONDS = 600.0
_MOST_DIGESTS = 32
_SPARE = 64 * _MEGABYTE  # of the disk, for everything else

Finished = Callable[[Path, str], dict[str, Any]]


class Uploads:
    """The uploads of one home; parts belong to who began them."""

    def __init__(self, settings: Settings, catalogue: Catalogue) -> None:
        """Use this home's folder and catalogue."""
        self._settings = settings
        self._store = UploadStore(catalogue)
        self._folder = settings.home / "uploads"
        # How far the SHA-256 of the running uploads is: a restarted server reads the part again.
        self._digests: dict[str, tuple[int, Any]] = {}
        self._cared = float("-inf")

    def begin(self, name: str, size: int, fingerprint: str, scope: Scope) -> Upload:
        """Begin an upload, or find the one of the same file again.

        Args:
            name: the file's name.
            size: in bytes.
            fingerprint: what the sender knows the file by; the same name, size and fingerprint
                continue where they stopped.
            scope: who sends it.

        Raises:
            PicholineError: it is empty, larger than allowed, does not fit on the disk, or the
                person may not import.
        """
        refuse_restricted(scope)
        self._check(name, size)
        found = self._store.same(scope.owner, name, size, fingerprint) if fingerprint else None
        if found is not None and self._part(found.key).is_file():
            self._store.change(found.key, aside=False)
            return self.get(found.key, scope)
        if len(self._store.unfinished(scope.owner)) >= _MOST_OPEN:
            raise PicholineError(
                "upload.many",
                msg("Too many uploads were begun and not finished."),
                msg("Finish or discard some of them."),
                status=429,
            )
        self._folder.mkdir(parents=True, exist_ok=True)
        self._check_disk(size)
        key = token_hex(16)
        self._part(key).touch(mode=0o600)
        return self._store.add(
            Upload(
                key=key, owner=scope.owner, file_name=name, size=size, fingerprint=fingerprint[:200]
            )
        )

    def get(self, key: str, scope: Scope) -> Upload:
        """Return an upload of this person.

        Raises:
            PicholineError: there is none, or it is somebody else's (told alike).
        """
        refuse_restricted(scope)
        found = self._store.get(key)
        if found is None or found.owner != scope.owner:
            raise _unknown()
        return found

    def unfinished(self, scope: Scope) -> list[Upload]:
        """Return what this person began and neither finished nor cancelled."""
        refuse_restricted(scope)
        return [found for found in self._store.unfinished(scope.owner) if self._exists(found)]

    def append(
        self, key: str, offset: int, stream: IO[bytes], scope: Scope, *, sha256: str = ""
    ) -> int:
        """Add a piece; return the number of bytes there are now.

        Args:
            key: the upload.
            offset: where the piece begins; it has to be where the upload stands.
            stream: the piece.
            scope: who sends it.
            sha256: of the piece, in hexadecimal; empty: it is not compared.

        Raises:
            PicholineError: another offset is expected (status 409), the piece is longer than the
                file or arrived damaged; nothing of it is kept.
        """
        self.get(key, scope)
        with self._alone(key):
            upload = self.get(key, scope)
            if upload.answer or offset != upload.received:
                raise wrong_offset(upload)
            end, digest = self._write(upload, stream, sha256)
            self._store.change(key, received=end)
            self._remember(key, end, digest)
        return end

    def finish(
        self, key: str, scope: Scope, finished: Finished, *, sha256: str = ""
    ) -> dict[str, Any]:
        """Put a whole file into the inbox; asked again, it answers the same.

        Args:
            key: the upload.
            scope: who sends it.
            finished: called with the file in the inbox and its SHA-256; returns the answer.
            sha256: what the whole file should have; empty: its pieces were compared.

        Raises:
            PicholineError: bytes are missing, or the file differs from what was sent.
        """
        self.get(key, scope)
        with self._alone(key):
            upload = self.get(key, scope)
            if upload.answer:
                return upload.answer
            if upload.received != upload.size:
                raise wrong_offset(upload)
            digest = self._digest(upload)
            if sha256 and digest != sha256.lower():
                self._discard(key)
                raise _damaged()
            target = self._settings.inbox / digest
            part = self._part(key)
            if part.is_file():
                part.replace(target)
            answer = finished(target, digest)
            self._store.change(key, answer=answer)
        self._digests.pop(key, None)
        log.event("upload.stored", sha256=digest, size=upload.size, pieces=True)
        return answer

    def put_aside(self, key: str, scope: Scope) -> None:
        """Cancel: it is not shown any more; the same file continues where it stopped for a day."""
        self.get(key, scope)
        self._store.change(key, aside=True)

    def discard(self, key: str, scope: Scope) -> None:
        """Delete what arrived."""
        self.get(key, scope)
        with self._alone(key):
            self._discard(key)

    def look(self) -> None:
        """Be called when there is time: collects what nobody continued, now and then."""
        if monotonic() - self._cared >= _CARE_SECONDS:
            self._cared = monotonic()
            self.collect()

    def collect(self) -> int:
        """Delete what nobody touched for a day, and parts nobody knows; return how many files."""
        for key in self._store.stale(now() - KEPT_FOR):
            self._store.remove(key)
        if not self._folder.is_dir():
            return 0
        known, gone = self._store.keys(), 0
        # One that was just begun has a file before it has a row.
        youngest = (now() - timedelta(hours=1)).timestamp()
        for path in self._folder.iterdir():
            with suppress(OSError):  # in use, or collected by another process
                if path.stem not in known and path.stat().st_mtime <= youngest:
                    path.unlink()
                    gone += 1
        if gone:
            log.event("uploads.collected", files=gone)
        return gone

    def _write(self, upload: Upload, stream: IO[bytes], sha256: str) -> tuple[int, Any]:
        """Write a piece behind what is sound; return the new length and the running SHA-256."""
        start = upload.received
        if not self._exists(upload):
            raise _unknown()
        piece, whole = hashlib.sha256(), self._running(upload)
        with self._part(upload.key).open("r+b") as target:
            target.truncate(start)  # a server that was killed may have left a torn piece
            target.seek(start)
            end = start
            try:
                while block := stream.read(_BLOCK):
                    end += len(block)
                    _refuse(damaged=end > upload.size)
                    piece.update(block)
                    if whole is not None:
                        whole.update(block)
                    target.write(block)
                _refuse(damaged=bool(sha256) and piece.hexdigest() != sha256.lower())
                target.flush()
                os.fsync(target.fileno())
            except BaseException:
                _cut(target, start)
                raise
        return end, whole

    def _running(self, upload: Upload) -> Any:
        """Return a copy of the SHA-256 so far; None where this process has not seen it all."""
        if upload.received == 0:
            return hashlib.sha256()
        there, digest = self._digests.get(upload.key, (-1, None))
        return digest.copy() if digest is not None and there == upload.received else None

    def _remember(self, key: str, end: int, digest: Any) -> None:
        self._digests.pop(key, None)
        if digest is not None:
            self._digests[key] = (end, digest)
        while len(self._digests) > _MOST_DIGESTS:
            self._digests.pop(next(iter(self._digests)), None)

    def _digest(self, upload: Upload) -> str:
        """Return the SHA-256 of the whole part, read again only where it was not counted along."""
        running = self._running(upload)
        if running is not None:
            return running.hexdigest()
        try:
            with self._part(upload.key).open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        except FileNotFoundError as error:
            raise _unknown() from error

    def _check(self, name: str, size: int) -> None:
        if size <= 0:
            raise PicholineError(
                "file.empty",
                msg("The file {name} is empty.", name=name),
                msg("Export it again, and check that it holds rows."),
            )
        limit = self._settings.max_upload_mb
        if size > limit * _MEGABYTE:
            raise PicholineError(
                "file.too_large",
                msg("The file {name} is larger than {size} MB.", name=name, size=limit),
                msg("Split it, or raise the setting PICHOLINE_MAX_UPLOAD_MB."),
                status=413,
            )

    def _check_disk(self, size: int) -> None:
        """Say before the first byte that the last one will not fit."""
        if shutil.disk_usage(self._folder).free < size + _SPARE:
            raise PicholineError(
                "disk.full",
                msg("The disk is full: the file could not be stored."),
                msg("Free some space on the disk of the home folder and try again."),
                status=507,
            )

    def _discard(self, key: str) -> None:
        self._digests.pop(key, None)
        self._store.remove(key)
        self._part(key).unlink(missing_ok=True)

    def _exists(self, upload: Upload) -> bool:
        return self._part(upload.key).is_file()

    def _part(self, key: str) -> Path:
        return self._folder / f"{key}.part"

    @contextmanager
    def _alone(self, key: str) -> Generator[None]:
        """Let one request at a time change an upload."""
        with file_lock(self._folder / f"{key}.lock", _LOCK_SECONDS) as held:
            if not held:
                raise PicholineError(
                    "upload.busy",
                    msg("Another part of this file is just arriving."),
                    msg("Try again in a moment."),
                    status=409,
                )
            yield


def wrong_offset(upload: Upload) -> PicholineError:
    """Return the refusal of a piece that does not begin where the upload stands."""
    return PicholineError(
        "upload.offset",
        msg("{there} of {size} bytes have arrived.", there=upload.received, size=upload.size),
        msg("Continue from there."),
        status=409,
    )


def _cut(target: IO[bytes], length: int) -> None:
    """Take back what was written of a piece; the next one cuts it too if this fails."""
    try:
        target.truncate(length)
    except OSError:
        log.failure("upload.cut")


def _refuse(*, damaged: bool) -> None:
    if damaged:
        raise _damaged()


def _damaged() -> PicholineError:
    return PicholineError(
        "upload.damaged",
        msg("The file did not arrive as it was sent."),
        msg("Check the connection and drop the file again."),
        status=422,
    )


def _unknown() -> PicholineError:
    return PicholineError(
        "upload.unknown",
        msg("This upload is no longer there."),
        msg("Drop the file again."),
        status=404,
    )
