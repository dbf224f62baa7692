"""What a file is, as a person or a program reads it: the output of `observatory inspect`.

Belongs here: wording, layout and the keys of the JSON. Does not belong here: how the facts are found
(ingest/inspect.py). Of what respondents wrote, only the texts given at least three times get here, as options
(ingest/questions.py); texts of the file are printed without control characters.
"""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from observatory.ingest.inspect import Inspection
from observatory.ingest.personal import KINDS
from observatory.ingest.questions import AskedQuestion
from observatory.ingest.tools import title_of
from observatory.phrases import counted, listed
from observatory.problems import Problem

_KINDS: Mapping[str, str] = {
    "single": "choix unique",
    "multiple": "choix multiple",
    "ranking": "classement",
    "number": "nombre",
    "date": "date",
    "text": "texte libre",
}
_REASONS: Mapping[str, str] = {"heading": "d'après son en-tête", "content": "d'après son contenu"}
_DELIMITERS: Mapping[str, str] = {",": "virgule", ";": "point-virgule", "\t": "tabulation", "|": "barre verticale"}
_OPTIONS_SHOWN, _OPTION_LENGTH, _TEXT_LENGTH = 6, 40, 110
_NARROWEST = 80


def as_json(inspection: Inspection) -> dict[str, Any]:
    """The facts under the keys that programs rely on; what the file can't tell is None."""
    return {
        "file": inspection.file,
        "tool": inspection.tool,
        "encoding": inspection.encoding,
        "delimiter": inspection.delimiter,
        "header_rows": inspection.header_rows,
        "rows": inspection.rows,
        "complete": inspection.complete,
        "partial": inspection.partial,
        "empty": inspection.empty,
        "test": inspection.test,
        "columns": inspection.columns,
        "languages": dict(inspection.languages),
        "first_date": inspection.first_date,
        "last_date": inspection.last_date,
        "questions": [
            {"code": question.code, "text": question.text, "kind": question.kind, "options": list(question.options)}
            for question in inspection.questions
        ],
        "personal_data": [person.column.heading for person in inspection.personal_data],
        "warnings": [_sentence(problem) for problem in inspection.warnings],
    }


def as_text(inspection: Inspection, width: int | None = None) -> str:
    """The facts for a person: one block, then questions, personal data, warnings and what to do next."""
    out = io.StringIO()
    console = Console(
        file=out, width=max(_NARROWEST, width or Console().width), highlight=False, markup=False, emoji=False
    )
    console.print(Text(printable(inspection.file), style="bold"))
    console.print(Padding(_facts(inspection), (0, 0, 0, 2)))
    console.print(f"\n{counted(len(inspection.questions), 'question')}")
    if inspection.questions:
        console.print(Padding(_questions(inspection), (0, 0, 0, 2)))
    if inspection.personal_data:
        console.print("\nDonnées personnelles")
        for person in inspection.personal_data:
            told = f"{KINDS[person.kind]} ({_REASONS[person.reason]})"
            console.print(Padding(Text(f"{printable(person.column.heading)} : {told}"), (0, 0, 0, 2)))
    if inspection.warnings:
        console.print("\nÀ vérifier")
        for problem in inspection.warnings:
            console.print(Padding(Text(f"- {_sentence(problem)}"), (0, 0, 0, 2)))
    console.print()
    console.print(Text(f"Ensuite : {_next(inspection)}"), soft_wrap=True)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def printable(text: str) -> str:
    """A text of the file on one line, without what would steer a terminal."""
    line = " ".join(text.split())
    return "".join("�" if unicodedata.category(character) in {"Cc", "Cs"} else character for character in line)


# The block of facts


def _facts(inspection: Inspection) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in (
        (
            "Outil",
            title_of(inspection.tool) if inspection.tool != "plain" else "aucun outil reconnu : un simple tableau",
        ),
        ("Écriture", _writing(inspection)),
        ("En-têtes", counted(inspection.header_rows, "rangée")),
        ("Colonnes", str(inspection.columns)),
        ("Répondants", _respondents(inspection)),
        ("Langues", ", ".join(f"{name} ({count})" for name, count in inspection.languages.items()) or "non dites"),
        ("Dates", _dates(inspection)),
    ):
        table.add_row(Text(name), Text(printable(value)))
    return table


def _writing(inspection: Inspection) -> str:
    if inspection.encoding is None:
        return "classeur ou base de données"
    delimiter = inspection.delimiter or ""
    return f"{inspection.encoding}, séparateur {_DELIMITERS.get(delimiter, delimiter)}"


def _respondents(inspection: Inspection) -> str:
    if inspection.complete is None or inspection.partial is None:
        parts = ["complets ou partiels : le fichier ne le dit pas"]
    else:
        parts = [
            counted(inspection.complete, "complet"),
            counted(inspection.partial, "partiel"),
        ]
    parts.append(counted(inspection.empty, "sans réponse", "sans réponse"))
    parts.append("essais : le fichier ne le dit pas" if inspection.test is None else counted(inspection.test, "essai"))
    return f"{inspection.rows} ({' ; '.join(parts)})"


def _dates(inspection: Inspection) -> str:
    first, last = inspection.first_date, inspection.last_date
    if first is None or last is None:
        return "non dites"
    return f"le {_day(first)}" if first == last else f"du {_day(first)} au {_day(last)}"


def _day(iso: str) -> str:
    return dt.date.fromisoformat(iso).strftime("%d/%m/%Y")


# Questions


def _questions(inspection: Inspection) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    coded = any(question.code not in {"", question.text} for question in inspection.questions)
    if coded:
        table.add_column("Code", overflow="fold", max_width=16)
    table.add_column("Question", overflow="fold", ratio=3)
    table.add_column("Réponse", no_wrap=True)
    table.add_column("Options", overflow="fold", ratio=4)
    for question in inspection.questions:
        cells = [_short(question.text, _TEXT_LENGTH), _KINDS[question.kind], _options(question)]
        table.add_row(*(Text(cell) for cell in ([printable(question.code)] if coded else []) + cells))
    return table


def _options(question: AskedQuestion) -> str:
    options = (_short(option, _OPTION_LENGTH) for option in question.options)
    return listed(options, _OPTIONS_SHOWN, " · ")


def _short(text: str, length: int) -> str:
    text = printable(text)
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


# Warnings and what to do


def _sentence(problem: Problem) -> str:
    place = ", ".join(
        part
        for part in (
            f"rangée {problem.row}" if problem.row is not None else "",
            f"« {_short(problem.column, _TEXT_LENGTH)} »" if problem.column else "",
        )
        if part
    )
    return printable(
        f"{f'{place} : ' if place else ''}{problem.found} ; attendu : {problem.expected} ; à faire : {problem.action}"
    )


def _next(inspection: Inspection) -> str:
    if not inspection.rows:
        return "exportez de nouveau quand des réponses sont arrivées."
    first = "lisez « À vérifier », puis " if inspection.warnings else ""
    return f"{first}déposez le fichier dans inbox/<édition>/<public> et lancez « observatory check <édition> »."
