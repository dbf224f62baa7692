"""What the edition asks to be computed, as small tables that the SQL joins with answers.

Belongs here: turning indicators, options, domains and lineage into frames. Does not
belong here: any computation.
"""

from __future__ import annotations

import pandas as pd

from observatory.editions.expressions import condition
from observatory.editions.model import Audience, Edition, Indicator, Questionnaire

OVERALL = ("", "", 0)


def indicators(edition: Edition) -> pd.DataFrame:
    """A row: one indicator, in the edition's order: indicator, audience, perimeter, position."""
    return pd.DataFrame(
        [
            (item.id, item.audience, edition.text(item.perimeter) if item.perimeter else "", position)
            for position, item in enumerate(edition.indicators)
        ],
        columns=["indicator", "audience", "perimeter", "position"],
    )


def statistics(selected: list[Indicator]) -> pd.DataFrame:
    """A row: one statistic of one indicator."""
    rows = [(item.id, statistic) for item in selected for statistic in item.computed]
    return pd.DataFrame(rows, columns=["indicator", "statistic"], dtype="str")


def domains(edition: Edition, selected: list[Indicator]) -> pd.DataFrame:
    """A row: one domain of one indicator: indicator, breakdown, category, position. Everyone is the domain ('', '')."""
    rows: list[tuple[str, str, str, int]] = []
    for item in selected:
        questionnaire = edition.questionnaires[item.audience]
        rows.append((item.id, *OVERALL))
        for breakdown in _breakdowns(item, questionnaire):
            choices = edition.choices(questionnaire.question(breakdown))
            rows += [(item.id, breakdown, choice.code, position) for position, choice in enumerate(choices, start=1)]
    return pd.DataFrame(rows, columns=["indicator", "breakdown", "category", "position"])


def _breakdowns(item: Indicator, questionnaire: Questionnaire) -> tuple[str, ...]:
    wanted = questionnaire.strata if item.breakdowns is None else item.breakdowns
    return tuple(breakdown for breakdown in wanted if breakdown != item.question)


def options(edition: Edition, selected: list[Indicator]) -> pd.DataFrame:
    """A row: one option of one distribution: indicator, question, base, option, label, position."""
    rows = []
    for item in selected:
        if item.kind == "distribution" and item.question is not None:
            question = edition.questionnaires[item.audience].question(item.question)
            for position, choice in enumerate(edition.choices(question)):
                label = edition.text(choice.label)
                rows.append((item.id, question.id, question.base, choice.code, label, position))
    return pd.DataFrame(rows, columns=["indicator", "question", "base", "option", "label", "position"])


def amounts(edition: Edition, selected: list[Indicator]) -> pd.DataFrame:
    """A row: one numeric question of one indicator: indicator, question, label, unit, reference_year, position."""
    rows = []
    for item in selected:
        if item.kind == "amount":
            questionnaire = edition.questionnaires[item.audience]
            for position, name in enumerate((item.question,) if item.question else item.questions):
                question = questionnaire.question(name)
                unit = item.unit or ("EUR" if question.type == "amount" else "unit")
                year = edition.reference_year(question)
                rows.append((item.id, name, edition.text(item.label), unit, year, position))
    frame = pd.DataFrame(rows, columns=["indicator", "question", "label", "unit", "reference_year", "position"])
    return frame.astype({"reference_year": "Int64"})


def growths(edition: Edition, selected: list[Indicator]) -> pd.DataFrame:
    """A row: one amount asked for both reference years: indicator, first, last, label, reference_year, position."""
    rows = []
    for item in selected:
        if item.kind == "amount" and len(item.questions) == 2:
            questionnaire = edition.questionnaires[item.audience]
            first, last = item.questions
            year = edition.reference_year(questionnaire.question(last))
            rows.append((item.id, first, last, edition.text(item.label), year, len(item.questions)))
    columns = ["indicator", "first", "last", "label", "reference_year", "position"]
    return pd.DataFrame(rows, columns=columns).astype({"reference_year": "Int64"})


def rates(edition: Edition, selected: list[Indicator]) -> pd.DataFrame:
    """A row: one pair of amounts: indicator, numerator, denominator, label, reference_year, position."""
    rows = []
    for item in selected:
        if item.kind == "rate":
            questionnaire = edition.questionnaires[item.audience]
            for position, (top, bottom) in enumerate(zip(item.numerators, item.denominators, strict=True)):
                year = edition.reference_year(questionnaire.question(top))
                rows.append((item.id, top, bottom, edition.text(item.label), year, position))
    columns = ["indicator", "numerator", "denominator", "label", "reference_year", "position"]
    return pd.DataFrame(rows, columns=columns).astype({"reference_year": "Int64"})


def respondents(edition: Edition, selected: list[Indicator]) -> pd.DataFrame:
    """A row: one indicator that counts respondents: indicator, label, position."""
    rows = [(item.id, edition.text(item.label), 0) for item in selected if item.kind == "respondents"]
    return pd.DataFrame(rows, columns=["indicator", "label", "position"])


def of_audience(edition: Edition, audience: Audience) -> list[Indicator]:
    return [item for item in edition.indicators if item.audience == audience]


def changes(edition: Edition, previous: Edition) -> pd.DataFrame:
    """A row: one breakdown of one distribution with an ancestor in the previous edition.

    Columns: indicator, breakdown, previous_indicator, comparable. Only lineage makes an ancestor: the same name in two
    years is none. All the questions that make a figure must be comparable: the one asked, the one it is broken down by,
    those of its field.
    """
    rows = []
    for item in edition.indicators:
        ancestor = _ancestor(item, edition, previous)
        if ancestor is None or item.question is None:
            continue
        questionnaire = edition.questionnaires[item.audience]
        field = [] if item.where is None else condition(item.where, questionnaire, edition).questions
        whole = all(_unbroken(questionnaire, name, previous) for name in (item.question, *field))
        rows.append((item.id, "", ancestor, whole))
        rows += [
            (item.id, breakdown, ancestor, whole and _unbroken(questionnaire, breakdown, previous))
            for breakdown in _breakdowns(item, questionnaire)
        ]
    kinds = {"indicator": "str", "breakdown": "str", "previous_indicator": "str", "comparable": "bool"}
    return pd.DataFrame(rows, columns=list(kinds)).astype(kinds)


def _ancestor(item: Indicator, edition: Edition, previous: Edition) -> str | None:
    if item.kind != "distribution" or item.question is None or item.audience not in previous.questionnaires:
        return None
    lineage = edition.questionnaires[item.audience].question(item.question).lineage
    if lineage is None or lineage.edition != previous.name:
        return None
    for before in previous.indicators:
        same_field = (before.audience, before.question, before.where) == (item.audience, lineage.question, item.where)
        if before.kind == "distribution" and same_field:
            return before.id
    return None


def _unbroken(questionnaire: Questionnaire, name: str, previous: Edition) -> bool:
    lineage = questionnaire.question(name).lineage
    return lineage is not None and lineage.edition == previous.name and lineage.allows_change
