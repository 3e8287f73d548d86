"""Numbers written as text, French or English, judged by the evidence of the whole column."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.models.schema import RATE_TYPE

from .raw import Mask

COMMA, POINT = ",", "."
_SPACES = "[ \t\u00a0\u2007\u2009\u202f'’]"
_CURRENCY = (
    r"(?i:US\$|CA\$|A\$|C\$|EUR|USD|GBP|CHF|CAD|AUD|JPY|TND|MAD|DT|DH|SEK|NOK|DKK|PLN|CZK|KR|"
    r"€|\$|£|¥)"
)
_GROUPED = r"^[+-]?\d{1,3}( \d{3})+([.,]\d+)?$"
_SIMPLE = r"^-?\d+([.,]\d+)?$"
_PLAIN = r"^\d+$"
_POINT = r"^(\d{1,3}(,\d{3})+\.\d+|\d{1,3}(,\d{3}){2,}|\d*\.\d+|\d+\.|\d+(\.\d+)?[eE][+-]?\d+)$"
_COMMA = r"^(\d{1,3}(\.\d{3})+,\d+|\d{1,3}(\.\d{3}){2,}|\d*,\d+|\d+,|\d+,\d+[eE][+-]?\d+)$"
_ONE_COMMA = r"^[1-9]\d{0,2},\d{3}$"
_ONE_POINT = r"^[1-9]\d{0,2}\.\d{3}$"
_WIDE = pa.decimal128(38, 18)
_LONGEST = 19  # digits that fit the wide decimal before its point
MISSING = ("-", "–", "—", "n/a", "na", "n.a.", "null", "none", "nan", "nd", "n.d.", "s/o")


@dataclass(frozen=True)
class NumberText:
    """Distinct texts, taken apart.

    Attributes:
        body: digits and separators only; null where the text is no number.
        negative: which were negative.
        percent: which carried a percent sign.
        missing: which state that there is no value.
        point: which can only be read with a decimal point, likewise `comma`.
        one_comma: which hold one comma and three digits after it: 1,234; likewise `one_point`.
    """

    body: pa.Array
    negative: Mask
    percent: Mask
    missing: Mask
    point: Mask
    comma: Mask
    one_comma: Mask
    one_point: Mask

    @property
    def style(self) -> str | None:
        """The decimal sign the texts prove; None when they prove none or both."""
        comma, point = bool(self.comma.any()), bool(self.point.any())
        if comma == point:
            return None
        return COMMA if comma else POINT

    @property
    def undecided(self) -> Mask:
        """Which texts need a decimal sign to be decided elsewhere."""
        return self.one_comma | self.one_point


def _is(values: pa.Array, pattern: str) -> Mask:
    found = pc.match_substring_regex(values, pattern).fill_null(False)  # noqa: FBT003
    return found.to_numpy(zero_copy_only=False)


def take_apart(values: pa.Array) -> NumberText:
    """Take the distinct texts of a column apart; nothing is decided yet."""
    missing = pc.is_in(pc.utf8_lower(values), pa.array(MISSING)).to_numpy(zero_copy_only=False)
    text, negative, percent = _digits(values)
    spaced = pc.match_substring(text, " ").to_numpy(zero_copy_only=False)
    wrong = spaced & ~_is(text, _GROUPED) if spaced.any() else spaced
    body = pc.replace_substring(text, " ", "")
    one_comma = _is(body, _ONE_COMMA) & ~spaced
    one_point = _is(body, _ONE_POINT) & ~spaced
    point = _is(body, _POINT) & ~one_point & ~one_comma & ~wrong
    comma = _is(body, _COMMA) & ~one_comma & ~one_point & ~wrong
    known = (_is(body, _PLAIN) & ~wrong) | point | comma | one_comma | one_point
    body = pc.if_else(pa.array(known), body, pa.scalar(None, pa.string()))
    return NumberText(body, negative, percent, missing, point, comma, one_comma, one_point)


def _digits(values: pa.Array) -> tuple[pa.Array, Mask, Mask]:
    """Return texts without sign, percent sign and currency; which are negative; which percent.

    Most numbers have a minus at most: only the others are taken apart step by step.
    """
    simple = _is(values, _SIMPLE)
    text = pc.utf8_ltrim(values, characters="-")
    negative = np.asarray(pc.starts_with(values, "-"))
    percent = np.zeros(len(values), dtype=bool)
    if simple.all():
        return text, negative, percent
    odd = np.flatnonzero(~simple)
    bare, negative[odd], percent[odd] = _without_signs(values.take(pa.array(odd)))
    return pc.replace_with_mask(text, pa.array(~simple), bare), negative, percent


def _without_signs(values: pa.Array) -> tuple[pa.Array, Mask, Mask]:
    """Return what `_digits` does, for texts of any shape."""
    text = pc.replace_substring(values, "\u2212", "-")
    text = pc.replace_substring_regex(text, f"^[+]?{_SPACES}*{_CURRENCY}|{_CURRENCY}$", "")
    text = pc.replace_substring_regex(text, rf"^([-(]){_SPACES}*{_CURRENCY}", r"\1")
    text = pc.replace_substring_regex(text, rf"{_CURRENCY}{_SPACES}*([-)])$", r"\1")
    text = pc.utf8_trim_whitespace(text)
    percent = _is(text, r"%\s*\)?$")
    text = pc.replace_substring_regex(text, rf"{_SPACES}*%\s*(\)?)$", r"\1")
    bracketed = _is(text, r"^\(.*\)$")
    text = pc.replace_substring_regex(text, r"^\((.*)\)$", r"\1")
    negative = _is(text, r"^-|-$") ^ bracketed
    text = pc.utf8_trim_whitespace(pc.replace_substring_regex(text, r"^[-+]|-$", ""))
    text = pc.replace_substring_regex(text, f"{_CURRENCY}$", "")
    return (
        pc.utf8_trim_whitespace(pc.replace_substring_regex(text, f"{_SPACES}", " ")),
        negative,
        percent,
    )


@dataclass(frozen=True)
class Numbers:
    """Distinct texts as numbers; null where `wrong`, `ambiguous`, `too_large` or missing."""

    values: pa.Array  # decimal128(38, 18)
    wrong: Mask
    ambiguous: Mask
    too_large: Mask


def read_numbers(parts: NumberText, style: str | None) -> Numbers:
    """Read the texts with a decimal sign; without one, what is ambiguous stays unread.

    Args:
        parts: the texts, taken apart.
        style: the decimal sign decided for the column, or None.
    """
    ambiguous = parts.undecided if style is None else np.zeros_like(parts.undecided)
    with_comma = parts.comma.copy()
    if style == COMMA:
        with_comma |= parts.undecided
    body = pc.if_else(
        pa.array(with_comma),
        pc.replace_substring(pc.replace_substring(parts.body, ".", ""), ",", "."),
        pc.replace_substring(parts.body, ",", ""),
    )
    wrong = parts.body.is_null().to_numpy(zero_copy_only=False) & ~parts.missing
    whole = pc.replace_substring_regex(body, r"[.eE].*$", "").fill_null("")
    too_large = pc.greater(pc.utf8_length(whole), _LONGEST).to_numpy(zero_copy_only=False)
    too_large |= _is(body, r"[eE]\+?(\d{3,}|[2-9]\d|1[1-9])$")
    usable = ~(ambiguous | wrong | too_large | parts.missing)
    body = pc.if_else(pa.array(usable), body, pa.scalar(None, pa.string()))
    values = _decimals(body, parts.percent)
    values = pc.if_else(pa.array(parts.negative), pc.negate(values), values)
    return Numbers(values, wrong, ambiguous, too_large)


def _decimals(texts: pa.Array, percent: Mask) -> pa.Array:
    """Cast plain texts (digits, one point, maybe an exponent) to the wide decimal, exactly."""
    nothing = pa.scalar(None, pa.string())
    powers = pa.array(_is(texts, "[eE]"))
    cut = pc.replace_substring_regex(texts, r"(\.\d{16})\d+", r"\1")
    hundredths = pc.binary_join_element_wise(cut, "e-2", "")
    plain = pc.if_else(powers, nothing, pc.if_else(pa.array(percent), hundredths, cut))
    values = plain.cast(_WIDE)
    if pc.any(powers).as_py():
        floats = pc.if_else(powers, texts, nothing).cast(pa.float64())
        floats = pc.if_else(pa.array(percent), pc.divide(floats, 100.0), floats)
        values = pc.coalesce(values, floats.cast(_WIDE))
    return values


def narrow(values: pa.Array, target: pa.DataType) -> tuple[pa.Array, NDArray[np.bool_]]:
    """Round wide decimals half away from zero to a stored type.

    Returns:
        The stored values, null where they do not fit, and which did not fit.
    """
    places = 9 if target == RATE_TYPE else 6
    limit = pa.scalar(str(10 ** (18 - places))).cast(_WIDE)
    over = pc.greater_equal(pc.abs(values), limit).fill_null(False)  # noqa: FBT003
    kept = pc.if_else(over, pa.scalar(None, values.type), values)
    rounded = pc.round(kept, ndigits=places, round_mode="half_towards_infinity")
    return rounded.cast(target), over.to_numpy(zero_copy_only=False)
