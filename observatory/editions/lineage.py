"""An edition beside the ones before it: nothing that changed is compared as if it had not.

Belongs here: what a question's lineage must name, what may differ from the question it comes from, that an identifier
keeps its meaning. Does not belong here: the shape of a lineage (model.py), the comparison itself (aggregate).

Identifiers join the editions in the table of figures and in the charts over time. A question or an indicator that an
earlier edition had under the same identifier therefore comes from that one, and says what changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from observatory.editions.documents import DataPath, Document
from observatory.editions.expressions import condition
from observatory.editions.model import (
    Audience,
    ChangeKind,
    Choice,
    Edition,
    Indicator,
    Lineage,
    Question,
    Questionnaire,
    Text,
)
from observatory.problems import Problem, ProblemsError

Earlier = Callable[[str], Edition]
"""Reads an edition and checks its questionnaires. Raises ProblemsError."""


class Difference(NamedTuple):
    """`kind`: the change that declares it; `break` is that of what can never be compared."""

    kind: ChangeKind
    text: str


def check_lineage(
    edition: Edition, documents: dict[str, Document], names: Sequence[str], earlier: Earlier
) -> list[Problem]:
    """Every fault, each with its line. The edition's own questionnaires and indicators must be sound."""
    previous = edition.config.previous
    if previous is not None and previous >= edition.name:
        return [
            documents["edition"].problem(
                ("previous",),
                found=f"« {previous} »",
                expected=f"une édition antérieure à {edition.name}",
                action="corrigez previous",
            )
        ]
    try:
        return list(_ancestors(edition, documents, names, earlier)) or [
            problem for name in _before(edition, names) for problem in _reused(edition, documents, earlier(name))
        ]
    except ProblemsError as error:
        return list(error.problems)


def _before(edition: Edition, names: Sequence[str]) -> list[str]:
    """The edition said to be the previous one and the last before this, whose figures stand in the same charts."""
    past = [name for name in names if name < edition.name]
    said = [name for name in past if name == edition.config.previous]
    return list(dict.fromkeys([*said, *past[-1:]]))


def _ancestors(
    edition: Edition, documents: dict[str, Document], names: Sequence[str], earlier: Earlier
) -> Iterator[Problem]:
    """A lineage must name a question that exists, and what it says of the change must be true."""
    for audience, questionnaire in edition.questionnaires.items():
        document = documents[audience]
        for index, question in enumerate(questionnaire.questions):
            lineage = question.lineage
            if lineage is None:
                continue
            path: DataPath = ("questions", index, "lineage")
            if lineage.edition not in names:
                yield document.unknown(path, "une édition antérieure", lineage.edition, names)
                continue
            if lineage.edition >= edition.name:
                yield document.problem(
                    path,
                    found=f"« {lineage.same_as} »",
                    expected=f"une édition antérieure à {edition.name}",
                    action="corrigez same_as",
                )
                continue
            ancestor = earlier(lineage.edition)
            before = ancestor.questionnaires.get(audience)
            ids = [] if before is None else [candidate.id for candidate in before.questions]
            if before is None or lineage.question not in ids:
                yield document.unknown(path, f"une question de {lineage.edition}", lineage.question, ids)
                continue
            found = differences(ancestor, before.question(lineage.question), edition, question, audience)
            yield from _undeclared(lineage, list(found), path, document)


def _undeclared(lineage: Lineage, found: list[Difference], path: DataPath, document: Document) -> Iterator[Problem]:
    if lineage.change == "none" and found:
        yield document.problem(
            path,
            found=f"change: none, alors que {found[0].text} depuis {lineage.edition}",
            expected="la nature du changement : reworded, option_added, option_removed, bracket_changed, "
            "routing_changed ou break",
            action="déclarez le changement ; pour comparer malgré tout, comparable: true et une raison",
        )
        return
    beyond = [difference for difference in found if difference.kind not in {lineage.change, *lineage.also}]
    if lineage.allows_change and beyond:
        beyond.sort(key=lambda difference: difference.kind != "break")
        never = beyond[0].kind == "break"
        declare = f"rétablissez-le, ou déclarez-le aussi (also: [{beyond[0].kind}]) avec sa raison"
        yield document.problem(
            path,
            found=f"change: {lineage.change}, comparable, alors que de plus {beyond[0].text} depuis {lineage.edition}",
            expected="tous les changements déclarés, aucun qui empêche de comparer",
            action=f"{'rétablissez-le' if never else declare} ; sinon retirez « comparable » (la rupture sera marquée)",
        )


def differences(
    before: Edition, old: Question, edition: Edition, new: Question, audience: Audience
) -> Iterator[Difference]:
    """What differs between a question and the one it comes from, in French."""
    if old.type != new.type:
        yield Difference("break", "le type diffère")
    if (old.max_choices, old.base) != (new.max_choices, new.base):
        yield Difference("break", "la base ou le nombre de choix diffère")
    if _lag(before, old) != _lag(edition, new):
        yield Difference("break", "l'année de référence diffère")
    if _reworded(old.label, new.label):
        yield Difference("reworded", "la formulation diffère")
    if _reworded(old.help, new.help):
        yield Difference("reworded", "l'aide à la question diffère")
    if _reworded(_stem(before.questionnaires[audience], old), _stem(edition.questionnaires[audience], new)):
        yield Difference("reworded", "la formulation de la grille diffère")
    if _reworded(
        _introduction(before.questionnaires[audience], old), _introduction(edition.questionnaires[audience], new)
    ):
        yield Difference("reworded", "l'introduction de sa section diffère")
    yield from _options(before, old, edition, new)
    if (old.min, old.max) != (new.min, new.max):
        yield Difference("bracket_changed", "les valeurs admises diffèrent")
    if (old.show_if or "").split() != (new.show_if or "").split():
        yield Difference("routing_changed", "la condition d'affichage diffère")
    elif new.show_if is not None:
        asked = condition(new.show_if, edition.questionnaires[audience], edition).questions
        for name in sorted(asked):
            lineage = edition.questionnaires[audience].question(name).lineage
            if lineage is None or lineage.same_as != f"{before.name}.{name}" or not lineage.allows_change:
                yield Difference(
                    "routing_changed", f"la question « {name} », dont dépend sa condition d'affichage, a changé"
                )


