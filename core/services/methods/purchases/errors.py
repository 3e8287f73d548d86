"""The one error of this package: a model that these data cannot carry."""

from core.errors import PicholineError
from core.i18n import Message, msg


class ModelError(PicholineError):
    """The data do not allow a purchase model; title and remedy say why, in a reader's words."""

    def __init__(self, code: str, title: Message, remedy: Message) -> None:
        """Keep the parts under the stable identifier `purchases.<code>`."""
        super().__init__(f"purchases.{code}", title, remedy, status=422)


def unreadable() -> ModelError:
    """Return the error of a stored model that this version does not understand."""
    return ModelError(
        "unreadable",
        msg("The stored purchase model cannot be read."),
        msg("Run the analysis again: the model is then fitted anew."),
    )
