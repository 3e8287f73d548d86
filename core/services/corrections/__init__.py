"""Corrections of quarantined rows: shown, suggested, written, checked again by the intake."""

from .service import MANY, SURE, Corrections, Offer
from .suggest import Suggestion
from .view import CORRECTED, GIVEN_UP, OPEN, STATES, Counts, Quarantine, QuarantinedRow, title_of

__all__ = [
    "CORRECTED",
    "GIVEN_UP",
    "MANY",
    "OPEN",
    "STATES",
    "SURE",
    "Corrections",
    "Counts",
    "Offer",
    "Quarantine",
    "QuarantinedRow",
    "Suggestion",
    "title_of",
]
