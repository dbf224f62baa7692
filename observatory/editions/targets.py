"""An edition's targets, checked against the indicators they are compared with.

Belongs here: that a target and its indicator speak of one thing, in one unit, on one denominator. Does not belong here:
the shape of a target and its path (model.py), the comparison with an estimate (aggregate).
"""

from __future__ import annotations

from collections.abc import Iterator

from observatory.editions.documents import DataPath, Document
from observatory.editions.model import Edition, Indicator, Target
from observatory.problems import Problem


def check_targets(edition: Edition, documents: dict[str, Document]) -> list[Problem]:
    """Every fault of the comparisons, each with its line. The questionnaires and the indicators must be sound."""
    document = documents["edition"]
    indicators = {indicator.id: indicator for indicator in edition.indicators}
    problems: list[Problem] = []
    for index, target in enumerate(edition.config.targets):
        here: DataPath = ("targets", index)
        if target.indicator is None:
            continue
        if target.indicator not in indicators:
            problems.append(document.unknown((*here, "indicator"), "un indicateur", target.indicator, indicators))
            continue
        indicator = indicators[target.indicator]
        measure = list(_measure(edition, target, indicator, here, document))
        problems += measure or _field(target, indicator, here, document)
    return problems


def _measure(
    edition: Edition, target: Target, indicator: Indicator, here: DataPath, document: Document
) -> Iterator[Problem]:
    """One statistic, in the target's unit."""
    if target.compared not in indicator.computed:
        yield document.problem(
            (*here, "statistic") if target.statistic else (*here, "indicator"),
            found=f"la statistique « {target.compared} », que {indicator.id} n'a pas",
            expected=f"l'une des statistiques de cet indicateur : {', '.join(indicator.computed)}",
            action="dites laquelle se compare à la cible (statistic), ou retirez l'indicateur de la cible",
        )
        return
    unit = _unit(edition, indicator, target.compared)
    if unit != target.unit:
        yield document.problem(
            (*here, "unit"),
            found=f"une cible en {target.unit}, comparée à {indicator.id}.{target.compared}, en {unit}",
            expected="la même unité des deux côtés",
            action="changez d'indicateur ou de statistique, ou retirez l'indicateur de la cible",
        )
    if indicator.kind == "distribution" and indicator.question is not None:
        question = edition.questionnaires[indicator.audience].question(indicator.question)
        codes = [choice.code for choice in edition.choices(question)]
        if target.option is None:
            yield document.problem(
                (*here, "indicator"),
                found=f"une répartition ({indicator.id}), sans l'option comparée",
                expected=f"l'une de ses options : {', '.join(codes)}",
                action="ajoutez « option »",
            )
        elif target.option not in codes:
            yield document.unknown((*here, "option"), "une option", target.option, codes)
    elif target.option is not None:
        yield document.problem(
            (*here, "option"),
            found=f"une option, alors que {indicator.id} n'est pas une répartition",
            expected="une option pour les seuls indicateurs de répartition",
            action="retirez « option »",
        )


def _field(target: Target, indicator: Indicator, here: DataPath, document: Document) -> Iterator[Problem]:
    """One denominator: nothing tells it but the words, which both sides must therefore say, and alike."""
    shared = set(target.perimeter or ()) & set(indicator.perimeter or ())
    said = [(target.perimeter or {}).get(language, "").split() for language in sorted(shared)]
    read = [(indicator.perimeter or {}).get(language, "").split() for language in sorted(shared)]
    if shared and said == read:
        return
    own, other = _shown(target), _shown(indicator)
    yield document.problem(
        (*here, "perimeter") if target.perimeter else (*here, "indicator"),
        found=f"une cible {own}, comparée à {indicator.id}, {other}",
        expected="le même champ des deux côtés, mot pour mot (perimeter)",
        action="écrivez-le des deux côtés si c'est bien le même ; sinon, retirez l'indicateur de la cible : "
        "elle ne se compare pas à l'enquête",
    )


def _shown(owner: Target | Indicator) -> str:
    return f"de champ « {next(iter(owner.perimeter.values()))} »" if owner.perimeter else "sans champ"


def _unit(edition: Edition, indicator: Indicator, statistic: str) -> str:
    if statistic == "count":
        return "respondents"
    if indicator.kind != "amount":
        return "share"
    questionnaire = edition.questionnaires[indicator.audience]
    amounts = all(questionnaire.question(name).type == "amount" for name in indicator.sources)
    return indicator.unit or ("EUR" if amounts else "unit")
