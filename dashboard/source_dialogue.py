"""The dialogue that shows the row of a file something came from."""

from dash import html
from dash.development.base_component import Component

from core.i18n import _
from dashboard.attributes import aria
from dashboard.components import icon


def source_dialogue(name: str, title: str, dialogue: str, *inside: Component) -> Component:
    """Return the closed dialogue; scripts open and close it.

    Args:
        name: `<name>-title` is its heading, `<name>-close` the class of its button.
        title: what it says.
        dialogue: its id.
        inside: what is filled when it opens.
    """
    head = html.Div(
        [
            html.H2(title, id=f"{name}-title"),
            html.Div(className="spacer"),
            html.Button(
                icon("close"),
                type="button",
                className=f"icon-button {name}-close",
                title=_("Close"),
                **aria(label=_("Close")),
            ),
        ],
        className="intake-head",
    )
    body = html.Div(
        list(inside), className="intake-middle", tabIndex=0, **aria(labelledby=f"{name}-title")
    )
    return html.Dialog(
        [head, body],
        id=dialogue,
        className="intake lines-dialog",
        **aria(labelledby=f"{name}-title"),
    )
