"""Framaforms, or any Drupal site's Webform module: three rows of headers, metadata first.

The first row holds the form's title, the second `Submission Details` and the questions that have several columns, the
third the metadata, the other questions, and the options of a multiple choice or the rows of a grid. Nothing in the
headers says where such a question ends: a question after it looks like one more option. Its cells tell: a ticked option
is `X`, the rows of a grid share their answers. In « compact » exports a multiple choice is one cell, joined with `,`.
A draft is a partial answer. The delimiter and the encoding are whoever exports' choice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from observatory.ingest.cells import Columns
from observatory.ingest.documents import Document, other_sheets
from observatory.ingest.headers import Heading, filled_records, lay_out_below
from observatory.ingest.tools.form import Column, Form, QuestionKind, Role, Tool, make_form, role_among, truth
from observatory.ingest.tools.signature import names
from observatory.wording import key

_ID = frozenset({"sid", "webform_sid"})
_DRAFT = frozenset({"draft", "brouillon", "webform_draft"})
_ADDRESS = frozenset({"ip address", "adresse ip", "webform_ip_address"})
_USER = frozenset({"uid", "username", "nom d'utilisateur", "utilisateur", "webform_uid", "webform_username"})
_METADATA = (_ID, _DRAFT, _ADDRESS, _USER)
_SIGNS = 3
_ENGLISH = frozenset({"draft", "ip address"})

_TICKED = frozenset({"X"})
_OTHER = re.compile(r"autres?( (a )?precise[rz])?|other( please specify)?")
"""How the column is called in which Webform puts what was typed beside the options."""

_HEADER_ROWS = 3


def _recognise(document: Document) -> float:
    if not document.tables:
        return 0.0
    first = filled_records(document.table, _HEADER_ROWS)
    if len(first) < _HEADER_ROWS or len([cell for cell in first[0] if cell.strip()]) > 1:
        return 0.0
    found = set(names(first[2]))
    signs = sum(bool(words & found) for words in _METADATA)
    return 0.95 if _ID & found and signs >= _SIGNS else 0.0


def _read(document: Document) -> Form:
    table = document.table
    above = filled_records(table, _HEADER_ROWS)
    width = max(map(len, above))
    _, questions, labels = ([*(cell.strip() for cell in record), *[""] * (width - len(record))] for record in above)
    layout = lay_out_below(table, _HEADER_ROWS, [Heading(label) for label in labels], titles=1)
    found = names(labels)
    metadata = _metadata(found)
    columns = [
        *(Column(position, labels[position], labels[position], role=role) for position, role in metadata.items()),
        *_questions(layout.columns, questions, labels, len(metadata)),
    ]
    if "webform_sid" in found:
        columns = [_by_code(column) for column in columns]
    draft = next((position for position in metadata if found[position] in _DRAFT), None)
    complete = None
    if draft is not None:
        opposite = {"true": "false", "false": "true", None: None}
        complete = [opposite[truth(cell)] for cell in layout.columns[draft]]
    return make_form(
        "framaforms",
        table,
        replace(layout, headings=tuple(Heading(column.question, column.option) for column in columns)),
        columns,
        complete=complete,
        month_first=bool(_ENGLISH.intersection(found)),
        warnings=(*document.warnings, *other_sheets(document, [table.sheet])),
    )


def _metadata(found: Sequence[str]) -> Mapping[int, Role]:
    """The metadata's columns, whose order is fixed: number, SID, one time or three, draft, address, user."""
    known = frozenset().union(*_METADATA)
    last = max(position for position, name in enumerate(found) if name in known)
    id = next(position for position, name in enumerate(found) if name in _ID)
    roles: dict[int, Role] = dict.fromkeys(range(last + 1), "other")
    roles[id] = "id"
    after = next((at for at in range(id + 1, last + 1) if found[at] in known), id + 1)
    times = range(id + 1, after)
    if times:
        # Of three times (begun, sent, changed), the second is when the form was sent.
        roles[times[1] if len(times) > 1 else times[0]] = "submitted"
    return roles


def _questions(cells: Columns, questions: Sequence[str], labels: Sequence[str], start: int) -> list[Column]:
    columns = []
    at = start
    while at < len(labels):
        if not questions[at]:
            columns.append(Column(at, labels[at], labels[at], role=role_among(labels[at], {})))
            at += 1
            continue
        end = at + 1
        while end < len(labels) and labels[end] and not questions[end]:
            end += 1
        held = [{cell.strip() for cell in cells.counts(position)} - {""} for position in range(at, end)]
        ticked = _ticked(held, labels[at:end])
        for position in range(at, at + (ticked or _alike(held))):
            heading = Heading(questions[at], labels[position])
            kind: QuestionKind | None = "multiple" if ticked else None
            columns.append(Column(position, heading.text, heading.question, heading.option, kind=kind))
        at += ticked or _alike(held)
    return columns


def _ticked(held: Sequence[set[str]], labels: Sequence[str]) -> int:
    """How many of the columns are options of a multiple choice: up to the last that is ticked; 0 where none is."""
    count = 0
    for position, (values, label) in enumerate(zip(held, labels, strict=True)):
        other = count > 0 and _OTHER.fullmatch(key(label))
        if values and values != _TICKED and not other:
            break
        if values == _TICKED or other:
            count = position + 1
    return count


def _alike(held: Sequence[set[str]]) -> int:
    """How many of the columns are rows of a grid: up to the last that shares an answer with those before."""
    shared = held[0]
    count = 1
    for position, values in enumerate(held[1:], 2):
        if values and not values & shared:
            break
        if values:
            count = position
        shared = shared | values
    return count


def _by_code(column: Column) -> Column:
    """A column whose headings are the keys of questions and options."""
    if column.role is not None:
        return column
    return replace(column, question="", option="", code=column.question, option_code=column.option)


TOOL = Tool("framaforms", "Framaforms / Drupal Webform", _recognise, _read)
