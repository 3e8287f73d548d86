"""What changed since somebody last looked: a notice on the overview, a word in the status bar."""

from collections.abc import Sequence
from itertools import groupby
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component

from core.formats import country_name, format_value
from core.i18n import _, current_language, msg_n, translate
from core.models.catalogue import DIMENSIONS, METRICS
from core.models.formats import Format
from core.models.lines import CELL, spelled
from core.models.tables import Import
from core.services.last_look import ALL_TIME, Changes, Moved, Mover
from dashboard.attributes import aria
from dashboard.components import icon
from dashboard.presses import press

_LARGE = 100_000  # amounts from here on are written short
NOTICE, STATUS = "changes-notice", "status-changes"
ASKED, SEEN, FOUND = "changes-asked", "changes-seen", "changes-found"


def changes_frame() -> Component:
    """Return the place of the notice above a page's panels."""
    return html.Div(id=NOTICE)


def changes_overlay() -> Component:
    """Return what is there on every page: what asks, what was found, what was put away."""
    return html.Div([dcc.Store(id=name) for name in (ASKED, SEEN, FOUND)])


def changes_status() -> Component:
    """Return the place in the status bar."""
    return html.Span(id=STATUS, className="status-changes")


def status_word(changes: Changes) -> Component:
    """Return what the status bar says: that something is new, with the way to what."""
    return dcc.Link(_("New since {day}", day=_day(changes)), href="/overview")


def changes_notice(changes: Changes, currency: str) -> Component:
    """Return the notice: imports, figures before and after, who moved them."""
    parts = [
        _imports(changes),
        _figures(changes.figures, currency),
        *_movers(changes.movers, currency),
    ]
    return html.Section(
        [
            html.Header(
                [
                    icon("info"),
                    html.H2(_("What changed since {day}", day=_day(changes)), id="changes-title"),
                    press(SEEN, _("Seen"), name="check"),
                ]
            ),
            *[part for part in parts if part],
        ],
        className="changes",
        **aria(labelledby="changes-title"),
    )


def _day(changes: Changes) -> str:
    return format_value(changes.since, Format.DATE, current_language())


def _imports(changes: Changes) -> Component | None:
    if not changes.added and not changes.gone:
        return None
    said = []
    if changes.added:
        said.append(
            str(
                msg_n(
                    "{n} import came in ({lines})",
                    "{n} imports came in ({lines})",
                    len(changes.added),
                    lines=_rows(changes.lines),
                )
            )
        )
    if changes.gone:
        rows = sum(record.accepted for record in changes.gone)
        said.append(
            str(
                msg_n(
                    "{n} import was undone ({lines})",
                    "{n} imports were undone ({lines})",
                    len(changes.gone),
                    lines=_rows(-rows),
                )
            )
        )
    links = _named([*changes.added, *changes.gone])
    return html.P([html.Span(" · ".join(said)), *links])


def _rows(count: int) -> str:
    shown = format_value(count, Format.INTEGER, current_language(), signed=True)
    return str(msg_n("{shown} row", "{shown} rows", abs(count), shown=shown))


def _named(records: Sequence[Import]) -> list[Component]:
    """Return links to the imports: each file once, the newest first, and the way to all."""
    names = list(dict.fromkeys(record.file_name for record in reversed(records)))[:3]
    links: list[Component] = [dcc.Link(name, href="/imports") for name in names]
    if len(names) < len({record.file_name for record in records}):
        links.append(dcc.Link(_("all imports"), href="/imports"))
    return links


def _figures(moved: Sequence[Moved], currency: str) -> Component | None:
    if not moved:
        return None
    lead = html.Span(_("The last twelve months:"))
    facts = [_figure(one, currency) for one in moved if one.metric != ALL_TIME]
    everybody = next((one for one in moved if one.metric == ALL_TIME), None)
    found: list[Component] = [lead, *facts] if facts else []
    if everybody is not None:
        found += [html.Span(_("Customers so far:")), _change(everybody, currency)]
    return html.P(found)


def _figure(one: Moved, currency: str) -> Component:
    name = translate(METRICS[one.metric].name)
    return html.Span([html.Strong(name), " ", _change(one, currency)], className="changes-figure")


def _change(one: Moved, currency: str) -> Component:
    kind = METRICS[one.metric].format
    language = current_language()
    large = max(abs(one.before or 0), abs(one.after or 0)) >= _LARGE
    before, after = (
        format_value(value, kind, language, compact=large and kind is Format.MONEY,
                     currency=currency)
        for value in (one.before, one.after)
    )  # fmt: skip
    text = f"{before} → {after}"
    if one.before is not None and one.after is not None:
        text += f" ({_difference(one.before, one.after, kind)})"
    return html.Span(text)


def _difference(before: float, after: float, kind: Format) -> str:
    language = current_language()
    if kind is Format.PERCENT:
        return format_value(after - before, Format.POINTS, language, signed=True)
    if kind is Format.INTEGER or before == 0:
        return format_value(after - before, kind, language, signed=True)
    return format_value(after / before - 1, Format.PERCENT, language, signed=True)


def _movers(movers: Sequence[Mover], currency: str) -> list[Component]:
    """Return a line for each split: who moved net sales most, each with the way to its lines."""
    found: list[Component] = []
    for key, group in groupby(movers, key=lambda mover: mover.dimension):
        head = _("Net sales by {dimension}:", dimension=translate(DIMENSIONS[key].name).lower())
        found.append(html.P([html.Span(head), *(_mover(one, currency) for one in group)]))
    return found


def _mover(one: Mover, currency: str) -> Component:
    language = current_language()
    name = country_name(one.member, language) if one.dimension == "country" else one.name
    large = abs(one.change) >= _LARGE
    amount = format_value(
        one.change, Format.MONEY, language, signed=True, compact=large, currency=currency
    )
    query = urlencode([(CELL, spelled((one.dimension, one.member)))])
    return dcc.Link(f"{name} {amount}", href=f"/lines?{query}")
