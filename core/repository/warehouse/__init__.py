"""The DuckDB warehouse: one read-only file per data version, built beside the serving one."""

from core.repository.warehouse.info import Cursor, Rollup, WarehouseInfo
from core.repository.warehouse.ladder import EDGES, FINER, bin_sql
from core.repository.warehouse.lines import ORDER_FLAGS
from core.repository.warehouse.rollups import PRODUCT_COLUMNS
from core.repository.warehouse.store import Reading, Warehouse

__all__ = [
    "EDGES",
    "FINER",
    "ORDER_FLAGS",
    "PRODUCT_COLUMNS",
    "Cursor",
    "Reading",
    "Rollup",
    "Warehouse",
    "WarehouseInfo",
    "bin_sql",
]
