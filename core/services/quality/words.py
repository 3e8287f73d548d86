"""Cutting an expression into words: numbers, texts, days, columns, signs, each with its place."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from core.errors import PicholineError
from core.i18n import LANGUAGES, Message, msg, translate
from core.models.schema import TABLES, FieldDef
from core.services.vocabulary import folded

MAX_LENGTH = 500
_PATTERN = re.compile(
    r"""(?P<space>\s+)
    |(?P<day>\d{4}-\d{2}-\d{2}(?!\d))
    |(?P<number>\d{1,12}(?:\.\d{1,9})?(?:\s*%)?)
    |"(?P<text1>[^"]*)"|“(?P<text2>[^”]*)”|«(?P<text3>[^»]*)»|'(?P<text4>[^']*)'
    |\[(?P<column>[^\]]*)\]
    |(?P<sign><=|>=|<>|!=|==|≤|≥|≠|[-=<>+−*×/÷(),;])
    |(?P<today>aujourd['’]hui)
    |(?P<word>[^\W\d]\w*)""",
    re.VERBOSE,
)
_SIGNS = {
    "!=": "<>", "≠": "<>", "==": "=", "≤": "<=", "≥": ">=", "−": "-", "×": "*", "÷": "/", ";": ",",
}  # fmt: skip
_WORDS: Mapping[str, str] = {
    "and": "and", "et": "and", "or": "or", "ou": "or", "not": "not", "non": "not", "pas": "not",
    "is": "is", "est": "is", "empty": "empty", "vide": "empty", "in": "in", "dans": "in",
    "between": "between", "entre": "between", "contains": "contains", "contient": "contains",
    "starts": "starts", "commence": "starts", "ends": "ends", "finit": "ends", "with": "with",
    "par": "with", "today": "today", "true": "true", "vrai": "true", "false": "false",
    "faux": "false",
}  # fmt: skip


@dataclass(frozen=True)
class Word:
    """One word of an expression.

    Attributes:
        kind: `number`, `text`, `day`, `column`, `end`, or the sign or keyword itself.
        text: as it was written.
        place: where it begins, from 0.
        value: of a number, text or day; the key of a column.
    """

    kind: str
    text: str
    place: int
    value: Decimal | str | None = None


def wrong(place: int, why: Message) -> PicholineError:
    """Return why an expression cannot be read, with the place, counted from 1."""
    return PicholineError(
        "rule.expression",
        msg("Character {n}: {why}", n=place + 1, why=why),
        msg(
            "An expression is true of a wrong row, for example: unit_price < unit_cost and "
            "quantity > 0. Columns stand by their key, or by their name as [Unit cost]."
        ),
    )


def words_of(text: str, table: str) -> list[Word]:
    """Return the words of an expression, an `end` last.

    Args:
        text: as a person wrote it.
        table: whose columns it may name.

    Raises:
        PicholineError: something in it is no number, text, column, sign or known word.
    """
    if len(text) > MAX_LENGTH:
        raise wrong(MAX_LENGTH, msg("the expression is longer than {n} characters.", n=MAX_LENGTH))
    text = unicodedata.normalize("NFC", text)
    found: list[Word] = []
    place = 0
    while place < len(text):
        match = _PATTERN.match(text, place)
        if match is None:
            raise wrong(place, _stray(text[place]))
        if match.lastgroup != "space":
            found.append(_word(match, table))
        place = match.end()
    return [*found, Word("end", "", len(text))]


def _stray(sign: str) -> Message:
    if sign in "\"“«'[":
        return msg("“{text}” is opened and never closed.", text=sign)
    return msg("“{text}” means nothing here.", text=sign)


def _word(match: re.Match[str], table: str) -> Word:
    kind, text, place = str(match.lastgroup), match.group(), match.start()
    if kind.startswith("text"):
        return Word("text", text, place, match.group(kind).strip())
    if kind == "number":
        return _number(text, place)
    if kind in {"day", "today"}:
        return Word(kind, text, place, text)
    known = _SIGNS.get(text, text) if kind == "sign" else _WORDS.get(text.lower())
    if known and kind != "column" and text not in _keys(table):
        return Word(known, text, place)
    return Word("column", text, place, _column(match.group(kind).strip(), place, table))


def _number(text: str, place: int) -> Word:
    """Return a number; what begins with a zero and goes on with digits is a code."""
    if text[0] == "0" and text[1:2].isdigit():
        return Word("text", text, place, text)
    number = Decimal(text.rstrip("% \t\n"))
    return Word("number", text, place, number / 100 if "%" in text else number)


def _keys(table: str) -> list[str]:
    return [field.key for field in TABLES[table].fields]


def _column(text: str, place: int, table: str) -> str:
    """Return the key of the column that is meant by its key or a name in either language."""
    fields = TABLES[table].fields
    wanted = folded(text)
    for field in fields:
        if field.key == text or wanted in {folded(name) for name in _names(field)}:
            return field.key
    near = get_close_matches(text.lower(), _keys(table))
    if near:
        raise wrong(place, msg("there is no column “{text}”; is {near} meant?", text=text,
                               near=", ".join(near)))  # fmt: skip
    raise wrong(
        place,
        msg("there is no column “{text}”; there are: {names}.", text=text,
            names=", ".join(_keys(table))),
    )  # fmt: skip


def _names(field: FieldDef) -> list[str]:
    return [field.key, *(translate(field.label, language) for language in LANGUAGES)]
