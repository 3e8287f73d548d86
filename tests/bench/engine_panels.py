"""The eight-panel page as this engine answers it, and the numbers that its peers must equal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.models.filters import FilterState, Preset
from core.models.query import Compare, Filter, MetricQuery, Period, Top
from core.models.result import ResultTable
from core.services.metrics import Metrics

MICRO = 1_000_000
TOP = 10
KPIS = (
    "net_sales", "gross_margin", "margin_rate", "contribution", "orders", "customers", "aov",
    "return_rate",
)  # fmt: skip
Numbers = Mapping[str, Any]  # panel → what is compared: whole millionths and counts


@dataclass(frozen=True)
class State:
    """One filter state of the page, resolved."""

    name: str
    where: tuple[Filter, ...]
    period: Period
    compared: Period | None


def states(metrics: Metrics) -> list[State]:
    """Return all data, the last campaign, and three filters on the last twelve months."""

    def most(dimension: str, place: int = 0) -> str:
        return metrics.members(dimension)[place].value

    countries = tuple(member.value for member in metrics.members("country")[:3])
    chosen = {
        "all": FilterState(Preset.ALL, compare=None),
        "last campaign": FilterState(Preset.LAST_CAMPAIGN),
        "countries x category": FilterState(
            values={"country": countries, "category": (most("category"),)}
        ),
        "one supplier": FilterState(values={"supplier": (most("supplier", 1),)}),
        "one segment": FilterState(values={"segment": (most("segment"),)}),
    }
    found = []
    for name, state in chosen.items():
        resolved = metrics.resolve(state)
        assert resolved.period
        found.append(State(name, state.where(), resolved.period, resolved.compared))
    return found


def questions(state: State) -> dict[str, MetricQuery]:
    """Return the seven panels that are metric questions."""

    def ask(metrics: tuple[str, ...], *by: str, **more: Any) -> MetricQuery:
        return MetricQuery(metrics, by, state.where, state.period, **more)

    return {
        "tiles": ask(
            KPIS, compare=Compare.YEAR if state.compared else None, compared=state.compared
        ),
        "months": ask(("net_sales", "gross_margin", "orders"), "month"),
        "countries": ask(("net_sales", "gross_margin"), "country"),
        "products": ask(("net_sales", "gross_margin"), "product", top=Top(TOP, "net_sales", True)),
        "matrix": ask(("net_sales", "margin_rate", "gross_margin"), "supplier", "category"),
        "channels": ask(("net_sales", "gross_margin"), "channel", "category"),
        "buyers": ask(("net_sales", "orders"), "customer", top=Top(TOP, "net_sales")),
    }


def panels(metrics: Metrics, state: State) -> dict[str, Callable[[], ResultTable]]:
    """Return the eight panels, each asked anew when called."""
    found: dict[str, Callable[[], ResultTable]] = {
        name: lambda query=query: metrics.ask(query, cached=False)
        for name, query in questions(state).items()
    }
    found["values"] = lambda: metrics.order_values(state.where, state.period, cached=False)
    return found


def numbers(answers: Mapping[str, ResultTable]) -> Numbers:
    """Return an answered page as whole numbers."""
    tiles = answers["tiles"].total or {}
    names = ("net_sales", "gross_margin", "contribution", "orders", "customers")
    found: dict[str, Any] = {"tiles": [whole(tiles[n]) for n in names]}
    if "orders_compared" in tiles:
        found["tiles"] += [whole(tiles[f"{n}_compared"]) for n in names]
    keys = {
        "months": ("month",), "countries": ("country",), "products": ("product",),
        "matrix": ("supplier", "category"), "channels": ("channel", "category"),
        "buyers": ("customer",),
    }  # fmt: skip
    for panel, by in keys.items():
        rows = answers[panel].rows()
        values = ["orders" if panel == "buyers" else "gross_margin"]
        values += ["orders"] if panel == "months" else []
        found[panel] = {
            "|".join(str(row[k] or "") for k in by): [whole(row[v]) for v in ("net_sales", *values)]
            for row in rows
            if row[by[0]] != "__others__"
        }
    worth = answers["values"]
    assert worth.total
    found["values"] = {
        "bins": [row["orders"] for row in worth.rows()],
        "sums": [whole(row["net_sales"]) for row in worth.rows()],
        "median": whole(worth.total["median"]),
    }
    return found


def whole(value: Any) -> int:
    """Return an amount in millionths, a count as it is, nothing as zero."""
    return int(value * MICRO) if isinstance(value, Decimal) else int(value or 0)
