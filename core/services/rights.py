"""What only those may do who see all rows."""

from core.errors import PicholineError
from core.i18n import msg
from core.models.query import Scope


def refuse_restricted(scope: Scope) -> None:
    """Refuse somebody who sees a part of the rows only.

    Files and imports hold all rows, and rules and definitions hold for everybody.

    Raises:
        PicholineError: the scope is restricted.
    """
    if scope.where:
        raise PicholineError(
            "access.restricted",
            msg("This is open only to people who may see all rows."),
            msg("Your rights cover a part of them; ask who manages the rights."),
            status=403,
        )
