"""The column a group or a filter stands on, as SQL text; values never appear in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from core.models.catalogue import Derived, Source
from core.models.query import NO_VALUE, Operator

_TEXTS = frozenset({Operator.CONTAINS, Operator.NOT_CONTAINS})
_WEEKS = 13  # of a 4-4-5 quarter


@dataclass(frozen=True)
class Group:
    """A column to group by.

    Attributes:
        column: dimension column or what is made of one, `date` for calendar grains.
        grain: key of a calendar dimension, such as week, campaign or period_445.
        label: column with the readable name.
        shifted: the compared period's buckets take the place of the asked ones: moved by "days"
            (days, weeks), by "months" (longer grains) or by "periods" (4-4-5); "year" moves each
            day by months before it is grouped.
    """

    column: Source
    grain: str | None = None
    label: Source | None = None
    shifted: str | None = None


@dataclass(frozen=True)
class Condition:
    """A filter without its values: how many there are, and whether "unknown" is one of them.

    Attributes:
        values: number of values, each bound by itself; for BETWEEN one per closed end.
        unknown: whether lines without a value are meant too.
        label: column with the readable name, which CONTAINS searches along.
        ends: the closed ends of BETWEEN.
        listed: one more bound value is a list of values, read as a relation: thousands of them
            cost one parameter. For CONTAINS they are found by a name that no column holds.
    """

    column: Source
    operator: Operator
    values: int
    unknown: bool
    grain: str | None = None
    label: Source | None = None
    ends: Literal["both", "low", "high"] = "both"
    listed: bool = False

    @property
    def cut_to(self) -> str | None:
        """The grain days are cut to before they are compared; a range compares days."""
        return None if self.operator is Operator.BETWEEN else self.grain


def column_sql(item: Group | Condition) -> str:
    """Return the expression whose values are grouped or compared."""
    return grain_sql(item.grain) if item.grain else source_text(item.column)


_PARTS = {
    "weekday": "isodow({column})",
    "weekend": "1 + (isodow({column}) > 5)::INTEGER",
    "week": "lpad(week({column})::VARCHAR, 2, '0')",
    "month": "lpad(month({column})::VARCHAR, 2, '0')",
    "quarter": "quarter({column})",
    "half": "1 + (month({column}) > 6)::INTEGER",
}


def source_text(source: Source) -> str:
    """Return a column, or the expression of a value made of one; see `source_values`."""
    if isinstance(source, str):
        return source
    base = source.column
    if source.part:
        base = f"({_PARTS[source.part].format(column=base)})::VARCHAR"
    if not source.groups:
        return base
    cases = [f"WHEN {_member_sql(source, g, base)} THEN {_name(source, g)}" for g in _each(source)]
    otherwise = source.otherwise or base
    if source.rest is not None:
        otherwise = f"CASE WHEN {base} IS NOT NULL THEN $k{source.name}_rest::VARCHAR END"
    return f"(CASE {' '.join(cases)} ELSE {otherwise} END)"


def _each(source: Derived) -> range:
    return range(len(source.groups))


def _name(source: Derived, group: int) -> str:
    return f"$k{source.name}_{group}::VARCHAR"


def _member_sql(source: Derived, group: int, base: str) -> str:
    values = source.groups[group][1]
    stated = [i for i, value in enumerate(values) if value != NO_VALUE]
    names = ", ".join(f"$k{source.name}_{group}_{i}" for i in stated)
    chosen = [f"{base} IN ({names})"] if names else []
    chosen += [f"{base} IS NULL"] if NO_VALUE in values else []
    return f"({' OR '.join(chosen)})"


def source_values(sources: Iterable[Source | None]) -> dict[str, str]:
    """Return the bound values of `source_text`: the groups' names and their members."""
    found: dict[str, str] = {}
    for source in sources:
        if source is None or isinstance(source, str):
            continue
        if source.groups and source.rest is not None:
            found[f"k{source.name}_rest"] = source.rest
        for group, (name, values) in enumerate(source.groups):
            found[f"k{source.name}_{group}"] = name
            found |= {
                f"k{source.name}_{group}_{i}": value
                for i, value in enumerate(values)
                if value != NO_VALUE
            }
    return found


def grain_sql(grain: str, column: str = "date") -> str:
    """Return the first day of the grain that holds a date (parameter `campaign`: its month − 1)."""
    if grain == "day":
        return column
    if grain == "campaign":
        return f"(date_trunc('year', {column} - to_months($campaign)) + to_months($campaign))::DATE"
    if grain == "period_445":
        return _period_start_sql(_period_number_sql(column))
    return f"date_trunc('{grain}', {column})::DATE"


def _year_start_sql(year: str) -> str:
    """Return the Monday of the week that holds the 4th of the campaign's first month."""
    return f"date_trunc('week', make_date({year}, $campaign::INTEGER + 1, 4))::DATE"


