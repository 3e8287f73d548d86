"""Settings of an analysis: declared once; the page's controls, URLs and the command line follow."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from core.errors import PicholineError
from core.i18n import Message, msg
from core.models.catalogue import SHIPPED, THEN
from core.models.filters import parse_day

OptionKind = Literal["choice", "dimension", "integer", "number", "percent", "day", "text", "file"]
_HUNDRED = 100.0
_HASH = re.compile(r"[0-9a-f]{64}")
_KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")  # of a company's own dimension
_BETWEEN = "\n"  # values of an option that stands several times; nothing typed has one
_ENORMOUS = 1e15  # what is typed without a limit of its own, and never infinite


@dataclass(frozen=True)
class Option:
    """One setting of an analysis.

    Attributes:
        name: in the URL and behind `--set`; not a name of the filter bar.
        label: English label of the control.
        kind: what is typed. A percentage is typed and stored as 10 and read as 0.10; a file is the
            SHA-256 of an upload (on the command line a path, which is put into the inbox). A
            dimension is one of the choices, what held on the day of a sale, or the key of one the
            company has defined itself, which only the analysis can look up.
        default: as it is typed; "" where nothing is chosen (a day, a text).
        choices: value → English label, for choices.
        low: smallest number that is allowed, as typed.
        high: largest number that is allowed, as typed.
        hint: English sentence that explains it.
        unit: English unit beside the control, such as "days".
        in_bar: stands among the page's options; False: the page has a control of its own for it.
        many: may stand several times in a URL; read with `Chosen.listed`.
    """

    name: str
    label: str
    kind: OptionKind
    default: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    low: float | None = None
    high: float | None = None
    hint: str = ""
    unit: str = ""
    in_bar: bool = True
    many: bool = False

    def checked(self, text: str) -> str:
        """Return a typed value in its one spelling.

        Raises:
            PicholineError: it is not one of the choices, no number, or out of range.
        """
        text = text.strip()
        if self.kind == "choice":
            if text not in self.choices:
                raise self._refused(
                    text, msg("Choose one of: {keys}.", keys=", ".join(self.choices))
                )
            return text
        if self.kind == "dimension":
            shipped = SHIPPED.dimensions.get(text)
            then = shipped is not None and shipped.stored in THEN
            own = _KEY.fullmatch(text) and (shipped is None or then)
            if text not in self.choices and not own:
                raise self._refused(
                    text, msg("Choose one of: {keys}.", keys=", ".join(self.choices))
                )
            return text
        if self.kind == "day":
            found = parse_day(text)
            return found.isoformat() if found else ""
        if self.kind == "text":
            return text
        if self.kind == "file":
            if not _HASH.fullmatch(text):
                raise self._refused(text[:80], msg("Upload the file on the page."))
            return text
        return self._number(text)

    def _number(self, text: str) -> str:
        try:
            value = float(text.replace(",", ".").removesuffix("%").strip())
        except ValueError as error:
            raise self._refused(text, msg("Type a number.")) from error
        if not self._low <= value <= self._high:
            raise self._refused(text, self._range())
        if self.kind == "integer":
            if value != int(value):
                raise self._refused(text, msg("Type a whole number."))
            return str(int(value))
        return f"{value:g}"

    @property
    def _low(self) -> float:
        return self.low if self.low is not None else -_ENORMOUS

    @property
    def _high(self) -> float:
        return self.high if self.high is not None else _ENORMOUS

    def _range(self) -> Message:
        if self.high is None:
            return msg("Type a number of {low} or more.", low=f"{self._low:g}")
        return msg(
            "Type a number from {low} to {high}.", low=f"{self._low:g}", high=f"{self.high:g}"
        )

    def _refused(self, text: str, remedy: Message) -> PicholineError:
        return PicholineError(
            "option.value",
            msg("“{text}” does not fit “{name}”.", text=text, name=Message(self.label)),
            remedy,
        )


@dataclass(frozen=True)
class Chosen:
    """The values of all options of an analysis; defaults stand where nothing was typed."""

    values: Mapping[str, str]
    options: tuple[Option, ...] = ()

    @classmethod
    def read(cls, options: Sequence[Option], pairs: Iterable[tuple[str, str]]) -> "Chosen":
        """Read the options from URL pairs; names of no option are left to others.

        Raises:
            PicholineError: a value does not fit its option.
        """
        stated = list(pairs)
        typed = dict(stated)
        values = {
            option.name: option.checked(typed[option.name])
            if typed.get(option.name, "").strip()
            else option.default
            for option in options
        }
        for option in options:
            if option.many:
                found = (option.checked(text) for name, text in stated if name == option.name)
                values[option.name] = _BETWEEN.join(dict.fromkeys(filter(None, found)))
        return cls(values, tuple(options))

    def text(self, name: str) -> str:
        """Return a choice or a text."""
        return self.values[name]

    def listed(self, name: str) -> tuple[str, ...]:
        """Return the values of an option that may stand several times."""
        text = self.values[name]
        return tuple(text.split(_BETWEEN)) if text else ()

    def integer(self, name: str) -> int:
        """Return a whole number."""
        return int(self.values[name])

    def number(self, name: str) -> float:
        """Return a number; a percentage as a fraction."""
        value = float(self.values[name])
        kind = next(option.kind for option in self.options if option.name == name)
        return value / _HUNDRED if kind == "percent" else value

    def day(self, name: str) -> date | None:
        """Return a day, or None where none is chosen."""
        return parse_day(self.values[name])

    def to_pairs(self) -> list[tuple[str, str]]:
        """Return the URL pairs of what differs from the defaults."""
        return [
            (option.name, value)
            for option in self.options
            if self.values[option.name] != option.default
            for value in (self.listed(option.name) if option.many else (self.values[option.name],))
        ]
