"""Surveys of Indico events: `Submitter`, an address or a number, `Submission Date`, then `Section: Question`.

Indico exports submitted answers only. It joins the answers of a multiple choice with `; ` and says nowhere which
questions are multiple.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from observatory.ingest.documents import Document, other_sheets
from observatory.ingest.headers import Heading
from observatory.ingest.tools.form import Column, Form, Role, Tool, make_form, role_among
from observatory.ingest.tools.signature import header_row, names, run_of, under

_ROLES: Mapping[str, Role] = {
    "id": "id",
    "submitter": "other",
    "submitter email": "other",
    "submission date": "submitted",
}


def _is_header(found: Sequence[str]) -> bool:
    return found[:1] == ("submitter",) and "submission date" in found[: run_of(found, _ROLES)]


def _recognise(document: Document) -> float:
    if not document.tables:
        return 0.0
    return 0.0 if header_row(document.table, _is_header) is None else 0.95


def _read(document: Document) -> Form:
    table = document.table
    layout = under(table, header_row(table, _is_header) or 0)
    metadata = run_of(names(layout.headings), _ROLES)
    sections = _sections(layout.headings[metadata:])
    columns = [
        Column(position, heading.text, heading.text, role=role_among(heading.text, _ROLES))
        if position < metadata
        else Column(position, heading.text, _without(heading.text, sections), role=role_among(heading.text, {}))
        for position, heading in enumerate(layout.headings)
    ]
    submitted = next(column.position for column in columns if column.role == "submitted")
    return make_form(
        "indico",
        table,
        layout,
        columns,
        complete=["true" if cell.strip() else None for cell in layout.columns[submitted]],
        warnings=(*document.warnings, *other_sheets(document, [table.sheet])),
    )


def _sections(headings: Sequence[Heading]) -> frozenset[str]:
    """The titles of sections; none where a heading has none, since what stands before `: ` may then be a question."""
    before = Counter(heading.text.partition(": ")[0] for heading in headings if ": " in heading.text)
    if before.total() < len(headings) or not all(count > 1 for count in before.values()):
        return frozenset()
    return frozenset(before)


def _without(text: str, sections: frozenset[str]) -> str:
    section, _, question = text.partition(": ")
    return question if section in sections else text


TOOL = Tool("indico", "Indico", _recognise, _read)
