"""What the team corrects and decides, from the files of `corrections/<edition>/`.

Belongs here: reading those files, refusing lines that are not dated and signed. Does not
belong here: what a correction does to the answers (applying.py), writing the spreadsheet
people fill in (quarantine.py).

A line corrects one value of one respondent, or decides on one respondent.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook

from observatory.editions.model import Audience
from observatory.problems import Problem
from observatory.validate.numbers import read_date
from observatory.validate.options import normalised
from observatory.validate.refusals import Refusal

COLUMNS = (
    "file",
    "row",
    "date",
    "initials",
    "audience",
    "respondent",
    "question",
    "value",
    "action",
    "reason",
    "status",
    "effect",
)
"""One row a line. `value` is an answer: it never leaves validate(). `status` is missing until validate() sets it.

`date`, `audience` and `action` are missing where they could not be read.
"""

HEADERS = {
    "date": "Date",
    "initials": "Initiales",
    "audience": "Public",
    "respondent": "Répondant",
    "question": "Question",
    "value": "Valeur corrigée",
    "action": "Décision",
    "reason": "Motif",
}
"""The headers of a corrections file, which are those of the quarantine spreadsheet."""

_WORDINGS = {normalised(header): name for name, header in HEADERS.items()} | {
    "action": "action",
    "valeur": "value",
    "date": "date",
    "date de la correction": "date",
}
_AUDIENCES: dict[str, Audience] = {
    "startup": "startup",
    "startups": "startup",
    "start-up": "startup",
    "start-ups": "startup",
    "buyer": "buyer",
    "buyers": "buyer",
    "acheteur": "buyer",
    "acheteurs": "buyer",
}
AUDIENCE_NAMES: dict[Audience, str] = {"startup": "start-up", "buyer": "acheteurs"}
_ACTIONS = {"garder": "garder", "gardee": "garder", "garde": "garder", "retirer": "retirer", "retire": "retirer"}
NO_VALUE = "sans réponse"
"""What people write to say that there is no answer."""

APPLIED, NO_EFFECT, REFUSED = "applied", "no_effect", "refused"


@dataclass(frozen=True)
class Fault:
    """What is refused in a file or a line; None is the audience of a whole file and of a line that names none."""

    audience: Audience | None
    problem: Problem


def read_corrections(folder: Path) -> tuple[pd.DataFrame, list[Problem]]:
    """Every line of the CSV and XLSX files of the folder: a frame of COLUMNS, and what is refused.

    Lines of the quarantine spreadsheet that nobody filled in are not corrections. A refused line is kept with its
    status; nothing is raised, so that one bad line holds up no other.
    """
    frame, faults = read_with_faults(folder)
    return frame, [fault.problem for fault in faults]


def read_with_faults(folder: Path) -> tuple[pd.DataFrame, list[Fault]]:
    """As read_corrections, with whom each refusal is about."""
    lines: list[dict[str, Any]] = []
    faults: list[Fault] = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.name.startswith(("~$", ".")) or not path.is_file():
            continue
        try:
            tables = _tables(path)
        except (CalamineError, csv.Error, UnicodeError, OSError):
            faults.append(Fault(None, _unreadable(path.name)))
            continue
        if not any("respondent" in _header(table) for table in tables):
            faults.append(Fault(None, _no_header(path.name)))
        for table in tables:
            for line, problem in _lines(path.name, table):
                lines.append(line)
                if problem is not None:
                    faults.append(Fault(line["audience"], problem))
    frame = pd.DataFrame(lines, columns=list(COLUMNS)).astype({name: "str" for name in COLUMNS if name != "row"})
    return frame.astype({"row": "int64"}), faults


Table = list[list[str]]


def _tables(path: Path) -> list[Table]:
    """The sheets of a file as text. Raises CalamineError, csv.Error or UnicodeError when it is no table."""
    if path.suffix.lower() in {".xlsx", ".xls", ".ods"}:
        with CalamineWorkbook.from_path(path) as book:
            return [
                [[_text(cell) for cell in row] for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]
                for name in book.sheet_names
            ]
    if path.suffix.lower() != ".csv":
        raise csv.Error
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252")
    # The header's own words hold no separator: the one met most often in it is the file's.
    delimiter = max(";,\t", key=text.partition("\n")[0].count)
    return [list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))]


def _text(cell: object) -> str:
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, float):
        if cell.is_integer():
            return str(int(cell))
        text = f"{Decimal(repr(cell)):f}"
        # A cell's number is certain; written with three decimals it would be refused as maybe thousands.
        return f"{text}0" if len(text.partition(".")[2]) == 3 else text
    return str(cell).strip()


def _header(table: Table) -> dict[str, int]:
    """The position of each known column."""
    return {
        _WORDINGS[normalised(text)]: position
        for position, text in enumerate(table[0] if table else [])
        if normalised(text) in _WORDINGS
    }


def _lines(file: str, table: Table) -> Iterator[tuple[dict[str, Any], Problem | None]]:
    header = _header(table)
    if "respondent" not in header:
        return
    for row, cells in enumerate(table[1:], start=2):
        line: dict[str, Any] = {
            name: cells[position].strip() if position < len(cells) else "" for name, position in header.items()
        }
        line = {name: line.get(name, "") for name in COLUMNS} | {"file": file, "row": row}
        if not any(line[name] for name in ("value", "action", "initials", "date", "reason")):
            continue
        problem = _fault(line)
        for name in COLUMNS:
            line[name] = line[name] or None
        if problem is not None:
            line |= {"status": REFUSED, "effect": f"refusée : {problem.expected}"}
        yield line, problem


def _fault(line: dict[str, Any]) -> Problem | None:
    """What is wrong with a line in itself. Puts its date, audience and action in their own form, empty if unread.

    What was typed is never told: it may be an answer in the wrong column.
    """

    def fault(name: str, expected: str, action: str, found: str = "") -> Problem:
        return Problem(
            file=line["file"],
            row=line["row"],
            column=HEADERS[name],
            found=found or ("une autre valeur" if line[name] else "rien"),
            expected=expected,
            action=action,
            severity="warning",
        )

    date = read_date(line["date"])
    audience = _AUDIENCES.get(normalised(line["audience"]))
    action = _ACTIONS.get(normalised(line["action"])) if line["action"] else ""
    problem = None
    if isinstance(date, Refusal):
        problem = fault("date", "la date de la correction, JJ/MM/AAAA", "datez la ligne")
    elif not line["initials"]:
        problem = fault("initials", "les initiales de qui corrige", "signez la ligne")
    elif audience is None:
        problem = fault("audience", " ou ".join(AUDIENCE_NAMES.values()), "dites de quel questionnaire il s'agit")
    elif not line["respondent"]:
        problem = fault("respondent", "la clé du répondant", "recopiez-la du fichier de quarantaine")
    elif action is None:
        problem = fault("action", "garder, retirer ou rien", "corrigez la décision")
    elif action and line["value"]:
        problem = fault("action", "une valeur corrigée ou une décision", "faites-en deux lignes", "les deux à la fois")
    elif line["value"] and not line["question"]:
        problem = fault("question", "l'identifiant de la question", "recopiez-le du fichier de quarantaine")
    line["date"] = "" if isinstance(date, Refusal) else date.isoformat()
    line |= {"audience": audience or "", "action": action or ""}
    return problem


def _unreadable(file: str) -> Problem:
    return Problem(
        file=file,
        found="un fichier que l'on ne peut pas lire",
        expected="un fichier CSV ou XLSX de corrections",
        action="enregistrez-le de nouveau en XLSX ou en CSV UTF-8, ou retirez-le du dossier des corrections",
        severity="warning",
    )


def _no_header(file: str) -> Problem:
    return Problem(
        file=file,
        row=1,
        found="une première ligne sans la colonne « Répondant »",
        expected=f"les colonnes {', '.join(HEADERS.values())}",
        action="repartez du fichier de quarantaine",
        severity="warning",
    )
