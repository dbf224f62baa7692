"""Where the headings that only one tool writes stand: what recognising and reading share.

Belongs here: finding a tool's row of headers among the first rows, the metadata at the start of it, a sample of the
answers. Does not belong here: any tool's own words (its module), headers that nobody knows (headers.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from observatory.ingest.cells import Cells
from observatory.ingest.files import Table
from observatory.ingest.headers import Heading, Layout, filled_records, headings_of, lay_out_below
from observatory.wording import normalise

_MOST_TITLES = 3
"""Lines that a team may type above the headers."""

_SAMPLE = 1000
"""Rows of answers that show what a column holds."""


def names(cells: Cells | Sequence[Heading]) -> tuple[str, ...]:
    """A row of headers in the form in which equal wordings are equal."""
    return tuple(normalise(cell if isinstance(cell, str) else cell.text) for cell in cells)


def header_row(table: Table, says: Callable[[tuple[str, ...]], bool]) -> int | None:
    """Which of the first rows that are not blank is the tool's row of headers, if any."""
    for row, record in enumerate(filled_records(table, _MOST_TITLES + 1)):
        if says(names(record)):
            return row
    return None


def under(table: Table, row: int) -> Layout:
    """The table whose headers are that row alone; what stands above is titles."""
    record = filled_records(table, row + 1)[row]
    return lay_out_below(table, row + 1, headings_of(record), titles=row)


def run_of(headings: Sequence[str], known: Collection[str]) -> int:
    """How many of the first columns are metadata: those up to the first heading that is not known, or comes again."""
    for position, heading in enumerate(headings):
        if heading and (heading not in known or heading in headings[:position]):
            return position
    return len(headings)


def sample(layout: Layout, table: Table) -> Sequence[Cells]:
    """The first rows of answers, as they stand in the file."""
    # Of a large file only the first rows are at hand, and fewer may be answers.
    return [table.records[number - 1] for number in layout.numbers[:_SAMPLE] if number <= len(table.records)]


def values(rows: Sequence[Cells], position: int) -> list[str]:
    """What a column holds in a sample, without blanks."""
    cells = (row[position].strip() for row in rows if position < len(row))
    return [cell for cell in cells if cell]
