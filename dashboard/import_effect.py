"""What an import does to the headline numbers, and the rows that differ from the stored ones."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from dash import html
from dash.development.base_component import Component

from core.formats import UNKNOWN, format_value
from core.i18n import _, current_language, msg_n, translate
from core.models.formats import Format
from core.services.ingest.targets import targets
from dashboard.attributes import aria, attributes
from dashboard.intake_words import whole
from dashboard.value_text import cell_text

_SHOWN_MONTHS = 24
_SHOWN_ROWS = 50
_MEASURES = ("net_sales", "gross_margin")


def effect_panel(effect: Mapping[str, Any] | None, title: str, name: str) -> list[Component]:
    """Return a table of the months that change, before and after; nothing where there is none.

    Args:
        effect: as `core.services.ingest.effects.Effect.as_dict` writes it.
        title: heading, translated.
        name: tells the panel apart in the page.
    """
    if effect is None:
        return []
    newcomers = _newcomers(effect)
    months = effect["months"]
    if not months:
        text = _("The headline numbers stay as they are.")
        return [html.H4(title), html.P(" ".join([text, *newcomers]), className="muted")]
    rows = [
        _line(format_value(m["month"], Format.MONTH, current_language()), m, effect)
        for m in months[:_SHOWN_MONTHS]
    ]
    if len(months) > _SHOWN_MONTHS:
        more = msg_n("and {n} more month", "and {n} more months", len(months) - _SHOWN_MONTHS)
        rows.append(html.Tr(html.Td(str(more), colSpan=4, className="muted")))
    if len(months) > 1:
        rows.append(_line(_("Together"), effect, effect, "total"))
    head = [_("Month"), _("Net sales"), _("Gross margin"), _("Lines")]
    table = html.Table(
        [
            html.Thead(html.Tr([html.Th(text, scope="col") for text in head])),
            html.Tbody(rows),
        ],
        className="data-table effect",
    )
    notes = [*newcomers]
    if not effect["costs"]:
        notes.append(_("With so many lines the margin is not worked out beforehand."))
    shown: list[Component] = [html.H4(title), _scroll(table, title, name)]
    return [*shown, html.P(" ".join(notes), className="muted")] if notes else shown


def _newcomers(effect: Mapping[str, Any]) -> list[str]:
    found = []
    if effect["customers"]:
        found.append(msg_n("{n} new customer.", "{n} new customers.", effect["customers"]))
    if effect["products"]:
        found.append(msg_n("{n} new product.", "{n} new products.", effect["products"]))
    return [str(text) for text in found]


def _line(
    name: str, part: Mapping[str, Any], effect: Mapping[str, Any], style: str = ""
) -> Component:
    before, after = part["before"], part["after"]
    currency = effect["currency"]
    cells = [_change(_money(before[m], currency), _money(after[m], currency)) for m in _MEASURES]
    cells.append(_change(whole(before["lines"]), whole(after["lines"])))
    return html.Tr([html.Th(name, scope="row"), *cells], className=style)


def _money(value: str | None, currency: str) -> str:
    if value is None:
        return UNKNOWN
    return format_value(Decimal(value), Format.MONEY, current_language(), currency=currency)


def _change(before: str, after: str) -> Component:
    if before == after:
        return html.Td(after, className="num same")
    spoken = _("{before}, then {after}", before=before, after=after)
    return html.Td(
        [
            html.Span([html.Span(before, className="was"), " → ", html.B(after)],
                      **aria(hidden="true")),
            html.Span(spoken, className="visually-hidden"),
        ],
        className="num",
    )  # fmt: skip


def differences_panel(
    found: Mapping[str, Any] | None, table: str, *, asks: bool
) -> list[Component]:
    """Return how the file differs from what is stored; nothing where it does not.

    Args:
        found: as `core.services.ingest.differences.Differences.as_dict` writes it.
        table: key of the table.
        asks: the new rows are set aside unless the person takes them.
    """
    if not found or not found["differing"]:
        return []
    parts: list[Component] = [
        html.H4(_("Stored with other contents")),
        html.P(_summary(found), className="difference-summary"),
        _scroll(_rows(found["rows"], table), _("Rows that differ"), "differences"),
    ]
    shown, rows = min(len(found["rows"]), _SHOWN_ROWS), _total(found)
    if rows > shown:
        parts.append(
            html.P(_("The first {n} of {all} rows.", n=whole(shown), all=whole(rows)),
                   className="muted")
        )  # fmt: skip
    if asks:
        parts += effect_panel(found["effect"], _("If you take the new rows"), "taken")
    return parts


def _summary(found: Mapping[str, Any]) -> str:
    return _(
        "{differing} of {stored} stored documents or keys hold other rows in this file: "
        "{added} added, {changed} changed, {removed} removed.",
        **{name: whole(found[name])
           for name in ("differing", "stored", "added", "changed", "removed")},
    )  # fmt: skip


def _total(found: Mapping[str, Any]) -> int:
    return sum(found[name] for name in ("added", "changed", "removed"))


def _rows(rows: Sequence[Mapping[str, Any]], table: str) -> Component:
    words = {"added": _("added"), "changed": _("changed"), "removed": _("removed")}
    head = [_("Document"), _("Row"), _("What"), _("Stored → new")]
    body = [
        html.Tr(
            [
                html.Th(" · ".join(str(v) for v in row["key"].values() if v), scope="row"),
                html.Td(UNKNOWN if row["row"] is None else whole(row["row"]), className="num"),
                html.Td(html.Span(words[row["kind"]], className=f"difference {row['kind']}")),
                html.Td(_changes(row, table)),
            ],
            **attributes({"data-kind": row["kind"]}),
        )
        for row in rows[:_SHOWN_ROWS]
    ]
    return html.Table(
        [html.Thead(html.Tr([html.Th(text, scope="col") for text in head])), html.Tbody(body)],
        className="data-table differences",
    )


def _changes(row: Mapping[str, Any], table: str) -> list[Component]:
    known = targets(table)
    found: list[Component] = []
    for name, (old, new) in row["changes"].items():
        kind = known[name].kind
        was, now = cell_text(old, kind), cell_text(new, kind)
        values = f"{was} → {now}" if row["kind"] == "changed" else (now if new is not None else was)
        label = translate(known[name].label)
        found.append(html.Span([html.Span(label, className="muted"), " ", values]))
    return found


def _scroll(table: Component, label: str, name: str) -> Component:
    return html.Div(
        table,
        className="stored-scroll",
        tabIndex=0,
        role="region",
        **aria(label=label),
        **attributes({"data-panel": name}),
    )
