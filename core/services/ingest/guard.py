"""A foreign reader at work: whatever goes wrong in it becomes an error a person can act on.

The workbook reader is compiled code. On damaged files it may panic: Python then sees an exception
that is no `Exception`, and a report of the panic has already been printed on stderr.
"""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from tempfile import TemporaryFile
from threading import Lock
from typing import IO

from fastexcel import FastExcelError

from core import log
from core.errors import PicholineError
from core.i18n import msg

from .files import unreadable

_STDERR = 2
# Standard error belongs to the whole process: one reader at a time may hold it.
_lock = Lock()


@contextmanager
def reading(name: str) -> Generator[None]:
    """Turn every failure of the reader inside the block into a `PicholineError`.

    What is printed on stderr meanwhile is passed on afterwards, unless the reader panicked.

    Args:
        name: of the file, for the message.
    """
    with _lock, TemporaryFile() as held:
        kept = _redirect(held)
        panicked = False
        try:
            yield
        except (PicholineError, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            panicked = not isinstance(error, Exception)
            if panicked and type(error).__name__ != "PanicException":
                raise
            if panicked or isinstance(error, FastExcelError):
                log.event("file.damaged", file=name, why=str(error)[:500])
            else:  # the file may be at fault, or we are: keep the trace
                log.failure("reader.failed", file=name)
            raise _damaged(name, error, panicked=panicked) from None
        finally:
            _restore(kept, held, discard=panicked)


def _redirect(held: IO[bytes]) -> int | None:
    try:
        sys.stderr.flush()
        kept = os.dup(_STDERR)
        os.dup2(held.fileno(), _STDERR)
    except (OSError, AttributeError, ValueError):  # no stderr: nothing to keep
        return None
    return kept


def _restore(kept: int | None, held: IO[bytes], *, discard: bool) -> None:
    if kept is None:
        return
    sys.stderr.flush()
    os.dup2(kept, _STDERR)
    os.close(kept)
    held.seek(0)
    if not discard:
        os.write(_STDERR, held.read())


def _damaged(name: str, error: BaseException, *, panicked: bool) -> PicholineError:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    text = text.removeprefix("calamine error: ")
    if "password" in text.lower() or "encrypt" in text.lower():
        return PicholineError(
            "file.encrypted",
            msg("The file {name} is protected by a password.", name=name),
            msg("Open it, remove the password, save it and try again."),
            status=415,
        )
    return unreadable(name, msg("its parts do not fit together") if panicked else text)