def _options(before: Edition, old: Question, edition: Edition, new: Question) -> Iterator[Difference]:
    brackets = new.type == "bracket"
    was, now = ({choice.code: choice for choice in owner.choices(q)} for owner, q in ((before, old), (edition, new)))
    if now.keys() - was.keys():
        yield Difference("bracket_changed" if brackets else "option_added", "les options diffèrent")
    if was.keys() - now.keys():
        yield Difference("bracket_changed" if brackets else "option_removed", "les options diffèrent")
    for code in was.keys() & now.keys():
        yield from _option(was[code], now[code], brackets)
    if _nomenclature(before, old) != _nomenclature(edition, new):
        yield Difference("break", "la nomenclature des options diffère")


def _option(was: Choice, now: Choice, brackets: bool) -> Iterator[Difference]:
    if _reworded(was.label, now.label):
        kind: ChangeKind = "bracket_changed" if brackets else "reworded"
        yield Difference(kind, f"le libellé de l'option « {now.code} » diffère")
    if (was.low, was.high) != (now.low, now.high):
        yield Difference("bracket_changed", f"les bornes de la tranche « {now.code} » diffèrent")
    if (was.exclusive, was.substantive, was.group) != (now.exclusive, now.substantive, now.group):
        yield Difference("reworded", f"le rôle de l'option « {now.code} » diffère (exclusive, substantive ou group)")


def _reworded(old: Text | None, new: Text | None) -> bool:
    """Other words in a language that both have; without such a language nothing says that they mean the same."""
    if not old or not new:
        return bool(old) != bool(new)
    shared = set(old) & set(new)
    return not shared or any(old[language].split() != new[language].split() for language in shared)


def _stem(questionnaire: Questionnaire, question: Question) -> Text | None:
    return next((grid.label for grid in questionnaire.grids if grid.id == question.grid), None)


def _introduction(questionnaire: Questionnaire, question: Question) -> Text | None:
    """What respondents read before the question: it may tell units, or what a word means."""
    return next((section.introduction for section in questionnaire.sections if section.id == question.section), None)


def _lag(edition: Edition, question: Question) -> int | None:
    """How many years before its edition a question looks."""
    year = edition.reference_year(question)
    return None if year is None else int(edition.name) - year


def _nomenclature(edition: Edition, question: Question) -> str | None:
    name = None if question.choices is None else question.choices.list
    return None if name is None else edition.lists[name].nomenclature


def _reused(edition: Edition, documents: dict[str, Document], before: Edition) -> Iterator[Problem]:
    """Identifiers that the earlier edition has for something else."""
    for audience, questionnaire in edition.questionnaires.items():
        had = before.questionnaires.get(audience)
        ids = set() if had is None else {question.id for question in had.questions}
        for index, question in enumerate(questionnaire.questions):
            own = f"{before.name}.{question.id}"
            if question.id not in ids or _comes_from(question, before, question.id):
                continue
            lineage = question.lineage
            yield documents[audience].problem(
                ("questions", index, "id" if lineage is None else "lineage"),
                found=f"« {question.id} », qui existait en {before.name}, "
                + ("sans filiation" if lineage is None else f"issue de « {lineage.same_as} »"),
                expected=f"un identifiant qui garde son sens : lineage: {{same_as: {own}}}",
                action="déclarez cette filiation et le changement (change: break si le sens diffère), "
                "ou donnez un autre identifiant à la question",
            )
    earlier = {indicator.id: indicator for indicator in before.indicators}
    for index, indicator in enumerate(edition.indicators):
        if indicator.id not in earlier:
            continue
        difference = _other_measure(edition, indicator, before, earlier[indicator.id])
        if difference:
            yield documents["indicators"].problem(
                ("indicators", index, "id"),
                found=f"« {indicator.id} », qui existait en {before.name}, alors que {difference}",
                expected="un identifiant qui garde son sens d'une édition à l'autre",
                action="donnez un autre identifiant à cet indicateur (et dans le rapport), ou rétablissez-le",
            )


def _comes_from(question: Question, before: Edition, id: str) -> bool:
    """Where it comes from an edition between, that one's own lineage answers for the rest."""
    lineage = question.lineage
    return lineage is not None and lineage.question == id and lineage.edition >= before.name


def _other_measure(edition: Edition, new: Indicator, before: Edition, old: Indicator) -> str:
    """What makes it another indicator, in French; empty if nothing does."""
    if old.kind != new.kind:
        return "le genre (kind) diffère"
    if (old.where or "").split() != (new.where or "").split():
        return "le champ (where) diffère"
    if old.unit != new.unit:
        return "l'unité diffère"
    sides = [
        ((old.question and (old.question,)) or old.questions, (new.question and (new.question,)) or new.questions),
        (old.numerators, new.numerators),
        (old.denominators, new.denominators),
    ]
    questionnaire = edition.questionnaires[new.audience]
    for was, now in sides:
        if len(was) != len(now):
            return "le nombre de questions diffère"
        for its, own in zip(was, now, strict=True):
            if not _comes_from(questionnaire.question(own), before, its):
                return f"la question « {own} » n'est pas issue de « {its} »"
    return ""
