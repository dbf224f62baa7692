"""What the team's corrections do to typed answers, and what became of each.

Belongs here: writing corrected values, the team's word on respondents, the effect told
for each line. Does not belong here: reading the files (corrections.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from rapidfuzz import process

from observatory.editions.columns import question_columns, state_column
from observatory.editions.model import Audience, Edition, Question
from observatory.problems import Problem
from observatory.validate.corrections import APPLIED, AUDIENCE_NAMES, COLUMNS, HEADERS, NO_EFFECT, NO_VALUE, REFUSED
from observatory.validate.options import normalised
from observatory.validate.respondents import Sifted
from observatory.validate.values import read_question

Line = dict[str, Any]
"""One line by COLUMNS; None where empty. `status` is None until it is settled."""


@dataclass(frozen=True)
class Applied:
    """The lines told with one audience, the cells (position, question) that a person has spoken on, the refusals."""

    lines: list[Line]
    corrected: list[tuple[int, str]]
    problems: list[Problem]


def apply_corrections(edition: Edition, audience: Audience, table: pd.DataFrame, corrections: pd.DataFrame) -> Applied:
    """Write the corrected values into the typed table, in place. Decisions on respondents wait for decisions().

    Of two lines on the same thing the later dated counts, then the one further down. Lines on none of the edition's
    audiences are told with the first.
    """
    own = corrections["audience"].eq(audience)
    if audience == edition.audiences[0]:
        own |= ~corrections["audience"].isin(edition.audiences)
    mine = corrections[own].sort_values(["date", "file", "row"], kind="stable")
    lines: list[Line] = mine[list(COLUMNS)].astype(object).where(mine.notna(), None).to_dict("records")  # type: ignore[assignment]
    questions = {q.id: q for q in edition.questionnaires[audience].questions if not q.personal}
    positions = dict(zip(table["respondent"], table.index, strict=True))
    problems: list[Problem] = []
    latest: dict[tuple[str, str], Line] = {}
    for line in lines:
        if line["status"] is not None:
            continue
        if line["audience"] != audience:
            problems.append(_refuse_audience(edition, line))
        elif line["respondent"] not in positions:
            problems.append(_refuse_respondent(line))
        elif line["value"] is not None and line["question"] not in questions:
            problems.append(_refuse_question(line, questions))
        elif line["value"] is None and line["action"] is None:
            _settle(line, NO_EFFECT, "ni valeur corrigée ni décision : rien ne change")
        else:
            subject = (line["respondent"], "" if line["value"] is None else line["question"])
            if subject in latest:
                _settle(latest[subject], NO_EFFECT, "remplacée par une ligne plus récente")
            latest[subject] = line
    corrected: list[tuple[int, str]] = []
    for (respondent, name), line in latest.items():
        if name:
            problem = _write(edition, questions[name], table, positions[respondent], line)
            if problem is None:
                corrected.append((positions[respondent], name))
            else:
                problems.append(problem)
    return Applied(lines, corrected, problems)


def decisions(applied: Applied, table: pd.DataFrame) -> pd.Series[str]:
    """The team's word on each row of the table: garder, retirer or missing."""
    words = {line["respondent"]: line["action"] for line in applied.lines if line["status"] is None}
    return table["respondent"].map(words).astype("str")


def settle(
    applied: Applied,
    table: pd.DataFrame,
    broken: Mapping[tuple[int, str], str],
    sifted: Sifted,
    undisturbed: Sifted,
) -> list[Problem]:
    """Tell the effect of every line, now that all rules were run; gives the lines refused.

    `broken` is the rule that a cell (position, question) broke; `undisturbed` what becomes of respondents without
    the team's decisions.
    """
    positions = dict(zip(table["respondent"], table.index, strict=True))
    reasons = sifted.removed["reason"].to_dict()
    problems = []
    for line in applied.lines:
        position = positions.get(line["respondent"], -1)
        rule = broken.get((position, line["question"]))
        if line["status"] is None:
            _settle(line, *_decided(line["action"], position, sifted, undisturbed))
        elif line["status"] == APPLIED and rule is not None:
            problems.append(_refuse(line, "value", f"une valeur qui respecte la règle {rule}", "voyez la quarantaine"))
        elif line["status"] == APPLIED and position in reasons:
            _settle(line, NO_EFFECT, f"le répondant est retiré ({reasons[position]})")
    return problems


def _write(edition: Edition, question: Question, table: pd.DataFrame, position: int, line: Line) -> Problem | None:
    """Write one corrected value. Gives the problem if it can't be read."""
    emptied = normalised(line["value"]) == normalised(NO_VALUE)
    cell = pd.Series([None if emptied else line["value"]], index=[position], dtype="str")
    reading = read_question(edition, question, pd.DataFrame({question.id: cell}))
    if len(reading.refused):
        refused = reading.refused.iloc[0]
        return _refuse(line, "value", str(refused["expected"]), "corrigez la valeur corrigée")
    columns = [column for column in question_columns(edition, question) if column != state_column(question.id)]
    before, after = table.loc[[position], columns], reading.columns[columns]
    if before.equals(after):
        _settle(line, NO_EFFECT, "la réponse valait déjà cela")
    else:
        _settle(line, APPLIED, "valeur retirée" if emptied else "valeur remplacée")
        table.loc[[position], columns] = after
    return None


def _decided(action: str, position: int, sifted: Sifted, undisturbed: Sifted) -> tuple[str, str]:
    """Status and effect of a decision on one respondent."""
    before, after = position in undisturbed.removed.index, position in sifted.removed.index
    if action == "retirer":
        return (NO_EFFECT, "il était déjà retiré") if before else (APPLIED, "répondant retiré")
    if after:
        return NO_EFFECT, f"on ne peut pas le garder ({sifted.removed['reason'].to_dict()[position]})"
    if before:
        return APPLIED, "répondant gardé"
    if position in undisturbed.undecided.index:
        return APPLIED, "doublon tranché"
    return NO_EFFECT, "il était déjà gardé"


def _settle(line: Line, status: str, effect: str) -> None:
    line["status"], line["effect"] = status, effect


def _refuse(line: Line, column: str, expected: str, action: str) -> Problem:
    _settle(line, REFUSED, f"attendu : {expected}")
    return Problem(
        file=line["file"],
        row=line["row"],
        column=HEADERS[column],
        found="une valeur refusée" if column == "value" else "une autre valeur",
        expected=expected,
        action=action,
        severity="warning",
    )


def _refuse_audience(edition: Edition, line: Line) -> Problem:
    names = " ou ".join(AUDIENCE_NAMES[audience] for audience in edition.audiences)
    return _refuse(line, "audience", names, "ce public n'a pas de questionnaire cette année : retirez la ligne")


def _refuse_respondent(line: Line) -> Problem:
    return _refuse(
        line,
        "respondent",
        "un répondant des fichiers déposés",
        "vérifiez la clé ; si le fichier du répondant a été retiré, retirez aussi cette ligne",
    )


def _refuse_question(line: Line, questions: Mapping[str, Question]) -> Problem:
    near = process.extractOne(line["question"], list(questions), score_cutoff=75)
    return _refuse(
        line,
        "question",
        "une question conservée de ce questionnaire",
        f"vouliez-vous écrire « {near[0]} » ?" if near else "recopiez l'identifiant du fichier de quarantaine",
    )
