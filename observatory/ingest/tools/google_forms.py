"""Google Forms: its own CSV of responses, and what its spreadsheet (Google Sheets) was saved as.

Belongs here: the timestamp in every language, rows typed under the answers, grids, quiz points. A multiple choice is
one cell, joined with `;` in its own CSV and with `, ` in the spreadsheet; nothing says which questions are multiple.
Forms are sent whole: who has a timestamp reached the end.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from observatory.ingest.dates import iso_moments, unpadded
from observatory.ingest.documents import Document, other_sheets
from observatory.ingest.files import Table
from observatory.ingest.headers import Layout, filled_records
from observatory.ingest.tools.form import Column, Form, Role, Tool, make_form, role_among
from observatory.ingest.tools.signature import header_row, names, sample, under, values
from observatory.problems import Problem
from observatory.wording import key, normalise

_ENGLISH = "timestamp"
_TIMESTAMPS = frozenset(
    {
        _ENGLISH,
        "horodateur",
        "carimbo de data/hora",
        "marca temporal",
        "zeitstempel",
        "informazioni cronologiche",
        "tijdstempel",
        "sygnatura czasowa",
    }
)
_BESIDE: Mapping[str, Role] = dict.fromkeys(
    (
        *("email address", "username", "score", "total score"),
        *("adresse e-mail", "adresse mail", "nom d'utilisateur", "note", "score total"),
        *("e-mail-adresse", "nutzername", "punktzahl"),
        *("dirección de correo electrónico", "nombre de usuario", "puntuación"),
        *("endereço de e-mail", "nome de usuário", "pontuação"),
        *("indirizzo email", "nome utente", "punteggio"),
    ),
    "other",
)
"""What Google puts right after the timestamp, if asked to."""

_IDS = frozenset({"id", "n°", "identifiant"})
_LATEST = 1
"""The column in which the timestamp stands at the latest: someone may have numbered the rows before it."""

_ROW = re.compile(r"^(.*\S)\s*\[([^\[\]]*)\]$", re.DOTALL)
_QUIZ = re.compile(r"^(.*\S)\s*\[(?:Score|Feedback)\]$", re.DOTALL)
_FIGURE = re.compile(r"^[-+]?\d[\d\s.,]*%?$")
_SUMMARY = frozenset(
    {"total", "totaux", "somme", "moyenne", "moyennes", "mediane", "average", "averages", "mean", "median", "sum"}
)
_FILLER = "---"
"""What whoever published a file put where a question was not asked."""


def _timestamp(found: Sequence[str]) -> int | None:
    return next((at for at in range(min(_LATEST + 1, len(found))) if found[at] in _TIMESTAMPS), None)


def _is_header(found: tuple[str, ...]) -> bool:
    return len(found) > 1 and (at := _timestamp(found)) is not None and (at == 0 or found[0] in _IDS)


def _recognise(document: Document) -> float:
    if not document.tables or (row := header_row(document.table, _is_header)) is None:
        return 0.0
    header, *below = filled_records(document.table, row + 6)[row:]
    at = _timestamp(names(header)) or 0
    moments = [record[at] for record in below if at < len(record) and record[at].strip()]
    if moments and not any(iso_moments(moments)):
        return 0.0
    return 0.7 if normalise(header[at]) == _ENGLISH else 0.9


def _read(document: Document) -> Form:
    table = document.table
    layout = under(table, header_row(table, _is_header) or 0)
    found = names(layout.headings)
    at = _timestamp(found) or 0
    layout = _without_summaries(table, layout, at)
    moments = layout.columns[at]
    return make_form(
        "googleforms",
        table,
        layout,
        _columns(layout, at),
        complete=["true" if cell.strip() else None for cell in moments],
        not_shown=_not_shown(layout, table),
        month_first=found[at] == _ENGLISH and unpadded(moments),
        warnings=(*document.warnings, *other_sheets(document, [table.sheet])),
    )


def _columns(layout: Layout, at: int) -> list[Column]:
    texts = [heading.text for heading in layout.headings]
    rows = Counter(row.group(1) for text in texts if (row := _ROW.match(text)))
    found = names(texts)
    beside = at + 1
    while beside < len(found) and beside <= at + 2 and found[beside] in _BESIDE:
        beside += 1
    columns = []
    for position, text in enumerate(texts):
        role: Role | None = role_among(text, _BESIDE if at < position < beside else {})
        if position == at:
            role = "submitted"
        elif position < at:
            role = "id"
        elif (quiz := _QUIZ.match(text)) and quiz.group(1) in texts:
            role = "other"
        row = _ROW.match(text)
        if row and rows[row.group(1)] > 1 and role is None:
            columns.append(Column(position, text, row.group(1), row.group(2).strip()))
        else:
            columns.append(Column(position, text, text, role=role))
    return columns


def _without_summaries(table: Table, layout: Layout, at: int) -> Layout:
    """The table without averages and totals typed under it; other rows without timestamp are told of, and kept."""
    suspect = [row for row, cell in enumerate(layout.columns[at]) if not cell.strip() or key(cell) in _SUMMARY]
    summaries, untimed = [], []
    for row, cells in zip(suspect, layout.columns.some(suspect, range(len(layout.columns))), strict=True):
        record = [text.strip() for text in cells if text.strip()]
        if key(record[0]) in _SUMMARY or all(_FIGURE.match(text) for text in record):
            summaries.append(row)
        else:
            untimed.append(layout.numbers[row])
    warnings = [
        Problem(
            file=table.file,
            row=layout.numbers[row],
            found="une rangée de totaux ou de moyennes, sans horodatage",
            expected="une rangée par répondant",
            action="rien : elle n'est pas comptée ; si c'est un répondant, ajoutez son horodatage dans une copie",
            severity="warning",
        )
        for row in summaries
    ]
    if untimed:
        shown = ", ".join(str(number) for number in untimed[:5]) + (" …" if len(untimed) > 5 else "")
        warnings.append(
            Problem(
                file=table.file,
                row=untimed[0],
                found=f"{len(untimed)} réponse(s) sans horodatage (rangée(s) {shown}), sans doute saisie(s) à la main",
                expected="un horodatage par réponse",
                action="rien si ce sont des répondants : elles sont comptées ; sinon retirez-les dans une copie",
                severity="warning",
            )
        )
    return layout.without(summaries, *warnings)


def _not_shown(layout: Layout, table: Table) -> frozenset[str]:
    """The filler, where it fills several columns: alone in one, it may be what a respondent typed."""
    rows = sample(layout, table)
    filled = sum(_FILLER in values(rows, position) for position in range(len(layout.headings)))
    return frozenset({_FILLER}) if filled > 1 else frozenset()


TOOL = Tool("googleforms", "Google Forms", _recognise, _read)
