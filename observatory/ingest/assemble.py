"""A form and its matches become columns of the raw table.

Belongs here: moving the cells of matched columns, what the tool says was not shown, the
edition's exclusion rules. Does not belong here: which column answers what (matching.py),
merging files (merge.py).
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from observatory.editions.columns import HIDDEN, NOT_ASKED, option_column, other_column, shown_column
from observatory.editions.form_codes import answer_codes
from observatory.editions.model import OTHER, Audience, Edition, Exclusion, Question
from observatory.firm_numbers import SCIENTIFIC, firm_digits
from observatory.ingest.catalogue import Catalogue
from observatory.ingest.cells import Columns, is_among, sql_text
from observatory.ingest.fillers import fillers_in
from observatory.ingest.matching import Match, questions_waiting
from observatory.ingest.protection import HASH_COLUMNS, Protected, redactions
from observatory.ingest.tools.form import Form, Texts
from observatory.wording import key, normalise

BASE_COLUMNS = (
    "respondent",
    "file",
    "row",
    "tool",
    "tool_id",
    "submitted_at",
    "language",
    "complete",
    "test",
    "simulated",
    "partner",
    "exclude_reason",
    *HASH_COLUMNS,
)
"""The columns of every raw table, before the answers."""

_TEST = "réponse de test ou d'aperçu, d'après l'outil"

_DIGITS = frozenset("0123456789")
_SIRET_LENGTH = 14
"""A SIRET begins with its firm's SIREN."""


@dataclass(frozen=True)
class Answer:
    """One column of the raw table: the cells of a column of the file, null where they are among those of `nothing`.

    Several columns, each with one of the options chosen, are one answer, an option a line.
    `redacted` are the cells out of which an address or a number was taken, with what is left of each; `fillers` are
    those of `nothing` that are not blank, with their counts.
    """

    positions: tuple[int, ...]
    nothing: frozenset[str]
    redacted: Mapping[str, str] = field(default_factory=dict)
    fillers: Mapping[str, int] = field(default_factory=dict)

    def sql(self) -> str:
        cells = [f"CASE WHEN NOT {is_among(f'c{at}', self.nothing)} THEN c{at} END" for at in self.positions]
        return cells[0] if len(cells) == 1 else f"nullif(concat_ws(chr(10), {', '.join(cells)}), '')"

    def texts(self, columns: Columns | Mapping[int, Sequence[str]]) -> Texts:
        """What is stored of these cells, None where there is nothing."""
        kept: dict[str, str | None] = {**dict.fromkeys(self.nothing), **self.redacted}
        read = [[kept.get(cell, cell) for cell in columns[at]] for at in self.positions]
        if len(read) == 1:
            return read[0]
        return ["\n".join(filter(None, cells)) or None for cells in zip(*read, strict=True)]


@dataclass(frozen=True)
class Sheet:
    """One file's part of the raw table: `answers[column]` tells its cells, and `excluded[r]` is a reason.

    `hidden[question]` are the positions of the columns that all say, on some row, that their question was not shown;
    `unasked` are the questions without any column, which none that waits for a person may be either.
    `rules` are the positions of the exclusion rules that found their column; `sirens[r]` are the digits of the SIREN as
    typed, without zeros before them (spreadsheets drop those), None where there are none. `hashes` stand for personal
    data (protection.py).
    """

    form: Form
    answers: Mapping[str, Answer]
    hidden: Mapping[str, tuple[int, ...]]
    unasked: Sequence[str]
    excluded: Texts
    rules: frozenset[int]
    sirens: Texts
    hashes: Mapping[str, Texts]

    def __len__(self) -> int:
        return len(self.form.numbers)

    @cached_property
    def content(self) -> Sequence[str]:
        """A hash of each row's cells, for respondents to whom the tool gives no id."""
        return self.form.cells.hashes([column.position for column in self.form.columns])

    @cached_property
    def filled(self) -> Sequence[int]:
        """How many cells of each row say something."""
        positions = [column.position for column in self.form.columns]
        return self.form.cells.answered(positions, self.form.not_shown)

    def texts(self, column: str) -> Texts:
        """The answers of one column, None where there is none."""
        return self.answers[column].texts(self.form.cells)

    def some_texts(self, rows: Sequence[int], columns: Sequence[str]) -> Sequence[Texts]:
        """The answers of a few rows, column by column, None where there is none."""
        answers = [self.answers[column] for column in columns]
        positions = list(dict.fromkeys(position for answer in answers for position in answer.positions))
        records = self.form.cells.some(rows, positions)
        cells = {position: [record[at] for record in records] for at, position in enumerate(positions)}
        return [answer.texts(cells) for answer in answers]

    @property
    def redacted(self) -> dict[str, int]:
        """By column, how many answers something was taken out of."""
        counts = self.form.cells.counts
        return {
            name: sum(counts(at).get(cell, 0) for cell in answer.redacted for at in answer.positions)
            for name, answer in self.answers.items()
            if answer.redacted
        }

    @property
    def fillers(self) -> dict[str, Mapping[str, int]]:
        """By column, the cells that say in a text of their own that there is no answer, with their counts."""
        return {name: answer.fillers for name, answer in self.answers.items() if answer.fillers}

    @property
    def answered(self) -> bool:
        """Whether anybody answered anything."""
        return any(map(self.says, self.answers))

    def says(self, column: str) -> bool:
        """Whether anybody answered in one column."""
        answer = self.answers[column]
        return any(
            cell not in answer.nothing for position in answer.positions for cell in self.form.cells.counts(position)
        )

    def expressions(self) -> dict[str, str]:
        """The SQL of each column of answers, over the form's cells; of redacted ones, `texts` tells."""
        found = {name: answer.sql() for name, answer in self.answers.items()}
        for question, positions in self.hidden.items():
            condition = " AND ".join(is_among(f"c{position}", self.form.not_shown) for position in positions)
            found[shown_column(question)] = f"CASE WHEN {condition} THEN {sql_text(HIDDEN)} END"
        return found | {shown_column(question): sql_text(NOT_ASKED) for question in self.unasked}


