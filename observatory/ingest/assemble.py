"""A form and its matches become columns of the raw table.

Belongs here: moving the cells of matched columns, what the tool says was not shown, the
edition's exclusion rules. Does not belong here: which column answers what (matching.py),
merging files (merge.py).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from observatory.editions.columns import shown_column
from observatory.editions.model import Audience, Edition, Exclusion, Question
from observatory.ingest.catalogue import Catalogue
from observatory.ingest.matching import Match
from observatory.ingest.protection import HASH_COLUMNS, Protected, redactions
from observatory.ingest.tools.form import Form, Texts
from observatory.ingest.wording import key, normalise

BASE_COLUMNS = (
    "respondent",
    "file",
    "row",
    "tool",
    "tool_id",
    "submitted_at",
    "language",
    "complete",
    "simulated",
    "exclude_reason",
    *HASH_COLUMNS,
)
"""The columns of every raw table, before the answers."""

_DIGITS = frozenset("0123456789")
_SIRET_LENGTH = 14
"""A SIRET begins with its firm's SIREN."""


@dataclass(frozen=True)
class Sheet:
    """One file's part of the raw table: `answers[column][r]`, and `excluded[r]`, a reason.

    `rules` are the positions of the exclusion rules that found their column; `sirens[r]` are the digits of the SIREN as
    typed, without zeros before them (spreadsheets drop those), None where there are none. `hashes` stand for personal
    data (protection.py); `redacted` counts, by column, the answers out of which an address or a number was taken.
    """

    form: Form
    answers: Mapping[str, Texts]
    excluded: Texts
    rules: frozenset[int]
    sirens: Texts
    hashes: Mapping[str, Texts]
    redacted: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.form.numbers)

    @cached_property
    def content(self) -> Sequence[str]:
        """A hash of each row's cells, for respondents to whom the tool gives no id."""
        positions = [column.position for column in self.form.columns]
        rows = zip(*(self.form.cells[position] for position in positions), strict=True)
        return [short_hash("\x1f".join(cells)) for cells in rows]


def assemble(protected: Protected, edition: Edition, audience: Audience, known: Catalogue) -> Sheet:
    """The answers of one file under the names of the raw table. Personal questions are left out."""
    form = protected.form
    by_question: dict[str, list[Match]] = defaultdict(list)
    for match in protected.matches:
        if match.decided and not known.questions[known.targets[match.target]].personal:
            by_question[known.targets[match.target]].append(match)
    answers: dict[str, Texts] = {}
    redacted: dict[str, int] = {}
    for question, found in by_question.items():
        not_shown: list[Sequence[bool]] = []
        for match in found:
            cells = form.cells[match.column.position]
            present = set(cells)
            nothing = {cell for cell in present if not cell or cell.isspace() or cell in form.not_shown}
            removed = redactions(present - nothing, free_text=_is_free_text(known.questions[question]))
            kept: dict[str, str | None] = dict.fromkeys(nothing) | removed
            answers[match.target] = [kept.get(cell, cell) for cell in cells]
            if removed:
                redacted[match.target] = sum(cell in removed for cell in cells)
            if not form.not_shown.isdisjoint(present):
                not_shown.append([cell in form.not_shown for cell in cells])
        if len(not_shown) == len(found):
            nowhere = [all(hidden) for hidden in zip(*not_shown, strict=True)]
            if any(nowhere):
                answers[shown_column(question)] = ["false" if hidden else None for hidden in nowhere]
    excluded, rules = _excluded(form, edition, audience)
    sirens = _sirens(answers, len(form.numbers), known)
    return Sheet(form, answers, excluded, rules, sirens, protected.hashes, redacted)


def _is_free_text(question: Question) -> bool:
    """Whether anything may be typed, beside options or without."""
    return question.type == "text" or (question.choices is not None and question.choices.other)


def column_order(known: Catalogue, present: set[str]) -> list[str]:
    """The answer columns present, in the questionnaire's order."""
    order = []
    for question in known.questions:
        names = [target for target, of in known.targets.items() if of == question]
        order += [name for name in (*names, shown_column(question)) if name in present]
    return order


def _excluded(form: Form, edition: Edition, audience: Audience) -> tuple[Texts, frozenset[int]]:
    reasons: list[str | None] = [None] * len(form.numbers)
    applied = set()
    for index, rule in enumerate(edition.questionnaires[audience].exclude):
        position = _rule_column(form, rule)
        if position is None:
            continue
        applied.add(index)
        values = {normalise(value) for value in rule.values}
        hits = {cell for cell in set(form.cells[position]) if normalise(cell) in values}
        if hits:
            reason = edition.text(rule.reason)
            reasons = [
                before or (reason if cell in hits else None)
                for before, cell in zip(reasons, form.cells[position], strict=True)
            ]
    return reasons, frozenset(applied)


def _sirens(answers: Mapping[str, Texts], rows: int, known: Catalogue) -> Texts:
    for question in known.questions.values():
        if question.type == "siren" and question.id in answers:
            return [_siren_digits(cell) if cell else None for cell in answers[question.id]]
    return [None] * rows


def _siren_digits(cell: str) -> str | None:
    digits = "".join(character for character in cell if character in _DIGITS)
    return digits[: 9 if len(digits) == _SIRET_LENGTH else None].lstrip("0") or None


def _rule_column(form: Form, rule: Exclusion) -> int | None:
    names = {key(name) for name in rule.column}
    for column in form.columns:
        if not names.isdisjoint(key(text) for text in (column.heading, column.question, column.option, column.code)):
            return column.position
    return None


def short_hash(text: str) -> str:
    """12 hexadecimal digits."""
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
