"""Why a row is set aside, or kept with a warning: one code, one text, one remedy each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.i18n import N_, Message
from core.services.quality.shipped import SHIPPED


@dataclass(frozen=True)
class Reason:
    """A reason or warning.

    Attributes:
        code: stable; part of the command line's contract.
        text: what is the matter, in English; translated when shown.
        remedy: what the person can do.
        warning: the row is kept; otherwise it is quarantined.
    """

    code: str
    text: str
    remedy: str
    warning: bool = False

    @property
    def title(self) -> Message:
        """What is the matter, translated when read."""
        return Message(self.text)

    @property
    def advice(self) -> Message:
        """What to do, translated when read."""
        return Message(self.remedy)


_ALL = (
    Reason(
        "required_missing",
        N_("A required value is missing."),
        N_(
            "Fill the cell in and import the file again; rows already there are recognised. A "
            "formula without a stored result is read as empty: open the file and save it once."
        ),
    ),
    Reason(
        "not_a_number",
        N_("This is not a number."),
        N_("Write digits with at most one decimal sign, for example 1234.56 or 1 234,56."),
    ),
    Reason(
        "ambiguous_number",
        N_("This number can be read in two ways: the sign may mark decimals or thousands."),
        N_(
            "Choose the decimal sign under “How values are read”, or correct the cells; in a "
            "mapping file: decimal."
        ),
    ),
    Reason(
        "number_out_of_range",
        N_("This number is too large to be stored (12 digits before the decimal sign at most)."),
        N_("Check the cell: often two values ran together."),
    ),
    Reason(
        "not_an_integer",
        N_("A whole number is needed here."),
        N_("Remove the decimals from the cell."),
    ),
    Reason(
        "not_a_date",
        N_("This is not a date."),
        N_("Write it as 2025-03-31 or 31/03/2025, or format the cell as a date."),
    ),
    Reason(
        "ambiguous_date",
        N_("Day and month cannot be told apart, because the column holds both orders."),
        N_(
            "Choose the order under “How values are read”, or take the suggested days on the page "
            "Corrections; in a mapping file: date_order."
        ),
    ),
    Reason(
        "contrary_date",
        N_("This date has day and month the other way round than the rest of the column proves."),
        N_(
            "Correct the cell, or take the suggested day on the page Corrections. If the whole "
            "column is written so, choose the order under “How values are read”."
        ),
    ),
    Reason(
        "date_out_of_range",
        N_("This date lies before 1900 or more than a year in the future."),
        N_("Correct the year, or format the cell as a date."),
    ),
    Reason(
        "not_a_boolean",
        N_("Yes or no is expected here."),
        N_("Write yes or no, oui or non, true or false, 1 or 0."),
    ),
    Reason(
        "error_cell",
        N_("The cell holds a spreadsheet error."),
        N_("Repair the formula in the spreadsheet, or replace it by its value."),
    ),
    Reason(
        "oversized_cell",
        N_("The cell holds more than 32,767 characters."),
        N_("Shorten the cell: probably a whole text was pasted into it."),
    ),
    Reason(
        "too_many_cells",
        N_("The row has more values than the table has columns."),
        N_("Put values that contain the separator between quotation marks."),
    ),
    Reason(
        "unknown_currency",
        N_("This currency is not known."),
        N_("Write the three-letter code, for example EUR, USD or GBP."),
    ),
    Reason(
        "vat_missing",
        N_("Prices include VAT, but the rate of this row is not stated."),
        N_("Add a column with the rate, or state one for all rows under “How values are read”."),
    ),
    Reason(
        "quantity_zero_amount",
        N_("The row has an amount but no quantity to divide it by."),
        N_("Fill in the quantity, or give the unit price in a column of its own."),
    ),
    Reason(
        "duplicate_key",
        N_("The same line appears twice in the file with different contents."),
        N_("Keep the right one of the two rows, or remove the line numbers from the mapping."),
    ),
    Reason(
        "invoice_changed",
        N_("This document is already stored, with other contents."),
        N_("Take the new rows instead of the stored ones, or leave them out."),
    ),
    Reason(
        "document_incomplete",
        N_("Another row of this document was set aside: the stored document stays as it is."),
        N_("Correct that row and import the file again; the document is then replaced as a whole."),
    ),
    Reason(
        "row_changed",
        N_("A row with this key is already stored, with other contents."),
        N_("Take the new rows instead of the stored ones, or leave them out."),
    ),
    Reason(
        "unknown_country",
        N_("The country is not recognised; it is kept as “unknown: …”."),
        N_(
            "Say which country is meant, in the preview or on the page Corrections: rows that are "
            "stored are renamed too."
        ),
        warning=True,
    ),
    Reason(
        "unknown_line_kind",
        N_("The kind of line is not recognised; the rules for codes decide."),
        N_("Use product, postage, fee, adjustment or sample."),
        warning=True,
    ),
    Reason(
        "blank_rows",
        N_("Empty rows were passed over."),
        N_("Nothing to do."),
        warning=True,
    ),
    Reason(
        "total_rows",
        N_("Total rows were passed over: they repeat what the lines say."),
        N_("Nothing to do; check that they are totals."),
        warning=True,
    ),
    Reason(
        "units_row",
        N_("A row of units under the titles was left out."),
        N_("Nothing to do; a price that is said to be with VAT is read so."),
        warning=True,
    ),
    Reason(
        "total_differs",
        N_("A total row does not say what the lines add up to."),
        N_("Look at the notes for the numbers: rows may be missing, doubled or changed by hand."),
        warning=True,
    ),
    Reason(
        "example_rows",
        N_("The example row of the template was passed over."),
        N_("Nothing to do."),
        warning=True,
    ),
    Reason(
        "repeated_headers",
        N_("Repeated header rows were passed over."),
        N_("Nothing to do."),
        warning=True,
    ),
    Reason(
        "repeated_key",
        N_("The same code appears several times; the last row counts."),
        N_("Keep one row per code."),
        warning=True,
    ),
    Reason(
        "number_style_assumed",
        N_("Nothing in the column shows the decimal sign; that of the rest of the file was used."),
        N_("If it is wrong, choose the decimal sign under “How values are read”."),
        warning=True,
    ),
    Reason(
        "date_order_assumed",
        N_("Every date of the column could be read as day/month or as month/day."),
        N_("If the choice is wrong, choose the other order under “How values are read”."),
        warning=True,
    ),
    Reason(
        "percent_assumed",
        N_("Rates above 1 were read as percentages: 20 as 20 %."),
        N_("If it is wrong, undo the import and write the rates as 0.2 or 20 %."),
        warning=True,
    ),
    Reason(
        "amount_differs",
        N_("The line amount is not quantity × price − discount; the price was used."),
        N_("Check both columns; map the line amount alone if it is the right one."),
        warning=True,
    ),
    Reason(
        "hidden_sheet",
        N_("The sheet is hidden; its rows were read."),
        N_("Choose “Leave it out” for the sheet if it is not meant."),
        warning=True,
    ),
    Reason(
        "hidden_rows",
        N_("Hidden rows were read like the others."),
        N_("Delete them in the spreadsheet if they are not meant."),
        warning=True,
    ),
    Reason(
        "hidden_columns",
        N_("Hidden columns were read like the others."),
        N_("Choose “not imported” for those that are not meant."),
        warning=True,
    ),
    Reason(
        "notes_under_table",
        N_("Notes under the table were left out; they are listed above."),
        N_("Nothing to do; check that they are no rows."),
        warning=True,
    ),
    Reason(
        "merged_cells",
        N_("Merged cells were read for every row they cover."),
        N_("Nothing to do; amounts and quantities are never repeated."),
        warning=True,
    ),
    Reason(
        "empty_columns",
        N_("A column has a title but no values; formulas may never have been calculated."),
        N_("Open the file in a spreadsheet program, save it and import it again."),
        warning=True,
    ),
    Reason(
        "sheet_passed_over",
        N_("A sheet holds no table that could be recognised and was passed over."),
        N_("Choose what to import it as; on the command line: --sheet and a mapping file."),
        warning=True,
    ),
)
_RULES = (Reason(rule.key, rule.text, rule.remedy, warning=True) for rule in SHIPPED.values())
REASONS: dict[str, Reason] = {reason.code: reason for reason in (*_ALL, *_RULES)}


def reason_of(code: str, texts: Mapping[str, Sequence[str]] | None = None) -> Reason | None:
    """Return a reason by its code; None for one that is not known any more.

    Args:
        code: of the reason or warning.
        texts: what the rules of that import said, by code: title and remedy, marked or packed;
            kept in an import's `mapping["texts"]` and in reports.
    """
    told = (texts or {}).get(code)
    return Reason(code, told[0], told[1]) if told else REASONS.get(code)
