"""Cohorts of customers: what is left of each after a time, how long customers stay, and where."""

from core.services.customer_cohorts.facts import caveats, kpi_rows, no_lapse, notes
from core.services.customer_cohorts.found import Found
from core.services.customer_cohorts.groups import comparison_table, survival_table
from core.services.customer_cohorts.reading import USUAL_SHARE, read
from core.services.customer_cohorts.triangles import curve_tables, triangle_table, wide_tables

__all__ = [
    "USUAL_SHARE",
    "Found",
    "caveats",
    "comparison_table",
    "curve_tables",
    "kpi_rows",
    "no_lapse",
    "notes",
    "read",
    "survival_table",
    "triangle_table",
    "wide_tables",
]
