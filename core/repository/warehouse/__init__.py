"""The DuckDB warehouse: one read-only file per data version, built beside the serving one."""

from core.repository.warehouse.info import Cursor, Rollup, WarehouseInfo
from core.repository.warehouse.store import Reading, Warehouse

__all__ = ["Cursor", "Reading", "Rollup", "Warehouse", "WarehouseInfo"]
