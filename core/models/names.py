"""Names of values that are stored as keys: translated, or a person's own words in each language."""

from dataclasses import dataclass

from core.i18n import current_language, translate


@dataclass(frozen=True)
class Name:
    """How a key reads.

    Attributes:
        text: English; ours is translated when shown, a person's own is shown as it is.
        french: a person's own French words, instead of a translation; empty: none given.
    """

    text: str
    french: str = ""

    def shown(self, language: str | None = None) -> str:
        """Return the name in a language, by default that of the running request."""
        if self.french and (language or current_language()) == "fr":
            return self.french
        return translate(self.text, language)

    def __str__(self) -> str:
        """Return the name in the current language."""
        return self.shown()
