"""Runs of background analyses: what was found stays, under its question, data and rights."""

from core.services.result_codec import DamagedError, decode, encode
from core.services.runs.address import result_key, scope_digest
from core.services.runs.service import KIND, Kept, Made, Question, Runs, created, is_waiting

__all__ = [
    "KIND",
    "DamagedError",
    "Kept",
    "Made",
    "Question",
    "Runs",
    "created",
    "decode",
    "encode",
    "is_waiting",
    "result_key",
    "scope_digest",
]
