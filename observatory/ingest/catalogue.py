"""What a column may answer: a questionnaire's questions, grids and options, found by code or by wording.

Belongs here: every wording and code under which a question or an option is known, and the
names of the raw table's columns (targets). Does not belong here: reading headings, or
deciding between candidates (matching.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz

from observatory.editions.columns import option_column, other_column
from observatory.editions.form_codes import column_codes, question_code
from observatory.editions.model import OTHER, Audience, Choice, Edition, Question, Text
from observatory.wording import key, normalise, similarity, squeeze, variants

PER_OPTION = frozenset({"multiple", "ranking"})
_FEWEST_LETTERS = 6
"""Letters from which on a heading found inside a longer word says something."""

IGNORE = "ignore"
"""The target of a column that is no question."""


@dataclass(frozen=True)
class Wordings:
    """Wordings and what they stand for: as they are, and by their words alone."""

    exact: Mapping[str, frozenset[str]]
    loose: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Wordings:
        exact: dict[str, set[str]] = defaultdict(set)
        loose: dict[str, set[str]] = defaultdict(set)
        for wording, meaning in pairs:
            exact[normalise(wording)].add(meaning)
            loose[key(wording)].add(meaning)
        loose.pop("", None)
        exact.pop("", None)
        return cls(_frozen(exact), _frozen(loose))

    def find(self, text: str) -> frozenset[str]:
        """What the text stands for: nothing, one thing, or several that are worded alike."""
        for variant in variants(text):
            if found := self.exact.get(normalise(variant)):
                return found
        for variant in variants(text):
            if found := self.loose.get(key(variant)):
                return found
        return frozenset()

    def nearest(self, text: str) -> dict[str, float]:
        """Each meaning with the score of its likeliest wording."""
        scores: dict[str, float] = {}
        for wording, meanings in self.exact.items():
            score = max((similarity(variant, wording) for variant in variants(text)), default=0.0)
            for meaning in meanings:
                scores[meaning] = max(score, scores.get(meaning, 0.0))
        return scores


@dataclass(frozen=True)
class Catalogue:
    """Where a questionnaire's parts are found.

    `targets` are the columns that a raw table may have, with the question of each; `codes` finds them by squeezed code.
    """

    questions: Mapping[str, Question]
    targets: Mapping[str, str]
    labels: Mapping[str, str]
    codes: Mapping[str, str]
    wordings: Wordings
    grids: Wordings
    grid_codes: Mapping[str, str]
    rows: Mapping[str, Wordings]
    options: Mapping[str, Wordings]

    def is_other(self, question: str, option: str) -> bool:
        """Whether an option's heading is « autre, précisez », offered by the question or not."""
        return "other" in self.options[question].find(option) or "other" in _OTHER.find(option)

    def is_other_heading(self, heading: str) -> bool:
        """Whether a heading, alone, is « autre, précisez » as any form writes it."""
        return "other" in _OTHER.find(heading)

    def questions_with_option(self, heading: str) -> dict[str, str]:
        """The questions that have an option of this wording, each with its code, whatever their type."""
        found = {id: options.find(heading) for id, options in self.options.items()}
        return {id: next(iter(codes)) for id, codes in found.items() if len(codes) == 1}

    def shared_words(self, text: str) -> dict[str, float]:
        """How many of a heading's words each question has in its wordings or its id, 0 to 100: to rank, never to tell.

        Words may differ in their endings.
        """
        words = key(text)
        scores = dict.fromkeys(self.questions, 0.0)
        for wording, id in self._words:
            score = fuzz.token_set_ratio(words, wording)
            if _FEWEST_LETTERS <= len(words) <= len(wording):
                score = max(score, 0.95 * fuzz.partial_ratio(words, wording))
            scores[id] = max(scores[id], score)
        return scores

    @cached_property
    def _words(self) -> list[tuple[str, str]]:
        """What names a question, as words, with the question."""
        ids = [(key(f"{question.grid or ''} {id}".replace("_", " ")), id) for id, question in self.questions.items()]
        return [*ids, *((key(wording), id) for wording, found in self.wordings.exact.items() for id in found)]

    def has_other(self, question: str) -> bool:
        choices = self.questions[question].choices
        return choices is not None and choices.other


def catalogue(edition: Edition, audience: Audience) -> Catalogue:
    """The catalogue of one audience's questionnaire, in all its languages."""
    questionnaire = edition.questionnaires[audience]
    questions = {question.id: question for question in questionnaire.questions}
    targets: dict[str, str] = {}
    labels: dict[str, str] = {}
    for question in questionnaire.questions:
        targets[question.id] = question.id
        labels[question.id] = edition.label(question)
        if question.type in PER_OPTION:
            for choice in edition.choices(question):
                target = option_column(question.id, choice.code)
                targets[target] = question.id
                labels[target] = edition.text(choice.label)
        if question.choices is not None and question.choices.other:
            targets[other_column(question.id)] = question.id
            labels[other_column(question.id)] = f"{edition.text(OTHER.label)} : texte"
    return Catalogue(
        questions=questions,
        targets=targets,
        labels=labels,
        codes=_codes(pair for question in questions.values() for pair in column_codes(edition, question))
        | _codes((target, target) for target in targets),
        wordings=Wordings.of((wording, q.id) for q in questions.values() for wording in _question_wordings(edition, q)),
        grids=Wordings.of(
            (wording, grid.id) for grid in questionnaire.grids for wording in (*grid.label.values(), *grid.aliases)
        ),
        grid_codes={
            squeeze(code): grid.id for grid in questionnaire.grids for code in (question_code(grid.id), grid.id)
        },
        rows={
            grid.id: Wordings.of(
                (wording, question.id)
                for question in questions.values()
                if question.grid == grid.id
                for wording in _question_wordings(edition, question)
            )
            for grid in questionnaire.grids
        },
        options={
            question.id: Wordings.of(
                (wording, choice.code) for choice in edition.choices(question) for wording in _choice_wordings(choice)
            )
            for question in questions.values()
        },
    )


def _codes(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Targets by squeezed code; a code that two targets share finds neither. Questions come before options."""
    found: dict[str, set[str]] = defaultdict(set)
    for code, target in pairs:
        found[squeeze(code)].add(target)
    return {
        code: next(iter(sorted(names, key=lambda name: ("__" in name, name))))
        for code, names in found.items()
        if len({name for name in names if "__" not in name} or names) == 1
    }


def _question_wordings(edition: Edition, question: Question) -> list[str]:
    return [edition.fill(wording, question) for wording in (*question.label.values(), *question.aliases)]


def _choice_wordings(choice: Choice) -> tuple[str, ...]:
    return (
        choice.code,
        *_all(choice.label),
        *choice.aliases,
        *(() if choice.code != OTHER.code else _all(OTHER.label)),
    )


def _all(text: Text) -> tuple[str, ...]:
    return tuple(text.values())


def _frozen(found: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {wording: frozenset(meanings) for wording, meanings in found.items()}


_OTHER = Wordings.of((wording, OTHER.code) for wording in _choice_wordings(OTHER))
