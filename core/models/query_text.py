"""How parts of a question are spelt on the command line and in addresses.

`country=FR,IT`, `country!=FR`, `month=2025-01..2025-06`, `product~oil`, `product!~oil`;
`customer: top 10 net_sales`, `not customer: net_sales >= 1000`; `margin_rate < 10%`;
`net_sales:3/country`. A value in double quotes is taken as it stands, whatever it contains.
"""

import math
import re
from dataclasses import dataclass
from typing import Literal

from core.errors import PicholineError
from core.i18n import Message, msg
from core.models.query import NO_VALUE, Extra, Filter, Members, Operator, Threshold

_SIGNS = (
    ("!~", Operator.NOT_CONTAINS),
    ("!=", Operator.NOT_IN),
    ("~", Operator.CONTAINS),
    ("=", Operator.IN),
)
_WRITTEN = {operator: sign for sign, operator in _SIGNS} | {Operator.BETWEEN: "="}
_RANGE = ".."
_PART = re.compile(r'\s*("(?:[^"]|"")*"|[^,]*)\s*(,|$)')
_NUMBER = r"[-+]?[\d_]*\.?\d+(?:[eE][-+]?\d+)?%?"
_LIMIT = re.compile(rf"\s*([\w.]+)\s*(<=|>=|<|>|=)\s*({_NUMBER})\s*")
_BETWEEN = re.compile(rf"\s*([\w.]+)\s*=\s*({_NUMBER})\s*\.\.\s*({_NUMBER})\s*")
_FIRST = re.compile(r"\s*(top|lowest)\s+(\d+)\s+([\w.]+)\s*")
_EXTRA = re.compile(r"\s*(\w+)\s*(?::\s*(\d+))?\s*((?:/\s*\w+\s*)*)")


@dataclass(frozen=True)
class _Part:
    text: str
    quoted: bool


def split_list(text: str | None) -> tuple[str, ...]:
    """Split a list at commas; a value that contains one stands in double quotes."""
    return tuple(part.text for part in _parts(text or ""))


def _parts(text: str) -> list[_Part]:
    found: list[_Part] = []
    place = 0
    while place < len(text) and (match := _PART.match(text, place)):
        piece = match[1].strip()
        quoted = len(piece) > 1 and piece[0] == piece[-1] == '"'
        if quoted:
            piece = piece[1:-1].replace('""', '"')
        if piece:
            found.append(_Part(piece, quoted))
        place = match.end()
        if place == match.start():
            break
    return found


def parse_where(text: str) -> Filter:
    """Read a filter; `customer=` means lines without a customer.

    Raises:
        PicholineError: it is none; or a range stands among other values.
    """
    places = [(text.find(sign), -len(sign), sign, op) for sign, op in _SIGNS if sign in text]
    if not places or min(places)[0] == 0:
        raise _unreadable(
            "query.where",
            msg("“{text}” is not a filter.", text=text),
            msg(
                "Write name=value, for example --where country=FR,IT; name~text searches, "
                "name=first..last is a range."
            ),
        )
    at, _length, sign, operator = min(places)
    name, parts = text[:at].strip(), _parts(text[at + len(sign) :])
    ranges = [part for part in parts if not part.quoted and _RANGE in part.text]
    if ranges and operator in {Operator.IN, Operator.NOT_IN}:
        if len(parts) > 1 or operator is Operator.NOT_IN:
            raise _unreadable(
                "query.where",
                msg("A range stands alone in its filter: “{text}”.", text=text),
                msg("Repeat the filter, or put a value that contains two dots in double quotes."),
            )
        low, _dots, high = ranges[0].text.partition(_RANGE)
        return Filter(name, (low.strip(), high.strip()), Operator.BETWEEN)
    return Filter(name, tuple(part.text for part in parts) or (NO_VALUE,), operator)


def where_text(chosen: Filter) -> str:
    """Return the spelling that `parse_where` reads back."""
    sign = _WRITTEN[chosen.operator]
    if chosen.operator is Operator.BETWEEN:
        return f"{chosen.dimension}{sign}{_RANGE.join(chosen.values)}"
    values = () if chosen.values == (NO_VALUE,) else chosen.values
    return f"{chosen.dimension}{sign}{','.join(_quoted(value) for value in values)}"


def _quoted(value: str) -> str:
    plain = value and value == value.strip() and not any(c in value for c in ',"')
    if plain and _RANGE not in value:
        return value
    return '"' + value.replace('"', '""') + '"'


def parse_members(text: str) -> Members:
    """Read `customer: net_sales >= 1000`, `product: top 10 net_sales`, `not product: lowest 5 …`.

    Raises:
        PicholineError: it cannot be read.
    """
    head, colon, rule = text.partition(":")
    words = head.split()
    keep = not (words and words[0].lower() == "not")
    names = words if keep else words[1:]
    first, limit = _FIRST.fullmatch(rule), _limit(rule)
    if not colon or len(names) != 1 or not (first or limit):
        raise _unreadable(
            "query.members",
            msg("“{text}” does not say which members are meant.", text=text),
            msg(
                "Write for example “customer: net_sales >= 1000”, “product: top 10 net_sales” or "
                "“not product: lowest 5 margin_rate”."
            ),
        )
    if first:
        lowest = first[1] == "lowest"
        return Members(names[0], first[3], int(first[2]), lowest=lowest, keep=keep)
    metric, low, high = limit or ("", None, None)
    return Members(names[0], metric, None, low, high, keep=keep)


def parse_having(text: str) -> Threshold:
    """Read `margin_rate < 10%`, `orders >= 5` or `net_sales = 100..500`.

    Raises:
        PicholineError: it cannot be read.
    """
    found = _limit(text)
    if found is None:
        raise _unreadable(
            "query.having",
            msg("“{text}” is not a threshold.", text=text),
            msg("Write for example “net_sales >= 1000” or “margin_rate < 10%”."),
        )
    return Threshold(*found)


def _limit(text: str) -> tuple[str, float | None, float | None] | None:
    """Return metric, low and high; `<` and `>` leave the number itself out."""
    if between := _BETWEEN.fullmatch(text):
        return between[1], _number(between[2]), _number(between[3])
    match = _LIMIT.fullmatch(text)
    if match is None:
        return None
    metric, sign, number = match[1], match[2], _number(match[3])
    low = {">=": number, "=": number, ">": math.nextafter(number, math.inf)}.get(sign)
    high = {"<=": number, "=": number, "<": math.nextafter(number, -math.inf)}.get(sign)
    return metric, low, high


def _number(text: str) -> float:
    return float(text.rstrip("%")) / (100 if text.endswith("%") else 1)


def parse_extra(kind: Literal["share", "running", "average", "rank"], text: str) -> Extra:
    """Read `net_sales`, `net_sales/country` (within), `net_sales:6` (an average of six).

    Raises:
        PicholineError: it cannot be read.
    """
    match = _EXTRA.fullmatch(text)
    if match is None or (match[2] and kind != "average"):
        raise _unreadable(
            "query.extra",
            msg("“{text}” does not say which metric is meant.", text=text),
            msg("Write a metric, then within what: net_sales or net_sales/country."),
        )
    within = tuple(key.strip() for key in match[3].split("/") if key.strip())
    window = {"window": int(match[2])} if match[2] else {}
    return Extra(kind, match[1], within, **window)


def _unreadable(code: str, title: Message, remedy: Message) -> PicholineError:
    return PicholineError(code, title, remedy)
