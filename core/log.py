"""Structured logs: one JSON line per event, with request and job ids; never a secret."""

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

request_id: ContextVar[str | None] = ContextVar("picholine_request", default=None)
job_id: ContextVar[int | None] = ContextVar("picholine_job", default=None)
_LOGGER = logging.getLogger("picholine")


class _JsonLines(logging.Formatter):
    """Write a record as one JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "request": request_id.get(),
            "job": job_id.get(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        kept = {key: value for key, value in line.items() if value is not None}
        return json.dumps(kept, ensure_ascii=False, default=str)


def configure(folder: Path | None, level: str = "INFO") -> None:
    """Send events to `folder`/picholine.jsonl (rotated at 10 MB), or to stderr without a folder."""
    handler: logging.Handler
    if folder is None:
        handler = logging.StreamHandler(sys.stderr)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            folder / "picholine.jsonl", maxBytes=10_000_000, backupCount=3, encoding="utf-8"
        )
    handler.setFormatter(_JsonLines())
    for old in list(_LOGGER.handlers):
        _LOGGER.removeHandler(old)
        old.close()
    _LOGGER.addHandler(handler)
    _LOGGER.setLevel(level)
    _LOGGER.propagate = False


def event(name: str, *, level: int = logging.INFO, **fields: Any) -> None:
    """Log one event with its fields."""
    _LOGGER.log(level, name, extra={"fields": fields})


def failure(name: str, **fields: Any) -> None:
    """Log an unexpected error with its traceback; call it inside an `except` block."""
    _LOGGER.error(name, exc_info=sys.exc_info(), extra={"fields": fields})
