"""The company as a whole: dimensions at once, sales in batches."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from . import money, supply, truths
from .arrow import dates, decimals, rates, typed_table
from .lines import Trade
from .market import CURRENCIES, Buying, Numbers, buy, exchange_rates
from .orders import plan_orders
from .people import countries, customer_table, draw_customers, salespeople
from .planted import BRAND, BULK, GENEROUS, PDO, PRIVATE, WEB
from .prices import PriceBook, price_book
from .reference import Products, read
from .sales import Pricing, sales_tables
from .shelf import fill_shelf
from .tally import tally
from .timeline import DAYS, LEAD, WEEKEND
from .wrong import plan_wrong

FEWEST_LINES = 100


@dataclass(frozen=True)
class DemoCompany:
    """A generated company.

    Attributes:
        dimensions: every table of the business schema but the sales, by name.
        truths: what was planted, ready for JSON.
    """

    dimensions: dict[str, pa.Table]
    truths: truths.Truth
    _pricing: Pricing = field(repr=False)

    def sales_batches(self) -> Iterator[pa.Table]:
        """Yield the sales in chronological tables of at most half a million lines."""
        return sales_tables(self._pricing)


def _product_table(products: Products, buying: Buying, book: PriceBook) -> pa.Table:
    """Return the products with their standard costs and last list prices."""
    table = products.table
    goods = ~products.is_service
    first = [next((c for c in (BRAND, PDO, PRIVATE, BULK, WEB) if row[c]), BRAND)
             for row in products.share > 0]  # fmt: skip
    last_list = book.price[np.arange(len(first)), first, -1]
    unknown = ~goods | products.cost_source("none")
    columns = {
        name: table[name].combine_chunks()
        for name in (
            "product_id", "name", "category", "subcategory", "brand", "supplier_id", "unit",
            "grade", "origin", "pdo", "best_before_months", "launched_on", "ended_on",
        )
    }  # fmt: skip
    return typed_table(
        "products",
        {
            **columns,
            "content": decimals(products.numbers("content"), 4, nulls=~goods),
            "standard_cost": decimals(buying.basis.mean(axis=1), 4, nulls=unknown),
            "list_price": decimals(last_list, 2, nulls=~goods),
        },
    )


def _supplier_table() -> pa.Table:
    table = read("suppliers")
    names = ("supplier_id", "name", "country", "lead_time_days")
    columns = {name: table[name].combine_chunks() for name in names}
    fewest = table["minimum_order"].to_numpy()
    return typed_table("suppliers", {**columns, "minimum_order": decimals(fewest, 0)})


def _rate_table(values: Numbers) -> pa.Table:
    """Return the rates of the days on which the markets are open."""
    days = np.arange(-LEAD, DAYS)
    open_days = days[days % 7 >= WEEKEND]
    foreign = CURRENCIES[1:]
    return typed_table(
        "fx_rates",
        {
            "date": dates(np.tile(open_days, len(foreign))),
            "currency": pa.array(np.repeat(foreign, len(open_days)), pa.string()),
            "rate_to_base": rates(values[1:, open_days + LEAD].ravel()),
        },
    )


def generate(lines: int = 200_000, seed: int = 20_221_001) -> DemoCompany:
    """Return the company with exactly `lines` sales lines; the same for the same arguments.

    Args:
        lines: rows of the sales table, returns and services among them; 100 at least.
        seed: chooses the company; the planted effects are the same for every seed.

    Raises:
        ValueError: for fewer lines than a company can be made of.
    """
    if lines < FEWEST_LINES:
        message = f"lines must be at least {FEWEST_LINES}"
        raise ValueError(message)
    products = Products(read("products"))
    market = countries()
    buying = buy(products, seed, supply.delivery_delays())
    book = price_book(products, buying, seed)
    customers = draw_customers(lines, seed, market)
    orders = plan_orders(customers, lines, seed)
    shelf = fill_shelf(products, book, customers, seed)
    returns = lines - int(orders.lines.sum(dtype=np.int64))
    wrong = plan_wrong(orders, customers, market, products, seed)
    trade = Trade(seed, products, customers, market, orders, book, shelf, wrong, returns)
    exchange = exchange_rates(seed)
    generous = salespeople().index(GENEROUS[0])
    pricing = Pricing(trade, buying, exchange, generous)
    sums = tally(pricing)
    stock = supply.run_stock(products, sums.demand, seed)
    bought, receipts = supply.purchases(products, buying, stock, exchange)
    moves, counts = supply.stock_tables(products, sums.demand, stock, receipts)
    dimensions = {
        "products": _product_table(products, buying, book),
        "customers": customer_table(customers, market, orders.first_day, seed),
        "suppliers": _supplier_table(),
        "purchases": bought,
        "stock_moves": moves,
        "stock_counts": counts,
        "investments": money.investment_table(market, sums, exchange),
        "fx_rates": _rate_table(exchange),
        "budgets": money.budget_table(market, sums, seed),
    }
    return DemoCompany(dimensions, truths.tell(pricing, sums, lines), pricing)
