"""The DuckDB warehouse: a base file and what was added since, read as one, swapped in whole."""

from core.repository.warehouse.chain import Chain
from core.repository.warehouse.info import Cursor, Rollup, WarehouseInfo
from core.repository.warehouse.ladder import EDGES, FINER, bin_sql
from core.repository.warehouse.lines import ORDER_FLAGS
from core.repository.warehouse.observed import Observed, Wish
from core.repository.warehouse.prepare import Policy
from core.repository.warehouse.rollups import PRODUCT_COLUMNS
from core.repository.warehouse.serving import Reading
from core.repository.warehouse.store import Warehouse
from core.repository.warehouse.verify import Difference, Verified, verify

__all__ = [
    "EDGES",
    "FINER",
    "ORDER_FLAGS",
    "PRODUCT_COLUMNS",
    "Chain",
    "Cursor",
    "Difference",
    "Observed",
    "Policy",
    "Reading",
    "Rollup",
    "Verified",
    "Warehouse",
    "WarehouseInfo",
    "Wish",
    "bin_sql",
    "verify",
]
