"""LimeSurvey's CSV and XLSX exports of responses, with codes, texts or both as headings.

Recognised by the columns LimeSurvey puts first. `N/A` is its word for a question that was
not shown; a response without submission date was not finished.
"""

from __future__ import annotations

from observatory.ingest.documents import Document, other_sheets
from observatory.ingest.tools.form import Form, Tool, make_form
from observatory.ingest.tools.plain import columns
from observatory.ingest.wording import normalise

_IDS = frozenset({"response id", "id réponse", "id de la réponse", "antwort id"})
_CODES = frozenset({"id", "submitdate", "lastpage", "startlanguage", "seed", "startdate", "datestamp", "token"})
_TEXTS = frozenset(
    {
        *("response id", "date submitted", "last page", "start language", "seed"),
        *("id réponse", "id de la réponse", "date de soumission", "dernière page", "langue de départ", "tête de série"),
        *("antwort id", "datum abgeschickt", "letzte seite", "startsprache", "zufallsstartwert"),
    }
)
_SUBMITTED = frozenset({"submitdate", "date submitted", "date de soumission", "datum abgeschickt"})


def _recognise(document: Document) -> float:
    if not document.tables:
        return 0.0
    names = [normalise(heading.question) for heading in document.layout.headings[:12] if not heading.option]
    if names[:1] and names[0] in _IDS:
        return 0.9
    if len(_CODES.intersection(names)) >= 3 or len(_TEXTS.intersection(names)) >= 3:
        return 0.9
    return 0.0


def _read(document: Document) -> Form:
    layout = document.layout
    complete = None
    for position, heading in enumerate(layout.headings):
        if normalise(heading.question) in _SUBMITTED:
            complete = ["true" if cell.strip() else "false" for cell in layout.columns[position]]
            break
    return make_form(
        "limesurvey",
        document.table,
        layout,
        columns(layout),
        complete=complete,
        not_shown=frozenset({"N/A"}),
        warnings=(*document.warnings, *other_sheets(document, [document.table.sheet])),
    )


TOOL = Tool("limesurvey", "LimeSurvey", _recognise, _read)
