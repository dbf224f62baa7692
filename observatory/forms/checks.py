"""What can't be put into a tool's form, told before anything is written.

Belongs here: codes that two questions or two options would share, codes that would be read
as another option's wording, signs that a tool takes for a formula, conditions it has no
words for. Does not belong here: what the codes are (observatory.editions.form_codes), the
walk over a condition (translate.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from observatory.editions.documents import read_document
from observatory.editions.model import Audience, Edition, Question, Text
from observatory.forms.translate import UntranslatableError, Vocabulary, translate, translate_rule
from observatory.problems import Problem


def fault(
    edition: Edition, audience: Audience, question: str, key: str, *, found: str, expected: str, action: str
) -> Problem:
    """A fault of one question, with its line in the questionnaire's file. `key` is the question's, '' for the whole."""
    questions = edition.questionnaires[audience].questions
    place = next((place for place, one in enumerate(questions) if one.id == question), None)
    document = read_document(edition.folder / f"{audience}.yaml")
    path: tuple[str | int, ...] = () if place is None else ("questions", place, *([key] if key else []))
    return document.problem(path, found=found, expected=expected, action=action)


def shared_codes(edition: Edition, audience: Audience, codes: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    """One problem for each code that two things would have. `codes` pairs a code and what has it.

    What has a code is named by its question's id: `obstacles`, or `obstacles__none` for an option.
    """
    owners: dict[str, str] = {}
    for code, owner in codes:
        first = owners.setdefault(code.casefold(), owner)
        if first != owner:
            yield fault(
                edition,
                audience,
                owner.partition("__")[0],
                "",
                found=f"« {first} » et « {owner} », que l'outil nommerait tous deux « {code} »",
                expected="un nom par question et par option",
                action="renommez l'une des deux",
            )


def misread_codes(
    edition: Edition, audience: Audience, codes: Callable[[Question], Mapping[str, str]]
) -> Iterator[Problem]:
    """One problem for each option whose code in the tool is another option's code, label or alias.

    `codes` gives the code in the tool of each option of a question.
    """
    for question in edition.questionnaires[audience].questions:
        wordings: dict[str, str] = {}
        for choice in edition.choices(question):
            for wording in (*choice.label.values(), *choice.aliases, choice.code):
                wordings.setdefault(wording.casefold(), choice.code)
        for option, code in codes(question).items():
            other = wordings.setdefault(code.casefold(), option)
            if other != option:
                yield fault(
                    edition,
                    audience,
                    question.id,
                    "choices",
                    found=f"l'option « {option} », que l'outil nommerait « {code} » comme l'option « {other} »",
                    expected="un code par option, qui ne soit pas le libellé d'une autre",
                    action="renommez l'une des deux options",
                )


def formula_signs(edition: Edition, audience: Audience, signs: Iterable[str]) -> Iterator[Problem]:
    """One problem for each text that holds a sign by which the tool knows a formula."""
    for question, text in _texts(edition, audience):
        found = [sign for sign in signs if sign in text.replace("{reference_year}", "")]
        if found:
            yield fault(
                edition,
                audience,
                question,
                "",
                found=f"« {found[0]} » dans un texte",
                expected=f"un texte sans « {found[0]} », que l'outil lirait comme une formule",
                action="récrivez ce texte",
            )


def untranslatable(
    edition: Edition, audience: Audience, words: Callable[[Question, str], Vocabulary]
) -> Iterator[Problem]:
    """One problem for each condition that the tool has no words for, naming the part.

    `words` gives the tool's words for a condition of a question, by the key that holds it: `show_if` or `check`.
    """
    questionnaire = edition.questionnaires[audience]
    for question in questionnaire.questions:
        conditions = [("check", rule.rule, translate_rule) for rule in question.check]
        if question.show_if is not None:
            conditions.append(("show_if", question.show_if, translate))
        for key, text, written in conditions:
            try:
                written(text, questionnaire, edition, words(question, key))
            except UntranslatableError as error:
                yield fault(
                    edition,
                    audience,
                    question.id,
                    key,
                    found=f"« {error.part} » dans « {text} »",
                    expected="des comparaisons d'une réponse à un code, de nombres entre eux, et is null",
                    action="récrivez la condition ; l'outil de formulaires ne sait pas dire cette partie",
                )


def _texts(edition: Edition, audience: Audience) -> Iterator[tuple[str, str]]:
    """Every text of the questionnaire, with the question it belongs to, '' for none."""

    def each(owner: str, *texts: Text | None) -> Iterator[tuple[str, str]]:
        return ((owner, wording) for text in texts if text is not None for wording in text.values())

    questionnaire = edition.questionnaires[audience]
    yield from each("", questionnaire.title, questionnaire.introduction)
    for section in questionnaire.sections:
        yield from each("", section.title, section.introduction)
    for grid in questionnaire.grids:
        yield from each("", grid.label)
    for question in questionnaire.questions:
        yield from each(question.id, question.label, question.help, *(rule.message for rule in question.check))
        yield from each(question.id, *(choice.label for choice in edition.choices(question)))
