"""The Pandera schema of validated answers, made from the questionnaire.

Belongs here: types, codes, bounds and cross-question rules as one DataFrameSchema, and
its failures as rows to list. Does not belong here: reading text (values.py), states and
routing (routing.py), what is done with a failure (pipeline.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from observatory.editions.columns import option_column, question_columns, state_column
from observatory.editions.expressions import Condition, condition
from observatory.editions.model import CHOICE_TYPES, Audience, Edition, Question
from observatory.validate.conditions import FALSE, evaluate
from observatory.validate.routing import ANSWERED, NO_ANSWER, NOT_SHOWN, Rows, asked_questions
from observatory.validate.rules import bounds, rule_id
from observatory.validate.siren import is_siren

DTYPES = {
    "VARCHAR": "str",
    "BOOLEAN": "boolean",
    "INTEGER": "Int32",
    "DOUBLE": "float64",
    "DATE": "datetime64[s]",
}
"""pandas types of the validated columns, by DuckDB type."""

META_COLUMNS = {
    "respondent": "str",
    "file": "str",
    "row": "int64",
    "submitted_at": "str",
    "simulated": "boolean",
    "partner": "str",
}
"""What goes before the answers in a validated table."""


def answers_schema(edition: Edition, audience: Audience, connection: duckdb.DuckDBPyConnection) -> pa.DataFrameSchema:
    """The schema of `validated.<audience>_<edition>`. Each check is named by its rule's id.

    The connection runs the cross-question rules; it needs no table.
    """
    columns = {
        name: pa.Column(dtype, nullable=name in {"submitted_at", "partner"}) for name, dtype in META_COLUMNS.items()
    }
    checks: list[pa.Check] = []
    for question in asked_questions(edition, audience):
        columns |= _columns(edition, question)
        checks += _row_checks(edition, audience, question, connection)
    return pa.DataFrameSchema(columns, checks=checks, strict=True, ordered=True, name=f"{audience}_{edition.name}")


def rows_schema(schema: pa.DataFrameSchema) -> pa.DataFrameSchema:
    """Only the rules of a schema that need several columns of a row."""
    return pa.DataFrameSchema(checks=schema.checks, name=schema.name)


def _check(rule: str, holds: Callable[[Any], Any], *, rows: bool = False) -> pa.Check:
    # One failing case is enough for the message: failures() takes the rows from the check's own output.
    return pa.Check(holds, name=rule, error=rule, ignore_na=not rows, n_failure_cases=1)


def _columns(edition: Edition, question: Question) -> dict[str, pa.Column]:
    checks: list[pa.Check] = []
    limits = bounds(question)
    if limits is not None:
        low, high = limits
        checks.append(
            _check(rule_id(question.id, "bounds"), lambda values: values.between(_or(low, -np.inf), _or(high, np.inf)))
        )
    if question.type == "siren":
        checks.append(_check(rule_id(question.id, "siren"), lambda values: values.map(is_siren).astype(bool)))
    if question.type in CHOICE_TYPES:
        codes = [choice.code for choice in edition.choices(question)]
        checks.append(_check(rule_id(question.id, "choice"), lambda values: values.isin(codes)))
    state = _check(f"{question.id}.state", lambda values: values.isin([NOT_SHOWN, NO_ANSWER, ANSWERED]))
    return {
        name: pa.Column(
            DTYPES[kind],
            checks=checks if name == question.id else [state] if name == state_column(question.id) else [],
            nullable=name != state_column(question.id),
        )
        for name, kind in question_columns(edition, question).items()
    }


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


def _row_checks(
    edition: Edition, audience: Audience, question: Question, connection: duckdb.DuckDBPyConnection
) -> list[pa.Check]:
    """The rules that need several columns of a row."""
    checks: list[pa.Check] = []
    options = {choice.code: option_column(question.id, choice.code) for choice in edition.choices(question)}
    if question.max_choices is not None:
        checks.append(
            _check(rule_id(question.id, "max_choices"), partial(_few, options, question.max_choices), rows=True)
        )
    if question.type == "ranking":
        checks.append(_check(rule_id(question.id, "ranks"), partial(_distinct, options), rows=True))
    alone = [choice.code for choice in edition.choices(question) if choice.exclusive]
    if question.type == "multiple" and alone:
        checks.append(_check(rule_id(question.id, "exclusive"), partial(_alone, options, alone), rows=True))
    for number, check in enumerate(question.check, start=1):
        rule = condition(check.rule, edition.questionnaires[audience], edition)
        holds = partial(_holds, connection, rule, state_column(question.id))
        checks.append(_check(rule_id(question.id, f"check_{number}"), holds, rows=True))
    return checks


def _chosen(options: dict[str, str], frame: pd.DataFrame) -> Rows:
    """Rows by options: whether ticked or ranked."""
    return np.column_stack([frame[column].gt(0).to_numpy(dtype=bool, na_value=False) for column in options.values()])


def _few(options: dict[str, str], most: int, frame: pd.DataFrame) -> pd.Series[bool]:
    return pd.Series(_chosen(options, frame).sum(axis=1) <= most, index=frame.index)


def _alone(options: dict[str, str], alone: list[str], frame: pd.DataFrame) -> pd.Series[bool]:
    chosen = _chosen(options, frame)
    exclusive = chosen[:, [position for position, code in enumerate(options) if code in alone]].any(axis=1)
    return pd.Series(~exclusive | (chosen.sum(axis=1) == 1), index=frame.index)


def _distinct(options: dict[str, str], frame: pd.DataFrame) -> pd.Series[bool]:
    ranks = np.sort(
        np.column_stack([frame[column].to_numpy(dtype=np.int32, na_value=0) for column in options.values()]), axis=1
    )
    return pd.Series(~((ranks[:, 1:] == ranks[:, :-1]) & (ranks[:, 1:] > 0)).any(axis=1), index=frame.index)


def _holds(connection: duckdb.DuckDBPyConnection, rule: Condition, state: str, frame: pd.DataFrame) -> pd.Series[bool]:
    """A rule must not be false: what is missing breaks none, and a question without answer has nothing to lose."""
    held = evaluate(connection, frame, {"rule": rule})["rule"] != FALSE
    return pd.Series(frame[state].ne(ANSWERED).to_numpy(dtype=bool) | held, index=frame.index)


@dataclass(frozen=True)
class Failure:
    """One rule that some rows break. `rows` is a mask over the frame; `crossed` if it compares several columns."""

    question: str
    rule: str
    rows: Rows
    crossed: bool


def failures(schema: pa.DataFrameSchema, frame: pd.DataFrame) -> list[Failure]:
    """Every rule that the frame breaks, in the schema's order. Raises SchemaErrors if its very columns are wrong."""
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as errors:
        found = []
        for error in errors.schema_errors:
            if not isinstance(error.check, pa.Check) or not isinstance(error.check_output, pd.Series):
                raise
            rule = str(error.check.name)
            held = error.check_output.reindex(frame.index, fill_value=True)
            found.append(
                Failure(rule.rpartition(".")[0], rule, ~held.to_numpy(dtype=bool), crossed=error.schema is schema)
            )
        return found
    return []
