"""SurveyMonkey's export of all responses: questions in the first row, options or `Response` in the second.

Recognised by that second row. An option's column repeats the option's text where it was ticked.
"""

from __future__ import annotations

from observatory.ingest.documents import Document, other_sheets
from observatory.ingest.tools.form import Form, Tool, make_form
from observatory.ingest.tools.plain import columns
from observatory.ingest.wording import normalise
from observatory.problems import Problem, ProblemsError

_RESPONSES = frozenset({"response", "open-ended response"})
_SUMMARY = frozenset({"answer choices", "choix de réponses"})


def _recognise(document: Document) -> float:
    if not document.tables:
        return 0.0
    layout = document.layout
    if layout.headings and normalise(layout.headings[0].text) in _SUMMARY:
        return 0.9
    below = {normalise(heading.option, running_number=True) for heading in layout.headings if heading.option}
    return 0.8 if below & _RESPONSES else 0.0


def _read(document: Document) -> Form:
    table, layout = document.table, document.layout
    if normalise(layout.headings[0].text) in _SUMMARY:
        raise ProblemsError(
            [
                Problem(
                    file=table.file,
                    found="un résumé de SurveyMonkey (des effectifs), pas les réponses",
                    expected="une ligne par répondant",
                    action="dans SurveyMonkey : Analyser, Exporter, « Toutes les réponses individuelles », CSV",
                )
            ]
        )
    warnings = (*document.warnings, *other_sheets(document, [table.sheet]))
    return make_form("surveymonkey", table, layout, columns(layout), warnings=warnings)


TOOL = Tool("surveymonkey", "SurveyMonkey", _recognise, _read)
