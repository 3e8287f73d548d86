"""Two boards to begin with, made of figures of the catalogue."""

from core.i18n import N_, _
from core.models.boards import Content, Pairs, Place, Tile

EXAMPLES = {"sales": N_("Sales at a glance"), "margins": N_("Margins at a glance")}
_NUMBER = ("show", "number")


def example(key: str) -> tuple[str, Content]:
    """Return name and content of an example, its texts in the current language."""
    tiles = {"sales": _sales, "margins": _margins}[key]()
    return _(EXAMPLES[key]), Content(tuple(tiles))


def _sales() -> list[Tile]:
    return [
        _figures("t1", Place(0, 0, 12, 3), ("figures", "net_sales,orders,customers,aov"), _NUMBER,
                 title=_("Key figures")),
        _figures("t2", Place(0, 3, 7, 7), ("figures", "net_sales"), ("rows", "month"),
                 ("columns", "channel"), ("show", "lines")),
        _figures("t3", Place(7, 3, 5, 7), ("figures", "net_sales"), ("rows", "country"),
                 ("top", "10"), ("show", "bars")),
        _figures("t4", Place(0, 10, 5, 7), ("figures", "net_sales"), ("rows", "product"),
                 ("top", "10"), ("show", "table")),
        _figures("t5", Place(5, 10, 7, 7), ("figures", "net_sales"), ("rows", "weekday"),
                 ("columns", "month_of_year"), ("show", "heat")),
    ]  # fmt: skip


def _margins() -> list[Tile]:
    return [
        _figures("t1", Place(0, 0, 8, 3), ("figures", "gross_margin,margin_rate,cost_coverage"),
                 _NUMBER, title=_("Margins")),
        Tile("t2", "text", Place(8, 0, 4, 3), text=_(
            "Margins count only sales whose cost is known: the coverage says how many they are. "
            "[What the figures mean](/definitions)"
        )),
        Tile("t3", "panel", Place(0, 3, 7, 7), page="overview", panel="trend"),
        _figures("t4", Place(7, 3, 5, 7), ("figures", "gross_margin"), ("rows", "category"),
                 ("show", "bars")),
        _figures("t5", Place(0, 10, 12, 7), ("figures", "gross_margin,margin_rate"),
                 ("rows", "supplier"), ("top", "10"), ("show", "table")),
    ]  # fmt: skip


def _figures(key: str, place: Place, *pairs: tuple[str, str], title: str = "") -> Tile:
    found: Pairs = pairs
    return Tile(key, "figures", place, title=title, pairs=found)
