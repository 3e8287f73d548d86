"""The planted truths of Maison Picholine, and how each can be found again in the data.

The demo company is made, not observed: every effect below was put in on purpose, so that an
analysis can be held against what it should find. `DemoCompany.truths` carries the same as
JSON, with the identifiers and dates of the drawn company.

Margins
    Margin rate on goods by channel over the whole span: bulk 3–8 %, private label 8–15 %, brand
    18–30 %, PDO & organic 30–45 %, web shop 32–46 %. Around early 2024 the rates are a little
    lower: lists follow costs late and not in full. Lists follow the *perpetual* moving average
    of landed costs (what is left in stock, averaged with each delivery). An average of all
    purchases since the beginning would be wrong by a third at the peak.

Price wave
    Spanish extra virgin in bulk (`VR-EV-ES`, EUR per kg, price without freight): about 4.0 in
    autumn 2022, 9.0 in late January 2024, 3.65 in June 2025, 4.0 in 2026. Other origins and
    grades follow at a distance.

Cost cascade
    Web shop lines in EUR state their own unit cost; all other lines do not. Most products have
    purchases. Soap, liquid soap and the gift boxes only have a standard cost. The olive leaf
    infusion, launched in January 2026, has no cost at all, so cost coverage is just under 100 %.

Seasons
    Orders rise towards Christmas and in summer and dip in January and February; the trade is
    closed on Sundays. Gift boxes sell in November and December, olives in summer.

Goods sent back
    Two lines in a hundred are returns, 1 to 40 days after the sale, on an own credit note (AV…)
    that carries the order of the sale. One bottle comes back four times as often.

Customers
    Regular customers follow BG/NBD: purchase rates Gamma(r, α), dropout Beta(a, b) after each
    repeat purchase; the clock is calendar days stretched by the season, and a customer orders
    once a day at most (a second order waits for the next free day). Growing customers order
    `ratio` times as often at the end as at the beginning. Leaving customers shrink their
    quantities to 30 % within 180 days, and then never come back. Guests have no customer code.

Baskets
    A line of the first product is followed by a line of the second with the given probability.
    Other products are bought again by habit; these are not, so that habit does not hide the
    pair. The lift within the channel's orders is at least `min_lift`.

Prices and demand
    Quantities follow the channel's elasticity: ln(quantity) moves by it times ln(list price).
    Promotions cut the price and multiply the quantity of a line and the number of lines; what a
    customer buys by habit is not more often bought, so that units a day rise by `min_uplift` or
    more against the four weeks before and after.

Stock
    Stock-outs: no sale and no stock at the month's end between two dates, because a delivery
    came late. One supplier is always late. Counts are receipts less sales less losses, exactly.

Anomalies
    A product sold below its cost for five weeks; tenfold prices on single lines; tenfold own
    costs on single lines; a supplier whose costs rise by 38 % without any reaction of the
    selling prices; a salesperson who grants 28 % on every brand line for two months.

Investments
    The return on investment over the whole span of ten countries, from +400 % to −50 %; in the
    other countries nothing was invested. Budgets are too high for two countries and too low for
    two others.
"""

from . import planted
from .lines import Trade
from .orders import Orders
from .people import Customers
from .planted import CHANNELS
from .prices import TIERED
from .reference import Products, read
from .sales import Pricing
from .supply import stock_out_days
from .tally import Tally
from .timeline import CAMPAIGNS, DAYS, day_index, iso

Truth = dict[str, object]


def _ids(products: Products, kind: str) -> list[str]:
    chosen = products.cost_source(kind)
    return [code for code, hit in zip(products.ids, chosen, strict=True) if hit]


def _code(customer: int) -> str:
    return f"C{customer + 1:05d}"


def _channels() -> Truth:
    return {
        name: {
            "margin_rate_low": planted.MARGIN_BANDS[c][0],
            "margin_rate_high": planted.MARGIN_BANDS[c][1],
            "margin_rate_target": planted.MARGIN_TARGETS[c],
            "elasticity": planted.ELASTICITY[c],
            "customer_discounts": bool(TIERED[c]),
        }
        for c, name in enumerate(CHANNELS)
    }


def _customers(customers: Customers, orders: Orders) -> Truth:
    growing = [_code(int(c)) for c in customers.growing[:-1].nonzero()[0]]
    leaving = [
        {
            "customer_id": _code(int(c)),
            "fades_from": iso(int(customers.leaves[c]) - planted.FADE_DAYS),
            "gone_on": iso(int(customers.leaves[c])),
        }
        for c in (customers.leaves[:-1] < DAYS).nonzero()[0]
    ]
    return {
        "count": customers.count,
        "model": "BG/NBD",
        "r": planted.BGNBD_SHAPE["r"],
        "alpha_days": round(orders.alpha, 4),
        "a": planted.BGNBD_SHAPE["a"],
        "b": planted.BGNBD_SHAPE["b"],
        "applies_to": "all customers but the growing and the leaving ones",
        "still_active_share": round(orders.alive, 4),
        "growing": {"customer_ids": growing, "ratio": planted.GROWTH_RATIO},
        "leaving": {"customers": leaving, "quantity_falls_to": planted.FADE_TO},
        "guest_order_share": planted.GUEST_SHARE,
    }


