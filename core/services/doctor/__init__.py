"""What is wrong with an installation or a home folder, and how to mend it."""

from core.services.doctor.answers import answers_check
from core.services.doctor.check import Check, Level
from core.services.doctor.machine import machine_checks
from core.services.doctor.store import store_checks
from core.settings import Settings

__all__ = ["Check", "Level", "examine"]


def examine(settings: Settings, *, full: bool = False) -> list[Check]:
    """Return every check's finding; nothing is created or changed, and nothing raises.

    Args:
        settings: of the home.
        full: every stored sum is compared with the lines, which takes its time.
    """
    return [*machine_checks(settings), *store_checks(settings, full=full), answers_check(settings)]
