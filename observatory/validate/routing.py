"""Who was asked what: the state of every question for every respondent.

Belongs here: `show_if`, and taking away answers to questions that were not asked. Does
not belong here: rules on values (schema.py).
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from observatory.editions.columns import question_columns, state_column
from observatory.editions.expressions import Condition, condition
from observatory.editions.model import Audience, Edition, Question
from observatory.validate.conditions import FALSE, UNKNOWN, Verdicts, evaluate
from observatory.validate.values import answered

NOT_SHOWN, NO_ANSWER, ANSWERED = "not_shown", "no_answer", "answered"
Rows = npt.NDArray[np.bool_]


def asked_questions(edition: Edition, audience: Audience) -> list[Question]:
    """The questions whose answers are kept: all but personal ones."""
    return [question for question in edition.questionnaires[audience].questions if not question.personal]


def conditions_of(edition: Edition, audience: Audience) -> dict[str, Condition]:
    """`show_if` of each question that has one, by question."""
    questionnaire = edition.questionnaires[audience]
    return {
        question.id: condition(question.show_if, questionnaire, edition)
        for question in asked_questions(edition, audience)
        if question.show_if is not None
    }


def route(
    connection: duckdb.DuckDBPyConnection,
    edition: Edition,
    audience: Audience,
    table: pd.DataFrame,
    shown: Mapping[str, pd.Series[bool]],
    asked: Mapping[str, pd.Series[bool]],
    conditions: Mapping[str, Condition],
) -> dict[str, pd.DataFrame]:
    """Fill every state column of the table and clear the answers to questions that were not shown.

    `shown` is false where the form tool hid the question, and where `asked` is: where a file has no column for it.

    Returns the answers cleared, by question: their columns, for the rows concerned.
    """
    stray: dict[str, pd.DataFrame] = {}
    for level in _levels(edition, audience, conditions):
        verdicts = evaluate(connection, table, {q.id: conditions[q.id] for q in level if q.id in conditions})
        for question in level:
            given = answered(edition, question, table).to_numpy(dtype=bool)
            seen = shown[question.id].to_numpy(dtype=bool)
            if question.id in verdicts:
                seen = seen & _holds(verdicts[question.id], conditions[question.id], table, given, asked)
            table[state_column(question.id)] = pd.Series(
                np.select([~seen, given], [NOT_SHOWN, ANSWERED], NO_ANSWER), index=table.index, dtype="str"
            )
            if (given & ~seen).any():
                stray[question.id] = table.loc[given & ~seen, list(question_columns(edition, question))]
                clear(edition, question, table, given & ~seen)
    return stray


def clear(edition: Edition, question: Question, table: pd.DataFrame, rows: Rows) -> None:
    """Make the question's answers missing in those rows; its state is left alone."""
    for column in question_columns(edition, question):
        if column != state_column(question.id):
            table[column] = table[column].mask(rows)


def _holds(
    verdict: Verdicts,
    condition: Condition,
    table: pd.DataFrame,
    given: Rows,
    asked: Mapping[str, pd.Series[bool]],
) -> Rows:
    """Where the condition holds. Where it is unknown, an answer counts if what is missing was shown too, or was not in
    the form at all: neither a blank before it nor a question left out of the form proves anything against it."""
    blank = np.zeros(len(table), dtype=bool)
    for column in condition.columns:
        question = column.partition("__")[0]
        silent = table[state_column(question)].ne(NOT_SHOWN) | ~asked[question]
        blank |= (table[column].isna() & silent).to_numpy(dtype=bool)
    return np.where(verdict == UNKNOWN, given & blank, verdict != FALSE)


def _levels(edition: Edition, audience: Audience, conditions: Mapping[str, Condition]) -> list[list[Question]]:
    """The questions, each after those its condition reads; few batches, so few queries."""
    pending = asked_questions(edition, audience)
    levels: list[list[Question]] = []
    while pending:
        waiting = {question.id for question in pending}
        ready = [q for q in pending if q.id not in conditions or not (conditions[q.id].questions - {q.id}) & waiting]
        # Two questions that wait for each other can't be ordered: the questionnaire's order decides.
        levels.append(ready or pending[:1])
        pending = [question for question in pending if question not in levels[-1]]
    return levels
