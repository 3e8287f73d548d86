"""Churn: scores of a ranking, profit of contacting, drift, leaks, models and their reasons.

Pure numerics on arrays. A label is True where the customer left; a score is higher where leaving
is more likely.
"""
