"""Sphinx iQ's workbook: an empty row, the headers, a first column without one; sheet `information` is the codebook.

Belongs here: the codebook, the chosen labels of a multiple choice packed to the left into `question_1 … question_n`
(the position is no option), Sphinx's own variables. Does not belong here: workbooks without codebook or `N°Obs`, which
say nothing of Sphinx.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from observatory.ingest.documents import Document, other_sheets
from observatory.ingest.files import Table, refuse
from observatory.ingest.headers import Heading, Layout, filled_records, headings_of, lay_out_below
from observatory.ingest.tools.form import Column, Form, QuestionKind, Role, Tool, make_form, role_among
from observatory.problems import Problem
from observatory.wording import key, normalise

_CODEBOOK = "information"
_NUMBER = "N°Obs"
_NUMBERS = frozenset({"n obs", "no obs", "nobs", "n d obs", "numero d observation", "n observation"})
_KINDS: Mapping[str, QuestionKind] = {
    "FU": "single",
    "FM": "multiple",
    "FE": "single",
    "ON": "number",
    "OD": "date",
    "OT": "text",
}
"""Closed with one answer, with several, a scale; open: a number, a date, a text. Other types are left open."""

_ROLES: Mapping[str, Role] = {
    "date_enreg": "submitted",
    "lang_saisie": "language",
    "progression": "complete",
    **dict.fromkeys(
        (
            *("cle", "date_saisie", "date_modif", "temps_saisie", "origine_saisie", "appareil_saisie"),
            "derniere_question_saisie",
        ),
        "other",
    ),
}
_PROGRESS = {"terminé": "true", "en cours": "false", "quotafull": "false", "screenout": "false"}
_VARIABLE = re.compile(r"V\d+\.\s*(.+)")
_SLOT = re.compile(r"(.*\S)_(\d+)", re.DOTALL)


@dataclass(frozen=True)
class _Variable:
    """One line of the codebook."""

    name: str
    type: str
    options: tuple[str, ...]


def _recognise(document: Document) -> float:
    if not document.tables:
        return 0.0
    codebook = document.sheet(_CODEBOOK)
    if codebook is not None and any("Sphinx" in cell for record in filled_records(codebook, 3) for cell in record):
        return 0.95
    return 0.7 if _numbered(filled_records(document.table, 2)) else 0.0


def _numbered(first: Sequence[Sequence[str]]) -> bool:
    """Whether `N°Obs` stands alone over headers whose first cell is blank."""
    if len(first) < 2:
        return False
    alone = [cell for cell in first[0] if cell.strip()]
    return len(alone) == 1 and key(first[0][0]) in _NUMBERS and not first[1][0].strip()


def _read(document: Document) -> Form:
    codebook = document.sheet(_CODEBOOK)
    table = next((found for found in document.tables if found.sheet != _CODEBOOK), None)
    if table is None:
        action = "exportez de nouveau depuis Sphinx iQ, avec la feuille des données"
        refuse(document.file, "un classeur de Sphinx sans feuille de réponses", "les réponses", action)
    layout = _layout(table)
    variables = _variables(codebook)
    columns = _by_codebook(layout, variables) or _by_headings(layout)
    warnings = [*document.warnings, *other_sheets(document, [table.sheet, _CODEBOOK])]
    if codebook is not None:
        warnings += _missing_rows(table, layout, codebook)
        if variables and not any(column.code for column in columns):
            warnings.append(
                Problem(
                    file=table.file,
                    found="une feuille « information » qui ne correspond pas aux colonnes",
                    expected="les variables de la feuille, dans l'ordre",
                    action="exportez de nouveau sans modifier les colonnes ; seuls leurs intitulés sont lus",
                    severity="warning",
                )
            )
    progress = next((column.position for column in columns if column.role == "complete"), None)
    complete = None
    if progress is not None:
        complete = [_PROGRESS.get(normalise(cell)) for cell in layout.columns[progress]]
    return make_form("sphinx", table, layout, columns, complete=complete, warnings=warnings)


def _layout(table: Table) -> Layout:
    first = filled_records(table, 2)
    titles = 1 if _numbered(first) else 0
    header, *rest = headings_of(first[titles])
    return lay_out_below(table, titles + 1, (Heading(header.question or _NUMBER), *rest), titles=titles)


def _variables(codebook: Table | None) -> list[_Variable]:
    found = []
    for record in codebook.records if codebook is not None else ():
        cells = [*(cell.strip() for cell in record), "", "", "", ""]
        if (variable := _VARIABLE.fullmatch(cells[1])) and cells[2]:
            options = tuple(option.strip() for option in cells[3].split(" ; ") if option.strip())
            found.append(_Variable(variable.group(1), cells[2], options))
    return found


def _by_codebook(layout: Layout, variables: Sequence[_Variable]) -> list[Column]:
    """The columns in the codebook's order; none where they don't fit it."""
    if not variables:
        return []
    columns = [Column(0, layout.headings[0].text, layout.headings[0].text, role="id")]
    at = 1
    for variable in variables:
        if at == len(layout.headings):
            break
        slots = _slots(layout.headings, at) if variable.type == "FM" else 1
        if slots == 0 or (variable.type != "FM" and _slots(layout.headings, at) > 1):
            return []
        for position in range(at, at + slots):
            text = layout.headings[position].text
            slot = _SLOT.fullmatch(text) if variable.type == "FM" else None
            role = role_among(variable.name, _ROLES) or role_among(text, {})
            told = Column(position, text, slot.group(1) if slot else text, code=variable.name, role=role)
            if role is None:
                told = replace(told, kind=_KINDS.get(variable.type), options=variable.options)
            columns.append(told)
        at += slots
    return columns if at == len(layout.headings) else []


def _by_headings(layout: Layout) -> list[Column]:
    columns = [Column(0, layout.headings[0].text, layout.headings[0].text, role="id")]
    at = 1
    while at < len(layout.headings):
        slots = _slots(layout.headings, at)
        if slots > 1:
            for position in range(at, at + slots):
                text = layout.headings[position].text
                columns.append(Column(position, text, text.rpartition("_")[0], kind="multiple"))
        else:
            text = layout.headings[at].text
            columns.append(Column(at, text, text, role=role_among(text, _ROLES)))
        at += max(slots, 1)
    return columns


def _slots(headings: Sequence[Heading], start: int) -> int:
    """How many columns from there on are `question_1`, `question_2` and so on."""
    first = _SLOT.fullmatch(headings[start].text)
    count = 0
    while (
        first
        and start + count < len(headings)
        and (slot := _SLOT.fullmatch(headings[start + count].text))
        and slot.groups() == (first.group(1), str(count + 1))
    ):
        count += 1
    return count


def _missing_rows(table: Table, layout: Layout, codebook: Table) -> list[Problem]:
    """A warning where the codebook counts other rows than there are, or the export was filtered."""
    said = {}
    for record in codebook.records:
        cells = [*(cell.strip() for cell in record), "", "", ""]
        said[key(cells[1])] = cells[2]
    warnings = []
    exported = said.get("nombre d observations exportees", "")
    if exported.isdigit() and int(exported) != len(layout.numbers):
        warnings.append(
            Problem(
                file=table.file,
                found=f"{len(layout.numbers)} réponses, alors que la feuille « information » en annonce {exported}",
                expected=f"{exported} réponses",
                action="vérifiez que des rangées n'ont pas été retirées ; sinon, exportez de nouveau depuis Sphinx",
                severity="warning",
            )
        )
    if said.get("filtre s", ""):
        warnings.append(
            Problem(
                file=table.file,
                found="un export filtré : une partie des réponses seulement",
                expected="toutes les réponses",
                action="rien si c'est voulu ; sinon, exportez de nouveau sans filtre",
                severity="warning",
            )
        )
    return warnings


TOOL = Tool("sphinx", "Sphinx iQ", _recognise, _read)