def assemble(protected: Protected, edition: Edition, audience: Audience, known: Catalogue) -> Sheet:
    """The answers of one file under the names of the raw table. Personal questions are left out."""
    form = protected.form
    by_question: dict[str, list[Match]] = defaultdict(list)
    for match in protected.matches:
        if match.decided and not known.questions[known.targets[match.target]].personal:
            by_question[known.targets[match.target]].append(match)
    answers: dict[str, Answer] = {}
    hidden: dict[str, tuple[int, ...]] = {}
    for question, found in by_question.items():
        positions = tuple(match.column.position for match in found)
        for target in dict.fromkeys(match.target for match in found):
            holding = tuple(match.column.position for match in found if match.target == target)
            free_text = _is_free_text(target, known.questions[question])
            own = _own_answers(target, question, edition, known)
            answers[target] = _answer(form, holding, free_text, own, typed=_is_typed_other(target, question))
        if _hidden_somewhere(form, positions):
            hidden[question] = positions
    waiting = questions_waiting(protected.matches, known)
    unasked = [
        question.id
        for question in known.questions.values()
        if not question.personal and question.id not in by_question and question.id not in waiting
    ]
    excluded, rules = _excluded(form, edition, audience)
    return Sheet(form, answers, hidden, unasked, excluded, rules, _sirens(form, answers, known), protected.hashes)


def _answer(
    form: Form, positions: tuple[int, ...], free_text: bool, own: Collection[str] | None, *, typed: bool
) -> Answer:
    fillers: Counter[str] = Counter()
    for position in positions:
        found = fillers_in(form.cells, position, form.not_shown, own or (), free_text=own is None)
        # Beside « autre », a person may type N/A, and has then answered; an export writes it on most rows.
        if not typed or 2 * sum(found.values()) >= form.cells.rows:
            fillers.update(found)
    nothing = form.not_shown.union(fillers, *map(form.cells.blanks, positions))
    # Every cell need not be looked at: without these signs, an option or a number holds no address and no number.
    suspect = [position for position in positions if free_text or form.cells.may_hold_contacts(position)]
    cells = {cell for position in suspect for cell in form.cells.counts(position)} - nothing
    return Answer(positions, nothing, redactions(cells, free_text=free_text), fillers)


def _own_answers(target: str, question: str, edition: Edition, known: Catalogue) -> Collection[str] | None:
    """The wordings and codes that a column's answers may have, no option's numbers or dates; None for free text."""
    asked = known.questions[question]
    if asked.type == "text" or target == other_column(question):
        return None
    if asked.choices is None:
        return ()
    short = (code for pair in answer_codes(edition, asked).items() for code in pair)
    return {*known.options[question].exact, *short}


def _is_typed_other(target: str, question: str) -> bool:
    """Whether a column holds what respondents typed beside « autre », and nothing else."""
    return target in {other_column(question), option_column(question, OTHER.code)}


def _is_free_text(target: str, question: Question) -> bool:
    """Whether anything may be typed there, beside options or without: not in the column of one option."""
    typed = question.type == "text" or (question.choices is not None and question.choices.other)
    return typed and target in {question.id, other_column(question.id)}


def _hidden_somewhere(form: Form, positions: Sequence[int]) -> bool:
    """Whether on some row every one of these columns says that its question was not shown."""
    if not all(form.cells.holds(position, form.not_shown) for position in positions):
        return False
    return len(positions) == 1 or form.cells.all_among(positions, form.not_shown)


def column_order(known: Catalogue, present: set[str]) -> list[str]:
    """The answer columns present, in the questionnaire's order."""
    order = []
    for question in known.questions:
        names = [target for target, of in known.targets.items() if of == question]
        order += [name for name in (*names, shown_column(question)) if name in present]
    return order


def _excluded(form: Form, edition: Edition, audience: Audience) -> tuple[Texts, frozenset[int]]:
    reasons: list[str | None] = [_TEST if text == "true" else None for text in form.test]
    applied = set()
    for index, rule in enumerate(edition.questionnaires[audience].exclude):
        position = _rule_column(form, rule)
        if position is None:
            continue
        applied.add(index)
        values = {normalise(value) for value in rule.values}
        hits = {cell for cell in form.cells.counts(position) if normalise(cell) in values}
        if hits:
            reason = edition.text(rule.reason)
            reasons = [
                before or (reason if cell in hits else None)
                for before, cell in zip(reasons, form.cells[position], strict=True)
            ]
    return reasons, frozenset(applied)


def _sirens(form: Form, answers: Mapping[str, Answer], known: Catalogue) -> Texts:
    for question in known.questions.values():
        if question.type == "siren" and question.id in answers:
            cells = form.cells[answers[question.id].positions[0]]
            digits = {cell: _siren_digits(cell) for cell in set(cells)}
            return [digits[cell] for cell in cells]
    return [None] * len(form.numbers)


def _siren_digits(cell: str) -> str | None:
    if cell.isascii() and cell.isdigit():
        digits = cell
    elif SCIENTIFIC.fullmatch(cell.strip()):
        # Several firms have the same first digits.
        return None
    else:
        digits = firm_digits(cell) or "".join(filter(_DIGITS.__contains__, cell))
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
