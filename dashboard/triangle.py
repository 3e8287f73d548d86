"""Cohorts × ages as a heat map, the average over all cohorts on top, unfinished cells marked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.formats import format_day, format_value
from core.i18n import _
from core.models.formats import Format
from core.models.result import ResultTable
from dashboard.charts import Figure, base_layout
from dashboard.drill import points
from dashboard.page import View
from dashboard.theme import Palette, palette
from dashboard.wording import cell_text

COHORTS = 30  # newest ones drawn; the export has all
_ROW, _CHROME, _COLUMN, _LABELS = 24, 44, 31, 140
_FIRST = 1.35  # row of the newest-but-all cohort: a little below the average
_TOP = 0.95  # quantile of the cells that gets the strongest colour
_LEAST_TOP = 0.1
_SHADE = 0.85  # of the full colour, so that numbers stay readable on it
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Sheet:
    """What is drawn: the cohorts shown, ages 1 to `oldest`, the column of rates."""

    cohorts: list[date]
    cells: Mapping[tuple[date, int], Row]
    oldest: int
    rate: str
    kind: Format


def triangle(view: View, measure: str) -> Figure:
    """Return the heat map of a measure; its rows are those of the analysis' `triangle` table."""
    long = view.result.tables["triangle"]
    sheet = _sheet(long, measure)
    top = _top(sheet)
    layout = base_layout(view)
    colours = palette(view.theme)
    rows = len(sheet.cohorts)
    layout["xaxis"] |= {
        "side": "top",
        "tickmode": "array",
        "tickvals": list(range(1, sheet.oldest + 1)),
        "ticktext": [f"+{age}" for age in range(1, sheet.oldest + 1)],
        "tickangle": 0,
        "range": [0.5, sheet.oldest + 0.5],
        "showgrid": False,
        "showline": False,
        "zeroline": False,
    }
    layout["yaxis"] |= {
        "tickmode": "array",
        "tickvals": [0, *(_FIRST + i for i in range(rows))],
        "ticktext": [
            _bold(_("All cohorts")),
            *(_label(d, sheet, view) for d in sheet.cohorts),
        ],
        "range": [_FIRST + rows - 0.45, -0.55],
        "showgrid": False,
        "showline": False,
        "zeroline": False,
        "tickfont": {"size": 11, "color": colours.text},
    }
    layout["shapes"] = _marks(sheet, colours)
    layout["height"] = round((rows + _FIRST) * _ROW) + _CHROME
    layout["meta"] = {"least_width": sheet.oldest * _COLUMN + _LABELS}
    ages = range(1, sheet.oldest + 1)
    shown = [[sheet.cells.get((day, age)) for age in ages] for day in sheet.cohorts]
    led = points(long, view, sheet.rate, shown, (1, _FIRST))
    traces = [_average(view, sheet, top), _cells(view, sheet, top) | led]
    return {"data": traces, "layout": layout}


def _sheet(long: ResultTable, measure: str) -> Sheet:
    rows = long.rows()
    cohorts = sorted({row["cohort"] for row in rows}, reverse=True)[:COHORTS]
    shown = set(cohorts)
    cells = {(r["cohort"], r["age"]): r for r in rows if r["cohort"] in shown}
    oldest = max((age for _day, age in cells), default=0)
    kind = long.column("cohort").format
    return Sheet(sorted(cohorts), cells, max(oldest, 1), f"rate_{measure}", kind)


def _top(sheet: Sheet) -> float:
    """Return the rate that gets the strongest colour: a few wild cells do not bleach the rest."""
    rates = sorted(
        row[sheet.rate]
        for (_day, age), row in sheet.cells.items()
        if age and not row["unfinished"] and row[sheet.rate] is not None
    )
    return max(rates[int(_TOP * (len(rates) - 1))], _LEAST_TOP) if rates else 1.0


def _label(day: date, sheet: Sheet, view: View) -> str:
    """Return a cohort's name and size; a star where it is too small for rates."""
    start = sheet.cells[day, 0]
    size = format_value(start["customers"], Format.INTEGER, view.language)
    return f"{format_day(day, sheet.kind, view.language)} · {size}{'*' if start['remark'] else ''}"


