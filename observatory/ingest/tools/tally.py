"""Tally's export of submissions: `Submission ID, Respondent ID, Submitted at`, then the questions.

Recognised by those three. A multiple question is one column of joined options and, beside it, one column an option,
`Question (Option)`, of true and false: the joined one, which a comma in an option makes ambiguous, is left out.
"""

from __future__ import annotations

from observatory.ingest.documents import Document, other_sheets
from observatory.ingest.headers import Heading, Layout, filled_records, lay_out_below
from observatory.ingest.tools.form import Column, Form, Role, Tool, make_form, role_among
from observatory.wording import normalise

_ROLES: dict[str, Role] = {"submission id": "id", "respondent id": "other", "submitted at": "submitted"}
_TICKS = frozenset({"true", "false"})


def _recognise(document: Document) -> float:
    if not document.tables:
        return 0.0
    names = {normalise(cell) for record in filled_records(document.table, 1) for cell in record[:5]}
    return 0.95 if names >= _ROLES.keys() else 0.0


def _read(document: Document) -> Form:
    table = document.table
    (first,) = filled_records(table, 1)
    layout = lay_out_below(table, 1, [Heading(cell.strip()) for cell in first])
    warnings = (*document.warnings, *other_sheets(document, [table.sheet]))
    return make_form("tally", table, layout, _columns(layout), warnings=warnings)


def _columns(layout: Layout) -> list[Column]:
    options = _options(layout)
    labels: dict[str, tuple[str, ...]] = {}
    for question, option in options.values():
        labels[question] = (*labels.get(question, ()), option)
    columns = []
    for position, heading in enumerate(layout.headings):
        text = heading.question
        if position in options:
            question, option = options[position]
            columns.append(Column(position, text, question, option, kind="multiple", options=labels[question]))
        elif text not in labels:
            columns.append(Column(position, text, text, role=role_among(text, _ROLES)))
    return columns


def _options(layout: Layout) -> dict[int, tuple[str, str]]:
    """The columns that are an option of the question before them, with both."""
    found: dict[int, tuple[str, str]] = {}
    question = ""
    for position, heading in enumerate(layout.headings):
        text = heading.question
        if question and text.startswith(f"{question} (") and text.endswith(")") and _is_ticks(position, layout):
            found[position] = question, text[len(question) + 2 : -1]
        elif text:
            question = text
    return found


def _is_ticks(position: int, layout: Layout) -> bool:
    counts = layout.columns.counts(position)
    return len(counts) <= 6 and {normalise(cell) for cell in counts} - {""} <= _TICKS


TOOL = Tool("tally", "Tally", _recognise, _read)
