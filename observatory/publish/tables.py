"""Tables as text, ready for a template.

Belongs here: turning published rows into headings and cells. Does not belong here: HTML, nor which table goes where.
A table's first column heads its rows; every other cell is a number already written in the report's language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from observatory.publish.context import Context
from observatory.publish.lookup import Figure, change
from observatory.publish.numbers import integer
from observatory.publish.words import change_sign


@dataclass(frozen=True)
class Table:
    """`columns` are headings; each row has as many cells as there are columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def cells(self) -> str:
        """Every cell in one text, to find which signs need a legend."""
        return "\n".join(cell for row in self.rows for cell in row[1:])


def base(context: Context, figure: Figure) -> str:
    """A base as a cell shows it."""
    return context.say("sign.none") if figure.n is None else integer(figure.n, context.language)


def distribution_table(context: Context, rows: Sequence[Figure], heading: str, labels: Sequence[str]) -> Table:
    """One row an option: share, previous edition's share, change in points, number of answers, base."""
    figures = context.figures
    name = f"{rows[0].indicator}.{rows[0].statistic}"
    counts = {
        row.option: row
        for row in figures.rows.get(
            (rows[0].edition, rows[0].indicator, "count", rows[0].breakdown, rows[0].category), ()
        )
    }
    compared = [
        None if row.value is None else change(figures, name, option=row.option, by=row.breakdown, category=row.category)
        for row in rows
    ]
    earlier = previous_rows(context, rows)
    with_previous = any(item is not None and item.state != "absent" for item in compared)
    columns = [heading, context.say("table.share")]
    if with_previous:
        columns += [context.say("table.share_of", edition=figures.previous), context.say("table.change")]
    columns += [context.say("table.answers"), context.say("table.base")]
    cells = []
    for row, label, item in zip(rows, labels, compared, strict=True):
        line = [label, context.marked(row, 1)]
        if with_previous:
            before = earlier.get(row.option)
            line.append(context.say("sign.none") if before is None else context.marked(before, 1))
            line.append(context.say("sign.none") if item is None else change_sign(item, context.language))
        count = counts.get(row.option)
        line += [context.say("sign.none") if count is None else context.written(count), base(context, row)]
        cells.append(tuple(line))
    return Table(tuple(columns), tuple(cells))


def previous_rows(context: Context, rows: Sequence[Figure]) -> dict[str, Figure]:
    """The previous edition's rows of the same name and domain, by option; empty where there is none."""
    first, previous = rows[0], context.figures.previous
    if previous is None:
        return {}
    key = (previous, first.indicator, first.statistic, first.breakdown, first.category)
    return {row.option: row for row in context.figures.rows.get(key, ())}


def matrix_table(context: Context, heading: str, lines: Sequence[tuple[str, Sequence[Figure]]]) -> Table:
    """One row a line of figures that share their options: one column an option, then the base."""
    options = [context.label(figure) for figure in lines[0][1]]
    rows = tuple(
        (label, *(context.marked(figure, 1) for figure in figures), base(context, figures[0]))
        for label, figures in lines
    )
    return Table((heading, *options, context.say("table.base")), rows)


def list_table(context: Context, heading: str, lines: Sequence[tuple[str, Figure]], value: str) -> Table:
    """One row a figure: its label, its value and, unless every value is itself a number of respondents, its base."""
    cells = tuple((label, context.marked(figure, 1)) for label, figure in lines)
    if all(figure.statistic == "count" for _, figure in lines):
        return Table((heading, value), cells)
    bases = (base(context, figure) for _, figure in lines)
    return Table(
        (heading, value, context.say("table.base")), tuple((*row, n) for row, n in zip(cells, bases, strict=True))
    )
