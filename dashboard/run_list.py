"""Earlier runs of an analysis as a table: when, on which data, with which settings, how good."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component

from core.formats import format_value
from core.i18n import _, current_language, msg_n, translate
from core.models.catalogue import SHIPPED, Dimension
from core.models.filters import filter_name
from core.models.formats import Format
from core.models.options import Option
from core.models.tables import Run
from dashboard.filterbar import member_label
from dashboard.intake_words import moment_text
from dashboard.options import unit_text
from dashboard.page import Page

SHOWN = 8
_FIGURES = 5


def earlier_runs(
    page: Page,
    runs: Sequence[Run],
    options: Sequence[Option],
    data_version: int,
    zone: str,
    dimensions: Mapping[str, Dimension] = SHIPPED.dimensions,
) -> Component:
    """Return the list, folded.

    Args:
        page: whose analysis ran.
        runs: the newest first.
        options: the analysis' settings, for their labels.
        data_version: the current one; only its runs can be opened without computing.
        zone: time zone of the company.
        dimensions: those that exist now, a company's own among them.
    """
    shown = runs[:SHOWN]
    names = list(dict.fromkeys(name for run in shown for name in run.card))[:_FIGURES]
    titles = [_("Finished"), _("Data version"), _("Settings"), *map(translate, names), ""]
    numbers = {1, *range(3, 3 + len(names))}
    head = html.Tr(
        [
            html.Th(title, scope="col", className="num" if place in numbers else "")
            for place, title in enumerate(titles)
        ]
    )
    settings = [settings_text(run.pairs, options, dimensions) for run in shown]
    body = [
        _row(page, run, words, names, data_version, zone)
        for run, words in zip(shown, settings, strict=True)
    ]
    table = html.Table([html.Thead(head), html.Tbody(body)], className="data-table")
    return html.Details(
        [
            html.Summary(str(msg_n("{n} earlier run", "{n} earlier runs", len(runs)))),
            html.Div(table, className="table-scroll", tabIndex=0),
        ],
        className="run-earlier",
    )


def _row(
    page: Page, run: Run, settings: str, names: Sequence[str], version: int, zone: str
) -> Component:
    links: list[Component] = []
    if run.data_version == version:
        address = f"/{page.key}?{urlencode([(name, value) for name, value in run.pairs])}"
        links.append(dcc.Link(_("Show"), href=address))
    if run.model_file:
        links.append(html.A(_("Model"), href=f"/runs/{run.id}/model.json", download=""))
    when = moment_text(run.created_at, zone)
    if run.scheduled:
        when = _("{moment} (scheduled)", moment=when)
    cells: list[Any] = [
        html.Td(when),
        html.Td(str(run.data_version), className="num"),
        html.Td(settings),
        *(html.Td(figure_text(run.card.get(name)), className="num") for name in names),
        html.Td(html.Span(links, className="run-links")),
    ]
    return html.Tr(cells)


def settings_text(
    pairs: Sequence[Sequence[str]],
    options: Sequence[Option],
    dimensions: Mapping[str, Dimension] = SHIPPED.dimensions,
) -> str:
    """Return a run's parameters in words: its last day, filters, settings that were changed."""
    known = {option.name: option for option in options}
    parts: list[str] = []
    for name, value in pairs:
        if name == "to":
            day = format_value(value, Format.DATE, current_language())
            parts.append(_("up to {day}", day=day))
        elif place := filter_name(name):
            part, key = place
            label = member_label(dimensions.get(key), value)
            parts.append(_("not {name}", name=label) if part == "without" else label)
        elif name in known:
            parts.append(_setting(known[name], value, dimensions))
    return ", ".join(parts)


def _setting(option: Option, value: str, dimensions: Mapping[str, Dimension]) -> str:
    named = option.choices.get(value)
    if option.kind == "dimension" and value in dimensions:
        named = named or dimensions[value].name
    shown = translate(named) if named else _with_unit(option, value)
    return _("{name}: {value}", name=translate(option.label), value=shown)


def _with_unit(option: Option, value: str) -> str:
    sign = value.replace(".", ",") if current_language() == "fr" else value
    unit = unit_text(option)
    return f"{sign}\u00a0{unit}" if unit else sign


def figure_text(value: Any) -> str:
    """Return a figure of a run's card in the reader's language."""
    if isinstance(value, str):
        return translate(value)
    if isinstance(value, int):
        return format_value(value, Format.INTEGER, current_language())
    return format_value(value, Format.NUMBER, current_language(), digits=3)
