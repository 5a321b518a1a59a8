"""Tables as sheets of a workbook: one sheet a table, text never a formula."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from optimizer.reporting.comparison_tables import Sheet
from optimizer.reporting.workbook import Workbook

_FORMATS = {
    "whole": "#,##0",
    "number": "#,##0.00",
    "late": "#,##0.0",
    "money": "#,##0.00",
    "share": "0.0%",
    "date": "yyyy-mm-dd",
    "worse": "+#,##0.00;-#,##0.00;0",
    "step": "+#,##0.00;-#,##0.00;0",
}
_WIDEST = 80.0


class SheetBook(Workbook):
    """A workbook of such tables, and its cell formats."""

    def __init__(self, path: Path) -> None:
        """Nothing is written before `close`."""
        super().__init__(path, _FORMATS, valign="top")
        self.worse = self.book.add_format({"font_color": "#9C0006", "bg_color": "#FFC7CE"})
        self.better = self.book.add_format({"font_color": "#0B5A2B", "bg_color": "#D5F0DC"})

    def front(self, title: str, rows: Sequence[tuple[str, str]]) -> None:
        """The first sheet: a title, and texts with their labels."""
        sheet = self.book.add_worksheet("summary")
        sheet.set_column(0, 0, 12)
        sheet.set_column(1, 1, 110)
        sheet.write_string(0, 0, title, self.title)
        for row, (label, text) in enumerate(rows, 2):
            sheet.write_string(row, 0, label, self.bold)
            sheet.write_string(row, 1, text, self.wrap)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)

    def table(self, table: Sheet) -> None:
        """A sheet for a table."""
        sheet = self.book.add_worksheet(table.name)
        sheet.set_row(0, 32)
        for at, head in enumerate(table.heads):
            sheet.write_string(0, at, head.title, self.head)
            if head.note:
                sheet.write_comment(0, at, head.note)
            texts = (min(_WIDEST, len(str(row[at])) + 1.5) for row in table.rows if isinstance(row[at], str))
            sheet.set_column(at, at, max(10.0, *texts, 0))
            if head.kind == "worse" and table.rows:
                for sign, look in ((">", self.worse), ("<", self.better)):
                    rule = {"type": "cell", "criteria": sign, "value": 0, "format": look}
                    sheet.conditional_format(1, at, len(table.rows), at, rule)
        for row, cells in enumerate(table.rows, 1):
            for at, (head, value) in enumerate(zip(table.heads, cells, strict=True)):
                self.cell(sheet, row, at, value, head.kind)
        self.finish(sheet, len(table.rows), len(table.heads), 1)
