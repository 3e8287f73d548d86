"""What a page shows for a URL: the analysis is run once, every panel draws from its result."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from dash import no_update
from dash.development.base_component import Component
from flask import Flask, g

from callbacks.kept_pages import kept_page
from callbacks.support import pairs_of, scope, search_of, services, visited
from core import log
from core.errors import PicholineError
from core.i18n import Message, current_language, use_language
from core.models.result import AnalysisResult, ResultTable
from core.services import studies
from core.services.analytics.base import KEPT, Params, get_analysis
from core.services.answer_cache import check_wanted
from core.services.filter_choices import offered_beside
from core.services.prefetch import Visit
from core.services.worklist_tables import with_worklist
from dashboard.components import (
    blank,
    caveat_notice,
    choice_tabs,
    data_table,
    error_notice,
    missing_part,
)
from dashboard.cross import clickable
from dashboard.note_marks import annotated, subjects
from dashboard.page import PROPS, Page, Panel, View, pages
from dashboard.runs import notes_list
from dashboard.security import unexpected
from dashboard.theme import theme_of
from dashboard.told import in_sentences

# Parts of a panel's frame beside its body, and the property a callback fills.
PARTS = {
    "notice": "children",
    "table": "children",
    "choice": "children",
    "frame": "className",
    "csv": "href",
    "xlsx": "href",
}

NOTES = "*notes"  # no panel is called so

Answer = tuple[str, list[Any]]


def parts_of(panel: Panel) -> list[str]:
    """Return the parts of the frame a panel fills, in the order of its values."""
    table = ["table"] if panel.kind == "chart" else []
    choice = ["choice", "csv", "xlsx"] if panel.choice else []
    return ["notice", "frame", *table, *choice]


def answer(page: Page, query: str, theme: str, as_table: set[str]) -> dict[str, Answer]:
    """Return a digest and the output values of each panel and of the page's notes.

    A panel that fails says so in its own place and keeps what it showed before.
    """
    look = Look(query, theme, as_table)
    try:
        visited(page.analysis or "", pairs_of(query), (theme, current_language()))
        return _looked(page, look)
    except Exception as error:  # noqa: BLE001 - told in the tile and in the log
        first, *others = page.panels
        stale = {panel.id: _stale(panel, pairs_of(query)) for panel in others}
        return {NOTES: ("", [no_update]), first.id: _failed(first, error), **stale}


def draw_ahead(server: Flask, visit: Visit) -> None:
    """Draw a page before anybody asks for it, with the rights of the person it is drawn for."""
    theme, language = visit.look
    page = next((page for page in pages() if page.analysis == visit.analysis), None)
    if page is None:
        return
    with server.app_context(), use_language(language):
        g.scope = services().access.scope_of(visit.owner)
        _looked(page, Look(search_of(visit.pairs), theme, set()))


def _looked(page: Page, look: "Look") -> dict[str, Answer]:
    asked = tuple(sorted(pairs_of(look.query)))
    looked = (asked, look.theme, frozenset(look.as_table), services().notes.turn(scope()))
    return kept_page(page.key, looked, lambda: _measured(page, look))


def _measured(page: Page, look: "Look") -> tuple[dict[str, Answer], int]:
    """Return every panel and their bytes; 0 where one of them failed."""
    analysis = get_analysis(page.analysis or "")
    params = analysis.params_from(pairs_of(look.query))
    result = studies.answer(services(), analysis, params, scope(), lambda _done, _step: None)
    found = drawn(page, result, params, look)
    failed = any(_frame_class(p, "has-error") in found[p.id][1] for p in page.panels)
    return found, 0 if failed else sum(map(size_of, found.values()))


@dataclass(frozen=True)
class Look:
    """How a page is looked at: the URL's query, the theme, the charts shown as tables."""

    query: str
    theme: str
    as_table: set[str]


def drawn(page: Page, result: AnalysisResult, params: Params, look: Look) -> dict[str, Answer]:
    """Return every panel drawn from a result, and the notes."""
    pairs = pairs_of(look.query)
    result = with_worklist(result, page.analysis or "", services().worklist, scope())
    unfinished = services().metrics.resolve(params.filters).unfinished
    noted = services().notes.shown(page.key, result.period, scope())
    seen: dict[str, Answer] = {NOTES: digested([notes_list(result.notes)])}
    for panel in page.panels:
        check_wanted()
        table = result.tables.get(panel.table_key(dict(pairs)))
        if table is None or not table.columns or not _has_needed(panel, table):
            seen[panel.id] = kept(panel, "is-absent")  # this kind of result has no such part
            continue
        try:
            view = _view(result, panel, params, look.theme, pairs, unfinished=unfinished)
            values = _drawn(page, panel, view, pairs, as_table=panel.id in look.as_table)
            subject = subjects(page, view, dict(pairs)) if noted else frozenset()
            values = annotated(values, len(PROPS[panel.kind]), view, noted, subject)
            seen[panel.id] = digested(values)
        except Exception as error:  # noqa: BLE001 - one panel fails, the others stand
            seen[panel.id] = _failed(panel, error)
    return seen


def _has_needed(panel: Panel, table: ResultTable) -> bool:
    """Whether what a panel draws was asked for at all: changes are not, without a comparison."""
    return not panel.needs or panel.needs in table.data.column_names


