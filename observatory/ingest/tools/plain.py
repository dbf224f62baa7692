"""Any table whose headings are questions or codes: what is left when no tool is recognised.

Belongs here: headings of one row (`code[option]`, `Question [option]`) and of two; which column tells the moment of an
answer, where no tool says it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from observatory.ingest.cells import Columns
from observatory.ingest.dates import iso_moments
from observatory.ingest.documents import Document, other_sheets
from observatory.ingest.headers import PLACEHOLDERS, Heading, Layout
from observatory.ingest.summaries import refuse_results
from observatory.ingest.tools.form import Column, Form, Tool, make_form, role_of
from observatory.phrases import listed
from observatory.problems import Problem
from observatory.wording import normalise

_CODED = re.compile(r"^([A-Za-z]\w*)(?:\[([^\]]*)\])?(?:\.\s+(?=\S)|$)")
_BRACKETED = re.compile(r"^(.*\S)\s*\[([^\[\]]*)\](?:\.\d+)?\s*$", re.DOTALL)
_SUBMITTED = frozenset(
    {
        *(
            "date",
            "date de réponse",
            "date de la réponse",
            "date des réponses",
            "date de saisie",
            "date de remplissage",
        ),
        *("date et heure", "date et heure de réponse", "horodatage", "soumis le", "terminé le", "répondu le"),
        *("envoyé le", "date d'enregistrement", "date de complétion", "date de validation", "response date"),
        *("submission date", "submission time", "date of response", "date submitted", "completed at", "completed on"),
        *("completion date", "submitted on", "submitted", "date and time", "date/time", "datetime", "recorded date"),
    }
)
"""Headings that people and lesser tools put over the moment of an answer: over anything else, they say nothing."""

_NEARLY_ALL = 0.9


def columns(layout: Layout) -> tuple[Column, ...]:
    """Every column of the table with its question, option and codes, as far as the heading tells."""
    return tuple(column(position, heading) for position, heading in enumerate(layout.headings))


def column(position: int, heading: Heading) -> Column:
    """What a heading says: `code[opt]. Text [option]` and its parts, or the two rows of headers."""
    question, option, code, option_code = heading.question, heading.option, "", ""
    if option in {"", question} or normalise(option, running_number=True) in PLACEHOLDERS:
        option = ""
    coded = _CODED.match(question)
    if coded and (coded.end() < len(question) or coded.group(2) is not None or " " not in question):
        code, option_code = coded.group(1), coded.group(2) or ""
        question = question[coded.end() :]
    if not option and (bracketed := _BRACKETED.match(question)):
        question, option = bracketed.groups()
    return Column(position, heading.text, question.strip(), option.strip(), code, option_code, role_of(heading))


def _recognise(document: Document) -> float:
    return 0.1 if document.tables else 0.0


def _read(document: Document) -> Form:
    table = document.table
    refuse_results(table)
    layout = document.layout
    dated, doubts = _dated(columns(layout), layout.columns, table.file)
    warnings = (*document.warnings, *other_sheets(document, [table.sheet]), *doubts)
    return make_form("plain", table, layout, dated, warnings=warnings)


def _dated(columns: Sequence[Column], cells: Columns, file: str) -> tuple[Sequence[Column], Sequence[Problem]]:
    """The columns, one of them told to hold the moments of submission; of several, the fullest, then the latest."""
    found = [
        column
        for column in columns
        if (column.role == "submitted" or (column.role is None and _is_named_so(column)))
        and _holds_moments(cells, column.position)
    ]
    if not found:
        return columns, ()
    chosen = found[0] if len(found) == 1 else max(found, key=lambda column: _filled_and_last(cells, column.position))
    told = [
        replace(column, role="submitted")
        if column is chosen
        else replace(column, role=None)
        if column.role == "submitted"
        else column
        for column in columns
    ]
    return told, () if len(found) == 1 else (_several_dates(file, chosen, found),)


def _is_named_so(column: Column) -> bool:
    return not column.option and normalise(column.heading) in _SUBMITTED


def _holds_moments(cells: Columns, position: int) -> bool:
    counts = {text: count for text, count in cells.sample(position).items() if text.strip()}
    moments = iso_moments(list(counts))
    dated = sum(count for count, moment in zip(counts.values(), moments, strict=True) if moment)
    return bool(counts) and dated >= _NEARLY_ALL * sum(counts.values())


def _filled_and_last(cells: Columns, position: int) -> tuple[int, str]:
    counts = {text: count for text, count in cells.counts(position).items() if text.strip()}
    return sum(counts.values()), max(filter(None, iso_moments(list(counts))), default="")


def _several_dates(file: str, chosen: Column, found: Sequence[Column]) -> Problem:
    names = listed(f"« {column.heading} »" for column in found if column is not chosen)
    return Problem(
        file=file,
        column=chosen.heading,
        found=f"plusieurs colonnes de dates de réponse : celle-ci est prise pour la date d'envoi, pas {names}",
        expected="une date d'envoi par réponse",
        action="si c'est une autre, renommez ou retirez celle-ci dans une copie du fichier : la date dit laquelle de "
        "deux réponses est la dernière",
        severity="warning",
    )


TOOL = Tool("plain", "tableau", _recognise, _read)
