"""One module per page; each registers itself in `dashboard.page.PAGES`."""
