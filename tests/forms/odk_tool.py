"""KoboToolbox and ODK Central, as far as tests need them: they read the workbook made, and export answers to it.

They know the file alone: questions and options are recognised by their labels, names are
taken as they stand in it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import openpyxl
import pandas as pd

from observatory.editions.columns import option_column, other_column
from observatory.editions.model import Question
from tests.forms.conftest import Answers

Tool = Literal["kobo", "kobo without groups", "odk central", "ona"]


@dataclass
class LoadedQuestion:
    """A question as loaded: its row, the groups around it, the names of its options by their label."""

    row: dict[str, str]
    groups: tuple[str, ...]
    options: dict[str, str] = field(default_factory=dict)


def sheet(file: Path, name: str) -> list[dict[str, str]]:
    """The rows of one sheet, by column."""
    heading, *rows = openpyxl.load_workbook(file)[name].iter_rows(values_only=True)
    return [{str(key): str(cell) for key, cell in zip(heading, row, strict=True) if cell is not None} for row in rows]


def label_column(file: Path) -> str:
    (settings,) = sheet(file, "settings")
    return f"label::{settings['default_language']}"


def load(file: Path) -> list[LoadedQuestion]:
    """The questions, notes among them, in order."""
    label, groups = label_column(file), list[str]()
    lists: dict[str, dict[str, str]] = {}
    for choice in sheet(file, "choices"):
        lists.setdefault(choice["list_name"], {})[choice[label]] = choice["name"]
    questions = []
    for row in sheet(file, "survey"):
        if row["type"] == "begin_group":
            groups.append(row["name"])
        elif row["type"] == "end_group":
            assert groups.pop() == row["name"]
        else:
            options = lists[row["type"].split()[1]] if " " in row["type"] else {}
            questions.append(LoadedQuestion(row, tuple(groups), options))
    return questions


def export(form: Path, answers: Answers, path: Path, tool: Tool) -> None:
    """The submissions as CSV, with codes in headings and cells; blank for what was not shown."""
    rows = len(answers.table)
    sign = "-" if tool == "odk central" else "/"
    ids, moment = [f"uuid:{number:08d}" for number in range(rows)], ["2031-01-05T10:00:00.000+01:00"] * rows
    columns: list[tuple[str, list[str]]] = [("SubmissionDate", moment)] if tool == "odk central" else []
    label, by_label = label_column(form), {answers.edition.label(question): question for question in answers.questions}
    asked: Question | None = None
    for loaded in load(form):
        groups = () if tool == "kobo without groups" else loaded.groups
        heading = sign.join((*groups, loaded.row["name"]))
        if loaded.row["type"] == "note":
            columns.append((heading, [""] * rows))
            continue
        if loaded.row[label] in by_label:
            asked = by_label[loaded.row[label]]
            columns += _question(heading, loaded, asked, answers)
        else:
            # The text beside « autre », below its question.
            assert asked is not None
            columns.append((heading, _cells(answers.table[other_column(asked.id)])))
    if tool == "odk central":
        columns += [("meta-instanceID", ids), ("KEY", ids), ("SubmitterName", [""] * rows), ("Status", [""] * rows)]
    else:
        columns += [("_id", [str(number) for number in range(rows)]), ("_uuid", ids), ("_submission_time", moment)]
        columns.append(("_index", [str(number + 1) for number in range(rows)]))
    if tool == "ona":
        columns = [(heading, [cell or "n/a" for cell in cells]) for heading, cells in columns]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=";" if tool.startswith("kobo") else ",", lineterminator="\n")
        writer.writerow([heading for heading, _ in columns])
        writer.writerows(zip(*(cells for _, cells in columns), strict=True))


def _question(
    heading: str, loaded: LoadedQuestion, question: Question, answers: Answers
) -> Iterable[tuple[str, list[str]]]:
    table, kind = answers.table, loaded.row["type"].split()[0]
    labels = {answers.edition.text(choice.label): choice.code for choice in answers.edition.choices(question)}
    names = {labels[label]: name for label, name in loaded.options.items()}
    if kind == "select_multiple":
        ticks = {name: table[option_column(question.id, code)] for code, name in names.items()}
        rows = zip(*ticks.values(), strict=True)
        yield heading, [" ".join(name for name, tick in zip(ticks, row, strict=True) if tick is True) for row in rows]
        answered = table[f"{question.id}__state"].eq("answered")
        for name, column in ticks.items():
            marks = column.map(lambda tick: "1" if tick is True else "0")
            yield f"{heading}/{name}", list(marks.where(answered, ""))
    elif kind == "rank":
        columns = [option_column(question.id, code) for code in names]
        yield heading, [_ranked(row, list(names.values())) for row in table[columns].itertuples(index=False)]
    elif kind == "select_one":
        yield heading, ["" if pd.isna(value) else names[value] for value in table[question.id]]
    elif kind == "decimal":
        yield heading, ["" if pd.isna(value) else java(float(value)) for value in table[question.id]]
    else:
        yield heading, _cells(table[question.id])


def java(value: float) -> str:
    """A number as Java writes a double: 25000.0, and 1.5E7 from ten million on."""
    if value < 10_000_000:
        return repr(value)
    digits, _, exponent = f"{value:.15e}".partition("e")
    return f"{digits.rstrip('0')}{'0' if digits.rstrip('0').endswith('.') else ''}E{int(exponent)}"


def _ranked(ranks: Sequence[Any], names: Sequence[str]) -> str:
    given = sorted((rank, name) for rank, name in zip(ranks, names, strict=True) if not pd.isna(rank))
    return " ".join(name for _, name in given)


def _cells(values: Iterable[Any]) -> list[str]:
    return ["" if pd.isna(value) else str(value) for value in values]
