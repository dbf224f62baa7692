"""Which rows of a table are headers, and what each column is headed by.

Belongs here: title lines, one or two rows of headers, questions that stand only on their
first column, blank and ragged rows. Does not belong here: the meaning of a heading
(matching/headings.py), the columns a tool adds (tools/).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from observatory.ingest.cells import Cells, Columns, MemoryColumns
from observatory.ingest.files import Table
from observatory.ingest.patterns import NUMBER_OR_DATE
from observatory.phrases import listed
from observatory.problems import Problem, ProblemsError
from observatory.wording import normalise

PLACEHOLDERS = frozenset(
    {
        "response",
        "responses",
        "open-ended response",
        "multiple choice response",
        "single choice response",
        "réponse",
        "réponses",
        "réponse ouverte",
        "réponse libre",
        "antwort",
        "offene antwort",
    }
)
"""What tools write under a question that has one column: it says nothing of an option."""

BETWEEN_ROWS = " | "
"""What stands between a question and its option in a heading of two rows."""

_UNNAMED = re.compile(r"^Unnamed: \d+(_level_\d+)?$")
_SAMPLE = 1000
"""Rows of answers looked at to decide whether the second row is a header."""


@dataclass(frozen=True)
class Heading:
    """What stands above a column: the question (filled forward) and, with two header rows, what stands below it."""

    question: str
    option: str = ""

    @property
    def text(self) -> str:
        """The heading as a person names the column."""
        if self.option and self.option != self.question:
            return f"{self.question}{BETWEEN_ROWS}{self.option}" if self.question else self.option
        return self.question


@dataclass(frozen=True)
class Layout:
    """A table told apart: `headings[c]` and `columns[c]` for each column, `numbers[r]` the row of each answer row.

    `header_rows` counts every row above the answers that is not blank; `titles` are the lines above the headers.
    """

    titles: tuple[str, ...]
    header_rows: int
    headings: tuple[Heading, ...]
    numbers: Sequence[int]
    columns: Columns
    warnings: tuple[Problem, ...]

    def without(self, rows: Collection[int], *warnings: Problem) -> Layout:
        """The same table without those answer rows (positions in `numbers`): a summary typed under the answers."""
        if not rows:
            return replace(self, warnings=(*self.warnings, *warnings))
        return replace(
            self,
            numbers=tuple(number for row, number in enumerate(self.numbers) if row not in rows),
            columns=self.columns.without(rows),
            warnings=(*self.warnings, *warnings),
        )


def lay_out(table: Table) -> Layout:
    """The headers and the columns of a table, blank rows left out.

    Raises ProblemsError where a row has answers beyond the last header: they can't be attributed.
    """
    numbered = [(number, record) for number, record in enumerate(table.records, 1) if not _blank(record)]
    titles = _titles([record for _, record in numbered[:8]])
    rest = numbered[len(titles) :]
    first = [_unnamed(cell) for cell in rest[0][1]] if rest else []
    answers = rest[1:]
    second: list[str] | None = None
    if len(rest) > 1 and _is_header(first, rest[1][1], [record for _, record in rest[2 : 2 + _SAMPLE]]):
        second = [_unnamed(cell) for cell in rest[1][1]]
        answers = rest[2:]
    width = max(len(first), len(second or []))
    return _layout(
        table,
        titles,
        len(titles) + (1 if rest else 0) + (second is not None),
        _headings(first, second, width),
        answers,
    )


def lay_out_below(table: Table, header_rows: int, headings: Sequence[Heading], *, titles: int = 0) -> Layout:
    """The columns of a table whose headers a tool knows: the first `header_rows` rows that are not blank.

    The first `titles` of them are lines above the headers. Raises ProblemsError like `lay_out`.
    """
    numbered = [(number, record) for number, record in enumerate(table.records, 1) if not _blank(record)]
    above = [record for _, record in numbered[:titles]]
    return _layout(table, above, header_rows, tuple(headings), numbered[header_rows:])


def filled_records(table: Table, most: int) -> list[Cells]:
    """The first rows of a table that are not blank: what a tool looks at to know its headers."""
    found: list[Cells] = []
    for record in table.records:
        if len(found) == most:
            break
        if not _blank(record):
            found.append(record)
    return found


def headings_of(cells: Cells) -> tuple[Heading, ...]:
    """A header row that is the only one."""
    return tuple(Heading(_unnamed(cell)) for cell in cells)


def _layout(
    table: Table,
    titles: Sequence[Cells],
    header_rows: int,
    headings: tuple[Heading, ...],
    answers: Sequence[tuple[int, Cells]],
) -> Layout:
    width = len(headings)
    texts = tuple(" ".join(cell.strip() for cell in title if cell.strip()) for title in titles)
    if table.stored is not None:
        columns = table.stored.below(answers[0][0] - 1 if answers else table.stored.rows)
        return Layout(texts, header_rows, headings, columns.numbers(), columns, ())
    records, warnings = _aligned(answers, width, table.file)
    cells: tuple[Cells, ...] = tuple(zip(*records, strict=True)) if records else tuple(() for _ in range(width))
    return Layout(
        titles=texts,
        header_rows=header_rows,
        headings=headings,
        numbers=tuple(number for number, _ in answers),
        columns=MemoryColumns(cells, len(records)),
        warnings=tuple(warnings),
    )


def _blank(cells: Cells) -> bool:
    return not any(cell and not cell.isspace() for cell in cells)


def _filled(cells: Cells) -> int:
    return sum(1 for cell in cells if cell and not cell.isspace())


def _unnamed(cell: str) -> str:
    """A header's text; what pandas writes for a blank header is blank."""
    cell = cell.strip()
    return "" if _UNNAMED.match(cell) else cell


