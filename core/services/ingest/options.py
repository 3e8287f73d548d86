"""What a person states about an import, and what an import reports."""

import tomllib
from collections.abc import Callable, Sequence
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Self

from core.errors import PicholineError
from core.i18n import Message, msg
from core.models.schema import TABLES

from .meanings import KINDS
from .modes import Mode
from .targets import targets
from .ways import WAYS

SHAPES = ("rows", "plain")
Progress = Callable[[float, Message], None]


@dataclass(frozen=True)
class Mapping:
    """How the columns of one layout become fields; the content of a mapping file.

    Attributes:
        table: key of the business schema.
        sheet: the sheet it is meant for; None: any.
        header_row: number of the row with the titles, 1-based; 0: there is none, columns are
            named by their letters; None: it is looked for.
        columns: field → title of the column.
        constants: field → value for every row.
        decimal: the decimal sign of numbers written as text, `,` or `.`.
        date_order: `dmy` or `mdy` for dates written as text.
        prices_include_vat: prices and amounts hold VAT.
        vat_rate: rate for the whole file, 0.2 = 20 %.
        currency: currency for the whole file.
        layout: whether columns become rows; `shape` is `rows` or `plain`, None: as found;
            `columns` are their titles, `title` that of the column they become, `year` the year
            of months that name none; `split` says which columns are taken apart: title → how.
        values: field → what stands in the file → what is meant by it.
    """

    table: str
    sheet: str | None = None
    header_row: int | None = None
    columns: AnyMapping[str, str] = field(default_factory=dict)
    constants: AnyMapping[str, str] = field(default_factory=dict)
    decimal: str | None = None
    date_order: str | None = None
    prices_include_vat: bool | None = None
    vat_rate: float | None = None
    currency: str | None = None
    layout: AnyMapping[str, Any] = field(default_factory=dict)
    values: AnyMapping[str, AnyMapping[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        check_layout(self.layout)
        if self.table not in TABLES:
            raise _invalid("table", self.table, ", ".join(TABLES))
        known = targets(self.table)
        for key in (*self.columns, *self.constants):
            if key not in known:
                raise _invalid("columns", key, ", ".join(known))
        for key in self.values:
            if key not in KINDS or key not in known:
                raise _invalid("values", key, ", ".join(sorted(set(KINDS) & set(known))))
        for name, value, allowed in (
            ("decimal", self.decimal, (",", ".")),
            ("date_order", self.date_order, ("dmy", "mdy")),
        ):
            if value is not None and value not in allowed:
                raise _invalid(name, value, ", ".join(allowed))
        if self.vat_rate is not None and not 0 <= self.vat_rate < 1:
            raise _invalid("vat_rate", self.vat_rate, "0.2, 0.055, 0.1")

    def as_dict(self) -> dict[str, Any]:
        """Return what is stated, ready for JSON or TOML."""
        stated = {
            "table": self.table,
            "sheet": self.sheet,
            "header_row": self.header_row,
            "decimal": self.decimal,
            "date_order": self.date_order,
            "prices_include_vat": self.prices_include_vat,
            "vat_rate": self.vat_rate,
            "currency": self.currency,
            "columns": dict(self.columns),
            "constants": dict(self.constants),
            "layout": dict(self.layout),
            "values": {key: dict(found) for key, found in self.values.items() if found},
        }
        return {key: value for key, value in stated.items() if value not in (None, {})}

    @classmethod
    def from_dict(cls, stated: AnyMapping[str, Any]) -> Self:
        """Return the mapping that `as_dict` described.

        Raises:
            PicholineError: a name or value is not known.
        """
        names = cls.__dataclass_fields__
        for key in stated:
            if key not in names:
                raise _invalid(key, stated[key], ", ".join(names))
        if "table" not in stated:
            raise _invalid("table", "", ", ".join(TABLES))
        values = dict(stated)
        for key in ("columns", "constants"):
            part = values.get(key, {})
            if not isinstance(part, dict):
                raise _invalid(key, part, f"[{key}]")
            values[key] = {name: str(value) for name, value in part.items()}
        if not isinstance(values.get("layout", {}), dict):
            raise _invalid("layout", values["layout"], "[layout]")
        spelled = values.get("values", {})
        if not isinstance(spelled, dict) or not all(isinstance(v, dict) for v in spelled.values()):
            raise _invalid("values", spelled, "[values.country]")
        values["values"] = {
            key: {str(written): str(meaning) for written, meaning in found.items()}
            for key, found in spelled.items()
        }
        return cls(**values)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a mapping file.

        Raises:
            PicholineError: the file is not there, is not TOML, or says something unknown.
        """
        try:
            stated = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise PicholineError(
                "mapping.unreadable",
                msg("The mapping file {name} cannot be read: {why}.", name=path.name, why=error),
                msg("Write it as TOML, as the user guide shows."),
            ) from error
        return cls.from_dict(stated)

    def to_toml(self) -> str:
        """Return the text of a mapping file."""
        plain = {k: v for k, v in self.as_dict().items() if not isinstance(v, dict)}
        lines = [f"{key} = {_toml_value(value)}" for key, value in plain.items()]
        for name, part in (
            ("columns", self.columns),
            ("constants", self.constants),
            ("layout", {key: value for key, value in self.layout.items() if key != "split"}),
        ):
            if part:
                lines += ["", f"[{name}]"]
                lines += [f"{key} = {_toml_value(value)}" for key, value in part.items()]
        nested = {f"values.{name}": found for name, found in self.values.items()}
        nested["layout.split"] = self.layout.get("split", {})
        for name, found in nested.items():
            lines += ["", f"[{name}]"] if found else []
            lines += [f"{_toml_value(str(w))} = {_toml_value(str(m))}" for w, m in found.items()]
        return "\n".join(lines) + "\n"

    def with_options(self, options: "ImportOptions") -> "Mapping":
        """Return the mapping with what the options state on top."""
        if options.prices_include_vat is None and options.vat_rate is None:
            return self
        stated = options.prices_include_vat
        return replace(
            self,
            prices_include_vat=self.prices_include_vat if stated is None else stated,
            vat_rate=self.vat_rate if options.vat_rate is None else options.vat_rate,
        )


def _toml_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_toml_value(part) for part in value)}]"
    escaped = "".join(
        f"\\u{ord(sign):04x}" if ord(sign) < ord(" ") or ord(sign) == 127 else sign  # noqa: PLR2004
        for sign in str(value).replace("\\", "\\\\").replace('"', '\\"')
    )
    return f'"{escaped}"'


def check_layout(layout: AnyMapping[str, Any]) -> None:
    """Refuse a layout that cannot be meant.

    Raises:
        PicholineError: a name or value is not known.
    """
    for key, value in layout.items():
        good = {
            "shape": value in SHAPES,
            "columns": isinstance(value, (list, tuple)) and len(value) > 0,
            "title": isinstance(value, str) and bool(value.strip()),
            "year": isinstance(value, int) and 1900 < value < 2200,  # noqa: PLR2004
            "split": isinstance(value, dict) and all(how in WAYS for how in value.values()),
        }
        if not good.get(key):
            allowed = "shape (rows, plain), columns, title, year, split (" + ", ".join(WAYS) + ")"
            raise _invalid(f"layout.{key}", value, allowed)


def _invalid(name: str, value: Any, allowed: str) -> PicholineError:
    return PicholineError(
        "mapping.invalid",
        msg("The mapping states {value} for {name}.", name=name, value=repr(value)),
        msg("Possible are: {allowed}.", allowed=allowed),
    )


@dataclass(frozen=True)
class ImportOptions:
    """What a person states about one file.

    Attributes:
        table: the table to import into; None: the one that fits best.
        sheet: the sheet to read; None: every sheet that fits.
        mapping: how columns become fields; None: remembered or proposed.
        replace: hide the table's earlier rows while this import counts; the same as that mode.
        mode: what becomes of earlier rows: one of `core.services.ingest.modes.Mode`.
        first_day, last_day: of the period to replace; None: as the file's rows go.
        instead_of: number of an import that stops counting when this one counts; 0: none.
        include: a preview counts this sheet in the effect on the headline numbers.
        dry_run: do everything but store.
        file_name: the name to show; None: the file's own.
        owner: who imports.
        prices_include_vat: prices hold VAT; None: as the mapping says.
        vat_rate: rate for the whole file, 0.2 = 20 %.
        layout: whether columns become rows, as in a mapping; empty: as the mapping says.
        everywhere: what the mapping says about values holds in every file from now on.
        control_total: title, letter or field of a column → what it must add up to, as typed.
    """

    table: str | None = None
    sheet: str | None = None
    mapping: Mapping | None = None
    replace: bool = False
    mode: str = Mode.APPEND
    first_day: date | None = None
    last_day: date | None = None
    instead_of: int = 0
    include: bool = True
    dry_run: bool = False
    file_name: str | None = None
    owner: str = "local"
    prices_include_vat: bool | None = None
    vat_rate: float | None = None
    layout: AnyMapping[str, Any] = field(default_factory=dict)
    control_total: AnyMapping[str, str] = field(default_factory=dict)
    everywhere: bool = False

    def __post_init__(self) -> None:
        """Refuse an unknown table, or two that contradict each other."""
        check_layout(self.layout)
        if self.table is not None and self.table not in TABLES:
            raise _invalid("table", self.table, ", ".join(TABLES))
        self._settle_mode()
        if self.table and self.mapping and self.mapping.table != self.table:
            raise _invalid("table", self.table, self.mapping.table)
        if self.vat_rate is not None and not 0 <= self.vat_rate < 1:
            raise _invalid("vat_rate", self.vat_rate, "0.2, 0.055, 0.1")

    def _settle_mode(self) -> None:
        """Let `replace` and the mode say the same."""
        if self.mode not in [*Mode]:
            raise _invalid("mode", self.mode, ", ".join(Mode))
        if self.replace and self.mode not in (Mode.APPEND, Mode.REPLACE):
            raise _invalid("mode", self.mode, Mode.REPLACE)
        if self.replace or self.mode == Mode.REPLACE:
            object.__setattr__(self, "replace", True)
            object.__setattr__(self, "mode", Mode.REPLACE)
        stated = (self.first_day, self.last_day)
        if any(stated) and self.mode != Mode.PERIOD:
            raise _invalid("mode", self.mode, Mode.PERIOD)
        if all(stated) and self.first_day > self.last_day:  # type: ignore[operator]
            raise _invalid("first_day", str(self.first_day), f"≤ {self.last_day}")


@dataclass(frozen=True)
class ImportReport:
    """Where every row of one sheet went.

    Attributes:
        import_id: number of the import; None on a dry run.
        read: rows read; `accepted + quarantined + already_there` of them.
        reasons: quarantined rows by their first reason.
        warnings: rows (or columns, or sheets) by warning.
        notes: what a person should know about this import.
        quality: share of the new rows that were accepted without warning; None without any.
        texts: what the company's own rules said, by code; see `reasons.reason_of`.
        effect: of the whole file on the headline numbers; of a dry run only.
        differences: of the sheet to what is stored; of a dry run only.
    """

    import_id: int | None
    table: str
    sheet: str
    read: int
    accepted: int
    quarantined: int
    already_there: int
    reasons: dict[str, int]
    warnings: dict[str, int]
    data_version: int
    file_name: str
    dry_run: bool
    notes: tuple[Message, ...] = ()
    quality: float | None = None
    texts: AnyMapping[str, Sequence[str]] = field(default_factory=dict)
    effect: AnyMapping[str, Any] | None = None
    differences: AnyMapping[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the report for JSON, the command line's contract first."""
        return {
            "import_id": self.import_id,
            "table": self.table,
            "read": self.read,
            "accepted": self.accepted,
            "quarantined": self.quarantined,
            "already_there": self.already_there,
            "reasons": dict(self.reasons),
            "data_version": self.data_version,
            "sheet": self.sheet,
            "file_name": self.file_name,
            "warnings": dict(self.warnings),
            "dry_run": self.dry_run,
            "notes": [str(note) for note in self.notes],
            "quality": self.quality,
            **({"effect": self.effect, "differences": self.differences} if self.dry_run else {}),
            "texts": {code: list(words) for code, words in self.texts.items()},
        }


@dataclass(frozen=True)
class InboxFile:
    """An uploaded file, kept under its hash."""

    sha256: str
    path: Path
    file_name: str
