"""Any table whose headings are questions or codes: what is left when no tool is recognised.

Belongs here: headings of one row (`code[option]`, `Question [option]`) and of two.
"""

from __future__ import annotations

import re

from observatory.ingest.documents import Document, other_sheets
from observatory.ingest.headers import PLACEHOLDERS, Heading, Layout
from observatory.ingest.summaries import refuse_results
from observatory.ingest.tools.form import Column, Form, Tool, make_form, role_of
from observatory.wording import normalise

_CODED = re.compile(r"^([A-Za-z]\w*)(?:\[([^\]]*)\])?(?:\.\s+(?=\S)|$)")
_BRACKETED = re.compile(r"^(.*\S)\s*\[([^\[\]]*)\](?:\.\d+)?\s*$", re.DOTALL)


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
    warnings = (*document.warnings, *other_sheets(document, [table.sheet]))
    return make_form("plain", table, document.layout, columns(document.layout), warnings=warnings)


TOOL = Tool("plain", "tableau", _recognise, _read)
