"""Typeform's export of responses: `#` first, the questions, then `Start Date (UTC), Submit Date (UTC), Network ID`.

Recognised by those dates. A multiple question is a column an option headed by the option alone, whose cells repeat it:
the question's own text is nowhere, so such a column has its heading as question and as only option. `Other` stands
after the question it belongs to, in English whatever the form's language. Yes and no are 1 and 0.
"""

from __future__ import annotations

import json

from observatory.ingest.documents import Document, other_sheets
from observatory.ingest.files import refuse
from observatory.ingest.headers import Heading, Layout, filled_records, lay_out_below
from observatory.ingest.tools.form import Column, Form, Role, Texts, Tool, make_form, role_among
from observatory.wording import normalise

_ROLES: dict[str, Role] = {
    "#": "id",
    "submit date (utc)": "submitted",
    **dict.fromkeys(("response type", "start date (utc)", "stage date (utc)", "network id", "tags", "ending"), "other"),
}
_DATES = frozenset({"start date (utc)", "submit date (utc)"})
_FORM = frozenset({"title", "fields", "settings"})
_RESPONSES = frozenset({"items", "total_items", "page_count"})
_FINISHED = {"completed": "true", "started": "false", "partial": "false"}


def _recognise(document: Document) -> float:
    if document.kind == "json":
        return 0.9 if _definition(document) else 0.0
    if not document.tables:
        return 0.0
    names = [normalise(cell) for record in filled_records(document.table, 1) for cell in record]
    if set(names) >= _DATES:
        return 0.95
    return 0.9 if names[:1] == ["#"] and "network id" in names else 0.0


def _definition(document: Document) -> str:
    """What a JSON document of Typeform's is, '' for anyone else's."""
    if b'"fields"' not in document.data and b'"total_items"' not in document.data:
        return ""
    try:
        parsed = json.loads(document.data)
    except ValueError:
        return ""
    if not isinstance(parsed, dict):
        return ""
    if parsed.keys() >= _FORM and isinstance(parsed["fields"], list):
        return "la définition d'un formulaire Typeform (JSON), pas les réponses"
    return "des réponses Typeform en JSON" if parsed.keys() >= _RESPONSES else ""


def _read(document: Document) -> Form:
    if document.kind == "json":
        refuse(
            document.file,
            _definition(document),
            "une ligne par répondant",
            "dans Typeform : Results, Responses, Download all responses, CSV ou XLSX",
        )
    table = document.table
    (first,) = filled_records(table, 1)
    layout = lay_out_below(table, 1, [Heading(cell.strip()) for cell in first])
    return make_form(
        "typeform",
        table,
        layout,
        _columns(layout),
        complete=_complete(layout),
        warnings=(*document.warnings, *other_sheets(document, [table.sheet])),
    )


def _columns(layout: Layout) -> list[Column]:
    columns: list[Column] = []
    for position, heading in enumerate(layout.headings):
        text = heading.question
        before = columns[-1] if columns else None
        role = role_among(text, _ROLES)
        if role is not None:
            columns.append(Column(position, text, text, role=role))
        elif _is_option(position, text, layout):
            columns.append(Column(position, text, text, kind="multiple", options=(text,)))
        elif (
            normalise(text) == "other"
            and before is not None
            and before.role is None
            and before.kind is None
            and layout.columns.filled(before.position)
        ):
            columns.append(Column(position, text, before.question, "Other", kind="text"))
        else:
            columns.append(Column(position, text, text))
    return columns


def _is_option(position: int, text: str, layout: Layout) -> bool:
    """Whether every cell of a column is empty or its heading."""
    counts = layout.columns.counts(position)
    found = {normalise(cell) for cell in counts} - {""} if len(counts) <= 3 else set()
    return bool(text) and found == {normalise(text)}


def _complete(layout: Layout) -> Texts | None:
    """A response that was only begun has no date of submission, or says so itself."""
    names = [normalise(heading.question) for heading in layout.headings]
    if "response type" in names:
        return [_FINISHED.get(normalise(cell)) for cell in layout.columns[names.index("response type")]]
    if "submit date (utc)" in names:
        return ["true" if cell.strip() else "false" for cell in layout.columns[names.index("submit date (utc)")]]
    return None


TOOL = Tool("typeform", "Typeform", _recognise, _read)
