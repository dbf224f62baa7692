"""What the edition asks to be computed, as small tables that the SQL joins with answers.

Belongs here: turning indicators, options, domains and lineage into frames. Does not
belong here: any computation.
"""

from __future__ import annotations

import pandas as pd

from observatory.aggregate.targets import identifier
from observatory.editions.expressions import condition
from observatory.editions.model import OTHER, Audience, Edition, Indicator, Questionnaire

OVERALL = ("", "", 0)


def indicators(edition: Edition) -> pd.DataFrame:
    """A row: one indicator, in the edition's order: indicator, audience, perimeter, position. Then the targets that an
    indicator is set beside, each under its own name."""
    own = [(item.id, item) for item in edition.indicators]
    beside = [(identifier(target), target.indicator) for target in edition.config.targets]
    own += [(name, edition.indicator(indicator)) for name, indicator in beside if indicator is not None]
    return pd.DataFrame(
        [
            (name, item.audience, edition.text(item.perimeter) if item.perimeter else "", position)
            for position, (name, item) in enumerate(own)
        ],
        columns=["indicator", "audience", "perimeter", "position"],
    )


def domains(edition: Edition, selected: list[Indicator]) -> pd.DataFrame:
    """A row: one domain of one indicator: indicator, breakdown, category, position. Everyone is the domain ('', '')."""
    rows: list[tuple[str, str, str, int]] = []
    for item in selected:
        questionnaire = edition.questionnaires[item.audience]
        rows.append((item.id, *OVERALL))
        for breakdown in breakdowns(item, questionnaire):
            choices = edition.choices(questionnaire.question(breakdown))
            rows += [(item.id, breakdown, choice.code, position) for position, choice in enumerate(choices, start=1)]
    return pd.DataFrame(rows, columns=["indicator", "breakdown", "category", "position"])


def breakdowns(item: Indicator, questionnaire: Questionnaire) -> tuple[str, ...]:
    """The questions by which an indicator is broken down."""
    wanted = questionnaire.strata if item.breakdowns is None else item.breakdowns
    return tuple(breakdown for breakdown in wanted if breakdown != item.question)


def items(edition: Edition, selected: list[Indicator]) -> pd.DataFrame:
    """A row: one statistic of one item of an indicator: indicator, item, option, label, statistic, unit,
    reference_year, position. An item is an option of a distribution, a question of an amount, a numerator of a rate,
    "growth" between the two reference years, or "" for respondents.
    """
    rows: list[tuple[str, str, str, str, str, str, int | None, int]] = []
    for item in selected:
        questionnaire = edition.questionnaires[item.audience]
        if item.kind == "respondents":
            rows.append((item.id, "", "", edition.text(item.label), "count", "respondents", None, 0))
        elif item.kind == "distribution" and item.question is not None:
            question = questionnaire.question(item.question)
            placed = ranked(edition, item)
            for position, choice in enumerate(edition.choices(question)):
                here = (item.id, choice.code, choice.code, edition.text(choice.label))
                rows += [
                    (*here, statistic, UNITS[statistic], None, position)
                    for statistic in item.computed
                    if statistic != "rank" or choice.code in placed
                ]
        elif item.kind == "amount":
            asked = (item.question,) if item.question else item.questions
            for position, name in enumerate(asked):
                question = questionnaire.question(name)
                unit = item.unit or ("EUR" if question.type == "amount" else "unit")
                here = (item.id, name, "", edition.text(item.label))
                year = edition.reference_year(question)
                rows += [(*here, statistic, unit, year, position) for statistic in item.computed]
            if len(asked) == 2:
                year = edition.reference_year(questionnaire.question(asked[1]))
                rows.append((item.id, "growth", "", edition.text(item.label), "change", "share", year, len(asked)))
        elif item.kind == "rate":
            for position, top in enumerate(item.numerators):
                year = edition.reference_year(questionnaire.question(top))
                here = (item.id, top, "", edition.text(item.label))
                rows += [(*here, statistic, "share", year, position) for statistic in item.computed]
    columns = ["indicator", "item", "option", "label", "statistic", "unit", "reference_year", "position"]
    return pd.DataFrame(rows, columns=columns).astype({"reference_year": "Int64"})


