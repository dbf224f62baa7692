"""The names and types of the columns that hold a questionnaire's answers.

Belongs here: the one naming rule shared by ingest, validate, aggregate and simulate.
Does not belong here: what the values mean.
"""

from __future__ import annotations

from observatory.editions.model import NUMERIC_TYPES, Audience, Edition, Question


def option_column(question: str, code: str) -> str:
    """The column of one option of a multiple or ranking question."""
    return f"{question}__{code}"


def state_column(question: str) -> str:
    """The column that tells `not_shown`, `no_answer` and `answered` apart."""
    return f"{question}__state"


def other_column(question: str) -> str:
    """The column of the text typed beside « autre »."""
    return f"{question}__other_text"


def shown_column(question: str) -> str:
    """Raw tables only: HIDDEN or NOT_ASKED where the question was not shown."""
    return f"{question}__shown"


HIDDEN = "false"
"""The form tool says that the question was not shown to this respondent."""

NOT_ASKED = "not_asked"
"""The respondent's file has no column for the question: whether it would have been shown, nobody knows."""


def question_columns(edition: Edition, question: Question) -> dict[str, str]:
    """The validated columns of one question, by name, with their DuckDB types."""
    if question.type in {"multiple", "ranking"}:
        kind = "BOOLEAN" if question.type == "multiple" else "INTEGER"
        columns = {option_column(question.id, choice.code): kind for choice in edition.choices(question)}
    elif question.type in NUMERIC_TYPES:
        columns = {question.id: "DOUBLE"}
    elif question.type == "date":
        columns = {question.id: "DATE"}
    else:
        columns = {question.id: "VARCHAR"}
    if question.choices is not None and question.choices.other:
        columns[other_column(question.id)] = "VARCHAR"
    columns[state_column(question.id)] = "VARCHAR"
    return columns


def validated_columns(edition: Edition, audience: Audience) -> dict[str, str]:
    """Every answer column of `validated.<audience>_<edition>`, in questionnaire order, with its DuckDB type.

    Personal questions have none: they are never stored.
    """
    columns: dict[str, str] = {}
    for question in edition.questionnaires[audience].questions:
        if not question.personal:
            columns |= question_columns(edition, question)
    return columns
