"""One audience's answers as estimates take them: a row a respondent, a column a variable.

Belongs here: which expression over the validated table makes each variable, and the weights and domains beside it.
Does not belong here: estimates, or which figures are published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from observatory.aggregate.survey_design import Design
from observatory.aggregate.weighting import Weighting, columns_read, weighting
from observatory.database import quoted
from observatory.editions.columns import option_column, state_column
from observatory.editions.expressions import condition
from observatory.editions.model import Audience, Edition, Indicator, Question

Columns = Mapping[str, str]
"""The SQL of each variable, by its name: a number, or missing where the respondent is outside the variable's base."""

FIRM = "firm"
"""The respondent's organisation, missing where unknown: the primary unit of two editions put one under the other."""


@dataclass(frozen=True)
class Answers:
    """A table of answers, and how they came into it. `table` holds the variables, the columns named by `domain`, FIRM
    and what `design` names."""

    table: str
    design: Design
    weighting: Weighting


def variable(indicator: str, item: str = "") -> str:
    """The name of the variable of one item of an indicator: an option, a question, or "" for the indicator itself."""
    return f"{indicator}|{item}"


def domain(breakdown: str) -> str:
    """The name of the column that tells a respondent's category of that breakdown."""
    return f"by|{breakdown}"


def respondents(edition: Edition, selected: list[Indicator]) -> dict[str, str]:
    """1 for each respondent of the field of an indicator that counts them."""
    return {variable(item.id): _inside(edition, item, "true", "1.0") for item in selected if item.kind == "respondents"}


def ticks(edition: Edition, selected: list[Indicator]) -> dict[str, str]:
    """1 or 0 for each option of each distribution, by whether the respondent chose it."""
    columns = {}
    for item in selected:
        if item.kind != "distribution" or item.question is None:
            continue
        question = edition.questionnaires[item.audience].question(item.question)
        state = quoted(state_column(question.id))
        base = f"{state} <> 'not_shown'" if question.base == "shown" else f"{state} = 'answered'"
        for choice in edition.choices(question):
            chosen = f"CAST(coalesce({_chosen(question, choice.code)}, false) AS DOUBLE)"
            columns[variable(item.id, choice.code)] = _inside(edition, item, base, chosen)
    return columns


def _chosen(question: Question, code: str) -> str:
    if question.type == "multiple":
        return quoted(option_column(question.id, code))
    if question.type == "ranking":
        return f"{quoted(option_column(question.id, code))} IS NOT NULL"
    return f"{quoted(question.id)} = {_literal(code)}"


def amounts(edition: Edition, selected: list[Indicator]) -> dict[str, str]:
    """What was given in answer to each numeric question of each indicator."""
    return {
        variable(item.id, question): _inside(edition, item, "true", quoted(question))
        for item in selected
        if item.kind == "amount"
        for question in (*((item.question,) if item.question else ()), *item.questions)
    }


@dataclass(frozen=True)
class Pair:
    """Two amounts of the same respondents: the names of the variables, and of the individual rates where asked for."""

    indicator: str
    item: str
    numerator: str
    denominator: str
    rate: str | None = None


def rates(edition: Edition, selected: list[Indicator]) -> tuple[list[Pair], dict[str, str]]:
    """The pairs of amounts that rates are made of. Only who gave both, the denominator above 0, counts in either."""
    pairs, columns = [], {}
    for item in selected:
        if item.kind == "rate":
            for top, bottom in zip(item.numerators, item.denominators, strict=True):
                above, below = quoted(top), quoted(bottom)
                name = variable(item.id, top)
                pair = Pair(item.id, top, f"{name}|numerator", f"{name}|denominator", name)
                both = f"{above} IS NOT NULL AND {below} > 0"
                columns[pair.numerator] = _inside(edition, item, both, above)
                columns[pair.denominator] = _inside(edition, item, both, below)
                columns[name] = _inside(edition, item, both, f"{above} / {below}")
                pairs.append(pair)
    return pairs, columns


def growths(edition: Edition, selected: list[Indicator]) -> tuple[list[Pair], dict[str, str]]:
    """The pairs of one amount in the two reference years. Only who gave both counts. Blank is never 0."""
    pairs, columns = [], {}
    for item in selected:
        if item.kind == "amount" and len(item.questions) == 2:
            first, last = map(quoted, item.questions)
            name = variable(item.id, "growth")
            pair = Pair(item.id, "growth", f"{name}|last", f"{name}|first")
            both = f"{first} IS NOT NULL AND {last} IS NOT NULL"
            columns[pair.numerator] = _inside(edition, item, both, last)
            columns[pair.denominator] = _inside(edition, item, both, first)
            pairs.append(pair)
    return pairs, columns


def _inside(edition: Edition, item: Indicator, base: str, value: str) -> str:
    field = "true"
    if item.where is not None:
        field = condition(item.where, edition.questionnaires[item.audience], edition).sql
    return f"CASE WHEN ({field}) AND {base} THEN {value} END"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def known_weights(connection: duckdb.DuckDBPyConnection, edition: Edition, audience: Audience) -> Weighting:
    """The weights of an audience's validated answers. Raises ProblemsError when known margins can't be met."""
    columns = ", ".join(map(quoted, columns_read(edition, audience)))
    return weighting(
        edition, audience, connection.execute(f"SELECT {columns} FROM {_validated(edition, audience)}").df()
    )


def answers(
    connection: duckdb.DuckDBPyConnection, edition: Edition, audience: Audience, name: str, columns: Columns
) -> Answers:
    """Make the temporary table `name` of these variables, beside the audience's strata, weights and FIRM."""
    weights = known_weights(connection, edition, audience)
    questionnaire = edition.questionnaires[audience]
    siren = questionnaire.identity.siren
    firm = "CAST(NULL AS VARCHAR)"
    if siren is not None and not questionnaire.question(siren).personal:
        firm = quoted(siren)
    one_choice = [q.id for q in questionnaire.questions if q.id in _breakdowns(edition, audience)]
    selected = {domain(question): quoted(question) for question in one_choice} | dict(columns)
    given = "".join(f", {sql} AS {quoted(column)}" for column, sql in selected.items())
    source = f"(SELECT respondent, {firm} AS {FIRM}{given} FROM {_validated(edition, audience)})"
    if weights.known:
        connection.register("known_weights", weights.frame)
        source = f"{source} JOIN known_weights USING (respondent)"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS FROM {source}")
    if weights.known:
        connection.unregister("known_weights")
    return Answers(quoted(name), design_of(weights), weights)


def design_of(weights: Weighting) -> Design:
    """The design that the weights tell: none known, each respondent stands for one."""
    if not weights.known:
        return Design()
    frame = weights.frame
    return Design(
        weight="weight",
        stratum="stratum" if (frame["stratum"] != "").any() else None,
        population="population" if frame["population"].notna().all() and len(frame) else None,
        calibration=weights.auxiliary,
        initial_weight="initial_weight" if weights.auxiliary else None,
    )


def _breakdowns(edition: Edition, audience: Audience) -> frozenset[str]:
    own = edition.questionnaires[audience].strata
    named = (item.breakdowns or () for item in edition.indicators if item.audience == audience)
    return frozenset(own).union(*named)


def _validated(edition: Edition, audience: Audience) -> str:
    return f"validated.{quoted(f'{audience}_{edition.name}')}"
