"""Sales explorer: any figures by any rows and columns, with totals that are right."""

from dataclasses import dataclass, replace

from core.i18n import N_, Message, msg
from core.models.catalogue import Dimension, Known
from core.models.options import Chosen, Option
from core.models.query import MetricQuery, Scope, Top
from core.models.result import AnalysisResult
from core.services.analytics.base import ANALYSES, Analysis, Asker, Params, collect
from core.services.metric_known import get_dimension, get_metric
from core.services.metrics import Metrics
from core.services.vocabulary import in_sentence

METRICS, ROWS, COLUMNS = "figures", "rows", "columns"
SHOW, TOP, OTHERS, CHANGES, SUBTOTALS, ORDER = (
    "show", "top", "others", "changes", "subtotals", "order",
)  # fmt: skip
DEFAULTS = {METRICS: "net_sales,gross_margin,margin_rate", ROWS: "country", COLUMNS: ""}
SHOWS = {
    "table": N_("Pivot table"),
    "bars": N_("Bar chart"),
    "lines": N_("Line chart"),
    "multiples": N_("Small multiples"),
    "heat": N_("Heat map"),
}
TOPS = {"all": N_("All rows"), **{n: n for n in ("5", "10", "20", "50")}}
YES_NO = {"yes": N_("Yes"), "no": N_("No")}
WHEN = {"auto": N_("Without columns"), "yes": N_("Always"), "no": N_("Never")}
_ALONG, _ACROSS = "month", "month_of_year"
_LISTED = N_("Keys, separated by commas.")


@dataclass(frozen=True)
class Plan:
    """What a URL asks for, made whole where the chart needs more than was chosen.

    Attributes:
        metrics: keys of the figures; the first one is drawn.
        rows: keys of the dimensions that split the rows.
        column: key of the dimension whose values are columns, or "".
        notes: what was added, in words.
    """

    metrics: tuple[str, ...]
    rows: tuple[str, ...]
    column: str
    notes: tuple[Message, ...] = ()


def plan(chosen: Chosen, known: Known) -> Plan:
    """Return what is to be asked.

    Lines run along the calendar, heat maps and small multiples need columns: where nothing of the
    kind is chosen, months are.

    Raises:
        PicholineError: a metric or dimension does not exist; the nearest ones are named.
    """
    metrics = _listed(chosen.text(METRICS)) or _listed(DEFAULTS[METRICS])
    rows = _listed(chosen.text(ROWS)) or _listed(DEFAULTS[ROWS])
    column = chosen.text(COLUMNS).strip()
    for key in metrics:
        get_metric(key, known)
    found = [get_dimension(key, known) for key in (*rows, *([column] if column else []))]
    rows = tuple(key for key in rows if key != column) or rows[:1]
    column = "" if column in rows else column
    show = chosen.text(SHOW)
    timed = any(dimension.in_sequence for dimension in found)
    if column or show in {"table", "bars"} or (show == "lines" and timed):
        return Plan(metrics, rows, column)
    wanted = _ACROSS if show == "heat" and _ACROSS not in rows else _ALONG
    if wanted in rows:
        wanted = "country" if "country" not in rows else "category"
    note = msg(
        "Columns: {dimension}, as this chart needs some; choose others above.",
        dimension=in_sentence(known.dimensions[wanted]),
    )
    return Plan(metrics, rows, wanted, (note,))


def question(
    asker: Asker, chosen: Chosen, found: Plan, known: Known, *, keep: bool = False
) -> MetricQuery:
    """Return the question of a plan under the page's filters.

    Args:
        asker: of the page.
        chosen: the page's choices.
        found: what they ask for.
        known: what can be asked for.
        keep: all members are shown, whichever of their marks was clicked.
    """
    by = (*found.rows, *([found.column] if found.column else []))
    changes = chosen.text(CHANGES)
    compare = changes == "yes" or (changes == "auto" and not found.column)
    asked = asker.query(*found.metrics, by=by, compare=compare, keep=by if keep else ())
    return replace(
        asked,
        pivot=found.column or None,
        subtotals=chosen.text(SUBTOTALS) == "yes" and len(found.rows) > 1,
        top=_top(chosen, found, [known.dimensions[key] for key in by]),
        order=_order(chosen.text(ORDER), found, compare=asked.compared is not None),
    )


