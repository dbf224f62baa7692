"""What goes wrong when people answer a form.

Belongs here: turning faultless answers into responses as they arrive: dates, partial
answers, the same firm twice, refused consent, a few bad values. Each planted fault is
recorded, so that a test can tell whether it was found. Does not belong here: how a tool
writes them (exports.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from stdnum import luhn

from observatory.editions.columns import option_column, state_column
from observatory.editions.expressions import condition
from observatory.editions.model import NUMERIC_TYPES, Audience, Edition, Question, Questionnaire
from observatory.simulate.answers import ANSWERED, holding, mark, settle, shown_to
from observatory.simulate.population import Firms
from observatory.simulate.shares import Shares
from observatory.simulate.streams import stream

FlawKind = Literal[
    "invalid_siren",
    "text_for_number",
    "unknown_option",
    "too_many_options",
    "check_broken",
    "thousands_for_units",
    "no_consent",
    "excluded",
    "duplicate",
    "shared_siren",
]

META = ("firm", "started_at", "submitted_at", "last_section", "language", "excluded")
"""Columns of a wave beside the answers: the firm's number, two datetimes (the second missing where the answer is
partial), how many sections were seen, the language, what the team wrote in the column that sets an answer aside."""

_PARTIAL = 0.04
_OTHER_LANGUAGE = 0.03
_DUPLICATES = 4
_REFUSALS = 3


@dataclass(frozen=True)
class Flaw:
    """One planted fault: in which response, on which question, and what was typed if it fits no answer column."""

    response: int
    question: str
    kind: FlawKind
    typed: str | None = None


@dataclass(frozen=True)
class Wave:
    """One audience's responses in one edition.

    responses  one row a response, indexed by its number in order of arrival (from 1): META, then the columns of
               `answers.answer_columns`
    flaws      what was planted, by response
    """

    edition: Edition
    audience: Audience
    responses: pd.DataFrame
    flaws: tuple[Flaw, ...]

    @property
    def typed(self) -> dict[tuple[int, str], str]:
        """Cells that hold something else than an answer, by response and question."""
        return {(flaw.response, flaw.question): flaw.typed for flaw in self.flaws if flaw.typed is not None}

    def of(self, numbers: pd.Index) -> Wave:
        """The part of the wave made of these responses."""
        kept = tuple(flaw for flaw in self.flaws if flaw.response in numbers)
        return Wave(self.edition, self.audience, self.responses.loc[numbers], kept)


def receive(edition: Edition, population: Firms, answers: pd.DataFrame, shares: Shares, seed: int) -> Wave:
    """The responses as they arrive: one a firm, faults among them, then earlier tries and refusals on top."""
    audience = population.audience
    questionnaire = edition.questionnaires[audience]
    rng = stream(seed, audience, str(population.year), "flaws")
    sections = len(questionnaire.sections)
    table = answers.copy().assign(
        firm=population.number,
        language=np.where(rng.random(len(answers)) < _OTHER_LANGUAGE, edition.config.languages[-1], edition.language),
        excluded=None,
        last_section=np.where(
            rng.random(len(answers)) < _PARTIAL, rng.integers(2, max(sections, 3), len(answers)), sections
        ),
    )
    _forget_unseen(table, edition, audience)
    flaws = [*_share_siren(table, edition, audience, population, shares), *_plant(table, edition, audience, rng)]
    table["started_at"] = _starts(edition, len(table), rng)
    table, more = _earlier_tries(table, edition, audience, {flaw.response for flaw in flaws}, rng)
    flaws += more
    table, more = _refusals(table, edition, audience, rng)
    flaws += more
    table, more = _trial(table, edition, audience, rng)
    flaws += more
    minutes = np.maximum(4, np.round(14 * np.exp(0.5 * rng.standard_normal(len(table)))))
    ended = table["started_at"] + pd.to_timedelta(minutes, unit="min")
    table["submitted_at"] = ended.where(table["last_section"] == sections)

    order = table["started_at"].argsort(kind="stable").to_numpy()
    number = np.empty(len(table), dtype=int)
    number[order] = np.arange(1, len(table) + 1)
    arrived = table.iloc[order].set_axis(pd.RangeIndex(1, len(table) + 1, name="response"))
    given = arrived[answers.columns].astype(object)
    arrived[answers.columns] = given.where(given.notna(), None)
    numbered = [Flaw(int(number[flaw.response]), flaw.question, flaw.kind, flaw.typed) for flaw in flaws]
    return Wave(
        edition,
        audience,
        arrived[[*META, *answers.columns]],
        tuple(sorted(numbered, key=lambda flaw: (flaw.response, flaw.question))),
    )


def _forget_unseen(table: pd.DataFrame, edition: Edition, audience: Audience) -> None:
    """A partial answer holds nothing beyond the last section seen."""
    questionnaire = edition.questionnaires[audience]
    order = {section.id: place for place, section in enumerate(questionnaire.sections, start=1)}
    for question in questionnaire.questions:
        unseen = (table["last_section"] < order[question.section]).to_numpy(dtype=bool)
        if unseen.any():
            mark(table, edition, question, shown_to(table, question), unseen)
    settle(table, edition, audience)


def _starts(edition: Edition, size: int, rng: np.random.Generator) -> pd.Series:
    """When people began: on the days of collection, in office hours."""
    collection = edition.config.collection
    days = rng.integers(0, (collection.closes - collection.opens).days + 1, size)
    seconds = rng.integers(8 * 3600, 18 * 3600, size)
    opening = dt.datetime.combine(collection.opens, dt.time())
    return pd.Series(
        [opening + dt.timedelta(days=int(day), seconds=int(second)) for day, second in zip(days, seconds, strict=True)]
    )


def _share_siren(
    table: pd.DataFrame, edition: Edition, audience: Audience, population: Firms, shares: Shares
) -> list[Flaw]:
    """Two services of the State answer under one SIREN, each for its own perimeter; both are respondents."""
    questionnaire = edition.questionnaires[audience]
    identity = questionnaire.identity
    usual = shares.audiences[audience].shared_siren
    if usual is None or identity.siren is None or identity.perimeter is None:
        return []
    perimeters = [choice.code for choice in edition.choices(questionnaire.question(identity.perimeter))]
    fit = (table["last_section"] == len(questionnaire.sections)) & (population.group == usual.group)
    if usual.question in table.columns:
        fit &= table[usual.question] == usual.option
    pair = [int(row) for row in np.flatnonzero(fit)[:2]]
    if len(pair) < 2 or len(perimeters) < 2:
        return []
    one, two = pair
    table.loc[[one, two], identity.siren] = str(table.loc[one, identity.siren])
    table.loc[one, identity.perimeter], table.loc[two, identity.perimeter] = perimeters[0], perimeters[1]
    return [Flaw(one, identity.siren, "shared_siren"), Flaw(two, identity.siren, "shared_siren")]


def _plant(table: pd.DataFrame, edition: Edition, audience: Audience, rng: np.random.Generator) -> list[Flaw]:
    """Bad values, each in a complete response of its own, on questions that no condition reads."""
    questionnaire = edition.questionnaires[audience]
    siren = questionnaire.identity.siren
    free = (table["last_section"] == len(questionnaire.sections)).to_numpy(dtype=bool, copy=True)
    if siren is not None:
        free &= ~table[siren].duplicated(keep=False).to_numpy(dtype=bool)
    flaws: list[Flaw] = []

    def plant(question: Question | None, kind: FlawKind, wanted: int, spoil: Callable[[int], bool | str]) -> None:
        """Spoil rows that answered the question; `spoil` says if it could, or what was typed."""
        if question is None:
            return
        usable = np.flatnonzero(free & table[state_column(question.id)].eq(ANSWERED).to_numpy(dtype=bool))
        for row in rng.permutation(usable):
            if wanted == 0:
                return
            done = spoil(int(row))
            if done:
                flaws.append(Flaw(int(row), question.id, kind, done if isinstance(done, str) else None))
                free[row] = False
                wanted -= 1

    plain = _not_read(edition, questionnaire)
    checked = next((q for q in questionnaire.questions if q.check and q.type in NUMERIC_TYPES), None)
    number = next((q for q in plain if q.type in NUMERIC_TYPES and not q.check), None)
    closed = next((q for q in plain if q.type in {"single", "bracket"} and q.choices and not q.choices.other), None)
    limited = next((q for q in plain if q.max_choices and len(_free_options(edition, q)) > q.max_choices), None)

    if siren is not None:
        plant(questionnaire.question(siren), "invalid_siren", 2, lambda row: _spoil_siren(table, siren, row))
    if checked is not None:
        plant(checked, "check_broken", 1, lambda row: _break_check(table, edition, audience, checked, row))
        plant(checked, "thousands_for_units", 1, lambda row: _break_check(table, edition, audience, checked, row, True))
    plant(number, "text_for_number", 1, lambda _: "environ 2 M€")
    plant(number, "text_for_number", 1, lambda _: "confidentiel")
    plant(closed, "unknown_option", 1, lambda _: "Cela dépend des années")
    if limited is not None:
        plant(limited, "too_many_options", 2, lambda row: _tick_too_many(table, edition, limited, row))
    return flaws


def _spoil_siren(table: pd.DataFrame, column: str, row: int) -> bool:
    body = str(table.loc[row, column])[:-1]
    table.loc[row, column] = f"{body}{(int(luhn.calc_check_digit(body)) + 1) % 10}"
    return True


def _not_read(edition: Edition, questionnaire: Questionnaire) -> list[Question]:
    """Questions that are neither identity, nor strata, nor read by the routing of others."""
    identity = questionnaire.identity
    consent = identity.consent.question if identity.consent else None
    kept = {identity.siren, identity.email, identity.perimeter, consent, *questionnaire.strata}
    for question in questionnaire.questions:
        if question.show_if is not None:
            kept |= condition(question.show_if, questionnaire, edition).questions
    return [question for question in questionnaire.questions if question.id not in kept and not question.personal]


def _free_options(edition: Edition, question: Question) -> list[str]:
    """The columns of the options that can be ticked together, without text of their own."""
    choices = [choice for choice in edition.choices(question) if not choice.exclusive and choice.code != "other"]
    return [option_column(question.id, choice.code) for choice in choices] if question.type == "multiple" else []


def _tick_too_many(table: pd.DataFrame, edition: Edition, question: Question, row: int) -> bool:
    """One option more than allowed; not beside « aucun », which is another fault."""
    free = _free_options(edition, question)
    ticked = [column for column in free if table.loc[row, column]]
    if not ticked:
        return False
    missing = [column for column in free if column not in ticked]
    for column in missing[: (question.max_choices or 0) + 1 - len(ticked)]:
        table.loc[row, column] = True
    return True


def _break_check(
    table: pd.DataFrame, edition: Edition, audience: Audience, question: Question, row: int, thousands: bool = False
) -> bool:
    """Change one amount so that the question's rule does not hold: this one too high, or another typed in thousands."""
    rule = question.check[0].rule
    questionnaire = edition.questionnaires[audience]
    read = condition(rule, questionnaire, edition).questions - {question.id}
    changes = [(name, 1e-3) for name in sorted(read)] if thousands else [(question.id, 10.0**n) for n in range(1, 7)]
    for name, factor in changes:
        kept: Any = table.loc[row, name]
        if not isinstance(kept, float) or kept == 0:
            continue
        changed = float(np.round(kept * factor))
        highest = questionnaire.question(name).max
        if highest is not None and changed > highest:
            continue
        table.loc[row, name] = changed
        if not holding([rule], table.loc[[row]], edition, audience, otherwise=True)[rule][0]:
            return True
        table.loc[row, name] = kept
    return False


