"""Budgets as they were stated: one row per month, metric and slice, the latest statement counts."""

import duckdb

# Metrics are kept as their folded text: files name them by key or in either language, and which
# text means which metric is known when a question is asked.
_BUDGETS = r"""
CREATE TABLE budgets AS
SELECT date_trunc('month', month)::DATE AS date, regexp_replace(trim(strip_accents(
        lower(replace(metric, '’', '''')))), '\s+', ' ', 'g') AS metric,
    country, category, channel, arg_max(value, ord) AS value, max(ord) AS ord
FROM s_budgets WHERE month IS NOT NULL AND metric IS NOT NULL AND value IS NOT NULL
GROUP BY ALL ORDER BY 1
"""


def create_budgets(connection: duckdb.DuckDBPyConnection) -> None:
    """Create `budgets`: date (first day of the month), metric, slice and value."""
    connection.execute(_BUDGETS)
