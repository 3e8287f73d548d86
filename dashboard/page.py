"""What a page is: an analysis with panels, or a layout of its own; pages register themselves.

A new analysis page is one module in `dashboard/pages` that calls `PAGES.add(Page(...))`: menu,
address, filters, refresh and export links follow from the register.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dash.development.base_component import Component

from core.i18n import N_
from core.models.filters import FilterState
from core.models.result import AnalysisResult, ResultTable
from core.registry import Registry

CUSTOMERS = N_("Customers")  # a group of the navigation

Kind = Literal["chart", "grid", "html"]
Theme = Literal["light", "dark", "contrast"]

# The properties of the panel's component a callback fills, by kind of panel: a view returns
# them in this order (a chart's style follows from its figure's layout).
PROPS: Mapping[Kind, tuple[str, ...]] = {
    "chart": ("figure", "style"),
    "grid": ("rowData", "columnDefs"),
    "html": ("children",),
}


@dataclass(frozen=True)
class View:
    """What a panel's view function gets to draw from.

    Attributes:
        result: everything the analysis found.
        table: the panel's own table.
        filters: the filters the result was asked with.
        theme: `light`, `dark` or `contrast`, as resolved in the browser.
        language: `en` or `fr`.
        currency: ISO 4217 code of the amounts.
        unfinished: the period's last month is still running.
        campaign_month: first month of the campaign year, 1–12.
    """

    result: AnalysisResult
    table: ResultTable
    filters: FilterState
    theme: Theme
    language: str
    currency: str
    unfinished: bool = False
    campaign_month: int = 10


@dataclass(frozen=True)
class Choice:
    """Tabs over a panel; the chosen one stands in the URL as `name=option`.

    Attributes:
        name: the URL parameter.
        options: option → English label; the first one is the default.
        own: the company's own dimensions are options too, by their keys; the analysis has an
            option of the same name and refuses keys that do not exist.
    """

    name: str
    options: Mapping[str, str]
    own: bool = False

    def chosen(self, pairs: Mapping[str, str]) -> str:
        """Return the option a URL names, or the default."""
        wanted = pairs.get(self.name, "").strip()
        known = wanted in self.options or (self.own and wanted)
        return wanted if known else next(iter(self.options))


@dataclass(frozen=True)
class Panel:
    """One panel of a page.

    Attributes:
        id: unique within the page.
        title: English title, translated when shown.
        table: key of the analysis' table it shows and exports; `{choice}` stands for the choice.
        kind: what it is drawn with.
        view: returns a figure (chart), rows and columns (grid) or children (html), as a tuple.
        width: columns of twelve on a wide screen.
        height: of the drawing area in pixels; 0: what the figure's layout says.
        choice: tabs over the panel.
        bare: drawn without a frame (key figures).
        hint: English sentence under the title, or empty.
        legend: style and English label of each mark: `primary`, `strong`, `compared`, `line`.
        needs: a column without which there is nothing to draw, such as a margin.
    """

    id: str
    title: str
    table: str
    kind: Kind
    view: Callable[[View], tuple[Any, ...]]
    width: int = 12
    height: int = 0
    choice: Choice | None = None
    bare: bool = False
    hint: str = ""
    legend: tuple[tuple[str, str], ...] = ()
    needs: str = ""

    def table_key(self, pairs: Mapping[str, str]) -> str:
        """Return the table the URL asks this panel to show."""
        return self.table.format(choice=self.choice.chosen(pairs)) if self.choice else self.table


@dataclass(frozen=True)
class Page:
    """One page of the application.

    Attributes:
        key: name of the page and its address, `/<key>`.
        title: English title, translated when shown.
        icon: name of an icon in `dashboard.components.ICONS`.
        analysis: key of the analysis whose tables the panels show; None for a page that is not
            an analysis.
        panels: in reading order.
        layout: builds the content of a page that is not an analysis; its callbacks live in a
            module of `callbacks` with a `register(app)` function.
        order: position in the navigation.
        group: English name of the group of the navigation it stands in; "": before all groups.
        head: builds what stands between an analysis' settings and its panels.
        overlay: builds parts that live outside the page and are there on every page (dialogues,
            drop areas).
        tool: builds a button that stands in the top bar on every page.
        filtered: a page that is no analysis follows the filter bar all the same.
        own: names in its URL that mean something on this page only, beside an analysis' options.
        crossed: a click on a mark filters the other tiles, where that is quick; False: it opens
            the menu of the mark.
    """

    key: str
    title: str
    icon: str
    analysis: str | None = None
    panels: tuple[Panel, ...] = field(default=())
    layout: Callable[[], Component] | None = None
    order: int = 100
    group: str = ""
    head: Callable[[], list[Component]] | None = None
    overlay: Callable[[], Component] | None = None
    tool: Callable[[], Component] | None = None
    filtered: bool = False
    own: tuple[str, ...] = ()
    crossed: bool = True


PAGES: Registry[Page] = Registry()


def pages() -> list[Page]:
    """Return the registered pages in the order of the navigation."""
    return sorted(PAGES, key=lambda page: page.order)