def _earlier_tries(
    table: pd.DataFrame, edition: Edition, audience: Audience, flawed: set[int], rng: np.random.Generator
) -> tuple[pd.DataFrame, list[Flaw]]:
    """Rows on top: a few firms had answered before, some only in part; the later, complete answer is to be kept."""
    questionnaire = edition.questionnaires[audience]
    siren = questionnaire.identity.siren
    sections = len(questionnaire.sections)
    if siren is None:
        return table, []
    complete = np.flatnonzero(table["last_section"] == sections)
    chosen = [int(row) for row in rng.permutation(complete) if int(row) not in flawed][:_DUPLICATES]
    earlier = table.loc[chosen].reset_index(drop=True)
    opening = pd.Timestamp(edition.config.collection.opens) + pd.Timedelta(hours=8)
    waited = rng.uniform(0.2, 0.95, len(earlier))
    earlier["started_at"] = (opening + (earlier["started_at"] - opening) * waited).dt.floor("s")
    if sections > 2:
        earlier.loc[::2, "last_section"] = 2
    _forget_unseen(earlier, edition, audience)
    flaws = [Flaw(len(table) + place, siren, "duplicate") for place in range(len(earlier))]
    return pd.concat([table, earlier], ignore_index=True), flaws


def _refusals(
    table: pd.DataFrame, edition: Edition, audience: Audience, rng: np.random.Generator
) -> tuple[pd.DataFrame, list[Flaw]]:
    """Rows on top: people who refuse that their answers be used, and answer nothing else."""
    questionnaire = edition.questionnaires[audience]
    consent = questionnaire.identity.consent
    if consent is None:
        return table, []
    asked = questionnaire.question(consent.question)
    refused = [choice.code for choice in edition.choices(asked) if choice.code not in consent.accepted]
    if not refused:
        return table, []
    rows = table.iloc[:_REFUSALS].reset_index(drop=True)
    rows["started_at"] = _starts(edition, len(rows), rng)
    rows["last_section"] = len(questionnaire.sections)
    rows["firm"] = -1
    everyone = np.ones(len(rows), dtype=bool)
    for question in questionnaire.questions:
        mark(rows, edition, question, everyone, everyone)
    rows[asked.id], rows[state_column(asked.id)] = refused[0], ANSWERED
    settle(rows, edition, audience)
    flaws = [Flaw(len(table) + place, asked.id, "no_consent") for place in range(len(rows))]
    return pd.concat([table, rows], ignore_index=True), flaws


def _trial(
    table: pd.DataFrame, edition: Edition, audience: Audience, rng: np.random.Generator
) -> tuple[pd.DataFrame, list[Flaw]]:
    """A row on top: the team tried the form, and marked its answer in the column that the edition declares for that."""
    questionnaire = edition.questionnaires[audience]
    if not questionnaire.exclude:
        return table, []
    rule = questionnaire.exclude[0]
    row = table.iloc[:1].reset_index(drop=True)
    row["firm"] = -1
    row["started_at"] = _starts(edition, 1, rng)
    row["excluded"] = rule.values[0]
    return pd.concat([table, row], ignore_index=True), [Flaw(len(table), rule.column[0], "excluded")]
