"""What a rule says: the changes of a shipped one, or all of a company's own; and its checks."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.errors import PicholineError
from core.i18n import Message, msg
from core.models.quality import OWN, Rule, Severity, Wrong
from core.models.schema import TABLES

from .expression import first_column, parse
from .shipped import SHIPPED, Shipped
from .written import written

MAX_NAME, MAX_TEXT, MAX_KEY = 80, 300, 40
_KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")
_TEXTS = ("name", "name_fr", "message", "message_fr")


@dataclass(frozen=True)
class RuleBody:
    """A rule as it is stored.

    Attributes:
        key: of the rule; that of a shipped rule changes it.
        enabled: whether files are checked with it.
        severity: what happens to a row that breaks it.
        settings: thresholds of a shipped rule that differ from what ships.
        table: of an own rule.
        expression: of an own rule; true of a wrong row.
        column: the field an own rule names as the cause; "": the expression's first.
        name, name_fr: of an own rule; one of them will do.
        message, message_fr: what an own rule says of a row; "": its name.
    """

    key: str
    enabled: bool = True
    severity: Severity = Severity.WARN
    settings: Mapping[str, float] = field(default_factory=dict)
    table: str = ""
    expression: str = ""
    column: str = ""
    name: str = ""
    name_fr: str = ""
    message: str = ""
    message_fr: str = ""

    @property
    def shipped(self) -> Shipped | None:
        """The shipped rule it changes; None for an own one."""
        return SHIPPED.get(self.key)

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables whose rows it is asked about."""
        return tuple(self.shipped.tables) if self.shipped else (self.table,)

    @property
    def title(self) -> Message:
        """What it is called."""
        return Message(self.shipped.name) if self.shipped else own_words(self.name, self.name_fr)

    def threshold(self, key: str) -> float:
        """Return a threshold of a shipped rule as it holds now."""
        found = next(t for t in SHIPPED[self.key].thresholds if t.key == key)
        return float(self.settings.get(key, found.default))

    def as_dict(self) -> dict[str, Any]:
        """Return what is stored."""
        common = {"enabled": self.enabled, "severity": self.severity.value}
        if self.shipped:
            return {**common, "settings": dict(self.settings)}
        return {
            **common,
            "table": self.table,
            "expression": self.expression,
            "column": self.column,
            **{name: getattr(self, name) for name in _TEXTS},
        }


def from_dict(key: str, body: Mapping[str, Any]) -> RuleBody:
    """Return the rule that `as_dict` described; parts that are not there hold as shipped."""
    shipped = SHIPPED.get(key)
    enabled = body.get("enabled", shipped.enabled if shipped else True)
    severity = body.get("severity", shipped.severity if shipped else Severity.WARN)
    try:
        found = RuleBody(key, bool(enabled), Severity(severity))
    except ValueError as error:
        raise PicholineError(
            "rule.severity",
            msg("“{text}” is no severity of a rule.", text=severity),
            msg("Possible are: {allowed}.", allowed=", ".join(Severity)),
        ) from error
    if shipped:
        return replace(found, settings=dict(body.get("settings") or {}))
    names = ("table", "expression", "column", *_TEXTS)
    return replace(found, **{name: str(body.get(name) or "").strip() for name in names})


def as_shipped(key: str) -> RuleBody:
    """Return a shipped rule as it ships."""
    return from_dict(key, {})


def own_words(text: str, text_fr: str) -> Message:
    """Return a person's own words; one language stands in for the other."""
    english, french = text or text_fr, text_fr or text
    return Message(english, own={"en": english, "fr": french})


def checked(body: RuleBody) -> RuleBody:
    """Return a rule that can be saved, its expression with columns by their keys.

    Raises:
        PicholineError: it cannot be; says what and where.
    """
    found = readable(body)
    if body.shipped:
        return found
    if not (body.name or body.name_fr):
        raise PicholineError(
            "rule.name",
            msg("The rule has no name."),
            msg("Write a name in English, in French or in both."),
        )
    long = [t for t in (body.name, body.name_fr) if len(t) > MAX_NAME]
    long += [t for t in (body.message, body.message_fr) if len(t) > MAX_TEXT]
    if long:
        raise PicholineError(
            "rule.long",
            msg("“{text}…” is too long.", text=long[0][:MAX_KEY]),
            msg("Names have up to {n} letters, messages up to {m}.", n=MAX_NAME, m=MAX_TEXT),
        )
    return found