def _baskets() -> list[Truth]:
    return [
        {
            "if": pair.first,
            "then": pair.then,
            "channel": CHANNELS[pair.channel],
            "probability": pair.probability,
            "min_lift": 1.8,
        }
        for pair in planted.PAIRS
    ]


def _promotions() -> list[Truth]:
    return [
        {
            "code": p.code,
            "products": list(p.products),
            "channels": [CHANNELS[c] for c in p.channels],
            "from": iso(p.first_week * 7),
            "to": iso((p.first_week + p.weeks) * 7 - 1),
            "discount_rate": p.discount,
            "quantity_factor": p.more_quantity,
            "lines_factor": p.more_lines,
            "min_uplift": 1.3,
        }
        for p in planted.PROMOTIONS
    ]


def _stock_outs() -> list[Truth]:
    found = []
    for gap in planted.STOCK_OUTS:
        first, last = stock_out_days(gap.first_week, gap.weeks)
        found.append({"product_id": gap.product, "from": iso(first), "to": iso(last)})
    return found


def _wrong_lines(trade: Trade, part: slice, column: str) -> list[Truth]:
    wrong = trade.wrong
    pairs = zip(wrong.orders[part].tolist(), wrong.products[part].tolist(), strict=True)
    return [
        {
            "invoice_id": f"FA{100_000_001 + order}",
            "line_no": 1,
            "date": iso(int(trade.orders.day(slice(order, order + 1))[0])),
            "product_id": trade.products.ids[product],
            "column": column,
            "factor": 10.0,
        }
        for order, product in pairs
    ]


def _anomalies(pricing: Pricing) -> Truth:
    below, (supplier, since, factor) = planted.BELOW_COST, planted.SUPPLIER_COLLAPSE
    products, prices = pricing.trade.products, pricing.trade.wrong.prices
    hit = zip(products.ids, products.texts("supplier_id"), strict=True)
    person, first, last, granted = planted.GENEROUS
    return {
        "below_cost": {
            "product_id": below.product,
            "from": iso(below.first_week * 7),
            "to": iso((below.first_week + below.weeks) * 7 - 1),
            "price_factor": below.price_factor,
        },
        "wrong_prices": _wrong_lines(pricing.trade, slice(prices), "unit_price"),
        "wrong_costs": _wrong_lines(pricing.trade, slice(prices, None), "unit_cost"),
        "supplier_collapse": {
            "supplier_id": supplier,
            "product_ids": [code for code, owner in hit if owner == supplier],
            "from": since,
            "cost_factor": factor,
        },
        "generous_salesperson": {
            "salesperson": person,
            "channel": CHANNELS[planted.BRAND],
            "from": first,
            "to": last,
            "discount_rate": granted,
        },
        "late_supplier": {
            "supplier_id": planted.LATE_SUPPLIER[0],
            "days_late": planted.LATE_SUPPLIER[1],
        },
    }


def _wave() -> Truth:
    knots = [{"date": d, "eur_per_kg": p} for d, p in planted.ES_WAVE if day_index(d) >= -1]
    return {"product_id": "VR-EV-ES", "measure": "purchases.unit_cost", "knots": knots}


def _investments(tally: Tally, countries: list[str]) -> Truth:
    earned = tally.contribution.sum(axis=(0, 2))
    paid = {c: r for c, r in planted.ROI_BY_COUNTRY.items() if earned[countries.index(c)] > 0}
    return {
        "by_country": paid,
        "without_investment": sorted(set(countries) - set(paid)),
        "tolerance": 0.15,
        "measured_on": "product lines, whole span, rows of the country only",
    }


def tell(pricing: Pricing, tally: Tally, lines: int) -> Truth:
    """Return everything that was planted, ready for JSON."""
    trade = pricing.trade
    products = trade.products
    fragile, factor = planted.FRAGILE_PRODUCT
    return {
        "company": "Maison Picholine",
        "demo": True,
        "lines": lines,
        "seed": trade.seed,
        "from": iso(0),
        "to": iso(DAYS - 1),
        "campaigns": list(CAMPAIGNS),
        "base_currency": "EUR",
        "products": len(products.ids) - int(products.is_service.sum()),
        "service_articles": ["PORT", "FRAIS", "AJUST"],
        "suppliers": read("suppliers").num_rows,
        "countries": len(trade.market.codes),
        "channels": _channels(),
        "price_wave": _wave(),
        "costs": {
            "method": "line's own cost; perpetual moving average; standard cost; unknown",
            "own_cost_on": "web shop lines in EUR",
            "standard_only": _ids(products, "standard"),
            "unknown": _ids(products, "none"),
        },
        "seasons": {"high": ["11", "12", "07"], "low": ["01", "02"]},
        "returns": {
            "line_share": planted.RETURN_RATE,
            "max_days": planted.RETURN_DELAY,
            "fragile_product": fragile,
            "fragile_factor": factor,
        },
        "customers": _customers(trade.customers, trade.orders),
        "baskets": _baskets(),
        "promotions": _promotions(),
        "stock_outs": _stock_outs(),
        "anomalies": _anomalies(pricing),
        "roi": _investments(tally, trade.market.codes),
        "budgets": {"optimism": 0.02, "bias_by_country": dict(planted.BUDGET_BIAS)},
    }
