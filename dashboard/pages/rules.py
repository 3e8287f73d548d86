"""Rules: what files are checked by before anything is stored."""

from core.i18n import N_
from dashboard.page import PAGES, Page
from dashboard.quality_list import rules_frame

PAGES.add(
    Page(
        key="rules",
        title=N_("Rules"),
        icon="rules",
        layout=rules_frame,
        order=907,
    )
)
