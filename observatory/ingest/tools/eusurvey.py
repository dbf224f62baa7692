"""EUSurvey's workbook of contributions: `Alias` and `Export Date`, a blank row, the headers, the metadata last.

Belongs here: ids that EUSurvey puts behind headings and answers when asked to show assigned values, matrices, multiple
choices given one column an option. It joins the answers of a multiple choice with `; `. Only contributions that were
sent are exported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from observatory.ingest.cells import Columns, mapped
from observatory.ingest.documents import Document, other_sheets
from observatory.ingest.files import Table
from observatory.ingest.headers import filled_records, headings_of, lay_out_below
from observatory.ingest.tools.form import Column, Form, Role, Tool, make_form, role_among
from observatory.ingest.tools.signature import names
from observatory.problems import Problem
from observatory.wording import normalise

_TITLES = (frozenset({"alias", "aliasname"}), frozenset({"export date"}))
_ROLES: Mapping[str, Role] = {
    **dict.fromkeys(
        (
            "contribution id",
            "numéro d'identification de la contribution",
            "kennnummer des beitrags",
            "id de la contribución",
            "id contributo",
        ),
        "id",
    ),
    **dict.fromkeys(
        ("creation date", "date de création", "erstellungsdatum", "fecha de creación", "data di creazione"),
        "submitted",
    ),
    **dict.fromkeys(("languages", "langues", "sprachen", "idiomas", "lingue"), "language"),
    **dict.fromkeys(
        (
            *("invitation number", "user name", "last update", "total score", "score"),
            *("numéro de l'invitation", "nom d'utilisateur", "dernière mise à jour", "note totale"),
            *("einladungsnummer", "nutzername", "letzte aktualisierung", "gesamtpunktzahl"),
            *("número de invitación", "nombre de usuario", "última actualización", "puntuación total"),
            *("numero di invito", "nome utente", "ultimo aggiornamento", "punteggio totale"),
        ),
        "other",
    ),
}

_HEADED = re.compile(r"(.*\S)\s*\(([A-Za-z]\w*)\)", re.DOTALL)
_TABLE = re.compile(r"(.*\S)\s*\(([A-Za-z]\w*)\):\s*(\S.*?)\s*\(([A-Za-z]\w*)\)", re.DOTALL)
"""A column of a table shows two ids: its row's and its own."""

_ANSWER = r"(?<=[^\s(])(?:\([A-Za-z]\w*\)| \((?=\w*\d)[A-Za-z]\w*\))"
_ANSWERED = re.compile(rf".*{_ANSWER}", re.DOTALL)
_ID = re.compile(rf"{_ANSWER}(?=;|\Z)")
_SEVERAL = re.compile(rf"{_ANSWER}; ?\S")
_BESIDE = re.compile(r"(.*\S)\s*:\s+(\S.*)", re.DOTALL)
_TICKS = frozenset({"Yes", "No"})


def _recognise(document: Document) -> float:
    if not document.tables:
        return 0.0
    first = filled_records(document.table, 2)
    if len(first) < 2:
        return 0.0
    starts = [names(record)[0] for record in first]
    return 0.95 if all(start in words for start, words in zip(starts, _TITLES, strict=True)) else 0.0


def _read(document: Document) -> Form:
    table = document.table
    above = filled_records(table, 3)
    layout = lay_out_below(table, len(above), headings_of(above[2]) if len(above) > 2 else (), titles=2)
    texts = [heading.text for heading in layout.headings]
    metadata = _metadata(texts)
    columns = _columns(texts, metadata)
    cells, columns = _without_ids(layout.columns, columns)
    columns, warnings = _options_of_their_own(table, cells, columns)
    submitted = next((column.position for column in columns if column.role == "submitted"), None)
    complete = [("true" if cell.strip() else None) for cell in cells[submitted]] if submitted is not None else None
    return make_form(
        "eusurvey",
        table,
        replace(layout, columns=cells),
        columns,
        complete=complete,
        warnings=(*document.warnings, *other_sheets(document, [table.sheet]), *warnings),
    )