def _period_number_sql(column: str) -> str:
    """Return the number of a day's 4-4-5 period: twelve times its year, plus 0 to 11."""
    year = f"year({column})"
    # A week may lie in the year before or after the one of its days.
    shift = (
        f"({column} >= {_year_start_sql(f'{year} + 1')})::INTEGER"
        f" - ({column} < {_year_start_sql(year)})::INTEGER"
    )
    own = f"({year} + {shift})"
    week = f"(({column} - {_year_start_sql(own)}) // 7)"
    quarter = f"least({week} // {_WEEKS}, 3)"
    return f"(12 * {own} + 3 * {quarter} + least(({week} - {_WEEKS} * {quarter}) // 4, 2))"


def _period_start_sql(number: str) -> str:
    """Return the first day of a 4-4-5 period."""
    weeks = f"{_WEEKS} * (({number} % 12) // 3) + 4 * ({number} % 3)"
    return f"({_year_start_sql(f'{number} // 12')} + (7 * ({weeks}))::INTEGER)"


def group_sql(group: Group, place: int, side: str) -> str:
    """Return the expression of a group, moved to the asked period's place on side 1."""
    plain = column_sql(group)
    if group.grain is None or group.shifted is None or side == "0":
        return plain
    moved = _moved_sql(group.grain, group.shifted, f"$s{place}")
    if side == "1":
        return moved
    return f"CASE WHEN date BETWEEN $compared_start AND $compared_end THEN {moved} ELSE {plain} END"


def _moved_sql(grain: str, shifted: str, shift: str) -> str:
    if shifted == "year":
        # 29 February falls on the 28th of a common year, so that no day is lost.
        return grain_sql(grain, f"(date + to_months({shift}))::DATE")
    if shifted == "periods":
        return _period_start_sql(f"({_period_number_sql('date')} + {shift})")
    step = "to_months" if shifted == "months" else "to_days"
    return f"({grain_sql(grain)} + {step}({shift}))::DATE"


def condition_sql(condition: Condition, place: int) -> str:
    """Return a filter as SQL; its values are named after its place: $f2_0, $f2_1."""
    if condition.operator is Operator.BETWEEN:
        return _between_sql(condition, place)
    column = column_sql(condition)
    chosen = _texts_sql(condition, place) if condition.operator in _TEXTS else []
    if condition.operator not in _TEXTS and condition.values:
        names = ", ".join(f"$f{place}_{j}" for j in range(condition.values))
        chosen.append(f"{column} IN ({names})")
    if condition.listed:
        kind = "DATE" if condition.grain else "VARCHAR"
        listed = f"(SELECT unnest($f{place}_{condition.values}::{kind}[]))"
        chosen.append(f"{column} IN {listed}")
    if condition.operator in {Operator.IN, Operator.CONTAINS}:
        chosen += [f"{column} IS NULL"] if condition.unknown else []
        return f"({' OR '.join(chosen)})" if chosen else "false"
    kept = f"NOT ({' OR '.join(chosen)})" if chosen else "true"
    if condition.unknown:
        return f"({column} IS NOT NULL AND {kept})"
    return f"({column} IS NULL OR {kept})"


def _texts_sql(condition: Condition, place: int) -> list[str]:
    """Return one test for each text searched in the value and in its name."""
    value = f"{column_sql(condition)}::VARCHAR"
    names = [value] + ([source_text(condition.label)] if condition.label else [])
    return [
        f"contains({folded_sql(name)}, {folded_sql(f'$f{place}_{j}')})"
        if name is value
        else f"coalesce(contains({folded_sql(name)}, {folded_sql(f'$f{place}_{j}')}), false)"
        for j in range(condition.values)
        for name in names
    ]


def folded_sql(text: str) -> str:
    """Return a text without accents and case, as it is searched."""
    return f"strip_accents(lower({text}))"


def _between_sql(condition: Condition, place: int) -> str:
    """Return a range, both ends included; a calendar range is one of days."""
    # Texts are compared as texts, however a table keeps them.
    kind = "DATE" if condition.grain else "VARCHAR"
    column = "date" if condition.grain else f"{column_sql(condition)}::VARCHAR"
    signs = {"both": (">=", "<="), "low": (">=",), "high": ("<=",)}[condition.ends]
    ends = (f"{column} {sign} $f{place}_{j}::{kind}" for j, sign in enumerate(signs))
    return f"({' AND '.join(ends)})"


def condition(
    column: Source, values: Iterable[Any], operator: Operator, grain: str | None = None
) -> tuple[Condition, tuple[Any, ...]]:
    """Return a filter's shape and its bound values."""
    chosen = tuple(dict.fromkeys(values))
    stated = tuple(value for value in chosen if value != NO_VALUE)
    return Condition(column, operator, len(stated), NO_VALUE in chosen, grain), stated