def _average(view: View, sheet: Sheet, top: float) -> dict[str, Any]:
    total = view.table.total or {}
    rates = [total.get(f"age_{age}") for age in range(1, sheet.oldest + 1)]
    name = _bold(_("All cohorts"))
    hover = [
        f"{name}<br>{_age(view, age)}: {_bold(_percent(rate, view, 1))}"
        for age, rate in enumerate(rates, 1)
    ]
    return _trace(view, [rates], [hover], 0, top)


def _cells(view: View, sheet: Sheet, top: float) -> dict[str, Any]:
    ages = range(1, sheet.oldest + 1)
    grid = [[sheet.cells.get((day, age)) for age in ages] for day in sheet.cohorts]
    rates = [[cell[sheet.rate] if cell else None for cell in line] for line in grid]
    hover = [[_hover(cell, sheet, view) for cell in line] for line in grid]
    return _trace(view, rates, hover, _FIRST, top)


def _trace(
    view: View,
    rates: Sequence[Sequence[float | None]],
    hover: Sequence[Sequence[str]],
    place: float,
    top: float,
) -> dict[str, Any]:
    colours = palette(view.theme)
    _low, pale, full = colours.rates
    return {
        "type": "heatmap",
        "x0": 1,
        "dx": 1,
        "y0": place,
        "dy": 1,
        "z": [list(line) for line in rates],
        "zmin": 0.0,
        "zmax": top / _SHADE,
        "colorscale": [[0, pale], [1, full]],
        "xgap": 2,
        "ygap": 2,
        "text": [[_percent(rate, view, 0) for rate in line] for line in rates],
        "texttemplate": "%{text}",
        "textfont": {"size": 11, "color": colours.text},
        "customdata": [list(line) for line in hover],
        "hovertemplate": "%{customdata}<extra></extra>",
        "hoverongaps": False,
        "showscale": False,
    }


def _bold(text: str) -> str:
    return f"<b>{text}</b>"


def _percent(rate: float | None, view: View, digits: int) -> str:
    if rate is None:
        return ""
    text = format_value(rate, Format.PERCENT, view.language, digits=digits)
    return text if digits else text.rstrip("%\u202f")


def _age(view: View, age: int) -> str:
    return str(view.table.column(f"age_{age}").name)


def _hover(cell: Row | None, sheet: Sheet, view: View) -> str:
    if not cell:
        return ""
    long = view.result.tables["triangle"]
    rate = cell_text(cell, long.column(sheet.rate), view)
    name = format_day(cell["cohort"], sheet.kind, view.language)
    lines = [f"{_bold(name)}, {_age(view, cell['age'])}: {_bold(rate)}"]
    if cell["unfinished"]:
        lines.append(_("unfinished: days are still to come"))
    if sheet.rate == "rate_customers":
        low, high = (cell_text(cell, long.column(key), view) for key in ("low", "high"))
        lines.append(_("95% interval {low} to {high}", low=low, high=high))
    active, size = (cell_text(cell, long.column(key), view) for key in ("active", "customers"))
    lines.append(_("{active} of {size} customers bought", active=active, size=size))
    lines += [
        f"{long.column(key).name}: {cell_text(cell, long.column(key), view)}"
        for key in ("net_sales", "gross_margin")
    ]
    if cell["remark"]:
        lines.append(cell_text(cell, long.column("remark"), view))
    return "<br>".join(lines)


def _marks(sheet: Sheet, colours: Palette) -> list[dict[str, Any]]:
    """Return a veil with a dotted edge over each unfinished cell."""
    found: list[dict[str, Any]] = []
    for i, day in enumerate(sheet.cohorts):
        for age in range(1, sheet.oldest + 1):
            cell = sheet.cells.get((day, age))
            if cell and cell["unfinished"]:
                y = _FIRST + i
                found.append(
                    {
                        "type": "rect",
                        "x0": age - 0.44,
                        "x1": age + 0.44,
                        "y0": y - 0.42,
                        "y1": y + 0.42,
                        "fillcolor": colours.surface,
                        "opacity": 0.45,
                        "line": {"width": 1, "dash": "dot", "color": colours.text},
                    }
                )
    return found