def _top(chosen: Chosen, found: Plan, dimensions: list[Dimension]) -> Top | None:
    """Return the top list by the first figure; calendar periods alone have no others."""
    if chosen.text(TOP) == "all":
        return None
    ranked = any(dimension.grain is None for dimension in dimensions)
    others = chosen.text(OTHERS) == "yes" and ranked
    return Top(int(chosen.text(TOP)), found.metrics[0], others=others)


def _order(wanted: str, found: Plan, *, compare: bool) -> str | None:
    """Return the order a URL names, as far as the answer has such a column."""
    column = wanted.removeprefix("-")
    changed = {f"{key}_{kind}" for key in found.metrics for kind in ("change", "change_rate")}
    able = {*found.metrics, *found.rows, *(changed if compare else ())}
    return wanted if column in able else None


def run(metrics: Metrics, params: Params, scope: Scope) -> AnalysisResult:
    """Answer the chosen figures by the chosen rows and columns.

    Raises:
        PicholineError: something does not exist, or the question has no meaning; the remedy names
            the nearest one that has.
    """
    known = metrics.known()
    found = plan(params.chosen, known)
    asker = Asker.start(metrics, params, scope)
    asked = question(asker, params.chosen, found, known)
    answer = metrics.ask(asked, scope)
    title = title_of(found, known)
    tables = {"pivot": answer}
    titles = {"pivot": title}
    if params.chosen.text(SHOW) != "table":
        # A click in the chart filters the table; the chart itself goes on showing everything.
        whole = question(asker, params.chosen, found, known, keep=True)
        tables["chart"] = answer if whole == asked else metrics.ask(whole, scope)
        titles["chart"] = title
    result = collect(asker, tables, titles, notes=(*found.notes, *_no_hours(params.chosen)))
    return replace(result, headline={SHOW: params.chosen.text(SHOW)})


def _no_hours(chosen: Chosen) -> tuple[Message, ...]:
    """Say with a heat map by the day of the week why it goes no further."""
    if chosen.text(SHOW) != "heat" or "weekday" not in chosen.text(ROWS) + chosen.text(COLUMNS):
        return ()
    return (msg("The data have days but no times: there is no hour of the day to split by."),)


def title_of(found: Plan, known: Known) -> Message:
    """Return what a plan shows, in words."""
    figures = [known.metrics[key] for key in found.metrics]
    names = [Message(figures[0].name), *map(in_sentence, figures[1:])]
    by = (*found.rows, *([found.column] if found.column else []))
    splits = [in_sentence(known.dimensions[key]) for key in by]
    return msg("{metric} by {dimension}", metric=_joined(names), dimension=_joined(splits))


def _joined(names: list[Message]) -> Message:
    found = names[0]
    for name in names[1:]:
        found = Message("{first}, {next}", {"first": found, "next": name})
    return found


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _choice(name: str, label: str, default: str, choices: dict[str, str]) -> Option:
    return Option(name, label, "choice", default, choices, in_bar=False)


OPTIONS = (
    Option(METRICS, N_("Figures"), "text", DEFAULTS[METRICS], hint=_LISTED, in_bar=False),
    Option(ROWS, N_("Rows"), "text", DEFAULTS[ROWS], hint=_LISTED, in_bar=False),
    Option(COLUMNS, N_("Columns"), "text", hint=N_("One key, or nothing."), in_bar=False),
    _choice(SHOW, N_("Show as"), "table", SHOWS),
    _choice(TOP, N_("Keep the first"), "all", TOPS),
    _choice(OTHERS, N_("Sum up the others"), "yes", YES_NO),
    _choice(CHANGES, N_("Changes"), "auto", WHEN),
    _choice(SUBTOTALS, N_("Subtotals"), "yes", YES_NO),
    Option(ORDER, N_("Sort by"), "text", hint=N_("A key, with “-” the highest first."),
           in_bar=False),
)  # fmt: skip
ANALYSES.add(
    Analysis(
        "explorer",
        N_("Explorer"),
        N_("Any figures by any rows and columns, with subtotals, top lists and others."),
        run,
        options=OPTIONS,
    )
)
