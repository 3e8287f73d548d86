"""The settings of an analysis as a bar of controls; their values live in the URL like filters."""

from collections.abc import Iterable, Mapping
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from core.errors import PicholineError
from core.formats import format_value
from core.i18n import _, current_language, translate
from core.models.formats import Format
from core.models.options import Option
from dashboard.attributes import aria, attributes
from dashboard.components import icon
from dashboard.page import Page

_NUMBERS = ("integer", "number", "percent")


def option_id(page: Page, option: Option, part: str = "value") -> str:
    """Return the id of a setting's control (`value`) or of its message (`error`)."""
    return f"{page.key}-option-{option.name}-{part}"


def bar_options(options: Iterable[Option]) -> tuple[Option, ...]:
    """Return the settings with a control in the bar; pages have others of their own."""
    return tuple(option for option in options if option.in_bar)


def options_bar(page: Page, options: Iterable[Option]) -> Component:
    """Return the controls; a script fills their values from the URL."""
    controls = f"{page.key}-option-controls"
    toggle = html.Button(
        [icon("options"), html.Span(_("Settings")), icon("down")],
        type="button",
        className="options-toggle",
        **aria(expanded="false", controls=controls),
    )
    fields = [_field(page, option) for option in options]
    return html.Section(
        [toggle, html.Div(fields, id=controls, className="option-controls")],
        className="options-bar",
        **aria(label=_("Settings")),
    )


def _field(page: Page, option: Option) -> Component:
    name = option_id(page, option)
    limits = limits_text(option)
    words = " – ".join(part for part in (translate(option.hint), limits) if part)
    hint = f"{name}-hint"
    unit = unit_text(option)
    return html.Div(
        [
            html.Label(translate(option.label), htmlFor=name),
            html.Div(
                [
                    _control(page, option, limits),
                    *([html.Span(unit, className="unit")] if unit else []),
                ],
                className="option-value",
            ),
            html.Span(words, id=hint, className="visually-hidden"),
            html.P(
                id=option_id(page, option, "error"), className="option-error", **aria(live="polite")
            ),
        ],
        className=f"field option-{option.kind}",
        title=words,
    )


def _control(page: Page, option: Option, limits: str) -> Component:
    name = option_id(page, option)
    if option.kind == "choice":
        choices: Any = [
            {"value": v, "label": translate(text)} for v, text in option.choices.items()
        ]
        return dbc.Select(id=name, options=choices, size="sm")
    if option.kind == "day":
        return dcc.Input(
            id=name, debounce=False, className="form-control day", **attributes({"type": "date"})
        )
    # A text field for numbers too: it takes the reader's decimal sign, and what does not fit
    # can be explained instead of being swallowed by the browser. It counts on Enter or on leaving;
    # without `debounce`, so that drawing the control again never brings an older text back.
    modes = {"integer": "numeric", "number": "decimal", "percent": "decimal"}
    return dcc.Input(
        id=name,
        type="text",
        debounce=False,
        inputMode=modes.get(option.kind, "text"),  # type: ignore[arg-type]
        placeholder=limits,
        autoComplete="off",
        className="form-control",
    )


def unit_text(option: Option) -> str:
    """Return the unit of a number in the current language; "" without one."""
    if option.unit:
        return translate(option.unit)
    return "%" if option.kind == "percent" else ""


def limits_text(option: Option) -> str:
    """Return the range of a number in the reader's language, such as `1 – 60`."""
    ends = [_number_text(end) for end in (option.low, option.high)]
    if option.low is not None and option.high is not None:
        return " – ".join(ends)
    if option.low is not None:
        return _("{low} or more", low=ends[0])
    return _("{high} or less", high=ends[1]) if option.high is not None else ""


def _number_text(value: float | None) -> str:
    if value is None:
        return ""
    digits = 0 if value == int(value) else len(f"{value:g}".partition(".")[2])
    return format_value(value, Format.NUMBER, current_language(), digits=digits)


def refusal(option: Option, pairs: Mapping[str, str]) -> str | None:
    """Return why a URL's value does not fit, with what to do; None when it fits."""
    typed = pairs.get(option.name, "")
    if not typed.strip():
        return None
    try:
        option.checked(typed)
    except PicholineError as error:
        return str(error)
    return None


def option_spec(page: Page, options: Iterable[Option]) -> list[dict[str, Any]]:
    """Return what the script needs to fill a control from the URL, and the URL from a control."""
    decimal = "," if current_language() == "fr" else "."
    return [
        {
            "id": option_id(page, option),
            "name": option.name,
            "default": option.default,
            "decimal": decimal if option.kind in _NUMBERS else "",
        }
        for option in options
    ]
