"""Microsoft Forms: the workbook of responses, or what Excel saved it as.

Belongs here: the metadata in five languages, quiz points and feedback, cells that all end with `;`. Forms are sent
whole: who has a completion time reached the end. Options may hold `; `, never `;` before a letter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from observatory.ingest.cells import Cells
from observatory.ingest.dates import unpadded
from observatory.ingest.documents import Document, other_sheets
from observatory.ingest.headers import Layout
from observatory.ingest.tools.form import Column, Form, QuestionKind, Role, Tool, make_form, role_among
from observatory.ingest.tools.signature import header_row, names, run_of, sample, under, values
from observatory.wording import normalise

_STARTS = frozenset(
    {"start time", "heure de début", "startzeit", "hora de inicio", "hora de início", "ora di inizio"},
)
_ENDS = frozenset(
    {
        "completion time",
        "heure de fin",
        "fertigstellungszeit",
        "hora de finalización",
        "hora de conclusão",
        "ora di completamento",
    }
)
_ENGLISH = "completion time"
_ROLES: Mapping[str, Role] = {
    "id": "id",
    **dict.fromkeys(_STARTS, "other"),
    **dict.fromkeys(_ENDS, "submitted"),
    **dict.fromkeys(("language", "langue", "sprache", "idioma", "lingua"), "language"),
    **dict.fromkeys(
        (
            *("email", "name", "total points", "quiz feedback", "grade posted time", "last modified time"),
            *("adresse de messagerie", "courrier", "nom", "heure de la dernière modification"),
            *("nombre total de points", "total des points", "commentaires du quiz", "heure de publication de la note"),
            *("e-mail", "uhrzeit der letzten änderung", "zeitpunkt der letzten änderung", "gesamtpunktzahl"),
            *("correo electrónico", "nombre", "hora de la última modificación", "puntos totales", "total de puntos"),
            *("nome", "posta elettronica", "ora dell'ultima modifica", "hora da última modificação"),
        ),
        "other",
    ),
}
_QUIZ = re.compile(
    r"^(?:points|feedback|punkte|puntos|pontos|punti|comentarios|commentaires?)\s*[-\u2013\u2014]\s*(.+)$",
    re.IGNORECASE | re.DOTALL,
)
_BETWEEN = re.compile(r";(?!\s)")
_RANKED = 3
"""Items from which on equal sets in different orders are a ranking, not answers that happen to agree."""


def _is_header(found: tuple[str, ...]) -> bool:
    first = found[: min(3, run_of(found, _ROLES))]
    return any(name in _STARTS and after in _ENDS for name, after in pairwise(first))


def _recognise(document: Document) -> float:
    if not document.tables:
        return 0.0
    return 0.0 if header_row(document.table, _is_header) is None else 0.95


def _read(document: Document) -> Form:
    table = document.table
    layout = under(table, header_row(table, _is_header) or 0)
    columns = _columns(layout, sample(layout, table))
    end = next(column for column in columns if column.role == "submitted")
    moments = layout.columns[end.position]
    return make_form(
        "msforms",
        table,
        layout,
        columns,
        complete=["true" if cell.strip() else None for cell in moments],
        month_first=normalise(end.heading) == _ENGLISH and unpadded(moments),
        warnings=(*document.warnings, *other_sheets(document, [table.sheet])),
    )


def _columns(layout: Layout, rows: Sequence[Cells]) -> list[Column]:
    found = names(layout.headings)
    metadata = run_of(found, _ROLES)
    columns = []
    for position, heading in enumerate(layout.headings):
        # Headings keep the line breaks and no-break spaces of the question as it was typed.
        text = " ".join(heading.text.split())
        role: Role | None = role_among(text, _ROLES if position < metadata else {})
        if (quiz := _QUIZ.match(text)) and normalise(quiz.group(1)) in found:
            role = "other"
        kind, options = (None, ()) if role else _kind(layout, position, rows)
        columns.append(Column(position, text, text, role=role, kind=kind, options=options))
    return columns


def _kind(layout: Layout, position: int, rows: Sequence[Cells]) -> tuple[QuestionKind | None, tuple[str, ...]]:
    """Multiple or ranking where every cell ends with `;`; a ranking's cells all hold the same items."""
    shown = values(rows, position)
    if not shown or not all(cell.endswith(";") for cell in shown):
        return None, ()
    cells = [cell.strip() for cell in layout.columns.counts(position) if cell.strip()]
    if not all(cell.endswith(";") for cell in cells):
        return None, ()
    orders = {tuple(item.strip() for item in _BETWEEN.split(cell) if item.strip()) for cell in cells}
    items = {tuple(sorted(order)) for order in orders}
    if len(orders) > 1 and len(items) == 1 and len(only := next(iter(items))) >= _RANKED:
        return "ranking", only
    return "multiple", ()


TOOL = Tool("msforms", "Microsoft Forms", _recognise, _read)
