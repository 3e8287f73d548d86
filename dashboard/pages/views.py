"""Saved views: the pages somebody kept under a name."""

from core.i18n import N_
from dashboard.desk.actions import ACTIONS, Action
from dashboard.page import PAGES, Page
from dashboard.views import star_button, views_overlay, views_page

ACTIONS.add(
    Action("file.save-view", N_("Save this view…"), "file", 2, ("s",), "star", run="saveView")
)
PAGES.add(
    Page(
        key="views",
        title=N_("Saved views"),
        icon="star",
        layout=views_page,
        order=920,
        overlay=views_overlay,
        tool=star_button,
    )
)
