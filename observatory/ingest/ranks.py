"""Rankings exported as one column a rank, each holding the option put there.

Belongs here: joining such columns (`order[1]`, `Question [Rang 2]`, as LimeSurvey heads
them) into one that lists the options in order, which is how a ranking is read. Does not
belong here: rankings with a column an option, which need nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from observatory.ingest.catalogue import Catalogue
from observatory.ingest.cells import Columns, MemoryColumns
from observatory.ingest.tools.form import Column, Form
from observatory.ingest.wording import normalise, squeeze

_RANK = re.compile(r"(?:(?:rang|rank|ranking|classement) ?)?([1-9][0-9]?)")
_BETWEEN = "\n"
"""What no option's wording holds."""


def join_ranks(form: Form, known: Catalogue) -> Form:
    """The form with one column for each ranking that has one a rank. Its heading is that of the first of them."""
    found: dict[str, dict[int, Column]] = defaultdict(dict)
    for column in form.columns:
        question, rank = _ranked(column, known)
        if question:
            found[question].setdefault(rank or len(found[question]) + 1, column)
    rankings = {question: ranks for question, ranks in found.items() if sorted(ranks) == list(range(1, len(ranks) + 1))}
    if not rankings:
        return form
    joined: dict[int, Column] = {}
    left_out: set[int] = set()
    cells: dict[int, Sequence[str]] = {}
    for ranks in rankings.values():
        first = ranks[1]
        joined[first.position] = replace(first, option="", option_code="")
        left_out |= {column.position for rank, column in ranks.items() if rank > 1}
        cells[first.position] = _in_order([form.cells[ranks[rank].position] for rank in sorted(ranks)], form.not_shown)
    columns = [joined.get(column.position, column) for column in form.columns if column.position not in left_out]
    return replace(form, columns=tuple(columns), cells=_with(form.cells, cells))


def _ranked(column: Column, known: Catalogue) -> tuple[str, int]:
    """The ranking and the rank that a heading names; '' where it names none, 0 where ranks stand in order."""
    told = column.kind == "ranking" and not column.option
    by_code = known.codes.get(squeeze(column.code), "") if column.code else ""
    questions = {by_code} if by_code else set(known.wordings.find(column.question)) if column.option or told else set()
    rank = _RANK.fullmatch(column.option_code) or _RANK.fullmatch(normalise(column.option))
    for question in questions & known.questions.keys():
        options = known.options[question]
        of_option = options.find(column.option_code) if column.option_code else options.find(column.option)
        if known.questions[question].type == "ranking" and (rank or told) and not of_option:
            return question, int(rank[1]) if rank else 0
    return "", 0


def _in_order(columns: Sequence[Sequence[str]], not_shown: frozenset[str]) -> Sequence[str]:
    """One cell a row: the options from the first rank on; what says « not shown » where no rank says anything else."""
    cells = []
    for row in zip(*columns, strict=True):
        given = [cell for cell in row if cell.strip() and cell not in not_shown]
        cells.append(_BETWEEN.join(given) if given else row[0])
    return cells


def _with(cells: Columns, changed: Mapping[int, Sequence[str]]) -> Columns:
    return MemoryColumns([changed.get(position, cells[position]) for position in range(len(cells))], cells.rows)
