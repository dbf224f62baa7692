"""Typed answers in the words of the questionnaire.

Belongs here: an answer as the team reads it in the quarantine, in a form that corrections
read back. Does not belong here: wording for the report.
"""

from __future__ import annotations

import pandas as pd
from babel.numbers import format_decimal

from observatory.editions.columns import option_column
from observatory.editions.model import CHOICE_TYPES, NUMERIC_TYPES, Edition, Question
from observatory.validate.options import options_of


def describe(edition: Edition, question: Question, answers: pd.DataFrame) -> pd.Series[str]:
    """One text a row of `answers` (the question's validated columns); missing where there is no answer."""
    if question.type in {"multiple", "ranking"}:
        return _options(edition, question, answers)
    values = answers[question.id].astype(object)
    if question.type in CHOICE_TYPES:
        labels = options_of(edition, question).labels
        return values.map(labels).astype("str")
    if question.type in NUMERIC_TYPES:
        return values.map(lambda value: format_decimal(value, locale="fr"), na_action="ignore").astype("str")
    if question.type == "date":
        return values.map(lambda value: value.strftime("%d/%m/%Y"), na_action="ignore").astype("str")
    return values.astype("str")


def _options(edition: Edition, question: Question, answers: pd.DataFrame) -> pd.Series[str]:
    """The labels chosen, joined by « ; », in order of rank for a ranking."""
    chosen: dict[object, list[tuple[int, str]]] = {index: [] for index in answers.index}
    for code, label in options_of(edition, question).labels.items():
        marks = answers[option_column(question.id, code)]
        for index, mark in marks[marks.gt(0).fillna(False).astype(bool)].items():
            chosen[index].append((int(mark) if question.type == "ranking" else 0, label))
    texts = {
        index: " ; ".join(label for _, label in sorted(labels, key=lambda item: item[0])) or None
        for index, labels in chosen.items()
    }
    return pd.Series(texts, index=answers.index, dtype="str")
