"""What the reader has to say about an input: one frozen `Finding` each, with a code from a closed list.

An *error* means the input cannot be used (exit code 2), a *warning* that something in it can never be, a *note* that
a blank was filled in by policy. Codes are stable words that scripts may depend on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]

_SHOWN = 60
"""Characters of a value that a finding's line shows."""

CODES: dict[str, str] = {
    # The source as a whole
    "no_such_path": "there is no such file or folder",
    "not_an_instance": "the path is neither a folder with an `instance.toml` nor an Excel workbook",
    "cannot_read": "the operating system does not let the file be read",
    "not_a_workbook": "the file is called .xlsx and is not an Excel workbook",
    "wrong_encoding": "the file is not text in UTF-8",
    "broken_csv": "the file breaks the rules of CSV, as by a quotation mark that never ends",
    "broken_toml": "`instance.toml` breaks the rules of TOML",
    "wrong_separator": "the columns are separated by something else than commas",
    "missing_table": "a table is missing that is required, or that another table refers to",
    "unknown_table": "a CSV file or sheet that is not a table of an instance",
    "too_many_rows": "a table has more rows than any plausible instance",
    # The shape of a table
    "empty_table": "a table has not even a row of column names",
    "missing_column": "a column that must be there is not",
    "unknown_column": "the table has no column of this name",
    "duplicate_column": "two columns have one name",
    "ragged_row": "a row has more or fewer cells than there are columns",
    "merged_cells": "cells of a sheet are merged, so that it is not clear which row they belong to",
    "formula_error": "a cell of a sheet shows an error, or holds a formula that was never calculated",
    # Cells and settings
    "missing_value": "a cell that must not be blank is blank",
    "bad_text": "a text holds a line break or another character that cannot be printed",
    "too_long": "a text is longer than any plausible name",
    "bad_code": "a recipient's code is not three capital letters",
    "not_a_number": "a number is expected",
    "not_finite": "NaN and infinity are never numbers",
    "not_whole": "a whole number is expected",
    "too_small": "the number is below the least that makes sense",
    "too_large": "the number is beyond any plausible size",
    "not_a_date": "a date, YYYY-MM-DD, is expected",
    "impossible_date": "the calendar has no such day",
    "date_out_of_range": "the date is beyond any plausible planning",
    "unknown_choice": "the word is not one of those that may stand here",
    "wrong_type": "the setting is of another type than expected",
    "missing_setting": "a key of `instance.toml` that must be there is not",
    "unknown_setting": "`instance.toml` has no such key or section",
    "duplicate_setting": "a key or table of `instance.toml` is given twice",
    "wrong_length": "a list has too many or too few values",
    "wrong_sum": "values that must sum to 1 do not",
    "not_a_monday": "the start of the horizon is not a Monday",
    "too_many_periods": "the calendar has more periods than any plausible horizon",
    # Between rows and tables
    "unknown_key": "the row refers to something that the other table does not list",
    "duplicate_key": "two rows have one key",
    "ambiguous_key": "an order, a need and an offer share one name",
    "reserved_key": "the name is needed for something else",
    "case_two_recipients": "the orders of one case have two recipients",
    "content_above_need": "a package holds more of a need than is needed",
    "end_before_beginning": "an end lies before its beginning",
    "receipt_before_horizon": "a receipt dated before the horizon is in the stock already",
    "release_date_missing": "a funded package has no release date",
    "release_date_unexpected": "only a funded package has a release date",
    "wrong_as_of": "the quantities stand on a day that is neither the first day nor that of the plan before",
    "value_unexpected": "a cell says something that the row's event has no place for",
    "substitute_of_itself": "an item is listed as its own substitute",
    # What can never be (warnings)
    "no_demand": "there is neither an order nor a need",
    "zero_quantity": "an order or a need asks for nothing",
    "no_source": "an item is asked for that is not in stock, not under way, and made by no line",
    "item_never_made": "no period of any line has the slots that one unit takes",
    "component_never_enough": "one unit takes more of a component than there will ever be",
    "unit_too_heavy": "a lane carries less in every period than one unit weighs",
    "no_route": "nothing can travel from here to the destination within the horizon",
    "lane_to_itself": "a lane ends where it begins",
    "lanes_without_delivery": "there are lanes and no `[delivery]`, so goods arrive in the period they leave",
    "review_cannot_end": "a case's review and processing cannot end in the horizon",
    "case_without_orders": "a case under review has no order",
    "approvals_without_policy": "cases are listed and there is no `[approval]`, so every case is approved",
    "firm_date_cannot_be": "an order's firm date is before its earliest possible dispatch",
    "starts_after_horizon": "the row begins to matter only after the horizon",
    "ends_before_horizon": "the row is over before the horizon begins, or before anything can arrive",
    "outside_horizon": "the row's date lies outside the horizon: the row is ignored",
    "never_kept": "the plan before promised an item that this demand cannot take",
    "earmark_without_need": "a pledge is earmarked for a category that no need is in",
    "packages_without_policy": "packages are listed and there is no `[packages]`, so needs need no package",
    "package_never_worth": "all needs together are worth less than a new package must be",
    "empty_package": "a package of the table holds nothing",
    # Filled in by policy (notes)
    "missing_score": "a blank contribution scores `missing_score`",
    # Planning on from a plan before
    "no_previous_plan": "the folder holds no plan that could be planned on from",
    "not_a_period_start": "the new first day begins no period of the plan before",
    "actual_outside": "the day lies outside the time since the plan before",
    "actual_cannot_be": "what is said to have happened cannot have",
    "more_than_slots": "a line is said to have made more than it has slots for",
    "actuals_ignored": "what happened is told, and there is no plan before",
    "promise_broken": "a promise cannot hold any more",
    "rolled_on": "something to know of how the instance was rolled on",
    # A scenario: changes of an instance
    "bad_scenario": "a scenario, or one of its changes, is not written as one",
    "unknown_scenario": "the file holds no scenario of this name",
    "wrong_change": "what stands there cannot be changed in this way",
    "nothing_selected": "no row answers to the key or the conditions of a change",
    "nothing_changed": "a change finds nothing but blanks, which it leaves as they are",
    # A plan's folder, and writing
    "missing_file": "a file that every plan has is missing",
    "date_outside_horizon": "a plan's date lies outside the horizon",
    "cannot_compare": "two plans share nothing that could be compared, or one of them is not a legal plan",
    "cannot_rerun": "a plan's folder does not hold what it takes to find the plan again",
    "target_exists": "something else than an instance is where the result should go",
    "cannot_write": "the operating system does not let the result be written",
}
"""Every code, and what it means."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in an input.

    `file` names the file (a sheet of a workbook as `book.xlsx[orders]`); `row` is the row as a spreadsheet counts it,
    the column names being row 1 (in `instance.toml` the line); `column` the column or the dotted key; `value` what
    stands there; `expected` what would be right; `hint` a guess, beginning with "Maybe", or empty.
    """

    severity: Severity
    code: str
    file: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    message: str = ""
    expected: str = ""
    hint: str = ""

    def __post_init__(self) -> None:
        """Only codes of the list exist. Raises `ValueError`."""
        if self.code not in CODES:
            raise ValueError(f"{self.code!r} is not a code of the list")

    def as_dict(self) -> dict[str, str | int | None]:
        """The fields by name, ready for JSON."""
        return asdict(self)

    def place(self) -> str:
        """Where it is: file, row and column, as far as they are known."""
        parts = [self.file]
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column is not None:
            parts.append(self.column)
        return ", ".join(parts)

    def line(self) -> str:
        """The finding as one line of text."""
        text = f"{self.severity}: {self.place()}: {self.message} [{self.code}]"
        if self.value and self.value not in self.message:
            text += f" Found: {_shortened(self.value)}."
        if self.expected:
            text += f" Expected: {self.expected.removesuffix('.')}."
        return f"{text} {self.hint}" if self.hint else text


def _shortened(value: str) -> str:
    """What stands there, on one line and in quotation marks; of a long text the beginning."""
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


def error(code: str, file: str, message: str, **place: str | int | None) -> Finding:
    """A finding that stops the run; `place` takes `row`, `column`, `value`, `expected`, `hint`."""
    return Finding("error", code, file, message=message, **place)  # type: ignore[arg-type]


def warning(code: str, file: str, message: str, **place: str | int | None) -> Finding:
    """A finding that does not stop the run."""
    return Finding("warning", code, file, message=message, **place)  # type: ignore[arg-type]


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether any of the findings is an error."""
    return any(finding.severity == "error" for finding in findings)
