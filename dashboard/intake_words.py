"""Words of the intake in the reader's language: counts, moments, reasons."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from dash import html
from dash.development.base_component import Component

from core.formats import babel_locale, format_value
from core.i18n import _, current_language, translate
from core.models.formats import Format
from core.models.quality import Rule
from core.models.schema import TABLES
from core.services.ingest.reasons import reason_of
from dashboard.attributes import attributes


def whole(number: int) -> str:
    """Return a count with its thousands marked."""
    return format_value(number, Format.INTEGER, current_language())


def rows_text(number: int) -> str:
    """Return `1 row`, `541,909 rows`."""
    # French counts zero as singular, English does not.
    one = abs(number) <= 1 if current_language() == "fr" else abs(number) == 1
    return _("{count} row", count=whole(number)) if one else _("{count} rows", count=whole(number))


def moment_text(moment: datetime, zone: str) -> str:
    """Return a moment in the company's time zone; stored moments are UTC."""
    known = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    pattern = "d MMM y, HH:mm" if current_language() == "en" else "d MMM y, HH 'h' mm"
    return format_datetime(
        known, pattern, tzinfo=ZoneInfo(zone), locale=babel_locale(current_language())
    )


def table_name(table: str) -> str:
    """Return the name of a table of the business schema."""
    return translate(TABLES[table].label) if table in TABLES else table


def problem_list(
    reasons: Mapping[str, int],
    warnings: Mapping[str, int],
    texts: Mapping[str, Sequence[str]] | None = None,
) -> Component | None:
    """Return reasons and warnings in words, each with its count and what to do; None without.

    Args:
        reasons: rows set aside, by code.
        warnings: rows kept, by code.
        texts: what the company's own rules said, see `core.services.ingest.reasons.reason_of`.
    """
    told = texts or {}
    found = [
        *(_problem(code, count, "bad", told) for code, count in _by_count(reasons)),
        *(_problem(code, count, "warn", told) for code, count in _by_count(warnings)),
    ]
    return html.Ul(found, className="problems") if found else None


def _by_count(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _problem(code: str, count: int, kind: str, texts: Mapping[str, Sequence[str]]) -> Component:
    known = reason_of(code, texts)
    title, advice = (known.title, known.advice) if known else (code, "")
    return html.Li(
        [
            html.Span(whole(count), className="n"),
            html.Strong(str(title)),
            html.Span(str(advice), className="advice"),
        ],
        className=f"problem {kind}",
        **attributes({"data-code": code}),
    )


def warning_text(rule: Rule) -> str:
    """Return what a row is warned of that breaks a rule."""
    own = rule.says or rule.own
    if own:
        return own.get(current_language()) or next(iter(own.values()))
    known = reason_of(rule.code, {})
    return str(known.title) if known else rule.code


def count_tiles(read: int, accepted: int, quarantined: int, already_there: int) -> Component:
    """Return the three counts beside the rows read, and that they add up."""
    tiles = [
        (_("Rows read"), read, ""),
        (_("Accepted"), accepted, "good"),
        (_("Quarantined"), quarantined, "bad"),
        (_("Already there"), already_there, ""),
    ]
    listed = [
        html.Div(
            [html.Dt(name), html.Dd(whole(number))],
            className=f"count {kind if number else 'zero'}".rstrip(),
        )
        for name, number, kind in tiles
    ]
    total = f"{whole(accepted)} + {whole(quarantined)} + {whole(already_there)} = {whole(read)}"
    return html.Div([html.Dl(listed, className="counts"), html.P(total, className="sum")])
