"""Filters of a question as conditions on the lines, with bound values."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypeAlias

from core.errors import PicholineError
from core.formats import country_names
from core.i18n import LANGUAGES, Message, msg, translate
from core.models.catalogue import SHIPPED, Dimension, Known
from core.models.formats import Format
from core.models.query import NO_VALUE, Filter, Operator
from core.models.rfm import SegmentRule, name_cells
from core.repository.sql import Condition, condition
from core.services import calendar
from core.services.metric_known import get_dimension
from core.services.vocabulary import folded

BoundCondition: TypeAlias = tuple[Condition, tuple[Any, ...]]
_TEXTS = (Operator.CONTAINS, Operator.NOT_CONTAINS)
_ENDS = 2
_MANY = 200  # values of one filter that are bound one by one
_CAMPAIGN = re.compile(r"(\d{4})/\d{2}")
_PERIOD_445 = re.compile(r"(\d{4})(?:/\d{2})?[ -]P(\d{2})")


def conditions(
    filters: Iterable[Filter],
    campaign_first_month: int,
    known: Known = SHIPPED,
    rules: Sequence[SegmentRule] = (),
) -> tuple[BoundCondition, ...]:
    """Return filters as conditions with bound values.

    Args:
        filters: all of them must hold.
        campaign_first_month: 1–12.
        known: what can be asked for.
        rules: the segments' rules, whose names are searched by texts.

    Raises:
        PicholineError: a dimension is unknown, a date cannot be read, a range has not two ends or
            is upside down, or a text to search is empty.
    """
    found = []
    for chosen in filters:
        dimension = get_dimension(chosen.dimension, known)
        if chosen.operator is Operator.BETWEEN:
            found.append(_range(chosen, dimension, campaign_first_month))
        elif chosen.operator in _TEXTS:
            found.append(_texts(chosen, dimension, rules))
        else:
            values: Sequence[Any] = chosen.values
            if dimension.grain:
                values = [_bucket(v, dimension.grain, campaign_first_month) for v in values]
            elif dimension.names:
                values = [_key_of(v, dimension) for v in values]
            found.append(_values(dimension, values, chosen.operator))
    return tuple(found)


def _values(dimension: Dimension, values: Sequence[Any], operator: Operator) -> BoundCondition:
    """Return the condition on stated values; many of them are one bound value."""
    shape, stated = condition(dimension.column, values, operator, dimension.grain)
    if len(stated) <= _MANY:
        return shape, stated
    return _listed(replace(shape, values=0), (), stated)


def picked(dimension: Dimension, values: Sequence[Any], *, keep: bool) -> BoundCondition:
    """Return the condition that lines belong to some members, or to none of them.

    Any number of them is one bound value; lines without a member belong to none.
    """
    operator = Operator.IN if keep else Operator.NOT_IN
    found = Condition(dimension.column, operator, 0, unknown=False, grain=dimension.grain)
    return _listed(found, (), values)


def _listed(found: Condition, before: tuple[Any, ...], values: Sequence[Any]) -> BoundCondition:
    return replace(found, listed=True), (*before, tuple(values))


# Ranges --------------------------------------------------------------------------------------


def _range(chosen: Filter, dimension: Dimension, first_month: int) -> BoundCondition:
    name = Message(dimension.name)
    if len(chosen.values) != _ENDS or not any(chosen.values) or NO_VALUE in chosen.values:
        raise PicholineError(
            "filter.range",
            msg("The range of “{dimension}” needs two ends.", dimension=name),
            msg(
                "Write {key}=FIRST..LAST; one of them may be left out, as in {key}=FIRST..",
                key=dimension.key,
            ),
        )
    low, high = chosen.values
    ends: list[Any] = [low, high]
    if dimension.grain:
        first = _bucket(low, dimension.grain, first_month) if low else None
        last = _last_day(high, dimension.grain, first_month) if high else None
        ends = [first, last]
    stated = [end for end in ends if end]
    if len(stated) == _ENDS and stated[0] > stated[1]:
        raise PicholineError(
            "filter.range",
            msg("The range of “{dimension}” ends before it begins.", dimension=name),
            msg("Write {key}={low}..{high}.", key=dimension.key, low=high, high=low),
        )
    shape = Condition(
        dimension.column,
        Operator.BETWEEN,
        len(stated),
        unknown=False,
        grain=dimension.grain,
        ends="both" if len(stated) == _ENDS else "low" if low else "high",
    )
    return shape, tuple(stated)


def _last_day(text: str, grain: str, first_month: int) -> date:
    """Return the last day of a bucket; a year or a month is meant to its end."""
    day = _day(text, grain, first_month)
    if grain not in {"campaign", "period_445"}:
        day = {4: date(day.year, 12, 31), 7: calendar.month_end(day)}.get(len(text), day)
    return calendar.grain_end(calendar.grain_start(day, grain, first_month), grain, first_month)


def _bucket(text: str, grain: str, first_month: int) -> date | str:
    if text == NO_VALUE:
        return text
    return calendar.grain_start(_day(text, grain, first_month), grain, first_month)


def _day(text: str, grain: str, first_month: int) -> date:
    """Read 2025, 2025-06 or 2025-06-30; 2024/25 for campaigns, 2025 P03 for 4-4-5 periods."""
    try:
        if grain == "campaign" and (campaign := _CAMPAIGN.fullmatch(text)):
            return date(int(campaign[1]), first_month, 1)
        if grain == "period_445" and (named := _PERIOD_445.fullmatch(text)):
            return calendar.period_start(int(named[1]) * 12 + int(named[2]) - 1, first_month)
        full = f"{text}-01-01"[: len("2025-01-01")] if len(text) in {4, 7} else text
        return date.fromisoformat(full)
    except ValueError as error:
        raise PicholineError(
            "filter.date",
            msg("“{text}” is not a date.", text=text),
            msg("Write dates as 2025-03-31."),
        ) from error


# Texts ---------------------------------------------------------------------------------------


def _texts(chosen: Filter, dimension: Dimension, rules: Sequence[SegmentRule]) -> BoundCondition:
    """Search values and names; names that no column holds are searched here, in both languages."""
    name = Message(dimension.name)
    if dimension.grain:
        raise PicholineError(
            "filter.text",
            msg("Dates of “{dimension}” are not searched by a text.", dimension=name),
            msg("Choose a range instead, for example {key}=2025-01..2025-06.", key=dimension.key),
        )
    if not all(text.strip() for text in chosen.values) or not chosen.values:
        raise PicholineError(
            "filter.text",
            msg("There is no text to search for in “{dimension}”.", dimension=name),
            msg("Write a part of the name, for example {key}~oil.", key=dimension.key),
        )
    shape, texts = condition(dimension.column, chosen.values, chosen.operator)
    label = None if dimension.keyed else dimension.label
    shape = replace(shape, label=label)
    names = _names(dimension, rules)
    if not names:
        return shape, texts
    wanted = [folded(text) for text in texts]
    keys = [key for key, found in names.items() if any(w in n for w in wanted for n in found)]
    return _listed(shape, texts, keys)


def _key_of(text: str, dimension: Dimension) -> str:
    """Return the key of a value that was typed by its name, such as a day of the week."""
    keys = [key for key, _ in dimension.names]
    if text in keys:
        return text
    padded = text.zfill(max(map(len, keys)))
    named = (
        key
        for key, name in dimension.names
        if folded(text) in {folded(translate(name, language)) for language in LANGUAGES}
    )
    return padded if padded in keys else next(named, text)


def _names(dimension: Dimension, rules: Sequence[SegmentRule]) -> Mapping[str, tuple[str, ...]]:
    """Return the readable names of values that no column holds, ready to be searched."""
    if dimension.format is Format.COUNTRY:
        tables = [country_names(language) for language in LANGUAGES]
        return {
            code: tuple(folded(table[code]) for table in tables if code in table)
            for code in dict.fromkeys(code for table in tables for code in table)
        }
    named = dict(dimension.names) | (name_cells(rules) if dimension.keyed else {})
    return {
        value: tuple(folded(translate(text, language)) for language in LANGUAGES)
        for value, text in named.items()
    }
