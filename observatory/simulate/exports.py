"""A wave written as form tools export it.

Belongs here: one writer a tool, each with that tool's headers, separators, dates and way
of saying « not shown ». Does not belong here: what is answered.

Every file says that it is simulated: a column `simulated` with `oui` on each row.
The same wave always gives the same bytes.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from observatory.editions.columns import option_column, other_column, state_column
from observatory.editions.model import NUMERIC_TYPES, Edition, Question
from observatory.simulate import marks
from observatory.simulate.answers import NOT_SHOWN
from observatory.simulate.flaws import Wave

_Columns = list[tuple[str, list[Any]]]
"""Header and cells, column by column."""


def write_limesurvey(wave: Wave, path: Path) -> None:
    """LimeSurvey's CSV in French: question codes as headers, full answers, one column an option, `;`, BOM, CRLF.

    `Oui`, `Non`, `N/A` (not shown) and an empty cell (no answer) are four different things.
    """
    responses = wave.responses
    columns: _Columns = [
        ("id", [str(number) for number in responses.index]),
        ("submitdate", [_date(moment, "%Y-%m-%d %H:%M:%S") for moment in responses["submitted_at"]]),
        ("lastpage", [str(section) for section in responses["last_section"]]),
        ("startlanguage", list(responses["language"])),
    ]
    for question in wave.edition.questionnaires[wave.audience].questions:
        columns += _limesurvey_question(wave, question)
    columns += _last_columns(wave)
    _write_csv(path, columns, delimiter=";", encoding="utf-8-sig", quoting=csv.QUOTE_ALL)


def write_google_forms(wave: Wave, path: Path) -> None:
    """Google Forms through Sheets in French: wordings as headers, `Horodateur`, options joined by `, `."""
    columns: _Columns = [("Horodateur", [_date(moment, "%d/%m/%Y %H:%M:%S") for moment in _ends(wave)])]
    for question in wave.edition.questionnaires[wave.audience].questions:
        stem = _stem(wave.edition, question)
        label = wave.edition.label(question)
        header = label if stem is None else f"{stem} [{label}]"
        columns.append((header, _packed(wave, question, ", ", _french_number)))
    columns += _last_columns(wave)
    _write_csv(path, columns, delimiter=",", encoding="utf-8", quoting=csv.QUOTE_MINIMAL)


def write_microsoft_forms(wave: Wave, path: Path) -> None:
    """Microsoft Forms' workbook in French: wordings as headers, real dates and numbers, options ended by `;`."""
    responses = wave.responses
    columns: _Columns = [
        ("ID", [int(number) for number in responses.index]),
        ("Heure de début", [moment.to_pydatetime() for moment in responses["started_at"]]),
        ("Heure de fin", [moment.to_pydatetime() for moment in _ends(wave)]),
        ("Adresse de messagerie", ["anonymous"] * len(responses)),
        ("Nom", [None] * len(responses)),
    ]
    for question in wave.edition.questionnaires[wave.audience].questions:
        end = ";" if question.type in {"multiple", "ranking"} else ""
        cells = _packed(wave, question, ";", lambda value: value)
        columns.append((wave.edition.label(question), [f"{cell}{end}" if end and cell else cell for cell in cells]))
    columns += _last_columns(wave)
    _write_workbook(path, columns, wave.edition.config.collection.closes)


Writer = Callable[[Wave, Path], None]
STYLES: dict[str, tuple[Writer, str]] = {
    "limesurvey": (write_limesurvey, ".csv"),
    "google-forms": (write_google_forms, ".csv"),
    "microsoft-forms": (write_microsoft_forms, ".xlsx"),
}
"""Writers by style, with the suffix of their files."""


def _limesurvey_question(wave: Wave, question: Question) -> _Columns:
    name = question.id if question.grid is None else f"{question.grid}[{question.id}]"
    state = wave.responses[state_column(question.id)]
    seen = _seen(wave, question)

    def cells(values: Iterable[Any]) -> list[str]:
        return [
            "N/A" if how == NOT_SHOWN else str(value) if shown and value is not None else ""
            for value, how, shown in zip(values, state, seen, strict=True)
        ]

    if question.type in {"multiple", "ranking"}:
        columns: _Columns = []
        for choice in wave.edition.choices(question):
            if choice.code == "other":
                continue
            ticks = wave.responses[option_column(question.id, choice.code)]
            if question.type == "multiple":
                ticks = ticks.map(lambda ticked: "Oui" if ticked else "Non")
            columns.append((f"{question.id}[{choice.code}]", cells(ticks)))
    else:
        columns = [(name, cells(_one_cell(wave, question, _plain_number)))]
    if question.choices is not None and question.choices.other:
        columns.append((f"{question.id}[other]", cells(wave.responses[other_column(question.id)])))
    return columns


