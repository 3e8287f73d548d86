"""Customers: the list with search, and everything known about one of them."""

from core.services.analytics.members.kinds import CUSTOMERS
from dashboard.members import member_page
from dashboard.page import PAGES

PAGES.add(member_page(CUSTOMERS, "people", 41))
