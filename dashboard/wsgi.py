"""The application for WSGI servers: `gunicorn dashboard.wsgi:app`; opened on first use."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def __getattr__(name: str) -> "Flask":
    """Open the home folder and build the application when a server asks for `app`."""
    if name != "app":
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    # Nothing is opened while the module is imported: a master process may fork afterwards.
    from core import log
    from core.services.application import Application
    from core.services.prefetch import Prefetch
    from core.settings import load_settings
    from dashboard.app import create_app

    settings = load_settings()
    log.configure(settings.logs, settings.log_level)
    application = Application.open(settings)
    prefetch = Prefetch(application) if settings.prefetch else None
    found = create_app(application, prefetch=prefetch)
    globals()["app"] = found
    return found