def _one_cell(wave: Wave, question: Question, number: Callable[[float], Any]) -> list[Any]:
    """The cell of each response for a question that has one: its label, its number, its text, or what was typed."""
    labels = {choice.code: wave.edition.text(choice.label) for choice in wave.edition.choices(question)}
    cells: list[Any] = []
    for response, value in wave.responses[question.id].items():
        typed = wave.typed.get((int(str(response)), question.id))
        if typed is not None:
            cells.append(typed)
        elif pd.isna(value):
            cells.append(None)
        elif question.type in NUMERIC_TYPES:
            cells.append(number(float(value)))
        elif isinstance(value, dt.date):
            cells.append(value.isoformat())
        else:
            cells.append(labels.get(str(value), str(value)))
    return cells


def _packed(wave: Wave, question: Question, separator: str, number: Callable[[float], Any]) -> list[Any]:
    """One cell a response, options joined; what is typed beside « autre » stands for it."""
    texts = None
    if question.choices is not None and question.choices.other:
        texts = list(wave.responses[other_column(question.id)])
    if question.type not in {"multiple", "ranking"}:
        cells = _one_cell(wave, question, number)
        if texts is not None:
            cells = [text if text is not None else cell for cell, text in zip(cells, texts, strict=True)]
        return cells
    choices = wave.edition.choices(question)
    labels = [wave.edition.text(choice.label) for choice in choices]
    options = wave.responses[[option_column(question.id, choice.code) for choice in choices]].to_numpy(dtype=object)
    cells = []
    for place, values in enumerate(options):
        named = [(value, label) for value, label in zip(values, labels, strict=True) if value is not None and value]
        if question.type == "ranking":
            named.sort()
        parts = [label for _, label in named]
        if texts is not None and texts[place] is not None:
            parts[-1] = texts[place]
        cells.append(separator.join(parts) or None)
    return cells


def _seen(wave: Wave, question: Question) -> list[bool]:
    """Whether each response got as far as the question's section."""
    sections = [section.id for section in wave.edition.questionnaires[wave.audience].sections]
    return list(wave.responses["last_section"] > sections.index(question.section))


def _stem(edition: Edition, question: Question) -> str | None:
    for questionnaire in edition.questionnaires.values():
        for grid in questionnaire.grids:
            if grid.id == question.grid and question in questionnaire.questions:
                return edition.text(grid.label)
    return None


def _ends(wave: Wave) -> pd.Series:
    """When each response was sent; these tools have no partial answers, so a date is always there."""
    return wave.responses["submitted_at"].fillna(wave.responses["started_at"])


def _last_columns(wave: Wave) -> _Columns:
    """What stands after the questions: the columns by which the team sets answers aside, the mark of simulated data."""
    rules = wave.edition.questionnaires[wave.audience].exclude
    aside: _Columns = [(rule.column[0], list(wave.responses["excluded"])) for rule in rules[:1]]
    aside += [(rule.column[0], [None] * len(wave.responses)) for rule in rules[1:]]
    return [*aside, (marks.COLUMN, [marks.VALUE] * len(wave.responses))]


def _date(moment: Any, form: str) -> str:
    return "" if pd.isna(moment) else str(moment.strftime(form))


def _plain_number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _french_number(value: float) -> str:
    return _plain_number(value).replace(".", ",")


def _write_csv(path: Path, columns: _Columns, *, delimiter: str, encoding: str, quoting: int) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator="\r\n")  # type: ignore[arg-type]
        writer.writerow([header for header, _ in columns])
        writer.writerows(zip(*(cells for _, cells in columns), strict=True))


def _write_workbook(path: Path, columns: _Columns, created: dt.date) -> None:
    """A workbook of one sheet. `created` is written into it, so that no date comes from the clock."""
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False}) as workbook:
        workbook.set_properties({"created": dt.datetime.combine(created, dt.time())})
        sheet = workbook.add_worksheet("Sheet1")
        moment = workbook.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"})
        for place, (header, cells) in enumerate(columns):
            sheet.write_string(0, place, header)
            for row, cell in enumerate(cells, start=1):
                if isinstance(cell, dt.datetime):
                    sheet.write_datetime(row, place, cell, moment)
                elif isinstance(cell, str):
                    sheet.write_string(row, place, cell)
                elif cell is not None:
                    sheet.write_number(row, place, cell)