def kept(panel: Panel, state: str) -> Answer:
    """Return a panel as it was, in a state of its frame: what concerns it stands elsewhere."""
    return _kept(panel, {"notice": None, "frame": _frame_class(panel, state)})


def _stale(panel: Panel, pairs: list[tuple[str, str]]) -> Answer:
    """Return a panel as it was; its tabs lead out of what could not be answered."""
    tabs = {"choice": _tabs(panel, pairs)} if panel.choice else {}
    return _kept(panel, {"notice": None, "frame": _frame_class(panel, "is-stale"), **tabs})


def _view(
    result: AnalysisResult,
    panel: Panel,
    params: Params,
    theme: str,
    pairs: list[tuple[str, str]],
    *,
    unfinished: bool,
) -> View:
    settings = services().settings
    return View(
        result=result,
        table=result.tables[panel.table_key(dict(pairs))],
        filters=params.filters,
        theme=theme_of(theme),
        language=current_language(),
        currency=settings.base_currency,
        unfinished=unfinished,
        campaign_month=settings.campaign_first_month,
    )


def _drawn(
    page: Page, panel: Panel, view: View, pairs: list[tuple[str, str]], *, as_table: bool
) -> list[Any]:
    lacking = missing_part(panel, view.table, limited=bool(scope().where))
    empty = lacking is not None
    tabled = as_table and not empty
    export = f"/export/{page.analysis}/{panel.table_key(dict(pairs))}"
    parts: Mapping[str, Any] = {
        "notice": lacking or caveat_notice(_caveats(page, panel, view)),
        "frame": _frame_class(panel, "is-blank" if empty else "as-table" if tabled else ""),
        "table": None if empty else (data_table if tabled else in_sentences)(view.table, view),
        "choice": _tabs(panel, pairs) if panel.choice else None,
        "csv": f"{export}.csv",
        "xlsx": f"{export}.xlsx",
    }
    drawn = blank(panel) if empty else panel.view(view)
    if panel.kind == "chart" and get_analysis(page.analysis or "").run is not None:
        drawn = (clickable(drawn[0], view), *drawn[1:])
    styles = [_size(drawn[0], panel)] if panel.kind == "chart" else []
    return [*drawn, *styles, *(parts[name] for name in parts_of(panel))]


def _caveats(page: Page, panel: Panel, view: View) -> list[Message]:
    """Return a panel's own remarks; what several tables say stands once, with the first panel."""
    tables = view.result.tables.values()
    shared = [c for c in view.result.caveats if sum(c in t.caveats for t in tables) != 1]
    # What was clicked is seen in the drawing; a line that comes with it would move the marks.
    own = [c for c in view.table.caveats if c not in shared and c.text != KEPT]
    return [*shared, *own] if panel is page.panels[0] else own


def _size(figure: Mapping[str, Any], panel: Panel) -> dict[str, Any]:
    """Return a chart's style: its own height where the panel leaves it open, a least width."""
    layout = figure["layout"]
    height = panel.height or layout.get("height")
    return {"height": height, "minWidth": layout.get("meta", {}).get("least_width", 0)}


def _frame_class(panel: Panel, state: str) -> str:
    bare = " bare" if panel.bare else ""
    return f"panel panel-{panel.kind} span-{panel.width}{bare} {state}".rstrip()


def _tabs(panel: Panel, pairs: list[tuple[str, str]]) -> list[Component]:
    choice = panel.choice
    if choice is None:
        return []
    others = [pair for pair in pairs if pair[0] != choice.name]
    options = dict(choice.options)
    if choice.own:
        more = offered_beside(services().metrics, choice.options)
        options |= {dimension.key: dimension.name for dimension in more}
    default = next(iter(options))
    chosen = choice.chosen(dict(pairs))
    return choice_tabs(
        [
            (
                label,
                search_of(others if key == default else [*others, (choice.name, key)]) or "?",
                key == chosen,
            )
            for key, label in options.items()
        ]
    )


def _failed(panel: Panel, error: Exception) -> Answer:
    """Return an error in the panel's notice; what it drew before stays, greyed."""
    notice = error_notice(told(error, panel.id), log.request_id.get())
    return _kept(panel, {"notice": notice, "frame": _frame_class(panel, "has-error")})


def told(error: Exception, place: str) -> PicholineError:
    """Return what a person is told of a failure; a defect is logged with its place."""
    if isinstance(error, PicholineError):
        return error
    log.failure("panel.failed", panel=place)
    return unexpected()


def _kept(panel: Panel, parts: Mapping[str, Any]) -> Answer:
    """Return parts of the frame beside a body that stays; no digest, so the next answer counts."""
    body = [no_update] * len(PROPS[panel.kind])
    return "", [*body, *(parts.get(name, no_update) for name in parts_of(panel))]


def digested(values: list[Any]) -> Answer:
    """Return the values with a digest of their JSON, to tell whether they were sent already.

    The digest ends in the number of bytes; see `size_of`.
    """
    packed = orjson.dumps(values, default=_plain, option=orjson.OPT_SERIALIZE_NUMPY)
    return f"{hashlib.blake2b(packed, digest_size=12).hexdigest()}.{len(packed)}", values


def size_of(answer: Answer) -> int:
    """Return the bytes of digested values; 0 of others."""
    return int(answer[0].rpartition(".")[2] or 0)


def _plain(value: Any) -> Any:
    if isinstance(value, Component):
        return value.to_plotly_json()
    return str(value)
