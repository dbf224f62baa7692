"""Columns under headings that resemble nothing, while questions of the questionnaire have no column.

Belongs here: which columns a person is asked about although no question is likely. Does
not belong here: likely columns (matching.py), the file in which the person answers
(mapping.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from observatory.editions.model import Audience, Edition
from observatory.ingest.catalogue import Catalogue
from observatory.ingest.headless import looks_like_data
from observatory.ingest.matching import Match, has_answers, open_candidates
from observatory.ingest.personal import heading_kind, personal_columns
from observatory.ingest.tools.form import Column, Form
from observatory.wording import key

REASON = "intitulé inconnu ; les questions sans colonne les plus proches :"


_NEARLY = 90.0
"""Score from which a heading is the question's own wording but for a slip."""


def set_aside(
    form: Form,
    matches: Sequence[Match],
    questions: Sequence[str],
    edition: Edition,
    audience: Audience,
    known: Catalogue,
) -> list[Match]:
    """The matches, where those that may hide one of these questions, which have no column, are put aside for a person.

    Never: the tool's own columns, personal ones, those of an exclusion rule, headings that look like data. Empty ones
    stay ignored, with the same questions as candidates: the first answer under them must not make these shown.
    """
    if not questions:
        return list(matches)
    rules = {key(name) for rule in edition.questionnaires[audience].exclude for name in rule.column}

    def may_hide(match: Match) -> bool:
        column = match.column
        return (
            match.status == "ignored"
            and not match.reason
            and column.role is None
            and rules.isdisjoint(key(text) for text in (column.heading, column.question, column.option, column.code))
            and not looks_like_data(column.heading, known)
            and not _is_personal(form, column)
        )

    def put_aside(match: Match) -> Match:
        candidates = open_candidates(match.column, questions, known)
        if has_answers(form, match.column):
            return replace(match, status="aside", reason=REASON, candidates=candidates)
        # What nobody wrote a heading or an answer in is the edge of a spreadsheet.
        return replace(match, candidates=candidates) if key(match.column.heading) else match

    return [put_aside(match) if may_hide(match) else match for match in matches]


def without_persons(form: Form, matches: Sequence[Match], known: Catalogue) -> list[Match]:
    """The matches, where a column of persons that only resembles a question is put before nobody.

    One that resembles a question which asks for them is, and one whose wording is nearly the question's.
    """

    def is_of_persons(match: Match) -> bool:
        return (
            match.status == "doubtful"
            and match.how == "similarity"
            and all(one.score < _NEARLY for one in match.candidates if one.target in known.questions)
            and heading_kind(match.column) is not None
            and not any(known.questions[known.targets[candidate.target]].personal for candidate in match.candidates)
            and bool(personal_columns(form, [match.column]))
        )

    return [
        replace(match, status="ignored", how="", reason="", candidates=()) if is_of_persons(match) else match
        for match in matches
    ]


def _is_personal(form: Form, column: Column) -> bool:
    # A likeness to a personal question's wording says nothing: « Remarques » is half like « adresse électronique ».
    return heading_kind(column) is not None or bool(personal_columns(form, [column]))
