"""The texts the desk's scripts show; places in braces are filled by them."""

from core.i18n import _
from dashboard.desk.status import status_words


def words() -> dict[str, str]:
    """Return every text by its name, in the current language."""
    return {
        **status_words(),
        "searchLabel": _("Search pages, members, metrics and commands"),
        "searchNone": _("Nothing found for “{text}”: type fewer letters, or a code."),
        "searchRecent": _("Recent"),
        "searchFailed": _("The search did not answer: type again in a moment."),
        "searchHint": _("Enter: filter or go · Alt+Enter: the page of a member · Esc: close"),
        "command": _("Command"),
        "page": _("Page"),
        "keysTitle": _("Keyboard shortcuts"),
        "keysThen": _("then"),
        "keysElse": _("Everywhere in menus, lists and grids"),
        "keysArrows": _("Move between tiles, cells and entries"),
        "keysEnter": _("Open or choose"),
        "keysEscape": _("Close what is on top; out of a tile; clear what was clicked"),
        "keysPending": _("{key} … the next key chooses; Esc: nothing"),
        "undone": _("Undone: {step}"),
        "redone": _("Done again: {step}"),
        "undoStep": _("Undo: {step}"),
        "redoStep": _("Redo: {step}"),
        "stepPeriod": _("period"),
        "stepCompare": _("comparison"),
        "stepView": _("view"),
        "stepFilter": _("{dimension} {name}"),
        "stepWithout": _("without {dimension} {name}"),
        "stepImport": _("import {name}"),
        "step-theme": _("colours"),
        "step-density": _("spacing"),
        "step-nav": _("navigation"),
        "step-filters": _("filter bar"),
        "step-width": _("width of the navigation"),
        "openTab": _("Open in a tab"),
        "openWindow": _("Open in a new window"),
        "tabClosed": _("Tab closed: {title}"),
        "tile": _("Tile"),
        "tileRestore": _("Back to its size"),
        "close": _("Close"),
        "menu": _("Menu"),
        "copied": _("Copied."),
        "copyFailed": _("The browser did not allow copying."),
        "nothing": _("Nothing to show here."),
        "printMore": _("{n} more rows are in the export."),
        **_figure_words(),
        **_manual_words(),
        **_offline_words(),
    }


def _figure_words() -> dict[str, str]:
    return {
        "filterTo": _("Filter to this: {dimension}"),
        "filterOthers": _("Filter the other tiles to this"),
        "exclude": _("Leave this out: {dimension}"),
        "marks": _("Filter the other tiles to"),
    }


def _manual_words() -> dict[str, str]:
    return {
        "manual": _("Manual"),
        "manualSearch": _("Search the manual"),
        "manualChapter": _("Chapter"),
        "manualNone": _("The manual says nothing about “{text}”."),
        "manualFound": _("Sections found: {n}"),
        "manualFailed": _("The manual could not be loaded: is the server still running?"),
    }


def _offline_words() -> dict[str, str]:
    return {
        "offline": _("Offline: as of {time}"),
        "offlineNeeds": _("Filters, imports and exports need the server, which does not answer."),
        "offlinePage": _("This page was not kept on this device: it needs the server."),
        "offlineView": _("What you chose is not kept: the figures below are those of before."),
        "offlineAgain": _("Try again"),
        "onlineAgain": _("The server answers again: reload the page to see its figures."),
        "updateReady": _("A new version of Picholine is ready."),
        "updateNow": _("Reload"),
        "updateLater": _("Later"),
    }
