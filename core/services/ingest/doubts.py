"""What keeps a file from being imported without a person looking at it."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.i18n import Message, msg

from .preview import SheetPreview
from .targets import targets

SURE = 0.85  # a column proposed with less confidence is shown to a person first


def doubts_of(previews: Sequence[SheetPreview]) -> list[Message]:
    """Return what a person should look at before these sheets are imported; empty: nothing."""
    return doubts_in([preview.as_dict() for preview in previews])


def doubts_in(sheets: Sequence[Mapping[str, Any]]) -> list[Message]:
    """Return the same of previews as jobs keep them: `SheetPreview.as_dict`."""
    doubts: list[Message] = []
    for sheet in sheets:
        named = {"sheet": sheet["sheet"]}
        if not sheet.get("recognised", True):
            continue  # it is left out, which the import tells
        if sheet["missing"]:
            labels = [Message(targets(sheet["table"])[key].label) for key in sheet["missing"]]
            lacks = joined(labels, ", ")
            doubts.append(msg("Sheet {sheet} lacks: {names}.", names=lacks, **named))
        elif sheet["ambiguous"]:
            names = ", ".join(sheet["ambiguous"])
            doubts.append(
                msg("Sheet {sheet}: several columns could be the same: {names}.", names=names,
                    **named)
            )  # fmt: skip
        elif unsure := [c["title"] for c in sheet["columns"] if (c["confidence"] or 1.0) < SURE]:
            names = ", ".join(unsure)
            doubts.append(
                msg("Sheet {sheet}: it is not sure what these columns are: {names}.", names=names,
                    **named)
            )  # fmt: skip
        elif not sheet["accepted"] and not sheet["already_there"]:
            doubts.append(msg("No row of sheet {sheet} can be accepted.", **named))
    return doubts


def joined(messages: Sequence[Message], between: str = " ") -> Message:
    """Return several messages as one, each still in the reader's language."""
    places = {f"m{place}": message for place, message in enumerate(messages)}
    return Message(between.join(f"{{{place}}}" for place in places), places)