def _titles(records: Sequence[Cells]) -> list[Cells]:
    """The lines above the headers: one or two cells over a table that has many more."""
    titles: list[Cells] = []
    for index, record in enumerate(records[:-1]):
        filled = _filled(record)
        below = max(_filled(other) for other in records[index + 1 : index + 3])
        if not ((filled == 1 and below > 1) or (filled == 2 and below >= 6)):
            break
        if filled == 1 and below == 2 and len(record) > 1:
            break
        titles.append(record)
    return titles


def _is_header(first: Sequence[str], second: Cells, answers: Sequence[Cells]) -> bool:
    """Whether the second row is a header too: it labels columns that the first leaves blank, repeats or names alike.

    A row of answers gives itself away: its numbers, and its texts that come back further down.
    """
    placeholders = signs = contradictions = 0
    above = ""
    named = max((position for position, raw in enumerate(second, 1) if _unnamed(raw)), default=0)
    for position, raw in enumerate(second):
        label = _unnamed(raw)
        heading = first[position] if position < len(first) else ""
        shared = not heading or heading == above
        repeated = position + 1 < len(first) and first[position + 1] in {"", heading}
        above = heading or above
        if not label:
            # Two rows of headers name every column between the first and the last.
            contradictions += not heading and position < named
            continue
        values = {record[position] for record in answers if position < len(record)} - {""}
        echoed = values == {raw}
        if normalise(label, running_number=True) in PLACEHOLDERS:
            placeholders += raw not in values
            signs += 3
        elif echoed and (shared or not NUMBER_OR_DATE.fullmatch(label)):
            signs += shared
        elif (raw in values or NUMBER_OR_DATE.fullmatch(label)) and not (shared and not values):
            contradictions += 1
        elif label == heading:
            signs += 1
        elif shared or repeated:
            signs += bool(values) or not heading
    if placeholders > 1:
        return True
    return contradictions < signs and contradictions <= max(len(second) * 0.02, signs / 4)


def _headings(first: Sequence[str], second: Sequence[str] | None, width: int) -> tuple[Heading, ...]:
    headings: list[Heading] = []
    question = ""
    for position in range(width):
        above = first[position] if position < len(first) else ""
        below = second[position] if second is not None and position < len(second) else ""
        if above:
            question = above
        headings.append(Heading(above or (question if below else ""), below))
    return tuple(headings)


def _aligned(answers: Sequence[tuple[int, Cells]], width: int, file: str) -> tuple[list[Cells], list[Problem]]:
    """Every record brought to the same width. Raises ProblemsError for cells beyond the headers."""
    records: list[Cells] = []
    short: list[int] = []
    long: list[int] = []
    for number, record in answers:
        if len(record) == width:
            records.append(record)
        elif len(record) < width:
            short.append(number)
            records.append([*record, *[""] * (width - len(record))])
        else:
            records.append(record[:width])
            if not _blank(record[width:]):
                long.append(number)
    if long:
        raise ProblemsError(
            [
                Problem(
                    file=file,
                    row=long[0],
                    found=f"des cellules au-delà du dernier en-tête ({_rows(long)})",
                    expected=f"{width} cellules par rangée",
                    action="un séparateur se trouve sans doute dans une réponse sans guillemets : exportez de nouveau, "
                    "ou corrigez ces rangées dans une copie du fichier",
                )
            ]
        )
    if short:
        warning = Problem(
            file=file,
            row=short[0],
            found=f"des rangées plus courtes que l'en-tête ({_rows(short)})",
            expected=f"{width} cellules par rangée",
            action="vérifiez que l'export est complet ; ce qui manque compte comme sans réponse",
            severity="warning",
        )
        return records, [warning]
    return records, []


def _rows(numbers: Sequence[int]) -> str:
    return f"{'rangée' if len(numbers) == 1 else 'rangées'} {listed(map(str, numbers))}"
