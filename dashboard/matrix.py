"""The supplier × product matrix: margin rates by colour, sales and margin in the hover."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.formats import format_value
from core.models.formats import Format
from dashboard.charts import Figure, base_layout
from dashboard.drill import points
from dashboard.page import View
from dashboard.theme import palette
from dashboard.wording import cell_text, member_name, number, shorten

PRODUCTS, SUPPLIERS = 40, 24
_ROW, _CHROME = 26, 130
_LEAST_COLUMN, _LABELS = 24, 190  # narrower windows scroll sideways
_MAX_RATE = 0.5
Row = Mapping[str, Any]


def supplier_matrix(view: View) -> Figure:
    """Return a heat map of margin on sales by supplier and product.

    The products with the highest sales are shown, next to those of the same supplier; a cell
    without sales stays empty.
    """
    rows = view.table.rows()
    suppliers = _largest(rows, "supplier", SUPPLIERS)
    products = _grouped(rows, _largest(rows, "product", PRODUCTS), suppliers)
    cells = {(row["supplier"], row["product"]): row for row in rows}
    suppliers = [s for s in suppliers if any((s, p) in cells for p in products)]
    names = {
        key: {row[key]: member_name(row, key, view.language) for row in rows}
        for key in ("supplier", "product")
    }
    grid: list[list[Row | None]] = [[cells.get((s, p)) for p in products] for s in suppliers]
    layout = base_layout(view)
    layout["xaxis"] |= _axis([shorten(names["product"][p], 22) for p in products], view)
    layout["xaxis"] |= {"tickangle": -50}
    layout["yaxis"] |= _axis([shorten(names["supplier"][s]) for s in suppliers], view)
    layout["yaxis"] |= {"autorange": "reversed"}
    layout["height"] = len(suppliers) * _ROW + _CHROME
    layout["meta"] = {"least_width": len(products) * _LEAST_COLUMN + _LABELS}
    heat = _heat_map(grid, names, view) | points(view.table, view, "margin_rate", grid)
    return {"data": [heat], "layout": layout}


def _axis(labels: list[str], view: View) -> dict[str, Any]:
    return {
        "tickmode": "array",
        "tickvals": list(range(len(labels))),
        "ticktext": labels,
        "showgrid": False,
        "zeroline": False,
        "tickfont": {"size": 11, "color": palette(view.theme).text},
    }


def _heat_map(
    grid: list[list[Row | None]], names: Mapping[str, Mapping[str | None, str]], view: View
) -> dict[str, Any]:
    colours = palette(view.theme)
    return {
        "type": "heatmap",
        "x": list(range(len(grid[0]) if grid else 0)),
        "y": list(range(len(grid))),
        "z": [[_rate(cell) for cell in line] for line in grid],
        "zmin": 0.0,
        "zmax": _MAX_RATE,
        "colorscale": [[i / 2, colour] for i, colour in enumerate(colours.rates)],
        "xgap": 2,
        "ygap": 2,
        "text": [[_percent(cell, view) for cell in line] for line in grid],
        "texttemplate": "%{text}",
        "textfont": {"size": 10, "color": colours.text},
        "customdata": [[_hover(cell, view, names) for cell in line] for line in grid],
        "hovertemplate": "%{customdata}<extra></extra>",
        "hoverongaps": False,
        "showscale": False,
    }


def _largest(rows: Sequence[Row], key: str, count: int) -> list[str | None]:
    """Return the members with the highest net sales, largest first."""
    sales: dict[str | None, float] = {}
    for row in rows:
        sales[row[key]] = sales.get(row[key], 0.0) + (number(row["net_sales"]) or 0.0)
    return sorted(sales, key=lambda member: -sales[member])[:count]


def _grouped(
    rows: Sequence[Row], products: Sequence[str | None], suppliers: Sequence[str | None]
) -> list[str | None]:
    """Return products in the order of their first supplier, so that a supplier's stand together."""
    place = {supplier: i for i, supplier in enumerate(suppliers)}
    first: dict[str | None, int] = {}
    for row in rows:  # largest sales first
        first.setdefault(row["product"], place.get(row["supplier"], len(place)))
    rank = {product: i for i, product in enumerate(products)}
    return sorted(products, key=lambda product: (first[product], rank[product]))


def _rate(row: Row | None) -> float | None:
    return number(row["margin_rate"]) if row else None


def _percent(row: Row | None, view: View) -> str:
    if not row or row["margin_rate"] is None:
        return ""
    return format_value(row["margin_rate"], Format.PERCENT, view.language, digits=0).rstrip(
        "%\u202f"
    )


def _hover(row: Row | None, view: View, names: Mapping[str, Mapping[str | None, str]]) -> str:
    if not row:
        return ""
    lines = [
        f"{column.name}: <b>{cell_text(row, column, view)}</b>"
        for column in view.table.columns
        if column.role == "metric"
    ]
    title = f"<b>{names['product'][row['product']]}</b><br>{names['supplier'][row['supplier']]}"
    return "<br>".join([title, *lines])
