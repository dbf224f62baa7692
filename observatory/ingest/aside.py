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

    Never: the tool's own columns, empty ones, personal ones, those of an exclusion rule, headings that look like data.
    """
    if not questions:
        return list(matches)
    rules = {key(name) for rule in edition.questionnaires[audience].exclude for name in rule.column}

    def is_aside(match: Match) -> bool:
        column = match.column
        return (
            match.status == "ignored"
            and not match.reason
            and column.role is None
            and rules.isdisjoint(key(text) for text in (column.heading, column.question, column.option, column.code))
            and has_answers(form, column)
            and not looks_like_data(column.heading, known)
            and not _is_personal(form, column)
        )

    return [
        replace(match, status="aside", reason=REASON, candidates=open_candidates(match.column, questions, known))
        if is_aside(match)
        else match
        for match in matches
    ]


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
