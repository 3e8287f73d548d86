"""Questions, and caches of answers, for tests of what is kept."""

from datetime import date

import pyarrow as pa

from core.models.query import Filter, MetricQuery, Period
from core.models.result import ResultTable
from core.services.answer_address import Address
from core.services.answer_cache import AnswerCache
from core.services.metrics import Metrics
from tests.storehouse import Storehouse, sale

FRANCE, ITALY = Filter("country", ("FR",)), Filter("country", ("IT",))
BY_COUNTRY = MetricQuery(("net_sales", "orders"), ("country",))
WHOLE = Period(date(2025, 1, 1), date(2025, 12, 31))


def lines(count: int = 40) -> list[dict[str, object]]:
    return [
        dict(
            sale(
                f"I{n}", f"2025-{n % 12 + 1:02}-15", f"P{n % 5}", 2, 10 + n,
                customer_id=f"C{n % 7}", country=("FR", "IT", "DE")[n % 3], channel="web",
            )
        )
        for n in range(count)
    ]  # fmt: skip


def patient(house: Storehouse) -> Metrics:
    """Return metrics of this home, as another process has them, that keep every answer on disk."""
    metrics = Metrics(house.settings, house.catalogue, house.warehouse)
    metrics.answers = AnswerCache(house.settings.cache / "answers", worth_seconds=0)
    return metrics


def counts(cache: AnswerCache) -> dict[str, int]:
    return dict(cache.state().counts)


def table(rows: int = 1) -> ResultTable:
    return ResultTable(columns=(), data=pa.table({"n": list(range(rows))}))


def address(key: str, state: str = "s") -> Address:
    return Address(state, key)
