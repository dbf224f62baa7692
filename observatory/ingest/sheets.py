"""Which sheet of a workbook holds the answers, where no tool says it: seldom the « Lisez-moi » in front.

Belongs here: comparing sheets by their headings, bringing the one of answers to the front. Does not belong here: the
sheets that a tool names itself (its module), saying which were left aside (documents.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from observatory.ingest.documents import Document
from observatory.ingest.files import Table, refuse
from observatory.ingest.headers import lay_out
from observatory.ingest.summaries import refuse_own_files, refuse_results
from observatory.phrases import listed
from observatory.problems import ProblemsError
from observatory.wording import normalise

_NOTES = 2
"""Columns of a sheet that explains the others, mostly."""

_FEW = 5
"""Columns of a list of variables or of tabs, at most."""

_FEWEST = 3
"""Columns that a sheet of answers has at least, to be taken in place of the first."""

_WIDER = 4
_ALIKE = 0.8


def in_front(document: Document) -> Iterator[Document]:
    """The workbook with another sheet in front, for each that may hold answers where the first is none, widest first.

    Raises ProblemsError where two sheets are under the same headings: both are answers, and one would be lost; also for
    a workbook that this project wrote.
    """
    # Its further sheets may look like answers.
    refuse_own_files(document.table)
    headings = {table.sheet: _headings(table) for table in document.tables}
    first = len(headings[document.table.sheet])
    widest = sorted(document.tables, key=lambda table: -len(headings[table.sheet]))
    chosen = [table for table in widest if _is_rather(len(headings[table.sheet]), first)]
    likeliest = chosen[0] if chosen else document.table
    alike = [table.sheet for table in document.tables if _same(headings[table.sheet], headings[likeliest.sheet])]
    if len(alike) > 1:
        refuse(
            document.file,
            f"{len(alike)} feuilles de réponses, sous les mêmes intitulés : {listed(f'« {name} »' for name in alike)}",
            "une feuille de réponses par classeur",
            "enregistrez chaque feuille dans un fichier à part, ou retirez celles qui sont des copies",
        )
    for table in chosen:
        others = tuple(other for other in document.tables if other is not table)
        yield replace(document, tables=(table, *others))


def _is_rather(width: int, first: int) -> bool:
    """Whether a sheet so wide is of answers rather than the first."""
    if width < _FEWEST:
        return False
    return first <= _NOTES or (first <= _FEW and width >= _WIDER * first)


def _same(headings: frozenset[str], others: frozenset[str]) -> bool:
    most = max(len(headings), len(others))
    return min(len(headings), len(others)) >= _FEWEST and len(headings & others) >= _ALIKE * most


def _headings(table: Table) -> frozenset[str]:
    """What heads a sheet's columns; nothing where no answer stands below, or counts of answers do."""
    try:
        refuse_results(table)
        layout = lay_out(table)
    except ProblemsError:
        return frozenset()
    if not layout.numbers:
        return frozenset()
    return frozenset(filter(None, (normalise(heading.text) for heading in layout.headings)))
