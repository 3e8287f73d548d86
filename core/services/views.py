"""Saved views: a page as somebody looks at it, kept under a name; only its owner sees it."""

from urllib.parse import urlsplit

from core.errors import PicholineError
from core.i18n import Message, msg
from core.models.query import Scope
from core.models.tables import SavedView
from core.repository.catalogue import Catalogue
from core.repository.views import ViewStore

LONGEST_NAME = 80
LONGEST_ADDRESS = 4000
MOST = 200  # of one owner


class Views:
    """The saved views of one home."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Keep the store."""
        self._store = ViewStore(catalogue)

    def all(self, scope: Scope) -> list[SavedView]:
        """Return this person's views, starred ones first."""
        return self._store.of(scope.owner)

    def first(self, scope: Scope) -> SavedView | None:
        """Return the view this person begins with, if there is one."""
        return next((view for view in self.all(scope) if view.first), None)

    def save(self, name: str | None, address: str, scope: Scope) -> tuple[SavedView, str | None]:
        """Keep an address under a name; a view of this name is shown the new way from now on.

        Returns:
            The view, and the address it had before; None for a new one.

        Raises:
            PicholineError: no name, one too long, no address of this application, too many views.
        """
        text, where = _name(name), _address(address)
        known = self.all(scope)
        same = next((v for v in known if v.name.casefold() == text.casefold()), None)
        if same is not None:
            before = same.address
            return self._change(same.id, scope, name=text, address=where), before
        if len(known) >= MOST:
            raise _refused(
                "view.many",
                msg("There are {most} saved views already.", most=MOST),
                msg("Remove some that are no longer needed."),
            )
        return self._store.add(scope.owner, text, where), None

    def rename(self, view_id: int, name: str | None, scope: Scope) -> SavedView:
        """Give a view another name.

        Raises:
            PicholineError: no such view, no name, one too long or taken.
        """
        text = _name(name)
        taken = [v for v in self.all(scope) if v.name.casefold() == text.casefold()]
        if any(view.id != view_id for view in taken):
            raise _refused(
                "view.taken",
                msg("There is a view named “{name}” already.", name=text),
                msg("Choose another name."),
            )
        return self._change(view_id, scope, name=text)

    def star(self, view_id: int, scope: Scope, *, starred: bool) -> SavedView:
        """Show a view in the navigation, or no longer."""
        return self._change(view_id, scope, starred=starred)

    def begin_with(self, view_id: int, scope: Scope, *, first: bool) -> SavedView:
        """Open a view where no page is named, or no longer."""
        return self._change(view_id, scope, first=first)

    def remove(self, view_id: int, scope: Scope) -> SavedView:
        """Remove a view; `restore` brings it back."""
        return self._change(view_id, scope, removed=True, first=False)

    def restore(self, view_id: int, scope: Scope) -> SavedView:
        """Bring a removed view back.

        Raises:
            PicholineError: no such view, or its name was taken meanwhile.
        """
        found = self._store.get(scope.owner, view_id)
        if found is not None:
            self.rename(view_id, found.name, scope)  # refuses a name that was taken meanwhile
        return self._change(view_id, scope, removed=False)

    def _change(self, view_id: int | None, scope: Scope, **values: str | bool) -> SavedView:
        changed = self._store.change(scope.owner, view_id or 0, **values)
        if changed is None:
            raise _refused(
                "view.unknown",
                msg("There is no such saved view."),
                msg("Reload the page to see those there are."),
                status=404,
            )
        return changed


def _name(name: str | None) -> str:
    text = " ".join((name or "").split())
    if not text:
        raise _refused(
            "view.name", msg("The view has no name."), msg("Type a name to find it again.")
        )
    if len(text) > LONGEST_NAME:
        raise _refused(
            "view.name",
            msg("The name is too long."),
            msg("Use at most {most} characters.", most=LONGEST_NAME),
        )
    return text


def _address(address: str) -> str:
    """Return an address inside this application: a path and a query, nothing else."""
    parts = urlsplit(address)
    inside = address.startswith("/") and not address.startswith(("//", "/\\"))
    if not inside or parts.scheme or parts.netloc or len(address) > LONGEST_ADDRESS:
        raise _refused(
            "view.address",
            msg("This is no view of this application."),
            msg("Open the page to be kept, then save it."),
        )
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _refused(code: str, title: Message, remedy: Message, status: int = 400) -> PicholineError:
    return PicholineError(code, title, remedy, status=status)