def _metadata(texts: Sequence[str]) -> int:
    """Where the metadata begin: they are the last columns."""
    start = len(texts)
    while start and (not texts[start - 1] or normalise(texts[start - 1]) in _ROLES):
        start -= 1
    return start


def _columns(texts: Sequence[str], metadata: int) -> list[Column]:
    questions = [text for text in texts[:metadata] if text]
    with_ids = bool(questions) and all(_HEADED.fullmatch(text) for text in questions)
    columns = []
    for position, text in enumerate(texts):
        if position >= metadata:
            columns.append(Column(position, text, text, role=role_among(text, _ROLES)))
        elif with_ids and (cell := _TABLE.fullmatch(text)):
            row, row_id, column, id = cell.groups()
            columns.append(Column(position, f"{row}: {column}", row, column, row_id, id, role_among(text, {})))
        elif with_ids and (headed := _HEADED.fullmatch(text)):
            question, code = headed.groups()
            columns.append(Column(position, question, question, code=code, role=role_among(question, {})))
        else:
            columns.append(Column(position, text, text, role=role_among(text, {})))
    return _with_rows(columns)


def _with_rows(columns: Sequence[Column]) -> list[Column]:
    """The rows of a matrix: neighbours that have all before the last colon in common."""
    parts = [("", "") if column.role or column.option else _parts(column.question) for column in columns]
    told = []
    for position, column in enumerate(columns):
        question, row = parts[position]
        near = {parts[at][0] for at in (position - 1, position + 1) if 0 <= at < len(parts)}
        told.append(replace(column, question=question, option=row) if question and question in near else column)
    return told


def _parts(text: str) -> tuple[str, str]:
    found = _BESIDE.fullmatch(text)
    return (found.group(1), found.group(2)) if found else ("", "")


def _without_ids(cells: Columns, columns: Sequence[Column]) -> tuple[Columns, list[Column]]:
    """The labels alone where every answer of a column ends with its id; what says that several were chosen is told."""
    texts: dict[int, Mapping[str, str]] = {}
    told = []
    for column in columns:
        found = [cell for cell in cells.counts(column.position) if cell.strip()]
        if column.role is None and found and all(_ANSWERED.fullmatch(cell.strip()) for cell in found):
            texts[column.position] = {cell: _ID.sub("", cell.strip()) for cell in found}
            told.append(replace(column, kind="multiple") if any(map(_SEVERAL.search, found)) else column)
        else:
            told.append(column)
    return (mapped(cells, texts) if texts else cells), told


def _options_of_their_own(
    table: Table, cells: Columns, columns: Sequence[Column]
) -> tuple[list[Column], tuple[Problem, ...]]:
    """Multiple choices exported one column an option: an empty column under the question, then Yes or No a label."""
    told = list(columns)
    split = []
    at = 0
    while at < len(told):
        after = at + 1
        if told[at].role is None and told[at].heading and not cells.filled(told[at].position):
            while after < len(told) and _is_ticked(cells, told[after]):
                after += 1
            if after > at + 2:
                question = told[at]
                told[at + 1 : after] = [
                    replace(
                        option,
                        question=question.question,
                        option=option.question,
                        code=question.code,
                        option_code=option.code,
                        kind="multiple",
                    )
                    for option in told[at + 1 : after]
                ]
                split.append(question.heading)
        at = after
    if not split:
        return told, ()
    warning = Problem(
        file=table.file,
        column=split[0],
        found=f"{len(split)} question(s) à choix multiple exportée(s) avec une colonne par réponse",
        expected="les réponses dans la colonne de la question",
        action="vérifiez le rattachement de ces colonnes, ou exportez sans séparer les choix multiples",
        severity="warning",
    )
    return told, (warning,)


def _is_ticked(cells: Columns, column: Column) -> bool:
    found = {cell for cell in cells.counts(column.position) if cell}
    return column.role is None and bool(found) and found <= _TICKS and not column.question.endswith("?")


TOOL = Tool("eusurvey", "EUSurvey", _recognise, _read)
