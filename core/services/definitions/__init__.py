"""Metrics and dimensions a company defines itself: read, checked, kept with every version."""
