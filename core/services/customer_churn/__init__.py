"""Churn: who will not buy within the horizon, how well it can be told, why, what it is worth."""
