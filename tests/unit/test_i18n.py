"""Messages are stored in English and read in the language of the moment."""

from datetime import date
from decimal import Decimal

from core.errors import PicholineError
from core.formats import shown
from core.i18n import (
    Message,
    _,
    current_language,
    msg,
    msg_n,
    pack,
    translate,
    unpack,
    use_language,
)
from core.models.formats import Format


def test_a_message_is_read_in_the_language_of_the_moment() -> None:
    message = msg("“{text}” is not a date.", text="hier")
    assert str(message) == "“hier” is not a date."
    with use_language("fr"):
        assert str(message) == "« hier » n’est pas une date."
    assert str(message) == "“hier” is not a date."


def test_messages_nest() -> None:
    outer = msg("The setting {name} is not usable: {why}.", name="port", why=msg("Net sales"))
    with use_language("fr"):
        assert "Chiffre d’affaires net" in str(outer)


def test_margin_and_markup_are_not_mixed_up_in_french() -> None:
    assert translate("Margin on sales", "fr") == "Taux de marque"
    assert translate("Markup on cost", "fr") == "Taux de marge"


def test_french_counts_zero_as_singular_and_english_as_plural() -> None:
    def chosen(n: int) -> str:
        return str(msg_n("{n} thing (test)", "{n} things (test)", n))

    assert [chosen(n) for n in (0, 1, 2)] == [
        "0 things (test)",
        "1 thing (test)",
        "2 things (test)",
    ]
    with use_language("fr"):
        assert [chosen(n) for n in (0, 1, 2)] == [
            "0 thing (test)",
            "1 thing (test)",
            "2 things (test)",
        ]


def test_an_unknown_language_is_english() -> None:
    with use_language("tlh"):
        assert current_language() == "en"


def test_a_text_without_translation_stays_english() -> None:
    assert _("never seen {x}", x=1) == "never seen 1"


def test_equal_messages_collapse() -> None:
    assert len({msg("Day"), msg("Day"), msg("Month")}) == 2


def test_an_error_speaks_both_languages() -> None:
    error = PicholineError("x", msg("See the list of imports."), msg("Write dates as 2025-03-31."))
    assert error.as_dict()["title"] == "See the list of imports."
    with use_language("fr"):
        assert (
            str(error) == "Voyez la liste des imports. Écrivez les dates sous la forme 2025-03-31."
        )


def test_a_packed_message_is_read_in_the_reader_s_language() -> None:
    cell = pack(msg("“{text}” is not a date.", text=msg("Net sales")))
    assert translate(cell) == "“Net sales” is not a date."
    assert translate(cell, "fr") == "« Chiffre d’affaires net » n’est pas une date."
    assert unpack(cell) == msg("“{text}” is not a date.", text=msg("Net sales"))


def test_a_packed_message_still_counts() -> None:
    cell = pack(msg_n("{n} thing (test)", "{n} things (test)", 3))
    assert translate(cell) == "3 things (test)"
    assert unpack("plain") == msg("plain")


def test_numbers_in_sentences_follow_the_reader() -> None:
    message = msg(
        "{share} of {sum} since {day}",
        share=shown(Decimal("0.1234"), Format.PERCENT),
        sum=shown(1234.5, Format.MONEY, currency="USD", digits=0),
        day=shown(date(2025, 3, 1), Format.DATE),
    )
    for read in (message, unpack(pack(message)), Message.from_dict(message.as_dict())):
        assert str(read) == "12.3% of US$1,234 since 1 Mar 2025"
        with use_language("fr"):
            assert str(read) == "12,3\u202f% of 1\u202f234\u00a0$US since 1 mars 2025"
    assert str(shown(float("nan"), Format.NUMBER)) == "–"
    assert message == unpack(pack(message))
    assert len({message, unpack(pack(message))}) == 1


def test_an_empty_text_stays_empty() -> None:
    assert translate("", "fr") == ""


def test_a_text_that_only_begins_like_a_packed_one_stays_itself() -> None:
    for text in ("\x1e", "\x1e{", "\x1e[]", '\x1e{"values": 1}', "\x1e{}"):
        assert translate(text) == text
