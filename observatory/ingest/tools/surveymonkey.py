"""SurveyMonkey's export of all responses: questions in the first row, options or `Response` in the second.

Recognised by that second row, or by the respondent's id in the first column. An option's column repeats the option's
text where it was ticked. Summaries (counts by option) are refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from observatory.ingest.cells import Columns
from observatory.ingest.documents import Document, other_sheets
from observatory.ingest.files import refuse
from observatory.ingest.headers import PLACEHOLDERS, Heading, Layout, filled_records
from observatory.ingest.tools.form import Column, Form, Role, Texts, Tool, make_form, role_among
from observatory.ingest.tools.plain import columns as plain_columns
from observatory.wording import normalise

_RESPONSES = PLACEHOLDERS - {"responses", "réponses", "antwort"}
_SUMMARY = frozenset({"answer choices", "answer options", "choix de réponses", "choix de réponse", "antwortoptionen"})
_COUNTS = frozenset({"responses", "response percent", "response count", "réponses", "beantwortungen"})
_IDS = frozenset({"respondent id", "respondentid", "id du répondant", "befragten-id"})
_COLLECTORS = frozenset({"collector id", "collectorid", "collector", "id du collecteur", "collecteur", "collector-id"})
_STATUS = frozenset({"response status", "completion status", "état de la réponse", "statut de la réponse"})
_FINISHED = frozenset({"complete", "completed", "complète", "complet", "terminée"})
_UNFINISHED = frozenset({"partial", "incomplete", "disqualified", "partielle", "incomplète", "disqualifiée"})
_ROLES: dict[str, Role] = {
    **dict.fromkeys(_IDS, "id"),
    **dict.fromkeys(_STATUS, "complete"),
    **dict.fromkeys(("end date", "enddate", "date modified", "date de fin", "date de modification"), "submitted"),
    **dict.fromkeys(_COLLECTORS, "other"),
    **dict.fromkeys(
        (
            *("start date", "startdate", "date created", "date de début", "date de création"),
            *("ip address", "ipaddress", "adresse ip", "email address", "email", "adresse e-mail", "e-mail"),
            *("first name", "firstname", "prénom", "last name", "lastname", "nom", "nom de famille"),
        ),
        "other",
    ),
}
_CUSTOM = re.compile(r"^(?:custom data|customdata|données personnalisées)\s?\d*$")
_FIRST_COLUMNS = 20
"""SurveyMonkey's own columns stand before the questions: further on, `Email` is a question."""

_SAMPLE = 2000


def _recognise(document: Document) -> float:
    if not document.tables:
        return 0.0
    records = filled_records(document.table, 8)
    if _is_summary(records):
        return 0.9
    first, second = ([normalise(cell) for cell in record] for record in (*records, [], [])[:2])
    if first[:1] and first[0] in _IDS:
        return 0.9 if _COLLECTORS.intersection(first[:_FIRST_COLUMNS]) else 0.8
    below = {normalise(cell, running_number=True) for cell in second}
    # Above `Response` stands a question; an answer that happens to read so stands below one too.
    return 0.8 if below & _RESPONSES and document.layout.header_rows - len(document.layout.titles) == 2 else 0.0


def _is_summary(records: Sequence[Sequence[str]]) -> bool:
    return any(
        normalise(record[0]) in _SUMMARY and any(normalise(cell) in _COUNTS for cell in record[1:])
        for record in records
        if record
    )


def _read(document: Document) -> Form:
    table = document.table
    if _is_summary(filled_records(table, 8)):
        refuse(
            table.file,
            "un résumé de SurveyMonkey (des effectifs), pas les réponses",
            "une ligne par répondant",
            "dans SurveyMonkey : Analyser, Exporter, « Toutes les réponses individuelles », CSV",
        )
    layout = document.layout
    columns = [
        replace(column, role=_role(column.position, heading))
        for column, heading in zip(plain_columns(layout), layout.headings, strict=True)
    ]
    return make_form(
        "surveymonkey",
        table,
        layout,
        _with_kinds(columns, layout.columns),
        complete=_complete(columns, layout),
        warnings=(*document.warnings, *other_sheets(document, [table.sheet])),
    )


def _role(position: int, heading: Heading) -> Role | None:
    name = normalise(heading.question)
    if heading.option and heading.option != heading.question:
        # Saved anew by a program, the export has its row numbers in front: 0 beside the second row of headers.
        return "other" if not name and heading.option.isdecimal() else None
    own = _ROLES if position < _FIRST_COLUMNS else {}
    return "other" if _CUSTOM.match(name) else role_among(name, own)


def _complete(columns: Sequence[Column], layout: Layout) -> Texts | None:
    status = next((column.position for column in columns if column.role == "complete"), None)
    if status is None:
        return None
    known = {
        cell: "true" if normalise(cell) in _FINISHED else "false" if normalise(cell) in _UNFINISHED else None
        for cell in layout.columns.counts(status)
    }
    return [known[cell] for cell in layout.columns[status]]


def _with_kinds(columns: Sequence[Column], cells: Columns) -> list[Column]:
    """The columns, those of multiple questions told: each holds its own option or nothing, and a row holds several.

    Without a row of several, it may as well be a single choice laid out by option.
    """
    kinds: dict[int, Column] = {}
    group: list[Column] = []
    for column in (*columns, None):
        if column is not None and column.option and (not group or column.question == group[0].question):
            group.append(column)
            continue
        options = [of for of in group if _holds_only(of, cells)]
        if len(options) > 1 and _several(options, cells):
            labels = tuple(of.option for of in options)
            kinds |= {of.position: replace(of, kind="multiple", options=labels) for of in options}
        group = [column] if column is not None and column.option else []
    return [kinds.get(column.position, column) for column in columns]


def _holds_only(column: Column, cells: Columns) -> bool:
    """Whether every cell of a column is empty or its option."""
    label = normalise(column.option, running_number=True)
    counts = cells.counts(column.position)
    return len(counts) <= 3 and {normalise(cell) for cell in counts} - {""} <= {label, normalise(column.option)}


def _several(options: Sequence[Column], cells: Columns) -> bool:
    sample = [cells[column.position][:_SAMPLE] for column in options]
    return any(sum(bool(cell.strip()) for cell in row) > 1 for row in zip(*sample, strict=True))


TOOL = Tool("surveymonkey", "SurveyMonkey", _recognise, _read)
