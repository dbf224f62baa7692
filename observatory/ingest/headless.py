"""Whether what stands where headings should be is the first respondent's answers.

Belongs here: the signs by which a file without a header row gives itself away, so that no
message and no proposal shows its answers. Does not belong here: which rows are headers
(headers.py).
"""

from __future__ import annotations

from stdnum.fr import siren, siret

from observatory.editions.model import OTHER
from observatory.ingest.catalogue import PER_OPTION, Catalogue
from observatory.ingest.headers import BETWEEN_ROWS
from observatory.ingest.patterns import EMAIL, NUMBER_OR_DATE
from observatory.ingest.tools.form import Form

_SEVERAL = 2
"""Headings that are options of single-choice questions, from which on they are answers."""


def headings_are_answers(form: Form, known: Catalogue) -> bool:
    """Whether a heading is a SIREN or an e-mail address, several are options, or most are numbers and dates."""
    # Two rows of answers may have been taken for two rows of headers.
    headings = [column.heading.split(BETWEEN_ROWS) for column in form.columns if column.heading]
    texts = {text.strip() for rows in headings for text in rows}
    if any(EMAIL.fullmatch(text) or siren.is_valid(text) or siret.is_valid(text) for text in texts):
        return True
    first = [rows[0].strip() for rows in headings]
    if sum(_is_option(text, known) for text in first) >= _SEVERAL:
        return True
    return 2 * sum(bool(NUMBER_OR_DATE.fullmatch(text)) for text in first) > len(first)


def looks_like_data(heading: str, known: Catalogue) -> bool:
    """Whether one heading is a SIREN, an e-mail address, a number, a date or the answer to a question."""
    return any(
        EMAIL.fullmatch(text)
        or siren.is_valid(text)
        or siret.is_valid(text)
        or NUMBER_OR_DATE.fullmatch(text)
        or _is_option(text, known)
        for text in (part.strip() for part in heading.split(BETWEEN_ROWS))
    )


def _is_option(heading: str, known: Catalogue) -> bool:
    """Whether a heading is an option that never heads a column: of a question with one answer, and of no other."""
    found = {
        question.type in PER_OPTION
        for question in known.questions.values()
        if known.options[question.id].find(heading) - {OTHER.code}
    }
    return found == {False} and not known.wordings.find(heading)
