"""One file through preview and import; what may become of it, and what must not."""

import json
import logging
import resource
import shutil
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from core.errors import PicholineError
from core.i18n import use_language
from core.repository.jobs import storable
from core.services.ingest import ImportOptions, ImportReport
from tests.unit.ingest_home import Desk

_FILES_PER_HOME = 80
_STAYING = 8  # one import of so many goes on counting: the others are not compared with hundreds
_PREVIEWED = 4
_LACKING = ("mapping.required", "mapping.duplicate")  # the preview shows such files
_LONGEST_SAID = 1_500
_LANGUAGES = ("en", "fr")
Shown = dict[str, tuple[int, int, int]]


@dataclass
class Outcome:
    """What became of a file.

    Attributes:
        code: `imported`, or the code of the refusal.
        findings: what must not be: an exception, counts that do not add up, words that are missing.
        seconds: for preview and import together.
        megabytes: more memory than before, at the highest.
    """

    code: str = ""
    findings: list[str] = field(default_factory=list)
    seconds: float = 0.0
    megabytes: int = 0

    def as_json(self) -> str:
        """Return one line of JSON."""
        return json.dumps(asdict(self))


class _Traces(logging.Handler):
    """Keeps the failures that were logged with a trace."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        trace = self.format(record) if record.exc_info else record.getMessage()
        self.seen.append(f"logged: {trace[-1500:]}")


class Trials:
    """Homes to import into, each used for some files."""

    def __init__(self, folder: Path) -> None:
        """Make an empty home in `folder`; the others are copies of it."""
        self._folder = folder
        self._empty = folder / "empty"
        Desk(self._empty).close()
        self._desk: Desk | None = None
        self._count = 0
        self._traces = _Traces()
        logger = logging.getLogger("picholine")
        logger.addHandler(self._traces)
        logger.propagate = False

    def run(self, path: Path) -> Outcome:
        """Bring a file in, as a person who drops it and confirms."""
        desk = self._fresh()
        outcome = Outcome()
        before = _resident()
        started = time.monotonic()
        try:
            self._both(desk, path, outcome)
        except PicholineError as error:  # the same in preview and import
            outcome.code = error.code
            outcome.findings += _badly_said(error)
        except BaseException as error:
            outcome.code = "crash"
            logging.getLogger("picholine").error("crash", exc_info=error)  # noqa: TRY400
        outcome.seconds = time.monotonic() - started
        outcome.megabytes = max(0, _peak() - before) >> 20
        outcome.findings += self._traces.seen
        self._traces.seen = []
        return outcome

    def _both(self, desk: Desk, path: Path, outcome: Outcome) -> None:
        """Preview and import; of what is accepted every fourth file is previewed, as that is long.

        What the import refuses, the preview refuses or shows as lacking something.
        """
        first = self._count % _PREVIEWED == 0
        shown = self._shown(desk, path, outcome) if first else {}
        try:
            reports = desk.intake.run(path, ImportOptions())
        except PicholineError as error:
            parts = [
                *desk.settings.segments.rglob("*.part"),
                *desk.settings.quarantine.glob("*.part"),
            ]
            outcome.findings += [f"left behind: {part.name}" for part in parts]
            if not first and error.code not in _LACKING:
                self._shown(desk, path, outcome)
            raise
        if shown is None:
            outcome.findings.append("the preview refused, the import did not")
        outcome.code = "imported"
        for report in reports:
            outcome.findings += _wrong_counts(desk, report)
            outcome.findings += _unsendable(report.as_dict())
            counts = (report.read, report.accepted, report.quarantined)
            if shown and shown.get(report.sheet, counts) != counts:
                outcome.findings.append(f"preview {shown[report.sheet]}, import {counts}")
            if report.import_id is not None and self._count % _STAYING:
                desk.intake.undo(report.import_id)

    def _shown(self, desk: Desk, path: Path, outcome: Outcome) -> Shown | None:
        """Preview; return the counts by sheet, None where the file is refused."""
        try:
            preview = desk.intake.look(path)
        except PicholineError as error:
            outcome.findings += _badly_said(error)
            return None
        outcome.findings += _unsendable(preview.as_dict())
        return {s.sheet: (s.read, s.accepted, s.quarantined) for s in preview.sheets}

    def _fresh(self) -> Desk:
        if self._desk is not None and self._count % _FILES_PER_HOME:
            self._count += 1
            return self._desk
        home = self._folder / "home"
        if self._desk is not None:
            self._desk.close()
            shutil.rmtree(home)
        shutil.copytree(self._empty, home)
        self._desk = Desk(home, threads=1)
        self._count += 1
        return self._desk


def _wrong_counts(desk: Desk, report: ImportReport) -> list[str]:
    found: list[str] = []
    if report.read != report.accepted + report.quarantined + report.already_there:
        found.append(f"counts: {report.read} read, {report.accepted} + {report.quarantined}")
    if sum(report.reasons.values()) != report.quarantined:
        found.append(f"reasons: {report.reasons} of {report.quarantined}")
    if report.import_id is None:
        return [*found, "no import"]
    segments = desk.catalogue.segments_of(report.import_id, report.table)
    stored = sum(segment.rows for segment in segments if not segment.derived)
    if stored != report.accepted:
        found.append(f"stored: {stored} of {report.accepted}")
    aside = desk.intake.quarantined(report.import_id).num_rows
    if aside != report.quarantined:
        found.append(f"set aside: {aside} of {report.quarantined}")
    return found


def _badly_said(error: PicholineError) -> list[str]:
    found: list[str] = []
    for language in _LANGUAGES:
        with use_language(language):
            found += _unsendable(error.as_dict())
            for text in (str(error.title), str(error.remedy)):
                if not text.strip() or len(text) > _LONGEST_SAID:
                    found.append(f"{error.code} says {len(text)} signs: {text[:200]!r}")
                if "Traceback" in text or "panicked" in text:
                    found.append(f"{error.code} shows its inside: {text[:200]}")
    return found


def _unsendable(said: object) -> list[str]:
    try:
        text = json.dumps(storable(said), ensure_ascii=False, allow_nan=False)
        text.encode()
    except (TypeError, ValueError) as error:
        return [f"cannot be sent as JSON: {error}"]
    return ["a zero sign, which PostgreSQL cannot store"] if "\\u0000" in text else []


def _resident() -> int:
    """Return the memory in use, in bytes, and count the highest from now on."""
    Path("/proc/self/clear_refs").write_text("5")
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _peak() -> int:
    text = Path("/proc/self/status").read_text()
    return int(text.split("VmHWM:")[1].split()[0]) << 10