def readable(body: RuleBody) -> RuleBody:
    """Return a rule that can be asked, whatever it is called.

    Raises:
        PicholineError: its table, expression, column or a threshold cannot be; says where.
    """
    if body.shipped:
        return _checked_settings(body, body.shipped)
    if body.table not in TABLES:
        raise PicholineError(
            "rule.table",
            msg("There is no table “{name}”.", name=body.table),
            msg("Possible are: {allowed}.", allowed=", ".join(TABLES)),
        )
    tree = parse(body.expression, body.table)
    column = body.column or first_column(tree, body.table)
    if column not in {f.key for f in TABLES[body.table].fields}:
        raise PicholineError(
            "rule.column",
            msg("There is no column “{name}”.", name=column),
            msg("Possible are: {allowed}.",
                allowed=", ".join(f.key for f in TABLES[body.table].fields)),
        )  # fmt: skip
    return replace(body, expression=written(tree), column=column)


def _checked_settings(body: RuleBody, shipped: Shipped) -> RuleBody:
    known = {threshold.key: threshold for threshold in shipped.thresholds}
    found: dict[str, float] = {}
    for key, value in body.settings.items():
        threshold = known.get(key)
        if threshold is None:
            raise PicholineError(
                "rule.threshold",
                msg("The rule “{key}” has no threshold “{name}”.", key=body.key, name=key),
                msg("Possible are: {allowed}.", allowed=", ".join(known) or "–"),
            )
        if not threshold.low <= float(value) <= threshold.high:
            raise PicholineError(
                "rule.threshold",
                msg("{value} is not possible for “{name}”.", value=value,
                    name=Message(threshold.label)),
                msg("It lies from {low} to {high}.", low=f"{threshold.low:g}",
                    high=f"{threshold.high:g}"),
            )  # fmt: skip
        if float(value) != threshold.default:
            found[key] = float(value)
    return replace(body, settings=found)


def compiled(body: RuleBody) -> list[Rule]:
    """Return the rule ready to be asked, once for each of its tables."""
    if not body.shipped:
        test = Wrong(parse(body.expression, body.table))
        title = own_words(body.name, body.name_fr)
        says = (
            own_words(body.message, body.message_fr) if body.message or body.message_fr else title
        )
        code = OWN + body.key
        return [
            Rule(code, body.table, body.column, body.severity, test, title.own, says.own)
        ]  # fmt: skip
    shipped, found = body.shipped, []
    settings = {t.key: body.threshold(t.key) for t in shipped.thresholds}
    for table, column in shipped.tables.items():
        made = shipped.make(table, settings)
        test = Wrong(parse(made, table)) if isinstance(made, str) else made
        found.append(Rule(body.key, table, column, body.severity, test))
    return found


def new_key(name: str, taken: Collection[str]) -> str:
    """Return a free key made from a name."""
    split = unicodedata.normalize("NFKD", name)
    plain = "".join(c for c in split if not unicodedata.combining(c)).lower()
    base = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[: MAX_KEY - 4] or "rule"
    base = base if base[0].isalpha() and len(base) > 1 else f"rule_{base}"
    used = {*taken, *SHIPPED}
    number, key = 1, base
    while key in used:
        number, key = number + 1, f"{base}_{number + 1}"
    return key


def check_key(key: str) -> None:
    """Refuse what cannot be the key of a new rule.

    Raises:
        PicholineError: it holds other signs than small letters, digits and “_”.
    """
    if not _KEY.fullmatch(key):
        raise PicholineError(
            "rule.key",
            msg("“{key}” cannot be a key.", key=key),
            msg("Use 2 to 40 small letters without accents, digits and “_”, a letter first."),
        )
