"""Intake: a workbook or text table becomes rows of the business schema, or says why not."""

from .again import Corrected, Edits
from .correcting import CorrectingIntake
from .intake import Intake
from .options import ImportOptions, ImportReport, InboxFile, Mapping, Progress
from .preview import SheetPreview
from .quarantine import PLACE
from .reasons import REASONS, Reason

__all__ = [
    "PLACE",
    "REASONS",
    "Corrected",
    "CorrectingIntake",
    "Edits",
    "ImportOptions",
    "ImportReport",
    "InboxFile",
    "Intake",
    "Mapping",
    "Progress",
    "Reason",
    "SheetPreview",
]
