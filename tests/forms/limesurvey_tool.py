"""LimeSurvey, as far as tests need it: reads the structure that was made, and exports answers to it.

It knows the file alone: questions and options are recognised by their texts, codes are
taken as they stand in it.
"""

from __future__ import annotations

import csv
import html
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from observatory.editions.columns import option_column, other_column, state_column
from observatory.editions.model import Question
from tests.forms.conftest import Answers

Headings = Literal["code", "code and text", "text"]


@dataclass
class LoadedQuestion:
    """A question as loaded: its row, and the codes of its subquestions and answers by their text."""

    row: dict[str, str]
    group: str
    subquestions: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return self.row["name"]

    @property
    def text(self) -> str:
        return html.unescape(self.row["text"])


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def load(file: Path, language: str) -> list[LoadedQuestion]:
    """The questions of one language, in order. Relations follow from what stands below what."""
    questions: list[LoadedQuestion] = []
    group = ""
    for row in rows_of(file):
        if row["language"] != language:
            continue
        match row["class"]:
            case "G":
                group = row["name"]
            case "Q":
                questions.append(LoadedQuestion(row, group))
            case "SQ":
                questions[-1].subquestions[html.unescape(row["text"])] = row["name"]
            case "A":
                questions[-1].answers[html.unescape(row["text"])] = row["name"]
    return questions


def export(form: Path, answers: Answers, path: Path, *, headings: Headings, full_answers: bool) -> None:
    """The responses as CSV: `N/A` for what was not shown, in the form's first language."""
    table = answers.table
    columns: list[tuple[str, list[str]]] = [
        ("id", [str(number) for number in range(1, len(table) + 1)]),
        ("submitdate", ["2031-01-05 10:00:00"] * len(table)),
        ("lastpage", ["2"] * len(table)),
        ("startlanguage", ["fr"] * len(table)),
        ("seed", ["1"] * len(table)),
    ]
    by_text = {answers.edition.label(question): question for question in answers.questions}
    for loaded in load(form, answers.edition.language):
        columns += _question(loaded, by_text, answers, headings, full_answers)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow([heading for heading, _ in columns])
        writer.writerows(zip(*(cells for _, cells in columns), strict=True))


def _question(
    loaded: LoadedQuestion, by_text: dict[str, Question], answers: Answers, headings: Headings, full: bool
) -> Iterable[tuple[str, list[str]]]:
    table, kind = answers.table, loaded.row["type/scale"]

    def heading(part: str = "", text: str = "") -> str:
        code = f"{loaded.code}[{part}]" if part else loaded.code
        words = f"{loaded.text} [{text}]" if text else loaded.text
        return {"code": code, "code and text": f"{code}. {words}", "text": words}[headings]

    def cells(question: Question, values: Iterable[Any]) -> list[str]:
        shown = table[state_column(question.id)].ne("not_shown")
        return [
            "N/A" if not there else "" if pd.isna(value) else str(value)
            for there, value in zip(shown, values, strict=True)
        ]

    def chosen(question: Question, values: Iterable[Any], codes: dict[str, str]) -> list[Any]:
        labels = {choice.code: answers.edition.text(choice.label) for choice in answers.edition.choices(question)}
        offered = {code: label for code, label in labels.items() if label in codes}
        # « Autre » is LimeSurvey's own; its export drops its code, which begins with a sign.
        other = "Autre" if full else ""
        return [
            None
            if pd.isna(value)
            else (offered[value] if full else codes[offered[value]])
            if value in offered
            else other
            for value in values
        ]

    if kind == "X":
        yield heading(), [""] * len(table)
        return
    if kind == "F":
        for text, code in loaded.subquestions.items():
            row = by_text[text]
            yield heading(code, text), cells(row, chosen(row, table[row.id], loaded.answers))
        return
    question = by_text[loaded.text]
    options = answers.edition.choices(question)
    if kind == "M":
        labels = {answers.edition.text(choice.label): choice.code for choice in options}
        yes, no = ("Oui", "Non") if full else ("Y", "")
        for text, code in loaded.subquestions.items():
            ticks = table[option_column(question.id, labels[text])]
            yield heading(code, text), cells(question, [yes if ticked is True else no for ticked in ticks])
    elif kind == "R":
        ranks = [option_column(question.id, choice.code) for choice in options]
        for place in range(1, len(options) + 1):
            at = [
                next((choice.code for choice, rank in zip(options, row, strict=True) if rank == place), None)
                for row in table[ranks].itertuples(index=False)
            ]
            yield heading(str(place), f"Rang {place}"), cells(question, chosen(question, at, loaded.answers))
    elif kind in "L!":
        yield heading(), cells(question, chosen(question, table[question.id], loaded.answers))
    else:
        yield heading(), cells(question, [_scalar(value) for value in table[question.id]])
    if loaded.row["other"] == "Y":
        yield heading("other", "Autre (précisez)"), cells(question, table[other_column(question.id)])


def _scalar(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value == int(value) else value
