"""Tables as text, ready for a template.

Belongs here: turning published rows into headings and cells, and telling which signs stand in them. Does not belong
here: HTML, nor which table goes where.
A table's first column heads its rows; every other cell is a number already written in the report's language. A cell of
two lines holds a value and its interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from observatory.publish.context import Context
from observatory.publish.lookup import Change, Figure, change, panel_change, ranks_of
from observatory.publish.numbers import NO_BREAK_SPACE, decimal_range, integer
from observatory.publish.words import NOT_SIGNIFICANT, NOT_TESTED, change_sign

LEGEND = {
    "b": "flags.b",
    "c": "flags.c",
    "u": "flags.u_withheld",
    "(u)": "flags.u",
    "(p)": "flags.p",
    "(e)": "flags.e",
    NOT_SIGNIFICANT: "flags.n",
    NOT_TESTED: "flags.untested",
    "–": "flags.none",
}
"""The signs that cells may hold, in the order of their legend, and the key of their words."""


@dataclass(frozen=True)
class Table:
    """`columns` are headings; each row has as many cells as there are columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def legend(self) -> tuple[str, ...]:
        """The keys of the words that explain the signs of these cells, and only those."""
        cells = [cell for row in self.rows for cell in row[1:]]
        values = [cell.split("\n")[0] for cell in cells]
        signs = {sign for value in values for sign in (value, *value.split(NO_BREAK_SPACE)[1:])}
        stacked = ("notes.under",) if any("\n" in cell for cell in cells) else ()
        return (*stacked, *(key for sign, key in LEGEND.items() if sign in signs))


def base(context: Context, figure: Figure) -> str:
    """A base as a cell shows it."""
    return context.say("sign.none") if figure.n is None else integer(figure.n, context.language)


def stacked(context: Context, figure: Figure, decimals: int | None = None, unit: str | None = None) -> str:
    """A value with its interval on a second line, if it has one."""
    text = context.marked(figure, decimals, unit)
    return text if figure.bounds is None else f"{text}\n{context.interval(figure, unit)}"


def with_intervals(rows: Sequence[Figure]) -> bool:
    """Whether a table of these rows has something to write in a column of intervals."""
    return any(row.bounds is not None for row in rows)


def distribution_table(context: Context, rows: Sequence[Figure], heading: str, labels: Sequence[str]) -> Table:
    """One row an option: share, interval, previous edition's share, change in points, the same among the respondents
    of both editions, rank, number of answers, base. A column that no row fills is left out."""
    figures = context.figures
    name = f"{rows[0].indicator}.{rows[0].statistic}"
    key = (rows[0].edition, rows[0].indicator, "count", rows[0].breakdown, rows[0].category)
    counts = {row.option: row for row in figures.rows.get(key, ())}
    none = context.say("sign.none")
    compared = [
        None if row.value is None else change(figures, name, option=row.option, by=row.breakdown, category=row.category)
        for row in rows
    ]
    # The panel is that of the whole: beside a category it would be of other respondents.
    panel = [None if row.value is None or row.breakdown else panel_change(figures, row) for row in rows]
    earlier, ranks = previous_rows(context, rows), ranks_of(figures, rows[0])
    columns: list[tuple[str, list[str]]] = [
        (heading, list(labels)),
        (context.say("table.share"), [context.marked(row, 1) for row in rows]),
    ]
    if with_intervals(rows):
        columns.append((interval_heading(context), [context.interval(row) for row in rows]))
    if any(item is not None and item.state != "absent" for item in compared):
        before = [earlier.get(row.option) for row in rows]
        columns += [
            (
                context.say("table.share_of", edition=figures.previous),
                [none if row is None else context.marked(row, 1) for row in before],
            ),
            (context.say("table.change"), [_change(context, item) for item in compared]),
        ]
    if any(item is not None and item.value is not None for item in panel):
        columns.append((_panel_heading(context, panel), [_change(context, item) for item in panel]))
    if any(row.bounds is not None for row in ranks.values()):
        columns.append((context.say("table.rank"), [rank_text(context, ranks.get(row.option)) for row in rows]))
    answers = [counts.get(row.option) for row in rows]
    columns += [
        (context.say("table.answers"), [none if row is None else context.written(row) for row in answers]),
        (context.say("table.base"), [base(context, row) for row in rows]),
    ]
    cells = zip(*(column for _, column in columns), strict=True)
    return Table(tuple(title for title, _ in columns), tuple(cells))


def interval_heading(context: Context) -> str:
    """« Intervalle à 95 % »."""
    return context.say("table.interval", level=context.level)


def _change(context: Context, item: Change | None) -> str:
    return context.say("sign.none") if item is None else change_sign(item, context.language)


def _panel_heading(context: Context, panel: Sequence[Change | None]) -> str:
    known = {item.n for item in panel if item is not None and item.n is not None}
    if not known:
        return context.say("table.panel")
    return context.say("table.panel_of", n=decimal_range((min(known), max(known)), 0, context.language))


def rank_text(context: Context, row: Figure | None) -> str:
    """A rank as a cell shows it: « 2–4 », or « 3 » where no other is possible."""
    return context.say("sign.none") if row is None else context.interval(row)


def previous_rows(context: Context, rows: Sequence[Figure]) -> dict[str, Figure]:
    """The previous edition's rows of the same name and domain, by option; empty where there is none."""
    first, previous = rows[0], context.figures.previous
    if previous is None:
        return {}
    key = (previous, first.indicator, first.statistic, first.breakdown, first.category)
    return {row.option: row for row in context.figures.rows.get(key, ())}


def matrix_table(context: Context, heading: str, lines: Sequence[tuple[str, Sequence[Figure]]]) -> Table:
    """One row a line of figures that share their options: one column an option, its interval within, then the base."""
    options = [context.label(figure) for figure in lines[0][1]]
    rows = tuple(
        (label, *(stacked(context, figure, 1) for figure in figures), base(context, figures[0]))
        for label, figures in lines
    )
    return Table((heading, *options, context.say("table.base")), rows)


def list_table(context: Context, heading: str, lines: Sequence[tuple[str, Figure]], value: str) -> Table:
    """One row a figure: label, value, interval and, unless every value is itself a number of respondents, base."""
    figures = [figure for _, figure in lines]
    columns = [(heading, [label for label, _ in lines]), (value, [context.marked(figure, 1) for figure in figures])]
    if with_intervals(figures):
        columns.append((interval_heading(context), [context.interval(figure) for figure in figures]))
    if any(figure.statistic != "count" for figure in figures):
        columns.append((context.say("table.base"), [base(context, figure) for figure in figures]))
    cells = zip(*(column for _, column in columns), strict=True)
    return Table(tuple(title for title, _ in columns), tuple(cells))