UNITS = {"share": "share", "count": "respondents", "rank": "rank"}


def ranked(edition: Edition, item: Indicator) -> tuple[str, ...]:
    """The options that are given a rank: of a question with several answers, those that name something of their own,
    not "none", "other" or "does not know"."""
    if item.kind != "distribution" or item.question is None or "rank" not in item.computed:
        return ()
    question = edition.questionnaires[item.audience].question(item.question)
    if question.type not in {"multiple", "ranking"}:
        return ()
    named = (c for c in edition.choices(question) if c.substantive and not c.exclusive and c.code != OTHER.code)
    return tuple(choice.code for choice in named)


def targets(edition: Edition) -> pd.DataFrame:
    """A row: one target set beside an indicator: target, label, indicator, statistic, option, edition_year."""
    rows = [
        (identifier(target), edition.text(target.label), target.indicator, target.compared, target.option or "")
        for target in edition.config.targets
        if target.indicator is not None
    ]
    columns = ["target", "label", "indicator", "statistic", "option"]
    return pd.DataFrame(rows, columns=columns, dtype="str").assign(edition_year=int(edition.name))


def of_audience(edition: Edition, audience: Audience) -> list[Indicator]:
    return [item for item in edition.indicators if item.audience == audience]


def changes(
    edition: Edition, previous: Edition, weighted_before: frozenset[str], relabelled: pd.DataFrame
) -> pd.DataFrame:
    """A row: one breakdown of one distribution with an ancestor in the previous edition.

    Columns: indicator, breakdown, previous_indicator, previous_question, comparable. Only lineage makes an ancestor:
    the same name in two years is none. All the questions that make a figure must be comparable: the one asked, the one
    it is broken down by, those of its field, whose options must all be called as they were. Weighted shares are not
    compared with unweighted ones.
    """
    renamed = set(zip(relabelled["audience"], relabelled["question"], strict=True))
    rows = []
    for item in edition.indicators:
        ancestor = _ancestor(item, edition, previous)
        if ancestor is None or item.question is None:
            continue
        questionnaire = edition.questionnaires[item.audience]
        field = [] if item.where is None else condition(item.where, questionnaire, edition).questions
        whole = _unbroken(questionnaire, item.question, previous)
        whole &= (item.audience in edition.margins) == (item.audience in weighted_before)
        whole &= all(_same(questionnaire, name, previous) and (item.audience, name) not in renamed for name in field)
        lineage = questionnaire.question(item.question).lineage
        asked = "" if lineage is None else lineage.question
        rows.append((item.id, "", ancestor, asked, whole))
        rows += [
            (item.id, breakdown, ancestor, asked, whole and _same(questionnaire, breakdown, previous))
            for breakdown in breakdowns(item, questionnaire)
        ]
    kinds = dict.fromkeys(("indicator", "breakdown", "previous_indicator", "previous_question"), "str")
    kinds |= {"comparable": "bool"}
    return pd.DataFrame(rows, columns=list(kinds)).astype(kinds)


def relabelled(previous: Edition, published: pd.DataFrame) -> pd.DataFrame:
    """A row: one option that the previous edition's files call otherwise than when it was published.

    Columns: audience, question, option. It may mean something else since then, and no lineage can tell.
    """
    asked = {item.id: item for item in previous.indicators if item.kind == "distribution"}
    own = published[(published["statistic"] == "share") & (published["breakdown"] == "")]
    rows = []
    for indicator, option, label in zip(own["indicator"], own["option"], own["label"], strict=True):
        item = asked.get(str(indicator))
        if item is None or item.question is None:
            continue
        question = previous.questionnaires[item.audience].question(item.question)
        now = {choice.code: previous.text(choice.label) for choice in previous.choices(question)}
        if now.get(str(option)) != label:
            rows.append((item.audience, question.id, str(option)))
    return pd.DataFrame(list(dict.fromkeys(rows)), columns=["audience", "question", "option"], dtype="str")


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


def _same(questionnaire: Questionnaire, name: str, previous: Edition) -> bool:
    """Whether a question of that name divides respondents as the one of the same name did in the previous edition."""
    lineage = questionnaire.question(name).lineage
    return _unbroken(questionnaire, name, previous) and lineage is not None and lineage.question == name
