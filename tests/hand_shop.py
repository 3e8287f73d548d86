"""A shop of six lines whose every figure can be worked out on paper."""

from datetime import date

from core.models.query import MetricQuery, Period
from core.services.metrics import Metrics
from tests.storehouse import Storehouse, sale

JANUARY = Period(date(2025, 1, 1), date(2025, 1, 31))


def total(metrics: Metrics, *keys: str, **options: object) -> dict[str, object]:
    return dict(metrics.ask(MetricQuery(keys, **options)).total or {})  # type: ignore[arg-type]


def texts(metrics: Metrics, *keys: str, **options: object) -> list[str]:
    return [str(c) for c in metrics.ask(MetricQuery(keys, **options)).caveats]  # type: ignore[arg-type]


def open_shop(house: Storehouse) -> Storehouse:
    """Fill a home with three orders, one return, one postage line; costs known for product A only.

    Line by line: 10 × 20 − 10 %; 5 × 8 − 3.00; 2 × 20; postage 12; return of 2 × 20 − 10 %.
    """
    house.add(
        "sales",
        [
            sale("1", "2025-01-05", "A", 10, 20, discount_rate=0.1, unit_cost=12,
                 customer_id="c1", country="FR", freight_out=4, fees=1),
            sale("1", "2025-01-05", "B", 5, 8, discount_amount=3, customer_id="c1", country="FR"),
            sale("2", "2025-01-09", "A", 2, 20, unit_cost=12, customer_id="c2", country="DE"),
            sale("2", "2025-01-09", "POST", 1, 12, customer_id="c2", country="DE",
                 line_kind="postage"),
            sale("3", "2025-01-20", "A", -2, 20, discount_rate=0.1, unit_cost=12,
                 customer_id="c1", country="FR"),
            sale("4", "2025-01-21", "B", 1, 8, country="FR"),
        ],
    )  # fmt: skip
    return house
