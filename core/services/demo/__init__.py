"""The demo company "Maison Picholine": a seeded olive-oil trading house with planted truths.

`generate(lines, seed)` draws it. What was planted, and how to find it, stands in `truths`.
"""

from .company import DemoCompany, generate

__all__ = ["DemoCompany", "generate"]
