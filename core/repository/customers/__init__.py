"""Customers' purchases as SQL over a warehouse file."""

from core.repository.customers.days import (
    ReadLines,
    count_strangers,
    read_customers,
    stage_days,
)

__all__ = ["ReadLines", "count_strangers", "read_customers", "stage_days"]
